"""Numbers of a result in words: the same in terminal, charts and report."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence

from federated.combine.estimate import UNBOUNDED, two_sided_z
from federated.combine.intake import MISFITS, NEXT
from federated.combine.result import ALL, Asked, Difference, Row, SiteRecord, Test
from federated.reasons import in_sentences

__all__ = [
    "NOISY_ROWS",
    "TOO_NOISY",
    "condition",
    "counted",
    "days",
    "difference",
    "estimate",
    "has_rows",
    "interval",
    "natural_key",
    "number",
    "person_time",
    "privacy_margin",
    "quantile",
    "quantity",
    "question",
    "reach",
    "reasons",
    "rows",
    "stratum",
    "terms",
]

TOO_NOISY = "too noisy to tell"
_DAYS_A_YEAR = 365.25
NOISY_ROWS = (
    "Numbers of rows, and of those left out, are as they came, noise included. A small group can "
    "show a number below zero; numbers of parts need not add up to those of the whole."
)

_QUESTIONS = {
    "count": "Number of rows",
    "proportion": "Share of rows, of those with a known answer",
    "survival": "Time to the event",
    "mean": "Mean, spread and sum of a value, of rows that have one",
    "quantiles": "Quantiles of a value, of rows that have one",
    "rate": "Events per time, of rows that have both",
    "observed_expected": "Events over those expected of such rows, of rows that have both",
}
_SHARES = frozenset({"proportion", "survival", "incidence", "competing_incidence"})
_RATIOS = frozenset({"rate", "observed_expected"})
# A count is the number of rows: beside it there is none to tell.
_WITHOUT_ROWS = _RATIOS | {"count", "events", "observed", "time", "expected"}
_TESTS: Mapping[Test, str] = {
    "log_rank": "log-rank",
    "proportions": "test of proportions",
    "means": "test of means",
    "rates": "test of rates",
    "independence": "test of independence",
}
_STATES = {
    "answered": "answered",
    "refused": "refused",
    "failed": "could not answer",
    "no_reply": "no reply in time",
}


def question(asked: Asked) -> str:
    """What was counted, and how far one patient can reach, as it was bounded at every site."""
    told = "".join(f"; {role}: {text}" for role, text in terms(asked))
    return f"{counted(asked)}{told}; {reach(asked)}"


def counted(asked: Asked) -> str:
    """What was counted: ``Share of rows, of those with a known answer, by Stage``."""
    what = _QUESTIONS[asked.kind]
    if asked.competing:
        what += ", beside an event that rules it out"
    if asked.by_titles:
        what += f", by {', '.join(asked.by_titles)}"
    if asked.bounds is not None:
        what += f"; values held to {asked.bounds[0]:g}–{asked.bounds[1]:g}"
    return what


def reach(asked: Asked) -> str:
    """What a row is, and how many of a patient count: ``one row per case; …``."""
    per = f"one row per {asked.unit}"
    if asked.rows_max is None:
        return per
    if asked.index_rows:
        return f"{per}; a patient counts once, with the index row"
    rows = "one row" if asked.rows_max == 1 else f"{asked.rows_max} rows"
    return (
        f"{per}; of a patient with more than {rows} only the first by a secret order can count, so "
        "that rows may be fewer than the registry holds"
    )


def condition(asked: Asked) -> str:
    """The cohort's condition without the brackets around it; empty where every row is in it."""
    return "" if asked.cohort == "true" else _bare(asked.cohort)


def terms(asked: Asked) -> tuple[tuple[str, str], ...]:
    """What is told of a row: roles and expressions, e.g. ``("event", "died = 1")``."""
    return tuple((role, _bare(text)) for role, text in asked.terms.items())


def _bare(text: str) -> str:
    return text[1:-1] if _enclosed(text) else text


def _enclosed(text: str) -> bool:
    """Is the first bracket closed by the last one? Texts in quotes do not count."""
    bare = re.sub(r"'(?:[^'\\]|\\.)*'", "_", text)
    if not (bare.startswith("(") and bare.endswith(")")):
        return False
    depths = itertools.accumulate({"(": 1, ")": -1}.get(letter, 0) for letter in bare)
    return next(place for place, depth in enumerate(depths, 1) if depth == 0) == len(bare)


def estimate(row: Row) -> str:
    """The number shown, e.g. ``83.1%``, ``1,204`` or ``1,512 days``; a dash if uninformative."""
    return "–" if row.uninformative else number(row, row.estimate)


def number(row: Row, value: float) -> str:
    """Another value of the row's quantity, written as its estimate is."""
    return _number(row, value) + _unit(row)


def interval(row: Row) -> str:
    """The confidence interval, e.g. ``79.4–86.3%``."""
    if row.upper >= UNBOUNDED and row.quantity in _RATIOS:
        text = f"{_number(row, row.lower)} or more"
    else:
        text = f"{_number(row, row.lower)}–{_number(row, row.upper)}{_unit(row)}"
    return f"{TOO_NOISY} ({text})" if row.uninformative else text


def privacy_margin(row: Row, confidence: float) -> str:
    """How far the privacy noise alone may have moved the number, e.g. ``± 2.1%``."""
    if row.uninformative:
        return "–"
    return f"± {number(row, two_sided_z(confidence) * row.noise_sd)}"


def rows(row: Row) -> str:
    """The noisy number of rows, e.g. ``1,204``; a dash where it was not asked for."""
    return f"{row.n:,.0f}" if has_rows(row) else "–"


