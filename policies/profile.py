"""De-identification profiles: what happens to names, dates, ages and places (DESIGN D14).

A profile is data that a privacy officer can read. It says which HIPAA path is followed
(45 CFR 164.514) and refuses combinations that the path does not allow: date shifting, for one,
is not Safe Harbor. The engine that applies a profile lives in :mod:`deid`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from policies.decode import Declaration
from policies.library import load_named, shipped
from policies.zip3 import TOO_SMALL, people_by_prefix

__all__ = [
    "Confidence",
    "Dates",
    "Hipaa",
    "Profile",
    "Surrogates",
    "ZipRule",
    "profile",
    "shipped_profiles",
]

Hipaa = Literal["safe_harbor", "limited", "expert"]
Dates = Literal["offset", "shift", "keep"]
Surrogates = Literal["surrogate", "placeholder", "remove"]

_PEOPLE_MIN = 20_000
"""45 CFR 164.514(b)(2)(i)(B)."""
_FILLER = "99999"
"""Written for an unknown address; the highest code in use is 99950, and 999 is a real area."""


class ZipRule(Declaration):
    """What remains of a ZIP code.

    ``zip3`` keeps the first three digits where the census of 2020 counted more than
    ``population_min`` people in the area they stand for (:mod:`policies.zip3`), and writes
    ``000`` everywhere else. ``small_prefixes`` are further ones that become ``000``.
    """

    keep: Literal["zip3", "all", "none"]
    population_min: int = Field(default=20_000, ge=1)
    small_prefixes: tuple[str, ...] = ()

    @field_validator("small_prefixes")
    @classmethod
    def _three_digits(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in prefixes:
            if len(prefix) != 3 or not (prefix.isascii() and prefix.isdigit()):
                raise ValueError("every small prefix must be three digits in quotes")
        if len(set(prefixes)) != len(prefixes):
            raise ValueError("a small prefix is listed twice")
        return prefixes

    def area(self, digits: str) -> str:
        """What stands for a ZIP code of five digits under ``keep: zip3``."""
        prefix = digits[:3]
        if digits == _FILLER or prefix in self.small_prefixes:
            return TOO_SMALL
        return prefix if people_by_prefix().get(prefix, 0) > self.population_min else TOO_SMALL


class Confidence(Declaration):
    """When a note is withheld because its result would not be trusted; shares from 0 to 1, and 1
    never withholds.

    ``unreadable_share_max``: of the characters, those that are no text (control characters,
    replacement characters, files written as letters); of the letters, those that are not Latin.
    ``replaced_share_max``: of the letters and digits, those that were replaced. Real
    transcriptions have at most .12, dense registration sheets .5; beyond that little is left to
    read, and something was probably misread. ``unfamiliar_share_max``: of the words in small
    letters, those that clinical English does not have. English notes have at most .06 (sheets
    full of names .31); the German and Spanish paragraphs that were tried had more than half.
    """

    unreadable_share_max: float = Field(default=0.1, ge=0.0, le=1.0)
    replaced_share_max: float = Field(default=0.6, gt=0.0, le=1.0)
    unfamiliar_share_max: float = Field(default=0.5, gt=0.0, le=1.0)


class Profile(Declaration):
    """Rules for one way of de-identifying notes and records.

    ``model`` is the name of an installed package or the whole path of a folder, ``model_sha256``
    the digest that its files must have (:func:`deid.ner.pinned.files_digest`); what ships is
    pinned without it.

    ``dates``: ``offset`` writes days relative to the patient's anchor date (the diagnosis; year
    only where none is known), ``shift`` moves every date of a patient by one secret number of
    days, ``keep`` leaves dates. ``anchor_columns`` are the columns of a patients file that may
    hold the anchor date, first match wins. ``age_cap`` is the age from which ages read "90+"
    (None keeps ages). ``score_min`` is the lowest score (0–1) at which a finding of the language
    model counts. ``note_length_max`` is in characters; longer notes are withheld, and so are notes
    that take more than ``note_seconds_max`` seconds of a processor or fall short of
    ``confidence``. ``extract_k`` is how many patients share each combination of identifying
    columns in an extract.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    title: str = Field(min_length=1, max_length=200)
    hipaa: Hipaa
    dates: Dates
    anchor_columns: tuple[str, ...] = ()
    surrogates: Surrogates = "surrogate"
    age_cap: int | None = Field(default=90, ge=1, le=120)
    zip: ZipRule
    model: str = Field(default="osteon_ner", pattern=r"^(?:[a-z][a-z0-9_]*|/[^\x00-\x1f]+)$")
    model_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    score_min: float = Field(default=0.4, ge=0.0, le=1.0)
    note_length_max: int = Field(default=400_000, ge=1, le=1_000_000)
    extract_k: int = Field(default=5, ge=1, le=1_000)
    note_seconds_max: int = Field(default=60, ge=1, le=86_400)
    confidence: Confidence = Confidence()

    @model_validator(mode="after")
    def _path_allows(self) -> Profile:
        if self.hipaa == "safe_harbor":
            if self.dates != "offset":
                raise ValueError("safe_harbor needs dates: offset (shifted dates are still dates)")
            if self.age_cap is None or self.age_cap > 90:
                raise ValueError("safe_harbor needs age_cap of at most 90")
            if self.zip.keep == "all":
                raise ValueError("safe_harbor needs zip keep: zip3 or none")
            if self.zip.population_min < _PEOPLE_MIN:
                raise ValueError("safe_harbor needs zip population_min of at least 20000")
        return self


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that ship, sorted."""
    return shipped("profiles")


def profile(name: str) -> Profile:
    """The shipped profile of that name, or the one in the YAML file ``name``.

    Raises :class:`policies.errors.DeclarationError` when there is none or it is wrong.
    """
    return load_named("profiles", Profile, name)
