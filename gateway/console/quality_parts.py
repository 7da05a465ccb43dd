"""What a load recorded of its quality beyond completeness, as the pages and the command show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deid.evaluation.interval import wilson
from gateway.console import words
from gateway.console.quality_plots import Share
from policies.dictionary import Dictionary

__all__ = [
    "Closing",
    "Conformance",
    "FollowUp",
    "Lag",
    "Line",
    "Moved",
    "Unfit",
    "Uniqueness",
    "Window",
    "conformance",
    "follow_up",
    "lags",
    "moved",
    "trend",
    "uniqueness",
    "windows",
]

_YEAR_DAYS = 365.25
_TREND_MAX = 24


@dataclass(frozen=True)
class Unfit:
    """An element with cells that do not fit. ``codes`` are different texts that are no choice."""

    label: str
    form: str
    cells: int
    unfit: int
    codes: int


@dataclass(frozen=True)
class Conformance:
    """Cells that do not fit, by kind, of all that are filled; and rows that do not fit others."""

    cells: int
    kinds: tuple[tuple[str, str, int], ...]
    elements: tuple[Unfit, ...]
    relational: tuple[tuple[str, str, int], ...]

    @property
    def unfit(self) -> int:
        """All cells that do not fit."""
        return sum(count for _, _, count in self.kinds)


@dataclass(frozen=True)
class Uniqueness:
    """Pairs of records that may be one person. ``rules``: sentence, pairs, values shared by too
    many records to say anything.
    """

    pairs: int
    records: int
    rules: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Closing:
    """Person-time up to one date, in days."""

    until: str
    patients: int
    observed: int
    possible: int

    @property
    def share(self) -> float | None:
        """Clark's C; None where nothing could be observed."""
        return self.observed / self.possible if self.possible else None

    @property
    def years(self) -> tuple[float, float]:
        """Observed and possible, in patient-years."""
        return self.observed / _YEAR_DAYS, self.possible / _YEAR_DAYS


@dataclass(frozen=True)
class FollowUp:
    """One declared follow-up; ``living`` as (recent, all) where a recent status is asked for."""

    name: str
    label: str
    target: float | None
    unusable: int
    recent_days: int | None
    living: tuple[int, int] | None
    closings: tuple[Closing, ...]

    def at(self, until: str | None = None) -> Closing | None:
        """The closing on that day (ISO), or the last."""
        return next((c for c in reversed(self.closings) if until in (None, c.until)), None)


@dataclass(frozen=True)
class Window:
    """One window: its days, who was due, who has a row in it, and the 95 % interval."""

    label: str
    days: tuple[int, int]
    captured: int
    due: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval of the share."""
        return wilson(self.captured, self.due)

    @property
    def share(self) -> Share:
        """As the picture takes it."""
        return self.label, self.captured, self.due


@dataclass(frozen=True)
class Lag:
    """Days from an event to its entry."""

    label: str
    events: int
    known: int
    in_time: int
    within_days: int
    median_days: int | None
    before_event: int


@dataclass(frozen=True)
class Moved:
    """An element whose values are distributed otherwise than in the load before; ``most`` is the
    answer whose share moved most.
    """

    label: str
    index: float
    chance: float
    change: str
    most: str
    share: float
    share_before: float
    rows: int
    rows_before: int


@dataclass(frozen=True)
class Line:
    """Main figures of one load."""

    at: datetime
    patients: int
    tiers: dict[str, float]
    unfit_per_100: float | None
    failures_per_100: float | None
    duplicates: int
    follow_up: dict[str, float]
    moved: int


def conformance(found: Mapping[str, Any], dictionary: Dictionary) -> Conformance | None:
    """None for a load of an earlier version of the software."""
    told = found.get("conformance")
    if told is None:
        return None
    elements = [
        Unfit(
            words.element_label(e["element"], dictionary),
            words.form_label(e["instrument"], dictionary),
            e["cells"],
            sum(e[kind] for kind in told["value"]),
            e["unmapped_codes"],
        )
        for e in told["elements"]
    ]
    return Conformance(
        told["cells"],
        _said(told["value"]),
        tuple(sorted(elements, key=lambda e: (-e.unfit / e.cells, e.label))),
        _said(told["relational"]),
    )


def _said(counts: Mapping[str, int]) -> tuple[tuple[str, str, int], ...]:
    return tuple((rule, words.FAULTS[rule][1], count) for rule, count in counts.items())


def uniqueness(found: Mapping[str, Any]) -> Uniqueness | None:
    """None where nothing is compared."""
    told = found.get("uniqueness")
    if not told or not told["rules"]:
        return None
    rules = tuple((r["says"], r["pairs"], r["crowded"]) for r in told["rules"])
    return Uniqueness(told["pairs"], told["records"], rules)


def follow_up(found: Mapping[str, Any]) -> tuple[FollowUp, ...]:
    """Every declared follow-up."""
    return tuple(
        FollowUp(
            one["name"],
            one["label"],
            one["target"],
            one["unusable"],
            one["recent_days"],
            None if one["living_recent"] is None else (one["living_recent"], one["living"]),
            tuple(
                Closing(c["until"], c["patients"], c["observed_days"], c["days"])
                for c in one["closings"]
            ),
        )
        for one in found.get("follow_up", ())
    )


def windows(found: Mapping[str, Any]) -> tuple[tuple[str, tuple[Window, ...]], ...]:
    """Each declared set of windows with its label."""
    return tuple(
        (
            one["label"],
            tuple(
                Window(t["label"], (t["days"][0], t["days"][1]), t["captured"], t["due"])
                for t in one["times"]
            ),
        )
        for one in found.get("windows", ())
    )


def lags(found: Mapping[str, Any]) -> tuple[Lag, ...]:
    """Every declared time until entry."""
    parts = ("label", "events", "known", "in_time", "within_days", "median_days", "before_event")
    return tuple(Lag(*(one[part] for part in parts)) for one in found.get("timeliness", ()))


def moved(found: Mapping[str, Any], dictionary: Dictionary) -> tuple[Moved, ...]:
    """Elements that changed since the load before, largest change first; also those that chance
    explains.
    """
    return tuple(
        Moved(
            words.element_label(one["element"], dictionary),
            one["index"],
            one["chance"],
            one["change"],
            _answer(one["element"], one["most"], dictionary),
            one["share"],
            one["share_before"],
            one["rows"],
            one["rows_before"],
        )
        for one in found.get("drift", ())
        if one["change"] != "none"
    )


def _answer(element: str, code: str, dictionary: Dictionary) -> str:
    known = dictionary.elements.get(element)
    if code == "(missing)":
        return "no value"
    return code if known is None else known.choices.get(code, code)


def trend(lines: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The last loads, oldest first."""
    return tuple(map(_line, list(lines)[-_TREND_MAX:]))


def _line(line: Mapping[str, Any]) -> Line:
    patients, cells = line["patients"], line["cells"]
    return Line(
        at=datetime.fromtimestamp(line["created_s"], UTC),
        patients=patients,
        tiers={t: answered / asked for t, (asked, answered, _) in line["tiers"].items() if asked},
        unfit_per_100=100 * line["unfit"] / cells if cells else None,
        failures_per_100=100 * line["rule_failures"] / patients if patients else None,
        duplicates=line["duplicates"],
        follow_up={n: seen / days for n, (seen, days) in line["follow_up"].items() if days},
        moved=line["moved"],
    )
