"""The studies of the benchmark of memory are ones that a node answers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from federated.admission import admit, budgets_of
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from gateway.demo.local import RESEARCHER
from gateway.site.config import create_site, open_site
from tests.benchmarks.answer_parts.memory import STUDIES, allowing, measured, study, wait_mean_s


def test_all_its_studies_are_admitted_fit_the_budget_and_wait_briefly(tmp_path):
    create_site(tmp_path / "north", dictionary="sarcoma_v1", name="north")
    starter = open_site(tmp_path / "north").policy()
    policy, catalogue = allowing(starter), Catalogue()
    studies = [study(number, catalogue) for number in range(STUDIES)]
    plans = [compile_study(one, catalogue) for one in studies]
    today = datetime.now(UTC).date()
    for one, plan in zip(studies, plans, strict=True):
        assert admit(one, plan, policy, catalogue, researcher=RESEARCHER, today=today) == ()
    assert len({plan.study_digest for plan in plans}) == STUDIES
    budgets = budgets_of(policy)
    total = sum(plan.nano_rho for plan in plans)
    assert total <= min(budgets.year, budgets.life, budgets.researcher_year)
    assert wait_mean_s(catalogue) < 1
    # The budget that a policy starts with holds none of them.
    refused = admit(studies[0], plans[0], starter, catalogue, researcher=RESEARCHER, today=today)
    assert refused == ("study_over_budget",)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc: Linux only")
def test_a_node_answers_them(tmp_path):
    found = measured(tmp_path, studies=2)
    assert found.answered == 2
    assert 50 < found.idle < found.peak
    assert found.seconds > found.wait
