"""Measures: the clinical quantities a study may ask for, versioned and the same at every site."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal, Self

from pydantic import Field as Declared
from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from policies.decode import Declaration
from policies.dictionary.model import Slug

__all__ = [
    "QUARTERS",
    "Mean",
    "Measure",
    "ObservedExpected",
    "Quantiles",
    "Rate",
    "Survival",
]

QUARTERS = tuple(int(i * 365.25 / 4) for i in range(1, 21))
"""Default survival grid: right edges, in whole days gone by, of the quarters up to five years."""


Day = Annotated[int, Declared(le=100_000)]
Level = Annotated[float, Declared(gt=0, lt=1)]
_BOUND_MAX = 1e9


class Survival(Declaration):
    """Time to an event in days from an origin, on a public grid of bins (D5).

    ``time`` names an integer element in days; ``event`` is true where the event was seen and
    false where observation ended without it. ``grid`` holds right edges; a time t falls in
    the first bin whose edge is ≥ t; the tail beyond the last edge is one more bin.

    ``competing`` is true where observation ended by another event, after which this one cannot
    happen (death, for a recurrence). Where both hold the row counts as the event. With it the
    cumulative incidences of both are reported, and survival is that from either.
    """

    time: Slug
    event: str
    competing: str | None = None
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

    @model_serializer(mode="wrap")
    def _without_nothing(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A curve without a competing event is the question it was before there were any: it keeps
        # its digest, and with it the releases that are stored under it.
        written: dict[str, Any] = plain(self)
        if self.competing is None:
            del written["competing"]
        return written


class Mean(Declaration):
    """Mean, spread and sum of ``of``, an expression that gives a number, over rows that have it.

    Values beyond ``bounds``, in the number's own unit, count as the nearer one: they are what one
    patient can move (D2). Left out, they are those of the element that ``of`` names.
    """

    of: str
    bounds: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bounds(self.bounds)
        return self


class Quantiles(Declaration):
    """Quantiles of ``of``, an expression that gives a number, over rows that have it.

    ``bounds`` are as in :class:`Mean`. ``bins`` equal bins divide what lies between them, and a
    row is told by its bin alone: :attr:`edges` that lie below the value count, so a bin holds its
    upper edge, and values beyond the bounds are in the outermost bins. ``at`` says which
    quantiles are read, .5 being the median.
    """

    of: str
    bounds: tuple[float, float] | None = None
    bins: int = Declared(default=64, ge=2, le=256)
    at: tuple[Level, ...] = Declared(default=(0.25, 0.5, 0.75), min_length=1, max_length=99)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bounds(self.bounds)
        if list(self.at) != sorted(set(self.at)):
            raise ValueError("at must rise")
        if self.bounds is not None:
            ends = (self.bounds[0], *self.edges, self.bounds[1])
            if any(one >= other for one, other in itertools.pairwise(ends)):
                raise ValueError("bounds are too near for as many bins")
        return self

    @property
    def edges(self) -> tuple[float, ...]:
        """The ``bins`` − 1 edges between the bins, the same doubles wherever they are reckoned;
        () without bounds.
        """
        if self.bounds is None:
            return ()
        low, high = self.bounds
        return tuple(low + (high - low) * i / self.bins for i in range(1, self.bins))


class Rate(Declaration):
    """Events per time under observation: ``events``, true or false, and ``time``, a number, over
    rows that have both.

    ``bounds`` are [0, longest], in the unit of ``time``: a time below 0 counts as 0, one beyond as
    the longest, and their events count. Left out, the longest is the upper bound of the element
    that ``time`` names. ``per`` is how much time the rate is told for: 36525 where time is in days
    tells the events of a hundred years.
    """

    events: str
    time: str
    bounds: tuple[float, float] | None = None
    per: float = Declared(default=1.0, gt=0, le=_BOUND_MAX)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bounds(self.bounds)
        if self.bounds is not None and self.bounds[0] != 0:
            raise ValueError("bounds of a time begin at 0")
        return self

    @property
    def event(self) -> str:
        """What is counted."""
        return self.events

    @property
    def of(self) -> str:
        """What it is divided by."""
        return self.time


class ObservedExpected(Declaration):
    """``observed`` events, true or false, over those ``expected`` of rows of the same case mix, by
    a public model: each row's risk, a number held to 0–1. Rows that have both count.
    """

    observed: str
    expected: str

    @property
    def event(self) -> str:
        """What is counted."""
        return self.observed

    @property
    def of(self) -> str:
        """What it is divided by."""
        return self.expected

    @property
    def bounds(self) -> tuple[float, float]:
        """Those of a risk."""
        return 0.0, 1.0


def _check_bounds(ends: tuple[float, float] | None) -> None:
    if ends is not None and not (-_BOUND_MAX <= ends[0] < ends[1] <= _BOUND_MAX):
        raise ValueError("bounds must rise and lie within a billion")
    if ends is not None and ends[1] - ends[0] < 1 / _BOUND_MAX:
        raise ValueError("bounds must be at least a billionth apart")


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
    kind: Literal[
        "count", "proportion", "survival", "mean", "quantiles", "rate", "observed_expected"
    ]
    cohort: str = "true"
    numerator: str | None = None
    known: str | None = None
    survival: Survival | None = None
    mean: Mean | None = None
    quantiles: Quantiles | None = None
    rate: Rate | None = None
    observed_expected: ObservedExpected | None = None
    note: str | None = None
    source: str | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A measure without what came later keeps the digest it had before.
        written: dict[str, Any] = plain(self)
        for later in ("quantiles", "rate", "observed_expected"):
            if getattr(self, later) is None:
                del written[later]
        return written

    @property
    def ratio(self) -> Rate | ObservedExpected | None:
        """What events are counted of, where they are divided by a sum."""
        return self.rate or self.observed_expected

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.kind == "proportion") != (self.numerator is not None):
            raise ValueError("a proportion has a numerator, nothing else has")
        if (self.kind == "proportion") != (self.known is not None):
            raise ValueError("a proportion says what is known, nothing else does")
        if (self.kind == "survival") != (self.survival is not None):
            raise ValueError("survival says its times, nothing else does")
        if (self.kind == "mean") != (self.mean is not None):
            raise ValueError("a mean says of what, nothing else does")
        if (self.kind == "quantiles") != (self.quantiles is not None):
            raise ValueError("quantiles say of what, nothing else does")
        if (self.kind == "rate") != (self.rate is not None):
            raise ValueError("a rate says of what, nothing else does")
        if (self.kind == "observed_expected") != (self.observed_expected is not None):
            raise ValueError("observed_expected says of what, nothing else does")
        return self
