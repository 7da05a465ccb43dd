"""What one patient can add, under studies that claim less: SQL against the plan's own claim."""

from __future__ import annotations

import shutil
import textwrap

import duckdb
import ibis
import pytest

from federated.aggregate.exact import aggregate
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import Study
from policies.decode import decode
from tests.attack.world import people, study_of, visits, write_store

EACH = 7

LIKE_AN_INDEX = """
  first_like: {unit: visit, label: Looks like an index, type: boolean, value: visit_no > 0}
  first_visit_: {unit: visit, label: Nearly the index's name, type: boolean, value: visit_no > 0}
"""


@pytest.fixture(scope="module")
def declarations(heart, tmp_path_factory):
    """The heart registry with booleans that look like an index and are none."""
    folder = tmp_path_factory.mktemp("bounds") / "declarations"
    shutil.copytree(heart, folder)
    file = folder / "derivations" / "heart.yaml"
    file.write_text(file.read_text() + textwrap.indent(textwrap.dedent(LIKE_AN_INDEX), "  "))
    return folder


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    """Two people with seven visits each, all in one stratum: the worst patients there are."""
    path = tmp_path_factory.mktemp("bounds") / "v.duckdb"
    seen = [row | {"valve": "a", "leak": "0"} for row in visits(people(2), EACH)]
    write_store(path, people(2), seen)
    with duckdb.connect(str(path)) as connection:
        for name in ("first_like", "first_visit_"):
            connection.execute(f"ALTER TABLE unit_visit ADD COLUMN {name} BOOLEAN DEFAULT TRUE")
    return ibis.duckdb.connect(path)


def moved_by_one_patient(plan, backend) -> int:
    whole = aggregate(plan, backend).exact_values()
    backend.raw_sql("BEGIN")
    for table in ("unit_person", "unit_visit"):
        backend.raw_sql(f"DELETE FROM {table} WHERE _patient = 'p0'")
    rest = aggregate(plan, backend).exact_values()
    backend.raw_sql("ROLLBACK")
    return sum((a - b) ** 2 for a, b in zip(whole, rest, strict=True))


COHORTS = [
    "true", "first_visit", "first_visit and valve = 'a'", "not not first_visit",
    "first_visit or first_visit", "first_visit or true", "first_visit = true",
    "(first_visit or not first_visit)", "first_visit is missing or not first_visit",
    "not first_visit", "first_like", "first_visit_", "first_like and first_visit_",
    "first_like and (first_visit or valve = 'a')", "(not first_visit) and (not first_visit)",
]  # fmt: skip


@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("rows_max", [1, 3])
def test_no_cohort_lets_a_patient_move_more_than_the_plan_says(
    site, declarations, backend, cohort, rows_max
):
    catalogue = Catalogue(declarations)
    asks = [
        {"count": True, "by": ["valve", "sex"], "weight": 2},
        {"proportion": {"numerator": "leak = 0"}, "weight": 3},
        {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91]}},
        {"mean": {"of": "risk * 3 - visit_no", "bounds": [-1, 2]}, "by": ["sex"], "weight": 2},
        {"quantiles": {"of": "risk - visit_no", "bounds": [-1, 2]}, "by": ["sex"], "weight": 2},
        {"rate": {"events": "leak = 0", "time": "risk", "bounds": [0, 35]}, "by": ["sex"]},
        {"observed_expected": {"observed": "leak = 0", "expected": "visit_no - 2"}, "weight": 2},
    ]
    study = study_of(type("S", (), {"catalogue": catalogue}), unit="visit", ask=asks)
    plain = study.model_dump(mode="json")
    for statistic in plain["statistics"]:
        statistic.update(cohort=cohort, rows_max=rows_max)
    plan = compile_study(decode(Study, plain, where="study"), catalogue)
    assert moved_by_one_patient(plan, backend) <= plan.l2_squared


def test_the_attack_would_work_without_the_bound(site, heart, backend, monkeypatch):
    # The test above has power: believing the study breaks the claim.
    monkeypatch.setattr("federated.study.compile.one_row_per_patient", lambda *_: True)
    study = study_of(site, unit="visit", ask=[{"count": True}], rows_max=1)
    plan = compile_study(study, site.catalogue)
    assert moved_by_one_patient(plan, backend) == EACH**2 > plan.l2_squared


def test_an_order_that_is_missing_keeps_the_row_out(site, backend):
    plan = compile_study(study_of(site, unit="visit", ask=[{"count": True}]), site.catalogue)
    backend.raw_sql("BEGIN")
    backend.raw_sql("UPDATE unit_visit SET _order = NULL")
    assert aggregate(plan, backend).exact_values() == (0,)
    backend.raw_sql("ROLLBACK")


def test_an_index_within_the_middle_alone_is_no_bound_on_a_patient():
    # An index of each case, without the case's own index, admits one row per case.
    from federated.study.bound import one_row_per_patient
    from policies.expression import check, parse

    registry = Catalogue().registry("sarcoma_v1")
    scope = registry.scopes["surgery"]
    bounds = {
        text: one_row_per_patient(registry, "surgery", check(parse(text), scope)[0])
        for text in ("index_surgery", "index_case", "index_case and index_surgery")
    }
    assert list(bounds.values()) == [False, False, True]
