"""A site's own outcomes: which measures are drawn over time, and which patterns of treatment.

The figures are exact and for the site's own people; what others see of a measure is a release.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.dictionary.model import Slug

__all__ = ["CurveShown", "Outcomes", "Part", "Pattern", "RateShown"]


class CurveShown(Declaration):
    """A survival measure, whole or ``by`` an element with choices."""

    measure: Slug
    by: Slug | None = None
    note: str | None = None


class RateShown(Declaration):
    """A proportion by ``year``, an element of its unit that holds years."""

    measure: Slug
    year: Slug


class Part(Declaration):
    """One way of treatment. A row counts in the first part whose condition holds."""

    label: str
    when: str


class Pattern(Declaration):
    """The rows of ``unit`` in ``cohort`` by ``year``, divided into ``parts``; rows that belong to
    none are shown as not recorded.
    """

    title: str
    unit: Slug
    cohort: str = "true"
    year: Slug
    parts: tuple[Part, ...] = Declared(min_length=1, max_length=7)
    note: str | None = None

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if len({part.label for part in self.parts}) < len(self.parts):
            raise ValueError("two parts have the same label")
        return self


class Outcomes(Declaration):
    """What a site sees of its own, for one dictionary. Shares of fewer than ``small`` rows are
    marked: by themselves they say little.
    """

    outcomes: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    small: int = Declared(default=10, ge=1, le=1000)
    curves: tuple[CurveShown, ...] = ()
    rates: tuple[RateShown, ...] = ()
    patterns: dict[Slug, Pattern] = Declared(default_factory=dict)
