"""A site's query policy: what may be asked, of what, by whom, at which price (D8, D13).

The officer writes it as YAML and signs its canonical form. It declares everything that
admission looks at; nothing in it is computed from data.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration, canonical, decode
from policies.dictionary.model import Slug
from policies.signing import Signed, SigningKey, verify

__all__ = ["CONTEXT", "Budget", "Limits", "Project", "SitePolicy", "open_policy", "sign_policy"]

CONTEXT = "site-policy"


class Budget(Declaration):
    """Privacy budgets per patient as ε at δ = 10⁻⁶ (converted to zCDP, DESIGN D6).

    ``year`` holds for each calendar year (UTC), ``life`` for ever, ``study`` for one study,
    ``researcher_year`` for one researcher in a year (default: the whole year's),
    ``researcher_life`` for one researcher for ever (default: no limit but the site's).
    """

    year_epsilon: float = Declared(gt=0, le=100)
    life_epsilon: float = Declared(gt=0, le=1000)
    study_epsilon: float = Declared(gt=0, le=100)
    researcher_year_epsilon: float | None = Declared(default=None, gt=0, le=100)
    researcher_life_epsilon: float | None = Declared(default=None, gt=0, le=1000)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.study_epsilon <= self.year_epsilon <= self.life_epsilon:
            raise ValueError("expected study_epsilon <= year_epsilon <= life_epsilon")
        if (
            self.researcher_year_epsilon is not None
            and self.researcher_life_epsilon is not None
            and self.researcher_year_epsilon > self.researcher_life_epsilon
        ):
            raise ValueError("expected researcher_year_epsilon <= researcher_life_epsilon")
        return self


class Project(Declaration):
    """What one project may spend here, as ε at δ = 10⁻⁶ per patient, within the site's own
    budgets (None: no limit but those), and which researchers may ask in its name (None: all).
    """

    year_epsilon: float | None = Declared(default=None, gt=0, le=100)
    life_epsilon: float | None = Declared(default=None, gt=0, le=1000)
    researchers: tuple[Slug, ...] | None = Declared(default=None, min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        year, life = self.year_epsilon, self.life_epsilon
        if year is not None and life is not None and year > life:
            raise ValueError("expected year_epsilon <= life_epsilon")
        return self


class Limits(Declaration):
    """Public sizes. ``rows_max`` bounds one patient's rows where no index row is read;
    ``wait_s_max`` is the longest that a reply may wait in the mean: as the site answers one study
    at a time, it is also how long one researcher may keep it from another's.
    """

    rows_max: int = Declared(default=3, ge=1, le=100)
    statistics_max: int = Declared(default=40, ge=1, le=1000)
    cells_max: int = Declared(default=20_000, ge=1, le=1_000_000)
    wait_s_max: int = Declared(default=30, ge=1, le=120)


class SitePolicy(Declaration):
    """One site's rules. ``serial`` only rises; ``absent`` lists elements that this site
    declares it does not record (its availability), ``stage`` how far it says that it takes part
    (0: it says nothing); unknown purposes are refused.
    """

    policy: Slug
    serial: int = Declared(ge=1)
    site: Slug
    dictionary: Slug
    stage: Literal[0, 1, 2, 3] = 0
    purposes: tuple[str, ...] = Declared(min_length=1)
    # A kind that is new is no default: an officer allows it by name.
    statistics: tuple[
        Literal[
            "count", "proportion", "survival", "mean", "quantiles", "rate", "observed_expected"
        ],
        ...,
    ] = (
        "count",
        "proportion",
        "survival",
        "mean",
    )
    measures_only: bool = Declared(
        default=False,
        description="refuse questions that are not built of signed measures",
    )
    absent: tuple[Slug, ...] = ()
    researchers: tuple[Slug, ...] | None = Declared(default=None, description="None: all")
    projects: dict[Slug, Project] | None = Declared(
        default=None,
        min_length=1,
        description="the only projects in whose name a study may be asked; None: any, or none",
    )
    budget: Budget
    limits: Limits = Limits()
    publish_every_days: int = Declared(default=90, ge=0, le=3650)
    reply_quantum_ms: int = Declared(default=250, ge=0, le=60_000)
    valid_until: str = Declared(pattern=r"^\d{4}-\d{2}-\d{2}$")

    @model_validator(mode="after")
    def _purposes(self) -> Self:
        for purpose in self.purposes:
            if not purpose.startswith("DUO:"):
                raise ValueError(f'purpose "{purpose}" is not a GA4GH DUO code (DUO:nnnnnnn)')
        return self


def sign_policy(policy: SitePolicy, officer: SigningKey) -> Signed:
    """The officer's signature."""
    return officer.sign(canonical(policy), CONTEXT)


def open_policy(signed: Signed, officer_key: str) -> SitePolicy:
    """Verify with the officer's key from the roster and decode."""
    return decode(SitePolicy, json.loads(verify(signed, officer_key, CONTEXT)), where="policy")
