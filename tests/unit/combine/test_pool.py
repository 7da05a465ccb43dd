"""Combining: sums and variances over sites, named absences, and results that travel."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.combine import Result, combine
from federated.combine.intake import MISFITS
from federated.errors import FederatedError, TooFewSites
from federated.report import words
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from policies.errors import DeclarationError
from tests.unit.combine.layouts import answer, count, exits, plan, proportion, survival


def mixed(*, scale: float = 2.0) -> Plan:
    """A count by stage (3), a proportion by stage (6), a survival curve (42)."""
    return plan(
        count(strata=True), proportion(start=3, strata=True), survival(start=9), scale=scale
    )


def values(seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return [20, 30, 4, 12, 18, 20, 28, 2, 4, *exits(rng, 50, mean_days=1500)]


def row(result: Result, statistic: str, **want: object):  # type: ignore[no-untyped-def]
    found = [
        r
        for r in result.rows
        if r.statistic == statistic and all(getattr(r, k) == v for k, v in want.items())
    ]
    assert len(found) == 1, f"{len(found)} rows"
    return found[0]


def test_sites_and_strata_add_with_their_noise() -> None:
    layout = plan(count(strata=True), scale=3.0)
    outcomes = [answer(layout, "a", [10, 20, 3]), answer(layout, "b", [5, 7, -1])]
    result = combine(layout, outcomes)
    one = row(result, "cases", site=None, stratum={"stage": "1"})
    assert (one.estimate, one.noise_sd, one.sites) == (15, pytest.approx(np.sqrt(9 + 9)), 2)
    everyone = row(result, "cases", site=None, stratum={"stage": "(all)"})
    assert everyone.estimate == 44
    assert everyone.noise_sd == pytest.approx(np.sqrt(3 * 18))
    assert row(result, "cases", site="b", stratum={"stage": "(missing)"}).raw == -1


def test_weights_are_divided_out() -> None:
    layout = plan(count(weight=4), proportion(start=1, weight=2), scale=8.0)
    result = combine(layout, [answer(layout, "a", [40, 60, 120])])
    assert row(result, "cases", site=None).raw == 10
    assert row(result, "cases", site=None).noise_sd == 2.0
    r0 = row(result, "r0", site=None)
    assert (r0.estimate, r0.n) == (0.75, 60)
    assert r0.noise_sd == pytest.approx(4 * np.sqrt(0.25 + 0.25**2) / 60)


def test_pooled_sums_are_raw_so_that_they_stay_unbiased() -> None:
    layout = plan(count())
    result = combine(layout, [answer(layout, "a", [-6]), answer(layout, "b", [10])])
    assert row(result, "cases", site=None).estimate == 4  # not 10


def test_order_of_outcomes_does_not_matter() -> None:
    layout = mixed()
    outcomes = [answer(layout, site, values(i)) for i, site in enumerate("abc")]
    assert combine(layout, outcomes) == combine(layout, outcomes[::-1])


def test_absent_sites_are_named_with_reasons() -> None:
    layout = plan(count())
    outcomes = [
        answer(layout, "b", [9]),
        Outcome("c", "no_reply"),
        Outcome("a", "refused", ("budget_year_exhausted",)),
    ]
    result = combine(layout, outcomes)
    assert [(s.site, s.reasons) for s in result.missing] == [
        ("a", ("budget_year_exhausted",)),
        ("c", ()),
    ]
    assert [(s.site, s.nano_rho, s.charged) for s in result.answered] == [("b", 10**8, True)]


def test_a_release_that_does_not_fit_is_set_aside() -> None:
    layout = plan(count(), scale=3.7)
    good = answer(layout, "a", [9])
    for wrong, reason in (
        ({"study_digest": "f" * 64}, "release_mismatch"),
        ({"values": (9, 9)}, "release_mismatch"),
        ({"site": "z"}, "release_mismatch"),
        ({"values": (2**70,)}, "release_mismatch"),
        ({"nano_rho": 2 * layout.nano_rho}, "charge_mismatch"),
        ({"nano_rho": layout.nano_rho - 1}, "charge_mismatch"),
        ({"scale": layout.scale / 2}, "noise_mismatch"),
        ({"scale": math.nextafter(layout.scale, 0)}, "noise_mismatch"),
        ({"scale": math.nan}, "noise_mismatch"),
        ({"key": "f" * 64}, "key_mismatch"),
        ({"key": ""}, "key_mismatch"),
        ({"snapshot": "another"}, "key_mismatch"),
    ):
        assert good.release is not None
        bad = dataclasses.replace(
            good, site="b", release=dataclasses.replace(good.release, **{"site": "b", **wrong})
        )
        result = combine(layout, [good, bad])
        assert [(s.site, s.state, s.reasons) for s in result.missing] == [
            ("b", "failed", (reason,))
        ]
        assert row(result, "cases", site=None).estimate == 9
        assert MISFITS[reason] in words.reasons(result.missing[0])
        assert "osteon site publish" in words.reasons(result.missing[0])


def test_too_few_sites_says_who_is_missing_and_why() -> None:
    layout = plan(count())
    outcomes = [answer(layout, "a", [9]), Outcome("b", "refused", ("purpose_not_allowed",))]
    with pytest.raises(TooFewSites, match=r"1 of 2 .* 2 needed.*b: refused \(purpose_not_allowed"):
        combine(layout, outcomes, min_sites=2)
    with pytest.raises(TooFewSites):
        combine(layout, outcomes[1:], min_sites=0)


def test_a_site_twice_is_an_error() -> None:
    layout = plan(count())
    with pytest.raises(FederatedError, match="two outcomes for site a"):
        combine(layout, [answer(layout, "a", [9]), Outcome("a", "no_reply")])


def test_survival_rows_are_read_at_the_asked_days_and_end_with_the_mean() -> None:
    layout = mixed()
    result = combine(layout, [answer(layout, s, values(i)) for i, s in enumerate("ab")])
    read = [(r.quantity, r.time_days) for r in result.pooled if r.statistic == "os"]
    assert read == [("survival", 365), ("survival", 1826), ("rmst", 1826)]
    (curve,) = result.curves
    assert curve.time_days[0] == 0
    assert len(curve.time_days) == len(curve.estimate) == len(curve.at_risk) == 21


def test_labels_replace_codes_and_missing_has_its_own() -> None:
    layout = plan(count(strata=True))
    result = combine(layout, [answer(layout, "a", [1, 2, 3])], labels={"stage": {"1": "Stage I"}})
    assert [r.stratum["stage"] for r in result.pooled] == ["Stage I", "2", "(missing)", "(all)"]


def test_labels_that_two_levels_share_keep_their_codes() -> None:
    layout = plan(count(strata=True))
    result = combine(
        layout, [answer(layout, "a", [1, 2, 3])], labels={"stage": {"1": "Low", "2": "Low"}}
    )
    assert [r.stratum["stage"] for r in result.pooled][:2] == ["Low (1)", "Low (2)"]


def test_order_of_stratifying_elements_outlives_the_journey() -> None:
    block = dataclasses.replace(
        count(), by=("stage", "anat_site"), strata=(("1", "leg"), ("1", None))
    )
    layout = plan(block)
    again = Result.from_json(combine(layout, [answer(layout, "a", [4, 5])]).to_json())
    assert [*again.to_pandas().columns][2:4] == ["stage", "anat_site"]
    assert words.stratum(again.rows[0].stratum, again.asked[0].by) == "1 · leg"


def test_json_round_trip_is_exact() -> None:
    layout = mixed()
    result = combine(
        layout,
        [answer(layout, "a", values(1)), Outcome("b", "failed", ("timeout",))],
        title="R0 margins",
        epsilon="ε ≤ 0.5 at δ = 10⁻⁶",
    )
    again = Result.from_json(result.to_json())
    assert again == result
    assert again.to_json() == result.to_json()


def test_broken_json_is_a_declared_error() -> None:
    layout = plan(count())
    plain = json.loads(combine(layout, [answer(layout, "a", [3])]).to_json())
    plain["rows"][0]["surplus"] = 1
    for text in (b"{", b"[]", json.dumps(plain).encode()):
        with pytest.raises(DeclarationError):
            Result.from_json(text)


def test_frame_has_the_promised_columns() -> None:
    layout = mixed()
    result = combine(layout, [answer(layout, s, values(i)) for i, s in enumerate("ab")])
    frame = result.to_pandas()
    assert [*frame.columns] == [
        *("statistic", "quantity", "stage", "time_days", "level", "per", "estimate", "lower"),
        *("upper", "noise_sd", "n", "uninformative", "sites"),
    ]
    assert len(frame) == 4 + 4 + 3
    assert set(result.to_pandas(by_site=True)["site"].dropna()) == {"a", "b"}


@settings(deadline=None, max_examples=40)
@given(data=st.data(), scale=st.sampled_from([0.0, 0.4, 7.0, 1e4]))
def test_any_integers_combine(data: st.DataObject, scale: float) -> None:
    layout = plan(*mixed().blocks, survival("curves", start=51, strata=True), scale=scale)
    integer = st.one_of(st.integers(-30, 60), st.integers(-(2**62), 2**62))
    outcomes = [
        answer(
            layout,
            site,
            data.draw(st.lists(integer, min_size=layout.length, max_size=layout.length)),
        )
        for site in "ab"
    ]
    result = combine(layout, outcomes)
    for r in result.rows:
        assert r.lower <= r.estimate <= r.upper
        if r.quantity in ("proportion", "survival"):
            assert 0 <= r.lower <= r.upper <= 1
    assert all(0 < test.p_value <= 1 for test in result.tests)
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("reserved", ["(missing)", "(all)"])
def test_a_label_that_is_a_word_of_the_result_is_told_with_its_code(reserved: str) -> None:
    layout = plan(proportion(strata=True))
    words_of = {"stage": {"1": reserved, "2": "two"}}
    result = combine(layout, [answer(layout, "a", [40, 60, 10, 50, 0, 8])], labels=words_of)
    told = [each.stratum["stage"] for each in result.pooled]
    assert told == [f"{reserved} (1)", "two", "(missing)", "(all)"]
    assert [each.overall for each in result.pooled] == [False, False, False, True]
    assert [test.strata for test in result.tests] == [(f"{reserved} (1)", "two")]
