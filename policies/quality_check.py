"""How the quality of a site's data is measured: what counts as follow-up, which windows patients
should report in, what may be the same person twice, what a stage of participation asks for.

Elements are named here and not in the code. The figures stay at the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.dictionary.model import Slug, Tier
from policies.errors import DeclarationError
from policies.expression import check, parse

__all__ = [
    "Bins",
    "Duplicate",
    "EntryLag",
    "Expected",
    "FollowUp",
    "QualityChecks",
    "Span",
    "Stage",
    "Stages",
    "Windows",
    "expressions",
]

Expected = Literal["boolean", "date"]


class EntryLag(Declaration):
    """Days from an event to its entry, on rows of ``unit``: both are dates by expression.
    ``within_days`` is what the registry asks for.
    """

    label: str
    unit: Slug
    event: str
    entered: str
    within_days: int = Declared(ge=0, le=3650)


class ProviderBlock(Declaration):
    """Rows of ``unit`` in ``cohort``, and those of them in which ``present`` holds."""

    label: str
    unit: Slug
    cohort: str = "true"
    present: str


class FollowUp(Declaration):
    """Completeness of follow-up (Clark, Lancet 2002) of the rows of ``unit`` in ``cohort``.

    ``start`` begins observation, ``end`` is the last date on which the status is known, and where
    ``ended`` holds (death) nothing can be observed after it. ``horizon_days`` counts follow-up to
    that day only. ``recent_days``: a status not older than that is up to date.
    """

    label: str
    unit: Slug
    cohort: str = "true"
    start: str
    end: str
    ended: str
    horizon_days: int | None = Declared(default=None, ge=1, le=36525)
    recent_days: int | None = Declared(default=None, ge=1, le=3650)
    target: float | None = Declared(default=None, gt=0, le=1)


class Span(Declaration):
    """A time in days after the origin, both ends included."""

    label: str
    days: tuple[int, int]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.days[0] > self.days[1]:
            raise ValueError("the window ends before it begins")
        return self


class Windows(Declaration):
    """Times in which each patient of ``cohort`` should have a row of ``rows``: dated ``on``,
    so many days after ``origin``, where ``where`` holds. ``end`` and ``ended`` as in follow-up.
    """

    label: str
    unit: Slug
    cohort: str = "true"
    origin: str
    rows: Slug
    on: Slug
    where: str | None = None
    end: str
    ended: str
    times: dict[Slug, Span] = Declared(min_length=1)

    def captured(self, span: Span) -> str:
        """Expression: has the patient a row in that time?"""
        low, high = span.days
        more = "" if self.where is None else f" and ({self.where})"
        inside = f"days({self.origin}, {self.on}) between {low} and {high}"
        return f"any({self.rows} where {inside}{more})"


class Duplicate(Declaration):
    """Two records may be one person where all elements of ``same`` are equal, and those of
    ``similar`` (names) alike by at least ``likeness`` (Jaro-Winkler, 0 to 1); one initial at least
    must agree. What more than ``shared_max`` records share stands for nobody and is not compared.
    """

    label: str
    same: tuple[Slug, ...] = Declared(min_length=1)
    similar: tuple[Slug, ...] = ()
    likeness: float = Declared(default=0.9, gt=0, le=1)
    shared_max: int = Declared(default=50, ge=2, le=1000)


class Bins(Declaration):
    """Where the values of a number are cut for comparison between loads: ``[5, 10]`` makes up to
    5, over 5 to 10, over 10.
    """

    unit: Slug
    cuts: tuple[float, ...] = Declared(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("cuts must rise")
        return self


class Stage(Declaration):
    """A stage of participation: of the elements of ``tiers`` that are asked for, the share
    ``recorded`` is recorded; each of ``forms`` has rows.
    """

    title: str
    tiers: tuple[Tier, ...] = Declared(min_length=1)
    recorded: float = Declared(gt=0, le=1)
    forms: tuple[Slug, ...] = ()


class Stages(Declaration):
    """The stages, lowest first, each with those below. An element is recorded where at least
    ``answered`` of the rows that ask for it have an answer, and is proposed as absent from the
    site where fewer than ``absent_below`` have.
    """

    answered: float = Declared(default=0.5, gt=0, le=1)
    absent_below: float = Declared(default=0.05, ge=0, lt=1)
    list: tuple[Stage, ...] = Declared(default=(), max_length=3)


class QualityChecks(Declaration):
    """What is measured for one dictionary. Shares of fewer than ``small`` are marked as such."""

    quality: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    small: int = Declared(default=20, ge=1, le=1000)
    timeliness: dict[Slug, EntryLag] = Declared(default_factory=dict)
    provider_block: ProviderBlock | None = None
    follow_up: dict[Slug, FollowUp] = Declared(default_factory=dict)
    windows: dict[Slug, Windows] = Declared(default_factory=dict)
    duplicates: dict[Slug, Duplicate] = Declared(default_factory=dict)
    bins: dict[Slug, Bins] = Declared(default_factory=dict)
    stages: Stages = Stages()

    def check_against(self, dictionary: Dictionary, derivations: Derivations) -> None:
        """DeclarationError for a unit, form, element or expression that does not suit."""
        where = f"quality {self.quality}"
        scopes = unit_scopes(dictionary, derivations)
        for place, unit, text, expected in expressions(self):
            if unit not in scopes:
                raise DeclarationError(
                    f'unknown unit "{unit}"',
                    where=f"{where}: {place}",
                    hint=f"a site with units of its own declares quality/{self.quality}.yaml too",
                )
            at = f"{where}: {place}"
            check(parse(text, where=at), scopes[unit], where=at, expect=expected)
        for name, rule in self.duplicates.items():
            self._check_duplicate(name, rule, dictionary)
        for name, bins in self.bins.items():
            field = scopes[bins.unit].fields.get(name) if bins.unit in scopes else None
            if field is None or field.type not in ("integer", "number"):
                raise DeclarationError(
                    f'is no number of the unit "{bins.unit}"', where=f"{where}: bins.{name}"
                )
        for stage in self.stages.list:
            strange = sorted(set(stage.forms) - set(dictionary.instruments))
            if strange:
                raise DeclarationError(f'unknown form "{strange[0]}"', where=f"{where}: stages")

    def _check_duplicate(self, name: str, rule: Duplicate, dictionary: Dictionary) -> None:
        place = f"quality {self.quality}: duplicates.{name}"
        forms = set()
        for element in (*rule.same, *rule.similar):
            declared = dictionary.elements.get(element)
            if declared is None:
                raise DeclarationError(f'unknown element "{element}"', where=place)
            if declared.type in ("multi", "note"):
                raise DeclarationError(f'"{element}" cannot be compared', where=place)
            if element in rule.similar and declared.type != "text":
                raise DeclarationError(f'"{element}" is no text', where=place)
            forms.add(declared.instrument)
        if len(forms - {dictionary.root}) > 1:
            raise DeclarationError("takes elements of more than one other form", where=place)


def expressions(checks: QualityChecks) -> Iterator[tuple[str, str, str, Expected]]:
    """Every expression with its place, unit and type."""
    for name, lag in checks.timeliness.items():
        place = f"timeliness.{name}"
        yield f"{place}.event", lag.unit, lag.event, "date"
        yield f"{place}.entered", lag.unit, lag.entered, "date"
    if checks.provider_block is not None:
        block = checks.provider_block
        yield "provider_block.cohort", block.unit, block.cohort, "boolean"
        yield "provider_block.present", block.unit, block.present, "boolean"
    for name, one in checks.follow_up.items():
        place = f"follow_up.{name}"
        yield f"{place}.cohort", one.unit, one.cohort, "boolean"
        yield f"{place}.start", one.unit, one.start, "date"
        yield f"{place}.end", one.unit, one.end, "date"
        yield f"{place}.ended", one.unit, one.ended, "boolean"
    for name, window in checks.windows.items():
        place = f"windows.{name}"
        yield f"{place}.cohort", window.unit, window.cohort, "boolean"
        yield f"{place}.origin", window.unit, window.origin, "date"
        yield f"{place}.end", window.unit, window.end, "date"
        yield f"{place}.ended", window.unit, window.ended, "boolean"
        for time, span in window.times.items():
            yield f"{place}.times.{time}", window.unit, window.captured(span), "boolean"
