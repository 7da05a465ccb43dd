"""Extracts: which columns could link a row to a person, and how each can be said more coarsely.

An element with the role ``quasi_identifier``, ``rare_value_risk`` or ``stratifier``, or with the
hint ``zip3``, is such a column unless it is exempt here, with the reason; further ones, derived
elements among them, are those that have a ladder here. Rungs are tried together, the cheapest
choice is taken; the last resort, the missing value, needs no rung.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.derivation import Derivations
from policies.dictionary import Dictionary, Element
from policies.dictionary.model import Slug
from policies.errors import DeclarationError

__all__ = ["REVEALING", "Extracts", "RungDeclared"]

REVEALING = ("quasi_identifier", "rare_value_risk", "stratifier")
_KINDS = {
    "width": ("integer", "number"),
    "cuts": ("integer", "number"),
    "groups": ("category", "text"),
    "prefix": ("category", "text"),
    "rare": ("category", "text", "integer"),
}


class RungDeclared(Declaration):
    """One coarser form: exactly one of classes of ``width`` whole numbers, classes that begin at
    ``cuts``, ``groups`` of choice codes, the first ``prefix`` characters of a code, or ``rare:
    true``, values of fewer than k patients put together. With ``groups``, ``fold`` also puts rare
    groups together.
    """

    width: int | None = Declared(default=None, ge=2)
    cuts: tuple[int, ...] | None = Declared(default=None, min_length=1)
    groups: dict[Slug, tuple[str, ...]] | None = Declared(default=None, min_length=1)
    fold: bool = False
    prefix: int | None = Declared(default=None, ge=1)
    rare: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.width, self.cuts, self.groups, self.prefix, self.rare or None]
        if sum(part is not None for part in given) != 1:
            raise ValueError("give exactly one of width, cuts, groups, prefix and rare")
        if self.fold and self.groups is None:
            raise ValueError("fold belongs to groups")
        listed = [code for codes in (self.groups or {}).values() for code in codes]
        if len(set(listed)) != len(listed):
            raise ValueError("groups lists a code twice")
        return self

    @property
    def kind(self) -> str:
        """The key that is given."""
        return next(name for name in _KINDS if getattr(self, name) not in (None, False))


class Extracts(Declaration):
    """``ladders`` by element, ``weights`` of what is worth more than the rest (whose weight is
    1), ``exempt`` with the reason, and ``follows``: elements that tell
    what others tell, and so lose their cells where one of those lost or changed its own. What
    derived elements follow is known from their declarations. ``ages`` are elements that hold an
    age in years though neither their hint (``to_age``) nor their derivation says so.
    """

    extracts: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    ladders: dict[Slug, tuple[RungDeclared, ...]] = Declared(default_factory=dict)
    weights: dict[Slug, int] = Declared(default_factory=dict)
    exempt: dict[Slug, str] = Declared(default_factory=dict)
    follows: dict[Slug, tuple[Slug, ...]] = Declared(default_factory=dict)
    ages: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.ladders) & set(self.exempt))
        if any(weight < 1 for weight in self.weights.values()):
            raise ValueError("a weight is at least 1")
        if both:
            raise ValueError(f"{both[0]} has a ladder and is exempt")
        return self

    def check_against(self, dictionary: Dictionary, derivations: Derivations) -> None:
        """DeclarationError for an element or choice that nothing declares, or a rung that does
        not suit the element's type.
        """
        where = f"extracts {self.extracts}"
        known: dict[str, tuple[str, Mapping[str, str]]] = {
            name: (element.type, element.choices)
            for source in (dictionary.elements, derivations.elements)
            for name, element in source.items()
        }
        followed = {name for names in self.follows.values() for name in names}
        used = {*self.ladders, *self.weights, *self.exempt, *self.follows, *followed, *self.ages}
        for name in sorted(used):
            if name not in known:
                raise DeclarationError(f'unknown element "{name}"', where=where)
        for name in self.ages:
            if known[name][0] not in ("integer", "number"):
                raise DeclarationError("an age is a number", where=f"{where}: ages")
        for name, rungs in self.ladders.items():
            kind, choices = known[name]
            for rung in rungs:
                place = f"{where}: ladders.{name}"
                if kind not in _KINDS[rung.kind]:
                    raise DeclarationError(f"{rung.kind} does not suit a {kind}", where=place)
                for codes in (rung.groups or {}).values():
                    strange = [code for code in codes if choices and code not in choices]
                    if strange:
                        raise DeclarationError(f'unknown choice "{strange[0]}"', where=place)

    def revealing(self, name: str, element: object) -> bool:
        """Could this column link a row to a person?"""
        if name in self.ladders:
            return True
        if name in self.exempt or not isinstance(element, Element):
            return False
        return element.deid == "zip3" or bool(set(element.roles) & set(REVEALING))
