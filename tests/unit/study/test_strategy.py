"""Sharing out: every statistic of use, the same for every client, and better than equal steps."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from federated.combine.cell_noise import CellNoise
from federated.errors import StudyError
from federated.study.catalogue import Catalogue
from federated.study.coding import fading, of_half, of_rank
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.plan import Plan
from federated.study.preview import preview
from federated.study.resolve import read_study, resolve
from policies.decode import decode, digest

FLAG = "first_visit"
EXAMPLES = Path("policies/examples")


def study_of(heart: Path, asks: list[dict[str, object]], **given: object) -> tuple[Study, Plan]:
    catalogue = Catalogue(heart)
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": FLAG, "ask": asks, "privacy": {"rho": 0.1},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain | given, where="t"), catalogue)
    return study, compile_study(study, catalogue)


def noise(plan: Plan, name: str, p: float = 0.85) -> float:
    """Noise of x − p·m of a proportion, of a median's rank, of the first half of a survival's
    bins, of any other statistic's first reading: in rows.
    """
    block = next(block for block in plan.blocks if block.name == name)
    variances = plan.unit_variances(block)
    if block.kind == "proportion":
        return plan.scale * math.sqrt(variances[0] / 4 + (0.5 - p) ** 2 * variances[1])
    of_sum = {"quantiles": of_rank, "survival": of_half}.get(block.kind)
    if of_sum is not None:
        return plan.scale * math.sqrt(of_sum(block.steps, block.bins))
    return plan.scale * math.sqrt(variances[0])


def shares(count: int) -> list[dict[str, object]]:
    return [
        {"proportion": {"numerator": "leak = 1"}, "name": f"s{i}", "where": f"risk > {i}"}
        for i in range(count)
    ]


def test_one_count_is_a_plain_count(heart: Path) -> None:
    study, plan = study_of(heart, [{"count": True}])
    assert [statistic.steps for statistic in study.statistics] == [(1,)]
    assert plan.l2_squared == 1


def test_a_weight_divides_the_noise_beside_equals(heart: Path) -> None:
    asks = [{"count": True, "name": "a"}, {"count": True, "name": "b", "weight": 3}]
    _, plan = study_of(heart, asks)
    assert noise(plan, "a") == pytest.approx(3 * noise(plan, "b"), rel=1e-3)
    asks = [
        {"proportion": {"numerator": "leak = 1"}, "name": "a"},
        {"proportion": {"numerator": "leak = 0"}, "name": "b", "weight": 2},
    ]
    _, plan = study_of(heart, asks)
    first, second = plan.blocks[:2]
    assert second.steps[0] == pytest.approx(2 * first.steps[0], rel=1e-3)


def test_shares_of_one_cohort_have_a_parent_that_holds_them(heart: Path) -> None:
    study, plan = study_of(heart, shares(12))
    assert [statistic.name for statistic in study.statistics][-1] == "cohort"
    assert {statistic.parent for statistic in study.statistics[:-1]} == {"cohort"}
    assert study.statistics[-1].cohort == FLAG
    equal = math.sqrt(12 * 2 / 0.2)  # (±1, 1) a row each
    before = equal * math.sqrt(0.25 + 0.1225)
    assert noise(plan, "s3") < 0.82 * before


def test_a_single_share_needs_no_parent(heart: Path) -> None:
    study, plan = study_of(heart, shares(1))
    assert len(study.statistics) == 1
    # Of the charge 15/16 are for the values.
    assert noise(plan, "s0") < math.sqrt(2 / (0.2 * 15 / 16)) * math.sqrt(0.25 + 0.1225)


def test_a_count_that_is_asked_for_serves_as_parent(heart: Path) -> None:
    study, _ = study_of(heart, [{"count": True, "name": "all"}, *shares(5)])
    assert len(study.statistics) == 6
    assert {statistic.parent for statistic in study.statistics[1:]} == {"all"}


def test_an_added_parent_takes_no_name_that_is_taken(heart: Path) -> None:
    asks = [{"count": True, "name": "cohort", "where": "sex = 1"}, *shares(4)]
    study, _ = study_of(heart, asks)
    assert study.statistics[-1].name == "cohort_2"


def test_cohorts_that_never_meet_cost_no_more_than_one(heart: Path) -> None:
    def asks(*valves: str) -> list[dict[str, object]]:
        return [
            {"proportion": {"numerator": f"leak = {i}"}, "where": f"valve = '{valve}'",
             "name": f"{valve}{i}"}
            for valve in valves for i in (0, 1, 9)
        ]  # fmt: skip

    _, alone = study_of(heart, asks("a"))
    _, both = study_of(heart, asks("a", "m"))
    for name in ("a0", "a1", "m9"):
        assert noise(both, name) == pytest.approx(noise(alone, name.replace("m", "a")), rel=0.01)


def test_a_histogram_gets_more_than_a_count_and_its_weight(heart: Path) -> None:
    asks = [{"count": True}, {"quantiles": {"of": "risk"}}]
    _, plan = study_of(heart, asks)
    # Costs go with the roots of the errors, and the error of a rank is beside a row's ¼.
    error = of_rank(fading(64), 64) / 0.25
    wanted = 2 * error**-0.25 * noise(plan, "quantiles")
    assert noise(plan, "count") == pytest.approx(wanted, rel=1e-2)
    _, plan = study_of(heart, [asks[1], asks[1] | {"name": "sharp", "weight": 2}])
    assert noise(plan, "quantiles") == pytest.approx(2 * noise(plan, "sharp"), rel=1e-3)


def test_the_preview_of_a_median_tells_how_far_its_rank_may_be_moved(heart: Path) -> None:
    study, plan = study_of(heart, [{"count": True}, {"quantiles": {"of": "risk", "bins": 20}}])
    shown = preview(
        study, Catalogue(heart), (), researcher="ada", today=date(2026, 1, 1), assumed_rows=500
    )
    block = plan.blocks[1]
    rng = np.random.default_rng(3)
    rows = CellNoise.of(plan.scale**2, block.steps, 20).draw(rng, (20_000, 20))
    rank = (rows[:, :10].sum(axis=1) - 0.5 * rows.sum(axis=1)) / 500
    assert shown.accuracy[1].kind == "quantiles"
    assert shown.accuracy[1].per_site == pytest.approx(1.96 * rank.std(), rel=0.03)


def test_other_quantiles_of_one_histogram_are_the_same_question(heart: Path) -> None:
    def question(**given: object) -> str:
        asks = [{"count": True}, {"quantiles": {"of": "risk"} | given}]
        return study_of(heart, asks)[0].question

    assert question(at=[0.1, 0.9]) == question()
    assert question(bounds=[0, 100]) == question()  # those of the element
    assert question(bins=65) != question()
    assert question(bounds=[0, 99]) != question()


def test_a_rate_for_another_time_is_the_same_question(heart: Path) -> None:
    def question(**given: object) -> str:
        rate = {"events": "died = 1", "time": "follow_days"}
        return study_of(heart, [{"count": True}, {"rate": rate | given}])[0].question

    assert question(per=36525) == question()
    assert question(bounds=[0, 4000]) == question()  # those of the element
    assert question(bounds=[0, 1000]) != question()
    assert question(events="died = 0") != question()


def test_a_time_without_an_end_is_asked_for_one(heart: Path) -> None:
    rate = {"events": "died = 1", "time": "open_days"}
    with pytest.raises(StudyError, match=r"rate: has no longest time") as raised:
        study_of(heart, [{"rate": rate}])
    assert raised.value.hint == "give it: bounds: [0, longest]"
    study_of(heart, [{"rate": rate | {"bounds": [0, 100]}}])


@pytest.mark.parametrize("ratio", [0.0, 0.2, 0.5, 1.0, 2.0])
def test_leaning_on_the_sum_beats_telling_events_and_sum_apart(heart: Path, ratio: float) -> None:
    risk = {"observed": "died = 1", "expected": "risk / 100"}
    _, plan = study_of(heart, [{"observed_expected": risk}])
    (block,) = plan.blocks
    event, total = plan.unit_variances(block)
    noise = (event + (ratio - block.lean) ** 2 * total) * plan.l2_squared
    # (a·event, b·s) in equal parts: cost a² + b², noise 1/a² + ratio²/b².
    assert noise < 0.75 * 2 * (1 + ratio**2)
    assert noise == pytest.approx(1 + 1.44 * (ratio - 0.5) ** 2, rel=1e-3)


def test_the_preview_of_a_ratio_tells_how_many_events_noise_may_add(heart: Path) -> None:
    asks = [{"count": True}, {"rate": {"events": "died = 1", "time": "follow_days"}}]
    study, plan = study_of(heart, asks)
    shown = preview(
        study, Catalogue(heart), (), researcher="ada", today=date(2026, 1, 1), assumed_rows=500
    )
    block = plan.blocks[1]
    w, z = np.random.default_rng(3).normal(0, plan.scale, (2, 20_000)) / [[n] for n in block.whole]
    for ratio in (0.0, 1.0):
        spread = (w - (ratio - block.lean) * z).std() / 500
        assert shown.accuracy[1].per_site == pytest.approx(1.96 * spread, rel=0.03)


def test_a_study_without_quantiles_is_the_question_that_it_was(heart: Path) -> None:
    # Releases are stored by it: were it another, old answers would cost again.
    study, _ = study_of(heart, [{"count": True}])
    plain = study.model_dump(mode="json", exclude={"title", "purpose", "project"})
    for statistic in plain["statistics"]:
        later = ("quantiles", "rate", "observed_expected", "regression")
        for label in ("name", "title", "measure", "measure_digest", *later):
            del statistic[label]
    assert study.question == digest(plain)


def test_what_is_divided_gets_more_than_what_is_not(heart: Path) -> None:
    # Costs go with the root of the strata, noise with the fourth root.
    asks = [{"count": True, "name": "all"}, {"count": True, "by": ["sex"], "name": "by_sex"}]
    _study, plan = study_of(heart, asks)
    levels = len(plan.blocks[1].strata) - 1
    assert levels > 1
    assert noise(plan, "all") == pytest.approx(levels**0.25 * noise(plan, "by_sex"), rel=1e-3)
    crowd = {"count": True, "by": ["sex", "leak", "valve"], "name": "by_all"}
    _, plan = study_of(heart, [asks[0], crowd])
    assert len(plan.blocks[1].strata) > 20  # and count as eight
    assert noise(plan, "all") == pytest.approx(8**0.25 * noise(plan, "by_all"), rel=1e-3)
    alone, _ = study_of(heart, [asks[1]])
    assert alone.statistics[0].steps == (1,)  # nothing to share


def test_strata_have_their_own_parent_counts(heart: Path) -> None:
    asks = [each | {"by": ["sex"]} for each in shares(6)]
    study, plan = study_of(heart, asks)
    assert study.statistics[-1].by == ("sex",)
    parent = plan.blocks[-1]
    assert [block.strata == parent.strata for block in plan.blocks] == [True] * 7


def test_the_question_depends_on_the_parent_and_not_on_its_name(heart: Path) -> None:
    study, _ = study_of(heart, [{"count": True, "name": "all"}, *shares(5)])
    renamed, _ = study_of(heart, [{"count": True, "name": "everybody"}, *shares(5)])
    assert renamed.question == study.question
    two = [{"count": True, "name": "a"}, {"count": True, "name": "b"}, *shares(5)]
    study, _ = study_of(heart, two)
    plain = study.model_dump(mode="json")
    assert plain["statistics"][3]["parent"] == "a"
    plain["statistics"][3]["parent"] = "b"
    assert decode(Study, plain, where="t").question != study.question


def test_the_shipped_benchmarks_gain() -> None:
    """Against (±w, w) a row, weights as asked, and no parents: nobody loses, most gain."""
    catalogue = Catalogue()
    study = read_study(EXAMPLES / "study_benchmarks.yaml", catalogue)
    plan = compile_study(study, catalogue)
    plain = study.model_dump(mode="json")
    plain["statistics"] = [s for s in plain["statistics"] if s["measure"]]
    for statistic in plain["statistics"]:
        weight = 2 if statistic["name"] == "r0_margin_rate" else 1
        statistic["steps"] = [weight, weight, 0] if len(statistic["steps"]) == 3 else [weight]
        statistic["parent"] = None
    equal = compile_study(decode(Study, plain, where="t"), catalogue)
    # The count pays for the others: ±10 rows of a site's cases are enough.
    names = [block.name for block in equal.blocks if block.kind != "count"]
    ratios = [noise(plan, name) / noise(equal, name) for name in names]
    assert max(ratios) < 1.03
    assert math.prod(ratios) ** (1 / len(ratios)) < 0.85


def test_a_plan_of_other_steps_keeps_its_promise(heart: Path) -> None:
    # The site takes the steps as they come: sensitivity follows from them.
    study, plan = study_of(heart, shares(4))
    plain = study.model_dump(mode="json")
    for statistic in plain["statistics"]:
        statistic["steps"] = [10 * step for step in statistic["steps"]]
    larger = compile_study(decode(Study, plain, where="t"), Catalogue(heart))
    assert larger.l2_squared == 100 * plan.l2_squared
    assert larger.scale == pytest.approx(10 * plan.scale)
    assert dataclasses.replace(larger.blocks[0], steps=()) == dataclasses.replace(
        plan.blocks[0], steps=()
    )


def test_index_rows_and_rows_by_order_share_no_parent(heart: Path) -> None:
    """They are other rows of a patient: within such a parent an index row would be lost."""
    asks = [
        {"proportion": {"numerator": "leak = 1"}, "name": name, "where": where}
        for name, where in (
            ("a", "risk > 1"), ("b", "risk > 2"), ("c", f"{FLAG} and risk > 3"),
        )
    ]  # fmt: skip
    study, plan = study_of(heart, asks, cohort="true")
    assert [statistic.parent for statistic in study.statistics] == ["cohort", "cohort", None, None]
    assert [block.by_order for block in plan.blocks] == [True, True, False, True]
    plain = study.model_dump(mode="json")
    plain["statistics"][2] |= {"parent": "cohort", "steps": [5, 3, 4]}
    with pytest.raises(StudyError, match="does not hold this one"):
        compile_study(decode(Study, plain, where="t"), Catalogue(heart))


def test_values_of_a_mean_are_told_finely_whatever_the_weights(heart: Path) -> None:
    asks = [{"count": True, "weight": 64}, {"mean": {"of": "risk"}}]
    study, _ = study_of(heart, asks)
    assert study.statistics[1].steps[0] >= 64
