"""Measures: the clinical quantities a study may ask for, versioned and the same at every site."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.dictionary.model import Slug

__all__ = ["QUARTERS", "Measure", "Survival"]

QUARTERS = tuple(int(i * 365.25 / 4) for i in range(1, 21))
"""Default survival grid: right edges, in whole days gone by, of the quarters up to five years."""


Day = Annotated[int, Declared(le=100_000)]


class Survival(Declaration):
    """Time to an event in days from an origin, on a public grid of bins (D5).

    ``time`` names an integer element in days; ``event`` is true where the event was seen and
    false where observation ended without it. ``grid`` holds right edges; a time t falls in
    the first bin whose edge is ≥ t; the tail beyond the last edge is one more bin.
    """

    time: Slug
    event: str
    grid: tuple[Day, ...] = Declared(default=QUARTERS, min_length=1, max_length=120)
    read_at: tuple[Day, ...] = Declared(
        default=(), max_length=120, description="days at which to report"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if list(self.grid) != sorted(set(self.grid)) or self.grid[0] < 1:
            raise ValueError("grid must rise from at least 1 day")
        if not set(self.read_at) <= set(self.grid):
            raise ValueError("read_at must be edges of the grid")
        return self


class Measure(Declaration):
    """A named quantity over one unit's rows.

    ``cohort`` selects rows. A proportion has ``numerator`` and ``known`` (rows whose answer
    is recorded: a missing value is left out of both, never counted as no).
    """

    measure: Slug
    version: int = Declared(ge=1)
    title: str
    dictionary: Slug
    unit: Slug
    kind: Literal["count", "proportion", "survival"]
    cohort: str = "true"
    numerator: str | None = None
    known: str | None = None
    survival: Survival | None = None
    note: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.kind == "proportion") != (self.numerator is not None):
            raise ValueError("a proportion has a numerator, nothing else has")
        if (self.kind == "proportion") != (self.known is not None):
            raise ValueError("a proportion says what is known, nothing else does")
        if (self.kind == "survival") != (self.survival is not None):
            raise ValueError("survival says its times, nothing else does")
        return self
