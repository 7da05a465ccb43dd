"""What a note states of margin, grade, size and side: value, place, and how sure that is.

For comparison with the structured fields at the site, as a sign of quality; nothing here is
meant to fill a field. What is denied, doubted, planned or told of an earlier operation is not
stated. Rules only: no model, no network. The note's words stay with the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from deid.stated.context import Found
from deid.stated.grade import grades
from deid.stated.margin import closest_margins, margins
from deid.stated.side import sides
from deid.stated.size import sizes

__all__ = ["KINDS", "Kind", "Stated", "settled", "stated"]

Kind = Literal["margin", "margin_mm", "grade", "size_cm", "laterality"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WORST = ("R2", "R1", "R0", "RX")


@dataclass(frozen=True)
class Stated:
    """``value``: margin R0, R1, R2, RX; margin_mm and size_cm a number in that unit; grade 1, 2,
    3 (of three) or low, intermediate, high; laterality left, right, bilateral. ``start`` and
    ``end`` index the text; ``confidence`` is 0 to 1: 0.9 for the field's own terms, less for
    other wording.
    """

    kind: Kind
    value: str | float
    start: int
    end: int
    confidence: float


def stated(text: str) -> list[Stated]:
    """Everything that the note states, in the order of the text."""
    finders = {
        "margin": margins,
        "margin_mm": closest_margins,
        "grade": grades,
        "size_cm": sizes,
        "laterality": sides,
    }
    found = [_stated(kind, one) for kind in KINDS for one in finders[kind](text)]
    return sorted(found, key=lambda s: (s.start, s.end, s.kind))


def _stated(kind: Kind, one: Found) -> Stated:
    return Stated(kind, one.value, one.start, one.end, one.confidence)


def settled(found: Sequence[Stated]) -> dict[Kind, Stated]:
    """One value per kind, from its surest statements: the worst margin, the largest size, grade
    and side where they agree; and the closest distance. Kinds without one are left out.
    """
    result: dict[Kind, Stated] = {}
    for kind in KINDS:
        own = [s for s in found if s.kind == kind]
        if not own:
            continue
        best = max(s.confidence for s in own)
        sure = [s for s in own if s.confidence == best]
        if kind == "margin":
            result[kind] = min(sure, key=lambda s: _WORST.index(str(s.value)))
        elif kind == "margin_mm":
            result[kind] = min(own, key=lambda s: float(s.value))
        elif kind == "size_cm":
            result[kind] = max(sure, key=lambda s: float(s.value))
        elif len({s.value for s in sure}) == 1:
            result[kind] = sure[0]
    return result
