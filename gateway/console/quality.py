"""Data quality of the current load: conformance, completeness, plausibility, observation, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.console import quality_parts as parts
from gateway.console import words
from gateway.console.load import current_recorded
from gateway.registry.quality.stage import Standing, standing
from gateway.registry.quality.trend import read_trend
from gateway.site.config import SiteFolder
from policies.dictionary import Dictionary
from policies.rule import Rules

__all__ = [
    "Disagreement",
    "Filled",
    "Gap",
    "Habits",
    "Problem",
    "Quality",
    "Stated",
    "Withheld",
    "read_quality",
]

TIERS = ("essential", "core", "extended", "")
_COUNTS = ("applies", "answered", "known", "with_reason", "unfit")
_GAPS = 10
_SELDOM, _USUALLY, _ALWAYS = 0.05, 0.5, 0.95
_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Filled:
    """Over rows and elements to which the form's branching applies: how many there are, have
    an answer (a missing-data code is one), have a value that can be counted, are missing with a
    reason (such a code), and do not fit.
    """

    applies: int
    answered: int
    known: int
    with_reason: int
    unfit: int

    @property
    def blank(self) -> int:
        """Without any answer."""
        return self.applies - self.answered

    @property
    def states(self) -> tuple[int, int, int, int]:
        """Value, missing with a reason, does not fit, blank."""
        return self.known, self.with_reason, self.unfit, self.blank


@dataclass(frozen=True)
class Habits:
    """Elements of a tier by how often the site answers them where it is asked."""

    never: int
    seldom: int
    usually: int
    always: int


@dataclass(frozen=True)
class Gap:
    """An essential element without a value in ``missing`` of ``applies`` rows."""

    label: str
    form: str
    missing: int
    applies: int


@dataclass(frozen=True)
class Block:
    """The part that only the provider enters: rows that should have it, and those that have."""

    label: str
    rows: int
    present: int


@dataclass(frozen=True)
class Problem:
    """Lines of the fix list under one rule. ``kind`` is the part of quality that it belongs to."""

    rule: str
    severity: str
    says: str
    count: int
    kind: str


@dataclass(frozen=True)
class Disagreement:
    """An entered total or stage against the one computed from its parts."""

    label: str
    compared: int
    differ: int


@dataclass(frozen=True)
class Stated:
    """What notes state of an element, against the field. ``no_value``: the note states one, the
    field has none.
    """

    label: str
    agree: int
    disagree: int
    no_value: int
    not_stated: int

    @property
    def compared(self) -> int:
        """Notes that state a value where the field has one."""
        return self.agree + self.disagree


@dataclass(frozen=True)
class Withheld:
    """Notes of the load that were withheld for one reason."""

    code: str
    says: str
    count: int


@dataclass(frozen=True)
class Quality:
    """``forms`` has a cell per tier; None where the form has no element of it. ``complete`` is
    False for a load of an earlier version of the software, which told less. Shares of fewer
    than ``small`` are no shares. ``provider_block`` is None where none is
    declared, ``moved`` where there is no load before to compare.
    """

    at: datetime
    complete: bool
    small: int
    standing: Standing | None
    names: Mapping[str, str]
    tiers: dict[str, Filled]
    forms: dict[str, dict[str, Filled | None]]
    habits: dict[str, Habits]
    gaps: tuple[Gap, ...]
    patients: int
    provider_block: Block | None
    problems: tuple[Problem, ...]
    derived: tuple[Disagreement, ...]
    stated: tuple[Stated, ...]
    notes_stored: int
    notes_withheld: tuple[Withheld, ...]
    conformance: parts.Conformance | None
    uniqueness: parts.Uniqueness | None
    lags: tuple[parts.Lag, ...]
    follow_up: tuple[parts.FollowUp, ...]
    windows: tuple[tuple[str, tuple[parts.Window, ...]], ...]
    moved: tuple[parts.Moved, ...] | None
    trend: tuple[parts.Line, ...]
    trend_told: tuple[str, ...]


def read_quality(site: SiteFolder) -> Quality | None:
    """Quality of the current load; None before the first."""
    recorded = current_recorded(site)
    if recorded is None:
        return None
    meta, found = recorded.meta, recorded.quality
    dictionary, checks = site.dictionary(), site.quality_checks()
    history = read_trend(site.trend_path)
    elements = [_counted(e) for e in found["completeness"]]
    tiers = {tier: _filled(e for e in elements if e["tier"] == tier) for tier in TIERS}
    return Quality(
        at=datetime.fromtimestamp(meta["created_s"], UTC),
        complete=recorded.complete,
        small=checks.small,
        standing=standing(elements, found["forms"], checks) if recorded.complete else None,
        names={name: e.label for name, e in dictionary.elements.items()}
        | {name: form.label for name, form in dictionary.instruments.items()},
        tiers={tier: filled for tier, filled in tiers.items() if filled is not None},
        forms=_forms(elements, dictionary),
        habits=_habits(elements),
        gaps=_gaps(elements, dictionary),
        patients=meta["patients"],
        provider_block=_block(found.get("provider_block")),
        problems=_problems(meta["problems"], site.rules(), found.get("plausibility", ())),
        derived=tuple(
            Disagreement(words.element_label(d["element"], dictionary), d["compared"], d["differ"])
            for d in found["derived"]
        ),
        stated=_stated(found.get("stated", ()), dictionary),
        notes_stored=meta["notes"]["stored"],
        notes_withheld=_withheld(meta["notes"]["withheld"]),
        conformance=parts.conformance(found, dictionary),
        uniqueness=parts.uniqueness(found),
        lags=parts.lags(found),
        follow_up=parts.follow_up(found),
        windows=parts.windows(found),
        moved=parts.moved(found, dictionary) if found.get("compared") else None,
        trend=parts.trend(history.loads),
        trend_told=history.told,
    )


def _counted(element: Mapping[str, Any]) -> dict[str, Any]:
    """A form without rows has counts of nothing at all; that is none. So have loads of an
    earlier version that did not count everything.
    """
    return {**element, **{name: element.get(name) or 0 for name in _COUNTS}}


def _filled(elements: Iterable[Mapping[str, Any]]) -> Filled | None:
    counts = [tuple(e[name] for name in _COUNTS) for e in elements]
    return Filled(*map(sum, zip(*counts, strict=True))) if counts else None


def _habits(elements: Iterable[Mapping[str, Any]]) -> dict[str, Habits]:
    found: dict[str, list[int]] = {}
    for element in elements:
        if element["applies"]:
            share = element["answered"] / element["applies"]
            habit = sum(share >= least for least in (_SELDOM, _USUALLY, _ALWAYS))
            found.setdefault(element["tier"], [0, 0, 0, 0])[habit] += 1
    return {tier: Habits(*found[tier]) for tier in TIERS if tier in found}


def _forms(
    elements: list[dict[str, Any]], dictionary: Dictionary
) -> dict[str, dict[str, Filled | None]]:
    forms: dict[str, list[dict[str, Any]]] = {}
    for element in elements:
        forms.setdefault(element["instrument"], []).append(element)
    return {
        words.form_label(name, dictionary): {
            tier: _filled(e for e in members if e["tier"] == tier) for tier in TIERS
        }
        for name, members in forms.items()
    }


def _block(found: dict[str, Any] | None) -> Block | None:
    # A load of an earlier version counted something else.
    return Block(**found) if found is not None and "rows" in found else None


def _gaps(elements: list[dict[str, Any]], dictionary: Dictionary) -> tuple[Gap, ...]:
    gaps = [
        Gap(
            words.element_label(e["element"], dictionary),
            words.form_label(e["instrument"], dictionary),
            e["applies"] - e["known"],
            e["applies"],
        )
        for e in elements
        if e["tier"] == TIERS[0] and e["known"] < e["applies"]
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.missing / gap.applies, gap.label))[:_GAPS])


def _problems(
    counts: Mapping[str, int], rules: Rules, checked: Iterable[Mapping[str, Any]]
) -> tuple[Problem, ...]:
    temporal = {rule["rule"]: rule["temporal"] for rule in checked}
    problems = []
    for rule, count in counts.items():
        known = rules.list.get(rule)
        if known is not None:
            kind = {None: "plausibility", True: "temporal", False: "atemporal"}[temporal.get(rule)]
            problems.append(Problem(rule, known.severity, known.says, count, kind))
        else:
            fault = words.FAULTS.get(rule, ("warning", rule.replace("_", " ")))
            problems.append(Problem(rule, *fault, count, words.KINDS.get(rule, "")))
    return tuple(sorted(problems, key=lambda p: (_SEVERITIES.index(p.severity), -p.count, p.rule)))


def _stated(lines: Iterable[Mapping[str, Any]], dictionary: Dictionary) -> tuple[Stated, ...]:
    found = [
        Stated(
            words.element_label(line["element"], dictionary),
            *(line[outcome] for outcome in ("agree", "disagree", "no_value", "not_stated")),
        )
        for line in lines
    ]
    return tuple(one for one in found if one.compared + one.no_value + one.not_stated)


def _withheld(counts: Mapping[str, int]) -> tuple[Withheld, ...]:
    found = [Withheld(code, words.withheld(code), count) for code, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.code)))