def has_rows(row: Row) -> bool:
    """Whether a number of rows was asked for with it, and is not the number itself."""
    return row.quantity not in _WITHOUT_ROWS


def quantity(row: Row) -> str:
    """What the number is, e.g. ``alive at 2 years``."""
    if row.quantity == "survival":
        return f"event-free at {days(row.time_days or 0)}"
    if row.quantity in ("incidence", "competing_incidence"):
        event = "event" if row.quantity == "incidence" else "competing event"
        return f"{event} by {days(row.time_days or 0)}"
    if row.quantity == "rmst":
        return f"mean event-free time within {days(row.time_days or 0)}"
    if row.quantity == "quantile":
        return quantile(row.level or 0.0)
    if row.quantity == "rate":
        return f"rate per {person_time(row.per or 1.0, row.per_unit)}"
    if row.quantity == "time" and row.per_unit is not None:
        return f"time, in person-{row.per_unit}"
    return {
        "count": "number",
        "proportion": "share",
        "mean": "mean",
        "sd": "standard deviation",
        "sum": "sum",
        "observed_expected": "observed / expected",
        "events": "events",
        "observed": "observed",
        "time": "time",
        "expected": "expected",
    }[row.quantity]


def person_time(amount: float, unit: str | None) -> str:
    """So much time under observation, e.g. ``100 person-years`` of 36,525 days; where no unit is
    declared, in units of whatever was added up.
    """
    if unit == "days" and amount >= _DAYS_A_YEAR and (amount / _DAYS_A_YEAR).is_integer():
        amount, unit = amount / _DAYS_A_YEAR, "years"
    what = "units of time" if unit is None else f"person-{unit}"
    if amount == 1:
        return what.replace("units", "unit").removesuffix("s")
    return f"{amount:,.10g} {what}"


def quantile(level: float) -> str:
    """``median``, or e.g. ``quantile .9``."""
    return "median" if level == 0.5 else f"quantile {level:g}".replace(" 0.", " .")


def days(count: int) -> str:
    """A number of days as people say it: ``2 years``, ``6 months`` or ``45 days``."""
    years, months = count / _DAYS_A_YEAR, count / 30.4375
    if abs(years - round(years)) < 0.005 and round(years) >= 1:
        return f"{round(years)} year" + ("s" if round(years) > 1 else "")
    if abs(months - round(months)) < 0.03 and round(months) >= 1:
        return f"{round(months)} month" + ("s" if round(months) > 1 else "")
    return f"{count} days"


def stratum(labels: Mapping[str, str], by: Sequence[str]) -> str:
    """The labels of a stratum in the order of ``by``, joined; ``all`` over all strata."""
    if all(label == ALL for label in labels.values()):
        return "all"
    return " · ".join(labels[element] for element in by)


def difference(test: Difference) -> str:
    """A test in one line: ``difference between strata: p = .03 (log-rank, noise included)``,
    which strata were compared and, of two, how far they lie apart.
    """
    what = "dependence" if test.kind == "independence" else "difference between strata"
    name = _TESTS[test.kind]
    if test.uninformative:
        return f"{what}: {TOO_NOISY} ({name})"
    compared = ", ".join(test.strata) + (f" by {', '.join(test.against)}" if test.against else "")
    return f"{what}: {_p(test.p_value)} ({name}, noise included): {compared}{_gap(test)}"


def _gap(test: Difference) -> str:
    """How far two strata lie apart, e.g. ``; first less second −4.1 (−9.0 to 0.8) points``."""
    if test.gap is None:
        return ""
    share = test.kind == "proportions"
    lower, estimate, upper = (
        (100 if share else 1) * value
        for value in (test.gap.lower, test.gap.estimate, test.gap.upper)
    )
    places = _figures(upper - lower)
    texts = [f"{value:,.{places}f}".replace("-", "−") for value in (estimate, lower, upper)]
    unit = " points" if share else ""
    return f"; the first less the second: {texts[0]} ({texts[1]} to {texts[2]}){unit}"


def _p(value: float) -> str:
    if value > 0.99:
        return "p > .99"
    if value <= 0.001:
        return "p ≤ .001"  # the fewest that a simulation of 999 can tell
    return "p = " + f"{value:.{2 if value >= 0.01 else 3}f}".removeprefix("0")


def reasons(site: SiteRecord) -> str:
    """What became of the question at a site, e.g. ``refused: the site's policy is past its last
    day``; of an answer that was set aside also what to do.
    """
    why = in_sentences(site.reasons)
    if MISFITS.keys() & set(site.reasons):
        return f"set aside: {why} ({NEXT})"
    return _STATES[site.state] + (f": {why}" if why else "")


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which ``site 2`` comes before ``site 10``."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d+)", text)
        if part
    )


def _number(row: Row, value: float) -> str:
    if row.quantity in _SHARES:
        return f"{100 * value:.{1 if row.upper - row.lower < 0.2 else 0}f}"
    if row.quantity in _RATIOS or row.quantity in ("mean", "sd", "quantile", "expected"):
        return f"{value:,.{_places(row)}f}"
    return f"{value:,.0f}"


def _unit(row: Row) -> str:
    return "%" if row.quantity in _SHARES else " days" if row.quantity == "rmst" else ""


def _places(row: Row) -> int:
    """Digits behind the point: as many as two figures of the interval's width ask for."""
    return _figures(row.lower if row.upper >= UNBOUNDED else row.upper - row.lower)


def _figures(width: float) -> int:
    return 0 if width <= 0 else min(6, max(0, 1 - math.floor(math.log10(width))))
