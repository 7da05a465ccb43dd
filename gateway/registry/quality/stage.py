"""A site's stage of participation, which follows from what it has, and its draft of what it lacks.

What travels is the stage and the absent elements that the officer has declared in the signed
policy (D8); nothing that is computed here does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.dictionary import Dictionary
from policies.quality_check import QualityChecks, Stage

__all__ = ["Lacking", "Standing", "Step", "never_recorded", "standing"]

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
    """Elements that no row asks for decide nothing."""
    asked = [e for e in completeness if e["tier"] in stage.tiers and e["applies"]]
    lacking = [e for e in asked if e["answered"] < share * e["applies"]]
    lacking.sort(key=lambda e: (e["answered"] / e["applies"], -e["applies"], e["element"]))
    return Step(
        stage=number,
        title=stage.title,
        elements=len(asked),
        recorded=len(asked) - len(lacking),
        # The share in whole elements, against 0.1 + 0.2 > 0.3.
        needed=-int(-round(stage.recorded * len(asked), 6) // 1),
        forms_missing=tuple(f for f in stage.forms if not forms.get(f, {}).get("rows")),
        lacking=tuple(
            Lacking(e["element"], e["instrument"], e["answered"], e["applies"])
            for e in lacking[:_LACKING_MAX]
        ),
    )


def never_recorded(
    completeness: Iterable[Mapping[str, Any]],
    forms: Mapping[str, Mapping[str, int]],
    dictionary: Dictionary,
    checks: QualityChecks,
) -> tuple[str, ...]:
    """Elements that a study could ask for and that the site (almost) never records, in the
    dictionary's order: what an officer may declare as absent.
    """
    below, absent = checks.stages.absent_below, set()
    for element in completeness:
        name = element["element"]
        declared = dictionary.elements.get(name)
        if declared is None or declared.type == "note" or declared.deid in ("drop", "nlp"):
            continue  # no study can ask for it
        no_form = not forms.get(element["instrument"], {}).get("rows")
        asked = element["applies"]
        if no_form or (asked and element["answered"] <= below * asked):
            absent.add(name)
    return tuple(name for name in dictionary.elements if name in absent)
