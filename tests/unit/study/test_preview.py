"""What a preview promises: the loss in each sense, and how sharp each figure will be."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from federated.privacy.loss import epsilon_of
from federated.study.catalogue import Catalogue
from federated.study.cautions import Caution, CautionCode
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.plan import Plan
from federated.study.preview import Preview, cost_in_words, preview, substitution_nano_rho
from federated.study.resolve import resolve
from policies.decode import decode, load
from policies.site import SitePolicy

POLICY = load(SitePolicy, Path("policies/examples/site_policy.yaml")).model_copy(
    update={
        "dictionary": "heart", "valid_until": "2027-12-31",
        "absent": (), "researchers": None, "projects": None,
    }
)  # fmt: skip


def study_of(heart: Path, *asks: dict[str, object], **more: object) -> Study:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "ask": list(asks), "privacy": {"rho": 0.02},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain | more, where="t"), Catalogue(heart))


def previewed(heart: Path, study: Study, *policies: SitePolicy, **more: Any) -> Preview:
    return preview(
        study, Catalogue(heart), policies, researcher="ada", today=date(2026, 11, 1), **more
    )


def test_the_loss_of_a_change_of_values_is_rounded_up() -> None:
    plan = Plan("d", (), 7, 16, 1_000_000_000, 1.0, {})
    # 16/7 of the values' 15/16 is …142.9; time loses four times its sixteenth.
    assert substitution_nano_rho(plan) == 2_142_857_143 + 250_000_000


@pytest.mark.parametrize(
    ("ask", "steps", "times"),
    [
        # A row of weight w leaves its only cell, or does not: w² either way.
        ({"count": True}, (7,), 1),
        # From one stratum to another: w² in the one and w² in the other; removal is w² in one.
        ({"count": True, "by": ["sex"]}, (7,), 2),
        # From yes to no the answer moves by 2a, which is 4a²; removal takes a² + b², here 2a².
        ({"proportion": {"numerator": "leak = 1"}}, (10, 10, 0), 2),
    ],
)
def test_substitution_and_duplicates_are_told_beside_the_loss_of_removal(
    heart: Path, ask: dict[str, object], steps: tuple[int, ...], times: int
) -> None:
    study = study_of(heart, ask)
    told = tuple(one.model_copy(update={"steps": steps}) for one in study.statistics)
    study = study.model_copy(update={"statistics": told})
    found = previewed(heart, study, sites_per_patient_max=3)
    assert found.nano_rho == 20_000_000
    assert found.epsilon == epsilon_of(20_000_000)
    assert found.epsilon_substitution == epsilon_of(18_750_000 * times + 5_000_000)
    assert found.epsilon_duplicate == epsilon_of(60_000_000)
    assert previewed(heart, study).epsilon_duplicate == found.epsilon


def test_the_cost_in_words_has_every_sense_of_it(heart: Path) -> None:
    plan = compile_study(study_of(heart, {"count": True, "by": ["sex"]}), Catalogue(heart))
    # A patient moves from one stratum to another: twice the values' share; time counts four times.
    losses = (20_000_000, 2 * 18_750_000 + 4 * 1_250_000, 40_000_000)
    removed, changed, twice = (f"{epsilon_of(loss):.3g}" for loss in losses)
    said = cost_in_words(plan, 2)
    assert f"ε ≤ {removed} at δ = 10⁻⁶ per patient and site" in said
    assert f"ε ≤ {changed} where it is known who is in the registry" in said
    assert f"ε ≤ {twice} for a patient at 2 sites" in said
    assert "a patient at" not in cost_in_words(plan, 1)


def test_how_long_a_reply_waits_is_told_before_anything_is_spent(heart: Path) -> None:
    """σ = τ·√(8/ρ), of which the mean is eight and what is hardly ever exceeded twelve."""
    study = study_of(heart, {"count": True, "by": ["sex"]})
    parts = compile_study(study, Catalogue(heart)).parts
    sd = (3e-3 + 1e-4 * parts) * (8 / 0.02) ** 0.5
    found = previewed(heart, study)
    assert found.wait_mean_s == pytest.approx(8 * sd)
    assert found.wait_late_s == pytest.approx(12 * sd)
    assert found.deadline_s == 61
    longer = previewed(heart, study_of(heart, {"count": True}, privacy={"rho": 1e-6}))
    assert longer.deadline_s == 60 + math.ceil(longer.wait_late_s or 0) > 90


def test_where_no_wait_is_long_enough_no_number_is_told(heart: Path) -> None:
    """Infinity is no JSON."""
    found = previewed(heart, study_of(heart, {"count": True}, privacy={"rho": 1e-9}), POLICY)
    assert found.sites[0].reasons == ("charge_too_small",)
    assert (found.wait_mean_s, found.wait_late_s, found.deadline_s) == (None, None, 60)
    json.dumps(found.to_json(), allow_nan=False)


def test_statistics_that_do_not_count_all_rows_of_a_patient_are_told(heart: Path) -> None:
    ask = {"count": True}
    first = previewed(heart, study_of(heart, ask)).accuracy[0]
    assert (first.rows_max, first.index_rows) == (1, True)
    some = previewed(heart, study_of(heart, ask, cohort="true", rows_max=3)).accuracy[0]
    assert (some.rows_max, some.index_rows) == (3, False)


def test_statistics_that_count_the_same_rows_are_told_put_together(heart: Path) -> None:
    one, parts = {"count": True}, {"count": True, "by": ["sex"], "name": "sexes"}
    told = previewed(heart, study_of(heart, one, parts, {"mean": {"of": "risk"}})).accuracy
    assert [of.put_together_with for of in told] == [("sexes",), ("count",), ()]
    plan = compile_study(study_of(heart, one, parts), Catalogue(heart))
    near, far = (of.per_site for of in previewed(heart, study_of(heart, one, parts)).accuracy)
    # One over the variances of all: its own, and that of three strata.
    first, second = (1 / block.steps[0] ** 2 for block in plan.blocks)
    of_all = 1 / (1 / first + 1 / (3 * second))
    assert near == pytest.approx(1.959964 * plan.scale * of_all**0.5)
    assert far == pytest.approx(1.959964 * plan.scale * (second * 2 / 3 + of_all / 9) ** 0.5)


def test_what_all_sites_tell_is_told_for_those_that_admit_it(heart: Path) -> None:
    study = study_of(heart, {"count": True})
    north = POLICY.model_copy(update={"site": "north"})
    closed = POLICY.model_copy(update={"site": "south", "statistics": ("mean",)})
    one = previewed(heart, study, north, closed)
    assert one.pooled_sites == 1
    assert one.accuracy[0].pooled == one.accuracy[0].per_site
    # Nobody admits it: what the sites asked would tell, and said so.
    west = Caution("policy_not_shown", "has not shown one", sites=("west",))
    none = previewed(heart, study, closed, closed, without_policy=[west])
    assert none.pooled_sites == 3
    assert none.accuracy[0].pooled == pytest.approx(one.accuracy[0].per_site * 3**0.5)
    assert [caution.code for caution in none.cautions] == ["no_site_admits", "policy_not_shown"]
    assert none.cautions[1] == west
    assert one.cautions == ()


def test_kinds_that_a_site_does_not_answer_are_named_with_those_it_does(heart: Path) -> None:
    """Each with its statistics; a parent is none of its own."""
    study = study_of(
        heart,
        {"proportion": {"numerator": "died = 1"}, "by": ["sex"], "name": "deaths"},
        {"proportion": {"numerator": "died = 1 and risk > 1"}, "name": "high_risk_deaths"},
        {"mean": {"of": "risk"}, "name": "risk_mean"},
    )
    closed = POLICY.model_copy(update={"site": "south", "statistics": ("mean", "survival")})
    (site,) = previewed(heart, study, closed).sites
    assert site.reasons == ("statistic_not_allowed",)
    kind = "proportion (deaths, high_risk_deaths)"
    said = f"the site does not answer statistics of the kind {kind}; it answers: mean, survival"
    assert site.messages == (said,)


def test_programs_read_codes_where_people_read_words(heart: Path) -> None:
    """Every text of a preview has its code, its sites and its statistics beside it."""
    study = study_of(heart, {"count": True}, cohort="true", rows_max=3)
    closed = POLICY.model_copy(update={"site": "south", "statistics": ("mean",)})
    west = Caution("policy_not_usable", "its policy cannot be used", sites=("west",))
    told = json.loads(json.dumps(previewed(heart, study, closed, without_policy=[west]).to_json()))
    assert told["sites"] == [
        {
            "site": "south",
            "admitted": False,
            "reasons": ["statistic_not_allowed"],
            "messages": [
                "the site does not answer statistics of the kind count (count); it answers: mean"
            ],
        }
    ]
    found = {one["code"]: one for one in told["cautions"]}
    assert found.keys() == {"only_first_rows_count", "no_site_admits", "policy_not_usable"}
    assert found.keys() <= set(get_args(CautionCode))
    assert found["only_first_rows_count"]["statistics"] == ["count"]
    assert "more than 3 rows" in found["only_first_rows_count"]["message"]
    assert found["no_site_admits"]["sites"] == ["south"]
    assert found["policy_not_usable"]["sites"] == ["west"]
    open_ = previewed(heart, study, POLICY.model_copy(update={"rows_max": 3})).to_json()
    assert [(site["admitted"], site["messages"]) for site in open_["sites"]] == [(True, [])]
