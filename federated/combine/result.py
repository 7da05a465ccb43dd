"""A result: what the coordinator made of the sites' releases, complete enough to stand alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import Field

from federated.study.outcome import State
from federated.study.plan import Kind
from policies.decode import Declaration, canonical, decode

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

__all__ = [
    "ALL",
    "MISSING",
    "Asked",
    "Curve",
    "Difference",
    "Effect",
    "Factor",
    "Gap",
    "Quantity",
    "Regression",
    "Result",
    "Row",
    "SiteRecord",
    "Test",
]

ALL = "(all)"
"""Label of a stratifying element in a row over all its levels."""
MISSING = "(missing)"
"""Label of the level of rows in which the element is missing."""

Quantity: TypeAlias = Literal[
    "count",
    "proportion",
    "survival",
    "rmst",
    "incidence",
    "competing_incidence",
    "mean",
    "sd",
    "sum",
    "quantile",
    "rate",
    "observed_expected",
    "events",
    "observed",
    "time",
    "expected",
]
"""What a number is: rows, a share, survival at ``time_days``, mean days up to ``time_days``,
cumulative incidence by ``time_days`` (where another event competes: of the event, and of that one;
survival is then free of both); mean, standard deviation, sum and the quantile at ``level`` of a
value in its own unit; events ``per`` so much time, the events and the time; or observed over
expected, and either.
"""


Test: TypeAlias = Literal["log_rank", "proportions", "means", "rates", "independence"]
"""Of hazards, proportions, means or rates, or of independence of two elements."""


class Asked(Declaration):
    """One statistic that was asked for; ``by_titles`` are the elements of ``by`` in words.

    ``rows_max`` rows of a patient count at most: the ``index_rows`` that the cohort demands, else
    those that come first in a secret order, whatever the cohort. ``bounds`` are what the value
    of a row is held to, where there is one. None in results of earlier versions.
    """

    statistic: str
    title: str
    kind: Kind
    unit: str
    cohort: str
    by: tuple[str, ...] = ()
    by_titles: tuple[str, ...] = ()
    rows_max: int | None = None
    index_rows: bool | None = None
    bounds: tuple[float, float] | None = None
    competing: bool = False
    """Survival only: another event, which rules this one out, is told apart."""
    terms: dict[str, str] = Field(default_factory=dict)
    """What is told of a row, as canonical expressions: its ``answer``; its ``event``, ``competing
    event`` and ``time``; its ``value``; or what is ``expected`` of it. Empty in earlier results.
    """


class SiteRecord(Declaration):
    """What became of the question at one site. ``reasons`` are codes, never data."""

    site: str
    state: State
    reasons: tuple[str, ...] = ()
    nano_rho: int = 0
    """zCDP charge of the release in 10⁻⁹, whether now or when it was first drawn."""
    charged: bool = False
    """True if this run made the charge; False for a release that was already paid."""


class Row(Declaration):
    """One number. ``site`` is None where all answering sites are pooled.

    ``lower`` and ``upper`` end the confidence interval; ``noise_sd``, ``sampling_share``, ``n``,
    ``raw`` and ``uninformative`` are those of :class:`federated.combine.estimate.Estimate`.
    ``sites`` counts the releases in it.
    """

    statistic: str
    title: str
    quantity: Quantity
    stratum: dict[str, str]
    site: str | None
    time_days: int | None
    estimate: float
    lower: float
    upper: float
    raw: float
    noise_sd: float
    sampling_share: float
    n: float
    uninformative: bool
    sites: int
    level: float | None = None
    """Quantiles only: the share of rows below, .5 for the median."""
    per: float | None = None
    """Rates only: the time that they are told for, in the time's own unit."""
    per_unit: str | None = None
    """Rates, and their time: that unit, ``days`` for example; None where no dictionary says it."""

    @property
    def overall(self) -> bool:
        """True over all strata (also where there are none)."""
        return all(label == ALL for label in self.stratum.values())


