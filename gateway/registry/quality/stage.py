"""A site's stage of participation, which follows from what it has, and its draft of what it lacks.

What travels is the stage and the absent elements that the officer has declared in the signed
policy (D8); nothing that is computed here does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.dictionary import Dictionary, Element
from policies.quality_check import QualityChecks, Stage

__all__ = ["Lacking", "Standing", "Step", "rarely_recorded", "standing", "without_place"]

_LACKING_MAX = 10


@dataclass(frozen=True)
class Lacking:
    """An element that is not recorded: answers in ``answered`` of ``asked`` rows."""

    element: str
    instrument: str
    answered: int
    asked: int


@dataclass(frozen=True)
class Step:
    """One stage: how many of its elements are recorded, against the share it asks for."""

    stage: int
    title: str
    elements: int
    recorded: int
    needed: int
    forms_missing: tuple[str, ...]
    lacking: tuple[Lacking, ...]

    @property
    def reached(self) -> bool:
        """Whether the stage's own conditions hold; those below must hold too."""
        return self.elements > 0 and self.recorded >= self.needed and not self.forms_missing


@dataclass(frozen=True)
class Standing:
    """``stage`` 0: not even the first. ``steps`` has every stage."""

    stage: int
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The first stage that is not reached."""
        return self.steps[self.stage] if self.stage < len(self.steps) else None


def standing(
    completeness: Sequence[Mapping[str, Any]],
    forms: Mapping[str, Mapping[str, int]],
    checks: QualityChecks,
) -> Standing | None:
    """Where a load stands; None where the registry declares no stages."""
    declared = checks.stages
    if not declared.list:
        return None
    steps = tuple(
        _step(number, stage, completeness, forms, declared.answered)
        for number, stage in enumerate(declared.list, start=1)
    )
    reached = 0
    while reached < len(steps) and steps[reached].reached:
        reached += 1
    return Standing(reached, steps)


def _step(
    number: int,
    stage: Stage,
    completeness: Iterable[Mapping[str, Any]],
    forms: Mapping[str, Mapping[str, int]],
    share: float,
) -> Step:
    """Of a form that has rows, elements that no row asks for decide nothing; all of a form
    without rows are lacking.
    """
    asked = [
        e
        for e in completeness
        if e["tier"] in stage.tiers and (e["applies"] or not _rows(forms, e["instrument"]))
    ]
    lacking = [e for e in asked if not e["applies"] or e["answered"] < share * e["applies"]]
    lacking.sort(key=lambda e: (_share(e), -e["applies"], e["element"]))
    return Step(
        stage=number,
        title=stage.title,
        elements=len(asked),
        recorded=len(asked) - len(lacking),
        # The share in whole elements, against 0.1 + 0.2 > 0.3.
        needed=-int(-round(stage.recorded * len(asked), 6) // 1),
        forms_missing=tuple(form for form in stage.forms if not _rows(forms, form)),
        lacking=tuple(
            Lacking(e["element"], e["instrument"], e["answered"], e["applies"])
            for e in lacking[:_LACKING_MAX]
        ),
    )


def _rows(forms: Mapping[str, Mapping[str, int]], form: str) -> int:
    return forms.get(form, {}).get("rows", 0)


def _share(element: Mapping[str, Any]) -> float:
    return element["answered"] / element["applies"] if element["applies"] else 0.0


def without_place(mapped: Collection[str], dictionary: Dictionary) -> tuple[str, ...]:
    """Elements that a study could ask for and that the site's source has no place for, in the
    dictionary's order: what an officer is proposed to declare as absent. No patient decides it.
    """
    return tuple(
        name
        for name, element in dictionary.elements.items()
        if name not in mapped and _askable(element)
    )


def rarely_recorded(
    completeness: Iterable[Mapping[str, Any]], dictionary: Dictionary, checks: QualityChecks
) -> tuple[Lacking, ...]:
    """Elements that a study could ask for and that hardly any row answers, the form's rows or
    none: figures for the officer's own eyes, who decides what they mean.
    """
    below = checks.stages.absent_below
    return tuple(
        Lacking(e["element"], e["instrument"], e["answered"], e["applies"])
        for e in completeness
        if e["element"] in dictionary.elements
        and _askable(dictionary.elements[e["element"]])
        and e["answered"] <= below * e["applies"]
    )


def _askable(element: Element) -> bool:
    return element.type != "note" and element.deid not in ("drop", "nlp")
