"""A study: the YAML file a researcher writes, and its resolved, canonical form.

The resolved form carries everything that gives the question its meaning (settled expressions,
digests of dictionary and measures, the charge), so that site and coordinator compute the same
plan from it. Titles, purposes and projects are part of the envelope, not of the question.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field as Declared
from pydantic import field_validator, model_validator

from federated.study.accuracy import ASSUMED_ROWS
from federated.study.plan import Kind
from policies.decode import Declaration, digest
from policies.dictionary.model import Slug
from policies.measure import Mean, ObservedExpected, Quantiles, Rate, Survival

__all__ = [
    "NANO_RHO_MAX",
    "REGRESSED",
    "WEIGHT_MAX",
    "Ask",
    "AskProportion",
    "AskRegression",
    "Privacy",
    "Statistic",
    "Study",
    "StudyFile",
]


BINS_MAX = 256
WEIGHT_MAX = 64
NANO_RHO_MAX = 10**15
"""The largest charge that a study can carry: a million ρ, beyond any budget."""

REGRESSED = ("proportion", "mean", "rate")
"""Kinds of statistic that a regression can be read from."""

PlusMinus = Annotated[float, Declared(ge=1e-6, le=1e9)]
Step = Annotated[int, Declared(ge=0, le=2**16)]


class Privacy(Declaration):
    """What one patient may lose at each site: ``epsilon`` at δ = 10⁻⁶, or ``rho`` (zCDP); or what
    it takes for the statistics named in ``within`` to be told that exactly.

    ``within`` holds ± (95 %, noise alone), in rows for counts, fractions for proportions and
    survival, the value's unit for means, ranks (0–1) for quantiles, events as a share of all rows
    for rates and observed/expected, over ``sites`` that answer with ``rows`` in a stratum.
    """

    epsilon: float | None = Declared(default=None, gt=0, le=100)
    rho: float | None = Declared(default=None, gt=0, le=1000)
    within: dict[Slug, PlusMinus] | None = Declared(default=None, min_length=1)
    sites: int = Declared(default=1, ge=1, le=1000)
    rows: int = Declared(default=ASSUMED_ROWS, ge=1, le=10**6)

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = (self.epsilon, self.rho, self.within)
        if sum(item is not None for item in given) != 1:
            raise ValueError("give exactly one of epsilon, rho, within")
        if self.within is None and {"sites", "rows"} & self.model_fields_set:
            raise ValueError("sites and rows go with within only")
        return self


class AskProportion(Declaration):
    """An ad-hoc proportion. Without ``known``, rows where the numerator can be told count."""

    numerator: str
    known: str | None = None


class AskRegression(Declaration):
    """A regression of the statistic on the elements in ``by``: logistic of a proportion, linear of
    a mean, Poisson of a rate.

    It is read off the strata and costs nothing beyond them. ``reference`` names the level, by its
    code, that others of an element are set beside; left out, it is the dictionary's first (false,
    where there are no choices but true and false).
    """

    reference: dict[Slug, str] = Declared(default_factory=dict)

    @field_validator("reference", mode="before")
    @classmethod
    def _codes(cls, given: Any) -> Any:
        # Codes are text, but in YAML 1 and true are none.
        if not isinstance(given, dict):
            return given
        return {
            name: str(code).lower() if isinstance(code, bool | int) else code
            for name, code in given.items()
        }


class Ask(Declaration):
    """One line of a study's ``ask``: exactly one of measure, count, proportion, survival, mean,
    quantiles, rate, observed_expected.

    ``by`` lists elements whose choices divide the answer, ``where`` narrows the study's
    cohort, ``weight`` buys this statistic precision relative to the others (noise/weight).
    ``regression`` sets the levels of each element beside one another, the others held equal.
    """

    measure: Slug | None = None
    count: Literal[True] | None = None
    proportion: AskProportion | None = None
    survival: Survival | None = None
    mean: Mean | None = None
    quantiles: Quantiles | None = None
    rate: Rate | None = None
    observed_expected: ObservedExpected | None = None
    name: Slug | None = None
    title: str | None = None
    by: tuple[Slug, ...] = Declared(default=(), max_length=4)
    where: str | None = None
    regression: AskRegression | None = None
    weight: int = Declared(default=1, ge=1, le=WEIGHT_MAX)

    @model_validator(mode="after")
    def _one(self) -> Self:
        kinds = ("measure", *get_args(Kind))
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            raise ValueError(f"give exactly one of {', '.join(kinds)}")
        return self


class StudyFile(Declaration):
    """A study as written. ``dictionary`` may be left out where a measure tells it. ``project``
    is the undertaking in whose name it is asked, spelt as the sites' policies list it; its
    budget there is charged beside the researcher's and the site's.
    """

    title: str
    purpose: str = Declared(pattern=r"^DUO:\d{7}$")
    project: Slug | None = None
    dictionary: Slug | None = None
    unit: Slug
    cohort: str = "true"
    ask: tuple[Ask, ...] = Declared(min_length=1, max_length=100)
    privacy: Privacy
    rows_max: int = Declared(default=1, ge=1, le=100)
    mode: Literal["per_site"] = "per_site"


class Statistic(Declaration):
    """One statistic with settled expressions in canonical text."""

    name: Slug
    title: str
    kind: Kind
    unit: Slug
    cohort: str
    numerator: str | None = None
    known: str | None = None
    survival: Survival | None = None
    mean: Mean | None = None
    quantiles: Quantiles | None = None
    rate: Rate | None = None
    observed_expected: ObservedExpected | None = None
    by: tuple[Slug, ...] = Declared(default=(), max_length=4)
    regression: AskRegression | None = None
    """With a reference for every element in ``by``."""
    rows_max: int = Declared(ge=1, le=100)
    steps: tuple[Step, ...] = Declared(min_length=1, max_length=BINS_MAX)
    """The integers that one row adds (plan.Block); they share out the study's precision."""
    parent: Slug | None = None
    """Proportion only: the count of the same study that its rows are told apart in."""
    measure: Slug | None = None
    measure_digest: str | None = None

    @model_validator(mode="after")
    def _parts(self) -> Self:
        # A researcher may write this form by hand: what could only fail once data is read is
        # refused here, before it is charged.
        parts = {
            "numerator": self.numerator,
            "known": self.known,
            "survival": self.survival,
            "mean": self.mean,
            "quantiles": self.quantiles,
            "rate": self.rate,
            "observed_expected": self.observed_expected,
        }
        needed = {
            "count": set(),
            "proportion": {"numerator", "known"},
            "survival": {"survival"},
            "mean": {"mean"},
            "quantiles": {"quantiles"},
            "rate": {"rate"},
            "observed_expected": {"observed_expected"},
        }[self.kind]
        if {name for name, part in parts.items() if part is not None} != needed:
            raise ValueError(f"has not the parts of a {self.kind}")
        value = self.mean or self.quantiles or self.rate
        if value is not None and value.bounds is None:
            raise ValueError(f"{self.kind} without bounds")
        if len(set(self.by)) != len(self.by):
            raise ValueError("an element is listed twice in by")
        if self.regression is not None:
            if self.kind not in REGRESSED:
                raise ValueError(f"no regression is read from a {self.kind}")
            if not self.by or set(self.regression.reference) != set(self.by):
                raise ValueError("a regression has a reference for each element of by")
        self._check_steps()
        return self

    @property
    def ratio(self) -> Rate | ObservedExpected | None:
        """What events are counted of, where they are divided by a sum."""
        return self.rate or self.observed_expected

    @property
    def _bins(self) -> int:
        if self.survival is not None:
            return len(self.survival.grid) + 1
        return self.quantiles.bins if self.quantiles is not None else 1

    def _check_steps(self) -> None:
        least = {"proportion": 3, "mean": 3, "rate": 2, "observed_expected": 2}.get(self.kind, 1)
        most = {"survival": self._bins, "quantiles": self._bins}.get(self.kind, least)
        if not least <= len(self.steps) <= most:
            raise ValueError(f"has not the steps of a {self.kind}")
        if self.parent is not None and self.kind != "proportion":
            raise ValueError("only a proportion has a parent")
        zero = [not step for step in self.steps]
        if self.kind in ("survival", "quantiles"):
            # From steps that rise no sum could be told: the noise may grow with every bin.
            rising = any(one < later for one, later in itertools.pairwise(self.steps))
            wrong = zero[0] or rising
        elif self.kind != "proportion":
            wrong = any(zero)
        elif self.parent is None:
            wrong = zero != [False, False, True]
        else:
            wrong = zero[0] or zero[2]
        if wrong:
            raise ValueError(f"has steps that no {self.kind} can be read from")