class Curve(Declaration):
    """A pooled curve with its band, from day 0 on, and the noisy rows at risk: survival, or the
    event's cumulative incidence where another one competes.
    """

    statistic: str
    title: str
    quantity: Literal["survival", "incidence"] = "survival"
    stratum: dict[str, str]
    time_days: tuple[int, ...]
    estimate: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    at_risk: tuple[float, ...]
    uninformative: bool


class Gap(Declaration):
    """How far two strata lie apart: the first less the second, in the statistic's own unit."""

    estimate: float
    lower: float
    upper: float


class Difference(Declaration):
    """A test of no difference between the ``strata`` compared: those, by their labels, whose pooled
    rows can be told from none; a missing level is never among them. Of a count by two elements, of
    no dependence of the one on the other, whose levels are ``against``.

    ``p_value`` knows the noise. Without noise ``chi_squared`` would have ``degrees`` of freedom.
    Uninformative, with a ``p_value`` of 1, where fewer than two are left or no event can be told
    from noise.
    """

    statistic: str
    kind: Test
    strata: tuple[str, ...]
    against: tuple[str, ...] = ()
    chi_squared: float = 0.0
    """0 also in results of earlier versions, as are ``degrees``."""
    degrees: int = 0
    p_value: float
    uninformative: bool
    gap: Gap | None = None
    """Proportions and means of two strata only."""


class Effect(Declaration):
    """A level of a factor beside its reference, the other factors held equal: odds ratio, rate
    ratio or difference in the value's unit.

    ``estimate`` is None where none can be told. A ratio's interval may have no end: ``upper`` is
    then None, and ``lower`` 0 where nothing at all is told; of a difference that is not told both
    are None. ``standard_error`` takes in sampling and noise, ``noise_sd`` the noise alone; of a
    ratio they are those of its logarithm. ``p_value`` is that of no effect, noise included; None
    where no test can be made. ``n`` are the noisy rows (rates: the time) of the level.
    """

    level: str
    estimate: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None
    noise_sd: float | None
    p_value: float | None
    n: float
    uninformative: bool


class Factor(Declaration):
    """An element, in words too, with its ``effects`` and the joint test that no level of those
    ``tested`` differs from another: those whose rows can be told from none. ``p_value`` is None
    where they are fewer than two or no test can be made.
    """

    element: str
    title: str
    reference: str
    effects: tuple[Effect, ...]
    tested: tuple[str, ...]
    p_value: float | None


class Regression(Declaration):
    """Main effects of the elements that divide a statistic, over all answering sites.

    ``n`` noisy rows (rates: the time) are in it. ``left_out`` are the others: of strata where an
    element is missing, or with a level whose rows cannot be told from none.
    """

    statistic: str
    model: Literal["logistic", "linear", "poisson"]
    factors: tuple[Factor, ...]
    n: float
    left_out: float


