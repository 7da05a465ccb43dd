"""Notes against fields: which element holds what a note may state, and which code means what.

A disagreement is a sign that one of the two is wrong. It stays at the site.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.dictionary import Dictionary
from policies.dictionary.model import Slug
from policies.errors import DeclarationError

__all__ = ["MEANINGS", "Check", "StatedChecks"]

MEANINGS: dict[str, tuple[str, ...]] = {
    "margin": ("R0", "R1", "R2", "RX"),
    "grade": ("1", "2", "3", "low", "intermediate", "high"),
    "laterality": ("left", "right", "bilateral"),
}
"""What a note can state in words, by kind; margin_mm and size_cm are numbers."""


class Check(Declaration):
    """``states`` is what is read from the note, ``element`` the field it is compared with: the
    codes listed in ``means`` agree with the statement; a number agrees within ``tolerance`` (in
    the element's unit) or ``relative``, whichever is wider. ``notes`` limits the check to notes
    for which an element of their form has one of the codes. Statements less sure than
    ``confidence`` do not count. A kind of statement that ``means`` leaves out is not compared.
    """

    states: Literal["margin", "margin_mm", "grade", "size_cm", "laterality"]
    element: Slug
    means: dict[str, tuple[str, ...]] = Declared(default_factory=dict)
    tolerance: float = Declared(default=0.0, ge=0)
    relative: float = Declared(default=0.0, ge=0, le=1)
    notes: dict[Slug, tuple[str, ...]] = Declared(default_factory=dict)
    confidence: float = Declared(default=0.7, ge=0, le=1)

    @model_validator(mode="after")
    def _suits(self) -> Self:
        known = MEANINGS.get(self.states, ())
        if bool(known) != bool(self.means):
            raise ValueError("means belongs to margin, grade and laterality, and they need it")
        strange = sorted(set(self.means) - set(known))
        if strange:
            raise ValueError(f'no note states the {self.states} "{strange[0]}"')
        return self


class StatedChecks(Declaration):
    """The checks of one dictionary, by name, on the notes held by the element ``note``."""

    stated: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    note: Slug | None = None
    checks: dict[Slug, Check] = Declared(default_factory=dict)

    @model_validator(mode="after")
    def _held(self) -> Self:
        if self.checks and self.note is None:
            raise ValueError("checks need the element that holds the note")
        return self

    def check_against(self, dictionary: Dictionary) -> None:
        """DeclarationError for an element, choice or unit that does not suit."""
        where = f"stated {self.stated}"
        if self.note is None:
            return
        note = dictionary.elements.get(self.note)
        if note is None or note.type != "note":
            raise DeclarationError(f'"{self.note}" is no note of the dictionary', where=where)
        for name, check in self.checks.items():
            place = f"{where}: checks.{name}"
            element = dictionary.elements.get(check.element)
            if element is None:
                raise DeclarationError(f'unknown element "{check.element}"', where=place)
            if (element.type == "category") != bool(check.means) or (
                not check.means and element.type not in ("integer", "number")
            ):
                raise DeclarationError(f"{check.states} does not suit its element", where=place)
            unit = {"margin_mm": "mm", "size_cm": "cm"}.get(check.states)
            if unit is not None and element.unit != unit:
                raise DeclarationError(f"its element is not in {unit}", where=place)
            codes = {code for listed in check.means.values() for code in listed}
            if not codes <= set(element.choices):
                raise DeclarationError("means names an unknown choice", where=place)
            for other, listed in check.notes.items():
                beside = dictionary.elements.get(other)
                if beside is None or beside.instrument != note.instrument:
                    raise DeclarationError(f'"{other}" is not on the form of the note', where=place)
                if not set(listed) <= set(beside.choices):
                    raise DeclarationError(f"notes.{other} names an unknown choice", where=place)
