"""What a policy says of a study's own statistics, it does not say of the counts that serve them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from federated.admission import _counts_a_measures_cohort, admit
from federated.errors import StudyError
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.fidelity import follows_measure
from federated.study.model import Study, StudyFile
from federated.study.resolve import read_study, resolve
from policies.decode import decode, load
from policies.site import Limits, SitePolicy

EXAMPLES = Path("policies/examples")
TODAY = date(2026, 11, 1)
POLICY = load(SitePolicy, EXAMPLES / "site_policy.yaml").model_copy(
    update={"valid_until": "2027-12-31", "absent": (), "researchers": None, "projects": None}
)


def reasons(study: Study, **policy: object) -> tuple[str, ...]:
    catalogue = Catalogue()
    plan = compile_study(study, catalogue)
    strict = POLICY.model_copy(update=policy)
    return admit(study, plan, strict, catalogue, researcher="ada", today=TODAY)


def benchmarks() -> Study:
    study = read_study(EXAMPLES / "study_benchmarks.yaml", Catalogue())
    return study.model_copy(update={"nano_rho": 10**6})


def test_the_count_that_measures_share_goes_with_them() -> None:
    study = benchmarks()
    assert study.statistics[-1].name == "cohort"
    asked = len(study.statistics) - 1
    limits = Limits(rows_max=1, statistics_max=asked, cells_max=10_000)
    assert reasons(study, measures_only=True, limits=limits) == ()
    fewer = Limits(rows_max=1, statistics_max=asked - 1, cells_max=10_000)
    assert reasons(study, limits=fewer) == ("statistics_over_limit",)
    assert reasons(study, statistics=("proportion", "survival", "count")) == ()


def test_a_count_that_serves_nobody_is_no_measure() -> None:
    plain = benchmarks().model_dump(mode="json")
    alone = plain["statistics"][-1] | {"name": "alone", "cohort": "tumor_category = '1'"}
    plain["statistics"].append(alone)
    assert reasons(decode(Study, plain, where="t"), measures_only=True) == ("measure_unknown",)


MEDIAN = """
measure: risk_median
version: 1
title: Risk
dictionary: heart
unit: visit
kind: quantiles
cohort: first_visit
quantiles: {of: risk + 0, bounds: [0, 100], bins: 10, at: [0.5]}
"""


def test_quantiles_follow_their_measure_or_are_none(heart: Path, tmp_path: Path) -> None:
    shutil.copytree(heart, tmp_path / "own")
    (tmp_path / "own/measures/heart/risk_median.yaml").write_text(MEDIAN)
    catalogue = Catalogue(tmp_path / "own")
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": [{"measure": "risk_median", "by": ["sex"]}], "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), catalogue)
    registry, measure = catalogue.registry("heart"), catalogue.measure("heart", "risk_median")
    (statistic,) = study.statistics
    assert follows_measure(statistic, measure, registry)
    assert statistic.quantiles is not None
    for change in ({"bins": 20}, {"of": "risk"}, {"bounds": (0.0, 50.0)}, {"at": (0.9,)}):
        other = statistic.quantiles.model_copy(update=change)
        forged = statistic.model_copy(update={"quantiles": other})
        assert not follows_measure(forged, measure, registry), change
    assert not follows_measure(statistic.model_copy(update={"quantiles": None}), measure, registry)
    plan = compile_study(study, catalogue)
    policy = POLICY.model_copy(update={"dictionary": "heart", "statistics": ("count", "mean")})
    refused = admit(study, plan, policy, catalogue, researcher="ada", today=TODAY)
    assert refused == ("statistic_not_allowed",)


RATIOS = {
    "rate": "{events: died = 1, time: follow_days + 0, bounds: [0, 1000], per: 36525}",
    "observed_expected": "{observed: died = 1, expected: risk / 100}",
}
OTHERWISE = {
    "rate": [
        {"events": "died = '0'"},
        {"time": "follow_days"},
        {"bounds": (0, 999.0)},
        {"per": 1.0},
    ],
    "observed_expected": [{"observed": "died = '0'"}, {"expected": "risk / 90"}],
}


@pytest.mark.parametrize("kind", RATIOS)
def test_ratios_follow_their_measure_or_are_none(heart: Path, tmp_path: Path, kind: str) -> None:
    shutil.copytree(heart, tmp_path / "own")
    head = MEDIAN.partition("kind:")[0].replace("risk_median", "deaths")
    text = f"{head}kind: {kind}\ncohort: first_visit\n{kind}: {RATIOS[kind]}\n"
    (tmp_path / "own/measures/heart/deaths.yaml").write_text(text)
    catalogue = Catalogue(tmp_path / "own")
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": [{"measure": "deaths", "by": ["sex"]}], "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), catalogue)
    registry, measure = catalogue.registry("heart"), catalogue.measure("heart", "deaths")
    (statistic,) = study.statistics
    assert follows_measure(statistic, measure, registry)
    for change in OTHERWISE[kind]:
        other = getattr(statistic, kind).model_copy(update=change)
        assert not follows_measure(statistic.model_copy(update={kind: other}), measure, registry)
    assert not follows_measure(statistic.model_copy(update={kind: None}), measure, registry)
    plan = compile_study(study, catalogue)
    policy = POLICY.model_copy(update={"dictionary": "heart"})
    allowed = policy.model_copy(update={"statistics": (kind,)})
    for_all = {"researcher": "ada", "today": TODAY}
    assert admit(study, plan, allowed, catalogue, **for_all) == ()
    for absent in ("died", "follow_days" if kind == "rate" else "risk"):
        without = allowed.model_copy(update={"absent": (absent,)})
        assert admit(study, plan, without, catalogue, **for_all) == ("element_not_available",)
    # A policy from before there were ratios allows none of them.
    before = SitePolicy.model_fields["statistics"].default
    refused = admit(
        study, plan, policy.model_copy(update={"statistics": before}), catalogue, **for_all
    )
    assert refused == ("statistic_not_allowed",)


def test_an_element_that_a_site_does_not_record_is_found_in_the_inner_cohort() -> None:
    wheres = ["size_max_cm > 5", "size_max_cm > 8", "limb_salvage = 'yes'"]
    asks = [
        {"proportion": {"numerator": "tumor_category = 1"}, "where": where, "name": f"s{i}"}
        for i, where in enumerate(wheres)
    ]
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "ask": asks, "privacy": {"rho": 0.001},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), Catalogue())
    assert [statistic.parent for statistic in study.statistics] == [*["cohort"] * 3, None]
    assert "element_not_available" in reasons(study, absent=("limb_salvage",))


def test_a_parent_is_no_door_to_counts_that_are_no_measures() -> None:
    """A measure may be narrowed by anything; its parent must not demand the narrowing alone."""
    plain = benchmarks().model_dump(mode="json")
    child = next(s for s in plain["statistics"] if s["measure"] == "r0_margin_rate")
    child |= {"cohort": f"({child['cohort']}) and sex = '1'", "steps": [1, 0, 1], "parent": "probe"}
    probe = plain["statistics"][-1] | {"name": "probe", "steps": [60000]}
    plain["statistics"] = [child, probe | {"cohort": "index_case and sex = '1'"}]
    # Index cases are what a signed measure counts; men among them are a narrowing.
    assert reasons(decode(Study, plain, where="t"), measures_only=True) == ()
    # Cases of any index, men: no measure's cohort. Without a flag the child counts by order too.
    plain["statistics"] = [child, probe | {"cohort": "sex = '1'", "rows_max": 1}]
    with pytest.raises(StudyError, match="does not hold this one"):
        reasons(decode(Study, plain, where="t"), measures_only=True)


@pytest.mark.parametrize(
    ("cohort", "allowed"),
    [
        ("index_case", True),
        ("sex = '1' and index_case", True),
        ("sex = '1'", False),
        ("index_case or sex = '1'", False),
        ("true", False),
    ],
)
def test_a_parent_counts_a_measures_cohort(cohort: str, allowed: bool) -> None:
    parent = benchmarks().statistics[-1].model_copy(update={"cohort": cohort})
    assert _counts_a_measures_cohort(parent, "sarcoma_v1", Catalogue()) is allowed


def test_a_kind_that_is_new_is_allowed_by_name_only() -> None:
    plain = POLICY.model_dump(mode="json")
    del plain["statistics"]
    silent = decode(SitePolicy, plain, where="policy")
    assert "quantiles" not in silent.statistics
    asks = [{"quantiles": {"of": "size_max_cm"}}]
    study = resolve(
        decode(
            StudyFile,
            {
                "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
                "cohort": "index_case", "ask": asks, "privacy": {"rho": 0.001},
            },
            where="t",
        ),
        Catalogue(),
    )  # fmt: skip
    assert reasons(study, statistics=silent.statistics) == ("statistic_not_allowed",)
    assert reasons(study, statistics=POLICY.statistics) == ()