class Result(Declaration):
    """Rows, curves and everything needed to judge them.

    ``epsilon`` is the privacy cost in words for people, written by the caller; ``digests`` name
    the dictionary and derivations that gave the study its meaning.
    """

    title: str
    study_digest: str
    digests: dict[str, str]
    confidence: float
    epsilon: str
    asked: tuple[Asked, ...]
    sites: tuple[SiteRecord, ...]
    rows: tuple[Row, ...]
    curves: tuple[Curve, ...]
    tests: tuple[Difference, ...] = ()
    """Of survival, proportions, means and rates by one element and of counts by two, over all
    answering sites.
    """
    regressions: tuple[Regression, ...] = ()
    """Of the statistics that asked for one, over all answering sites."""

    @property
    def answered(self) -> tuple[SiteRecord, ...]:
        """Sites whose release is in the pooled rows."""
        return tuple(site for site in self.sites if site.state == "answered")

    @property
    def missing(self) -> tuple[SiteRecord, ...]:
        """Sites without a usable release, with their reasons."""
        return tuple(site for site in self.sites if site.state != "answered")

    @property
    def pooled(self) -> tuple[Row, ...]:
        """Rows over all answering sites."""
        return tuple(row for row in self.rows if row.site is None)

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical(self)

    @classmethod
    def from_json(cls, data: bytes) -> Result:
        """Inverse of :meth:`to_json`; DeclarationError on anything else."""
        import json

        try:
            plain = json.loads(data)
        except ValueError:
            plain = None  # decode says that a mapping was expected
        return decode(cls, plain, where="result")

    def to_pandas(self, *, by_site: bool = False) -> pd.DataFrame:
        """One row per stratum and statistic (and day read, for survival; level, for
        quantiles; with what they are told per, for rates).

        Columns: statistic, quantity, one per stratifying element, time_days, level, per, estimate,
        lower, upper, noise_sd, n, uninformative, sites; with ``by_site`` also site (None = pooled)
        and the rows of each site. ``upper`` is 10¹⁵ where a rate or observed/expected has no upper
        end.
        """
        import pandas as pd

        rows = self.rows if by_site else self.pooled
        elements = list(dict.fromkeys(name for asked in self.asked for name in asked.by))
        numbers = (
            "time_days",
            "level",
            "per",
            "estimate",
            "lower",
            "upper",
            "noise_sd",
            "n",
            "uninformative",
            "sites",
        )
        records: list[dict[str, Any]] = [
            {"statistic": row.statistic, "quantity": row.quantity}
            | {name: row.stratum.get(name) for name in elements}
            | ({"site": row.site} if by_site else {})
            | {name: getattr(row, name) for name in numbers}
            for row in rows
        ]
        frame = pd.DataFrame.from_records(records)
        kinds = {"time_days": "Int64", "level": "Float64", "per": "Float64"}
        return frame.astype(kinds) if records else frame

    def effects_to_pandas(self) -> pd.DataFrame:
        """One row per effect of a regression; NaN where a number is None: an ``upper`` without an
        end, an ``estimate`` that cannot be told.

        Columns: statistic, model, element, level, reference, estimate (odds ratio, rate ratio or
        difference), lower, upper, standard_error, noise_sd, p_value, joint_p_value (of the
        element), n, uninformative.
        """
        import pandas as pd

        named = ["statistic", "model", "element", "level", "reference"]
        numbers = ["estimate", "lower", "upper", "standard_error", "noise_sd"]
        numbers += ["p_value", "joint_p_value", "n"]
        records = [
            effect.model_dump()
            | {
                "statistic": regression.statistic,
                "model": regression.model,
                "element": factor.element,
                "reference": factor.reference,
                "joint_p_value": factor.p_value,
            }
            for regression in self.regressions
            for factor in regression.factors
            for effect in factor.effects
        ]
        frame = pd.DataFrame.from_records(records, columns=[*named, *numbers, "uninformative"])
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def tests_to_pandas(self) -> pd.DataFrame:
        """One row per test of difference.

        Columns: statistic, test, strata, against, chi_squared, degrees, p_value, uninformative;
        and of two strata the difference, lower and upper, else NaN. Where ``uninformative``,
        ``p_value`` is 1 and says nothing.
        """
        import pandas as pd

        named = ["statistic", "test", "strata", "against"]
        told = ["chi_squared", "degrees", "p_value", "uninformative"]
        gaps = ["difference", "lower", "upper"]
        records = [
            {name: getattr(test, name) for name in ("statistic", *told)}
            | {"test": test.kind, "strata": ", ".join(test.strata)}
            | {"against": ", ".join(test.against)}
            | {
                "difference": None if test.gap is None else test.gap.estimate,
                "lower": None if test.gap is None else test.gap.lower,
                "upper": None if test.gap is None else test.gap.upper,
            }
            for test in self.tests
        ]
        frame = pd.DataFrame.from_records(records, columns=[*named, *told, *gaps])
        return frame.astype(dict.fromkeys(gaps, "float64"))

    def plot(self) -> alt.VConcatChart:
        """All charts of the result, one under the other."""
        from federated.report.plots import all_charts

        return all_charts(self)
