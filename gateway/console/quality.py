"""Data quality of the current load: how complete, what to fix, which notes were withheld."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.console import words
from gateway.console.load import current_meta
from gateway.site.config import SiteFolder
from policies.dictionary import Dictionary
from policies.rule import Rules

__all__ = [
    "Disagreement",
    "Filled",
    "Gap",
    "Problem",
    "Quality",
    "Stated",
    "Withheld",
    "read_quality",
]

TIERS = ("essential", "core", "extended", "")
_GAPS = 10
_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Filled:
    """Over rows and elements to which the form's branching applies: how many there are, have
    an answer (a missing-data code is one), and have a value that can be counted.
    """

    applies: int
    answered: int
    known: int


@dataclass(frozen=True)
class Gap:
    """An essential element without a value in ``missing`` of ``applies`` rows."""

    label: str
    form: str
    missing: int
    applies: int


@dataclass(frozen=True)
class Problem:
    """Lines of the fix list under one rule."""

    rule: str
    severity: str
    says: str
    count: int


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
    """``forms`` has a cell per tier; None where the form has no element of it."""

    tiers: dict[str, Filled]
    forms: dict[str, dict[str, Filled | None]]
    gaps: tuple[Gap, ...]
    patients: int
    provider_patients: int
    problems: tuple[Problem, ...]
    derived: tuple[Disagreement, ...]
    stated: tuple[Stated, ...]
    notes_stored: int
    notes_withheld: tuple[Withheld, ...]


def read_quality(site: SiteFolder) -> Quality | None:
    """Quality of the current load; None before the first."""
    meta = current_meta(site)
    if meta is None:
        return None
    dictionary, found = site.dictionary(), meta["quality"]
    elements, block = [_counted(e) for e in found["completeness"]], found["provider_block"]
    tiers = {tier: _filled(e for e in elements if e["tier"] == tier) for tier in TIERS}
    return Quality(
        tiers={tier: filled for tier, filled in tiers.items() if filled is not None},
        forms=_forms(elements, dictionary),
        gaps=_gaps(elements, dictionary),
        patients=block["patients"],
        provider_patients=block["present"],
        problems=_problems(meta["problems"], site.rules()),
        derived=tuple(
            Disagreement(_label(d["element"], dictionary), d["compared"], d["differ"])
            for d in found["derived"]
        ),
        stated=_stated(found.get("stated", ()), dictionary),
        notes_stored=meta["notes"]["stored"],
        notes_withheld=_withheld(meta["notes"]["withheld"]),
    )


def _counted(element: Mapping[str, Any]) -> dict[str, Any]:
    """A form without rows has counts of nothing at all; that is none."""
    return {**element, **{name: element[name] or 0 for name in ("applies", "answered", "known")}}


def _filled(elements: Iterable[Mapping[str, Any]]) -> Filled | None:
    counts = [(e["applies"], e["answered"], e["known"]) for e in elements]
    return Filled(*map(sum, zip(*counts, strict=True))) if counts else None


def _forms(
    elements: list[dict[str, Any]], dictionary: Dictionary
) -> dict[str, dict[str, Filled | None]]:
    forms: dict[str, list[dict[str, Any]]] = {}
    for element in elements:
        forms.setdefault(element["instrument"], []).append(element)
    return {
        _form(name, dictionary): {
            tier: _filled(e for e in members if e["tier"] == tier) for tier in TIERS
        }
        for name, members in forms.items()
    }


def _gaps(elements: list[dict[str, Any]], dictionary: Dictionary) -> tuple[Gap, ...]:
    gaps = [
        Gap(
            _label(e["element"], dictionary),
            _form(e["instrument"], dictionary),
            e["applies"] - e["known"],
            e["applies"],
        )
        for e in elements
        if e["tier"] == TIERS[0] and e["known"] < e["applies"]
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.missing / gap.applies, gap.label))[:_GAPS])


def _problems(counts: Mapping[str, int], rules: Rules) -> tuple[Problem, ...]:
    problems = []
    for rule, count in counts.items():
        known = rules.list.get(rule)
        if known is not None:
            problems.append(Problem(rule, known.severity, known.says, count))
        else:
            fault = words.FAULTS.get(rule, ("warning", rule.replace("_", " ")))
            problems.append(Problem(rule, *fault, count))
    return tuple(sorted(problems, key=lambda p: (_SEVERITIES.index(p.severity), -p.count, p.rule)))


def _stated(lines: Iterable[Mapping[str, Any]], dictionary: Dictionary) -> tuple[Stated, ...]:
    found = [
        Stated(
            _label(line["element"], dictionary),
            *(line[outcome] for outcome in ("agree", "disagree", "no_value", "not_stated")),
        )
        for line in lines
    ]
    return tuple(one for one in found if one.compared + one.no_value + one.not_stated)


def _withheld(counts: Mapping[str, int]) -> tuple[Withheld, ...]:
    found = [Withheld(code, words.withheld(code), count) for code, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.code)))


def _label(element: str, dictionary: Dictionary) -> str:
    """The dictionary's label; the load may have been made under an older dictionary."""
    return dictionary.elements[element].label if element in dictionary.elements else element


def _form(instrument: str, dictionary: Dictionary) -> str:
    known = dictionary.instruments.get(instrument)
    return instrument if known is None else known.label
