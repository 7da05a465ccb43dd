"""Numbers in words."""

from __future__ import annotations

import pytest

from federated.combine.result import Difference, Gap, Quantity, Row
from federated.report import words


def row(
    quantity: Quantity,
    estimate: float,
    lower: float,
    upper: float,
    *,
    noise_sd: float = 0.01,
    time_days: int | None = None,
    uninformative: bool = False,
    level: float | None = None,
    per: float | None = None,
    per_unit: str | None = None,
) -> Row:
    return Row(
        statistic="s",
        title="S",
        quantity=quantity,
        stratum={},
        site=None,
        time_days=time_days,
        estimate=estimate,
        lower=lower,
        upper=upper,
        raw=estimate,
        noise_sd=noise_sd,
        sampling_share=0.5,
        n=10.0,
        uninformative=uninformative,
        sites=2,
        level=level,
        per=per,
        per_unit=per_unit,
    )


def test_narrow_intervals_earn_a_decimal() -> None:
    assert words.estimate(row("proportion", 0.8312, 0.79, 0.86)) == "83.1%"
    assert words.interval(row("proportion", 0.8312, 0.79, 0.86)) == "79.0–86.0%"
    assert words.interval(row("proportion", 0.8312, 0.5, 0.9)) == "50–90%"


def test_a_mean_has_the_figures_that_its_interval_earns() -> None:
    assert words.estimate(row("mean", 61.234, 58.1, 64.4)) == "61.2"
    assert words.estimate(row("mean", 0.01234, 0.0121, 0.0125)) == "0.01234"
    assert words.interval(row("sd", 1234.5, 1100.0, 1400.0)) == "1,100–1,400"
    assert words.estimate(row("sum", 61234.4, 58000, 64000)) == "61,234"
    assert words.estimate(row("mean", 5.0, 5.0, 5.0)) == "5"


def test_a_quantile_says_which_it_is() -> None:
    told = [words.quantity(row("quantile", 61.2, 58, 64, level=p)) for p in (0.5, 0.9, 0.025)]
    assert told == ["median", "quantile .9", "quantile .025"]
    assert words.estimate(row("quantile", 61.234, 58.1, 64.4, level=0.5)) == "61.2"


@pytest.mark.parametrize(
    ("per", "unit", "told"),
    [
        (36525, "days", "100 person-years"),
        (365.25, "days", "person-year"),
        (1826.25, "days", "5 person-years"),
        (365, "days", "365 person-days"),
        (1, "days", "person-day"),
        (0.5, "days", "0.5 person-days"),
        (36525000, "days", "100,000 person-years"),
        (1000, "years", "1,000 person-years"),
        (1, "years", "person-year"),
        (12, "months", "12 person-months"),
        (36525, None, "36,525 units of time"),
        (1, None, "unit of time"),
    ],
)
def test_a_rate_says_for_how_much_time(per: float, unit: str | None, told: str) -> None:
    assert words.quantity(row("rate", 2, 1, 3, per=per, per_unit=unit)) == f"rate per {told}"


def test_a_time_has_its_unit_where_one_is_declared() -> None:
    told = [words.quantity(row("time", 9, 8, 10, per_unit=unit)) for unit in ("days", None)]
    assert told == ["time, in person-days", "time"]


def test_observed_over_expected_has_no_unit() -> None:
    assert words.quantity(row("observed_expected", 1, 0.5, 2)) == "observed / expected"
    assert words.estimate(row("observed_expected", 1.234, 0.5, 2.1)) == "1.2"


def test_a_ratio_without_upper_end_is_that_or_more() -> None:
    lost = row("observed_expected", 1.2, 0.3124, 1e15, uninformative=True)
    assert words.interval(lost) == "too noisy to tell (0.31 or more)"
    assert words.estimate(lost) == "–"
    assert (
        words.interval(row("rate", 0, 0, 1e15, uninformative=True))
        == "too noisy to tell (0 or more)"
    )


def test_only_what_counts_rows_shows_their_number() -> None:
    assert words.rows(row("mean", 1, 0, 2)) == "10"
    assert {words.rows(row(what, 1, 0, 2)) for what in ("rate", "events", "time", "expected")} == {
        "–"
    }


def test_an_uninformative_number_is_not_shown_as_one() -> None:
    lost = row("survival", 0.5, 0.0, 1.0, time_days=365, uninformative=True)
    assert words.estimate(lost) == "–"
    assert words.interval(lost) == "too noisy to tell (0–100%)"
    assert words.privacy_margin(lost, 0.95) == "–"


def test_incidences_are_of_the_event_and_of_the_other() -> None:
    one = row("incidence", 0.123, 0.05, 0.2, time_days=730)
    assert (words.quantity(one), words.estimate(one)) == ("event by 2 years", "12.3%")
    other = row("competing_incidence", 0.5, 0.4, 0.7, time_days=730)
    assert words.quantity(other) == "competing event by 2 years"
    assert words.interval(other) == "40–70%"


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (0.034, "p = .03"),
        (0.001, "p ≤ .001"),
        (0.5, "p = .50"),
        (0.996, "p > .99"),
        (1.0, "p > .99"),
    ],
)
def test_a_difference_in_one_line(p_value: float, text: str) -> None:
    test = Difference(
        statistic="s", kind="log_rank", strata=("I", "II"), p_value=p_value, uninformative=False
    )
    assert words.difference(test) == (
        f"difference between strata: {text} (log-rank, noise included): I, II"
    )
    lost = test.model_copy(update={"uninformative": True})
    assert words.difference(lost) == "difference between strata: too noisy to tell (log-rank)"


def test_two_strata_lie_apart_by_so_much() -> None:
    gap = Gap(estimate=-0.041, lower=-0.0904, upper=0.0082)
    test = Difference(
        statistic="s",
        kind="proportions",
        strata=("I", "II"),
        p_value=0.1,
        uninformative=False,
        gap=gap,
    )
    head = "difference between strata: p = .10 (test of proportions, noise included): I, II"
    assert words.difference(test) == (
        f"{head}; the first less the second: −4.1 (−9.0 to 0.8) points"
    )
    means = test.model_copy(update={"kind": "means", "gap": Gap(estimate=12, lower=-8, upper=32)})
    assert words.difference(means).endswith("; the first less the second: 12 (−8 to 32)")


def test_dependence_names_the_levels_of_both() -> None:
    test = Difference(
        statistic="s",
        kind="independence",
        strata=("I", "II"),
        against=("left", "right"),
        p_value=0.2,
        uninformative=False,
    )
    assert words.difference(test) == (
        "dependence: p = .20 (test of independence, noise included): I, II by left, right"
    )


def test_counts_and_days() -> None:
    assert words.estimate(row("count", 1204, 1190, 1218)) == "1,204"
    assert words.privacy_margin(row("count", 1204, 1190, 1218, noise_sd=7.2), 0.95) == "± 14"
    assert words.estimate(row("rmst", 1512.4, 1400, 1600, time_days=1826)) == "1,512 days"


@pytest.mark.parametrize(
    ("count", "text"),
    [(365, "1 year"), (730, "2 years"), (1826, "5 years"), (183, "6 months"), (45, "45 days")],
)
def test_days_as_people_say_them(count: int, text: str) -> None:
    assert words.days(count) == text


def test_numbered_sites_sort_by_number() -> None:
    names = ["Site 10", "site 2", "Site 1", "Alpha"]
    assert sorted(names, key=words.natural_key) == ["Alpha", "Site 1", "site 2", "Site 10"]