class Study(Declaration):
    """A resolved study: what an envelope carries."""

    title: str
    purpose: str
    project: Slug | None = None
    dictionary: Slug
    digests: dict[str, str]
    statistics: tuple[Statistic, ...] = Declared(min_length=1, max_length=150)
    nano_rho: int = Declared(ge=1, le=NANO_RHO_MAX)
    mode: Literal["per_site"]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [statistic.name for statistic in self.statistics]
        if len(set(names)) != len(names):
            raise ValueError("two statistics have one name")
        counts = {one.name for one in self.statistics if one.kind == "count"}
        if any(one.parent is not None and one.parent not in counts for one in self.statistics):
            raise ValueError("a parent is no count of the study")
        return self

    @property
    def question(self) -> str:
        """Digest of what determines the answer (D7): two studies that differ only in titles,
        purpose, project, the days at which a curve is read, the quantiles that are read off a
        histogram, the regressions that are read off strata or the time that a rate is told for are
        the same question.
        """
        plain = self.model_dump(mode="json", exclude={"title", "purpose", "project"})
        places = {statistic.name: i for i, statistic in enumerate(self.statistics)}
        for statistic in plain["statistics"]:
            statistic["parent"] = places.get(statistic["parent"])
            for label in ("name", "title", "measure", "measure_digest", "regression"):
                del statistic[label]
            if statistic["survival"] is not None:
                del statistic["survival"]["read_at"]
            for later, read in (("quantiles", "at"), ("rate", "per"), ("observed_expected", None)):
                if statistic[later] is None:
                    del statistic[later]  # so that what was asked before keeps its digest
                elif read is not None:
                    del statistic[later][read]
        return digest(plain)
