"""A curve with a competing event: three cells a bin; without one, the question it always was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from federated.admission import admit
from federated.errors import StudyError
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.fidelity import follows_measure
from federated.study.model import Study, StudyFile
from federated.study.resolve import read_study, resolve
from policies.decode import canonical, decode, digest, load
from policies.errors import DeclarationError
from policies.library import load_named
from policies.measure import Measure, Survival
from policies.site import SitePolicy

TIMES = {"time": "os_days", "event": "os_event", "grid": [91, 365], "read_at": [365]}


def study(*asks: dict[str, object]) -> Study:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "ask": list(asks), "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain, where="t"), Catalogue())


def recurrence(**changes: object) -> dict[str, object]:
    survival = {
        "time": "lr_days", "event": "lr_status = 'recurrence'",
        "competing": "lr_status = 'death'", "grid": [365, 1826],
    }  # fmt: skip
    return {"survival": survival | changes}


def test_a_curve_without_a_competing_event_keeps_its_digests() -> None:
    """Written by the version before there were any; stored releases lie under such digests."""
    plain = decode(Survival, TIMES, where="t")
    assert b"competing" not in canonical(plain)
    assert digest(plain) == "5ec993b7dd116c9b7932c53b70a3450e52a7cffa2ea744d8142bc9167ed1976e"
    written_out = decode(Survival, TIMES | {"competing": None}, where="t")
    assert digest(written_out) == digest(plain)


def test_a_competing_event_is_another_question() -> None:
    one, two, three = (
        study(recurrence(**changes)).question
        for changes in ({}, {"competing": None}, {"competing": "is_dead"})
    )
    assert len({one, two, three}) == 3
    assert study(recurrence(read_at=[365])).question == one


def test_a_bin_has_a_third_cell_at_the_same_sensitivity() -> None:
    plan = compile_study(study(recurrence() | {"by": ["stage_group"]}), Catalogue())
    (block,) = plan.blocks
    assert (block.bins, block.causes, block.width) == (3, 2, 9)
    assert plan.length == 9 * len(block.strata)
    assert plan.l2_squared == block.steps[0] ** 2
    assert plan.l2_squared_substitution == 2 * plan.l2_squared


def test_the_competing_event_is_settled_and_resolves_again() -> None:
    found = study(recurrence(competing="lr_status in [death]"))
    (statistic,) = found.statistics
    assert statistic.survival is not None
    assert statistic.survival.competing == "(lr_status in ['death'])"
    assert decode(Study, found.model_dump(mode="json"), where="t") == found


@pytest.mark.parametrize("wrong", ["lr_days", "lr_status = 'gone'", "nobody_knows", ""])
def test_a_competing_event_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises((StudyError, DeclarationError), match=r"ask\[0\]\.survival\.competing"):
        study(recurrence(competing=wrong))


def test_a_measure_is_followed_with_its_competing_event_only() -> None:
    measure = load_named("measures", Measure, "sarcoma_v1/local_recurrence")
    registry = Catalogue().registry("sarcoma_v1")
    (statistic,) = study({"measure": "local_recurrence"}).statistics
    assert follows_measure(statistic, measure, registry)
    assert statistic.survival is not None
    for competing in (None, "is_dead"):
        times = statistic.survival.model_copy(update={"competing": competing})
        changed = statistic.model_copy(update={"survival": times})
        assert not follows_measure(changed, measure, registry)


def test_an_element_of_the_competing_event_may_be_absent() -> None:
    found = study(recurrence(event="os_event", competing="lr_status = 'death'"))
    policy = load(SitePolicy, Path("policies/examples/site_policy.yaml")).model_copy(
        update={"valid_until": "2027-12-31", "researchers": None, "projects": None}
    )
    plan = compile_study(found, Catalogue())
    absent = Catalogue().registry("sarcoma_v1").recorded({"lr_status"})

    def reasons(without: tuple[str, ...]) -> tuple[str, ...]:
        strict = policy.model_copy(update={"absent": without})
        return admit(found, plan, strict, Catalogue(), researcher="ada", today=date(2026, 11, 1))

    assert "element_not_available" in reasons(tuple(sorted(absent)))
    assert "element_not_available" not in reasons(())


def test_a_study_of_before_is_the_same_question() -> None:
    found = read_study(Path("policies/examples/tcga_sarc_study.yaml"), Catalogue())
    for one in found.model_dump(mode="json")["statistics"]:
        assert "competing" not in (one["survival"] or {})
