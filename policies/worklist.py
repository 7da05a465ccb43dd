"""Worklists: which patients somebody should see, call or complete, and from when on.

Elements are named here and not in the code. What is computed is the site's own: a worklist names
patients, stays encrypted beside the vault and is read by nothing that talks to a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.dictionary.model import Slug
from policies.errors import DeclarationError
from policies.expression import check, parse
from policies.quality_check import Expected, QualityChecks, Windows

__all__ = [
    "Contacts",
    "DueWindows",
    "Interval",
    "Lacking",
    "Need",
    "Schedule",
    "Worklists",
    "asked",
]

_DAYS_MAX = 36_525


class Interval(Declaration):
    """A contact ``every_days``, as long as less than ``until_days`` have passed since the origin
    when the patient was last seen; without ``until_days``, for ever.
    """

    every_days: int = Declared(ge=1, le=_DAYS_MAX)
    until_days: int | None = Declared(default=None, ge=1, le=_DAYS_MAX)


class Schedule(Declaration):
    """Intervals in the order of time, for patients for whom ``when`` holds. Where the last one
    ends, nobody is asked to come any more.
    """

    label: str
    when: str = "true"
    intervals: tuple[Interval, ...] = Declared(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [one.until_days for one in self.intervals]
        known = [end for end in ends if end is not None]
        if None in ends[:-1] or known != sorted(set(known)):
            raise ValueError("intervals follow each other; only the last may be without until_days")
        return self


class Contacts(Declaration):
    """Rows of ``unit`` in ``cohort`` that should be seen again: ``origin`` begins the schedule,
    ``last`` is the last contact; where ``ended`` holds (death) nobody is asked for. The first
    schedule whose condition holds counts. A contact is overdue ``grace_days`` after it is due, and
    shown from ``soon_days`` before.
    """

    label: str
    unit: Slug
    cohort: str = "true"
    origin: str
    last: str
    ended: str
    schedules: tuple[Schedule, ...] = Declared(min_length=1)
    grace_days: int = Declared(default=0, ge=0, le=3650)
    soon_days: int = Declared(default=0, ge=0, le=3650)
    step: str


class Need(Declaration):
    """What is not recorded where ``missing`` holds, and what to do about it."""

    label: str
    missing: str
    step: str


class Lacking(Declaration):
    """Rows of ``unit`` in ``cohort`` that still lack an answer ``within_days`` after ``since``."""

    label: str
    unit: Slug
    cohort: str = "true"
    since: str
    within_days: int = Declared(default=0, ge=0, le=3650)
    needs: tuple[Need, ...] = Declared(min_length=1)


class DueWindows(Declaration):
    """The ``windows`` of the declared quality that a living patient has not answered in: open now,
    closing within ``soon_days``, or closed for at most ``keep_days``.
    """

    label: str
    windows: Slug
    soon_days: int = Declared(default=0, ge=0, le=3650)
    keep_days: int = Declared(default=0, ge=0, le=3650)
    step: str


class Worklists(Declaration):
    """The worklists of one dictionary. ``identifiers`` are the elements that say to the site's own
    people who a patient is; they are read from the vault, in this order.
    """

    worklists: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    identifiers: tuple[Slug, ...] = ()
    contacts: dict[Slug, Contacts] = Declared(default_factory=dict)
    lacking: dict[Slug, Lacking] = Declared(default_factory=dict)
    windows: dict[Slug, DueWindows] = Declared(default_factory=dict)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if len(set(self.lists)) < len(self.contacts) + len(self.lacking) + len(self.windows):
            raise ValueError("two worklists have the same name")
        return self

    @property
    def lists(self) -> Mapping[str, Contacts | Lacking | DueWindows]:
        """All of them by name."""
        return {**self.contacts, **self.lacking, **self.windows}

    def check_against(
        self, dictionary: Dictionary, derivations: Derivations, checks: QualityChecks
    ) -> None:
        """DeclarationError for an element, unit, window or expression that does not suit."""
        where = f"worklists {self.worklists}"
        for name in self.identifiers:
            element = dictionary.elements.get(name)
            if element is None or not element.identifier or element.instrument != dictionary.root:
                raise DeclarationError(
                    f'"{name}" is no identifier on the form "{dictionary.root}"',
                    where=f"{where}: identifiers",
                )
        for name, one in self.windows.items():
            if one.windows not in checks.windows:
                raise DeclarationError(
                    f'the declared quality has no windows "{one.windows}"',
                    where=f"{where}: windows.{name}",
                )
        scopes = unit_scopes(dictionary, derivations)
        for place, unit, text, expected in asked(self, checks):
            if unit not in scopes:
                raise DeclarationError(f'unknown unit "{unit}"', where=place)
            check(parse(text, where=place), scopes[unit], where=place, expect=expected)


def asked(worklists: Worklists, checks: QualityChecks) -> Iterator[tuple[str, str, str, Expected]]:
    """Every expression with its place, unit and type; those of windows are the quality's."""
    where = f"worklists {worklists.worklists}"
    for name, one in worklists.contacts.items():
        place = f"{where}: contacts.{name}"
        yield f"{place}.cohort", one.unit, one.cohort, "boolean"
        yield f"{place}.origin", one.unit, one.origin, "date"
        yield f"{place}.last", one.unit, one.last, "date"
        yield f"{place}.ended", one.unit, one.ended, "boolean"
        for i, schedule in enumerate(one.schedules):
            yield f"{place}.schedules[{i}].when", one.unit, schedule.when, "boolean"
    for name, lacking in worklists.lacking.items():
        place = f"{where}: lacking.{name}"
        yield f"{place}.cohort", lacking.unit, lacking.cohort, "boolean"
        yield f"{place}.since", lacking.unit, lacking.since, "date"
        for i, need in enumerate(lacking.needs):
            yield f"{place}.needs[{i}].missing", lacking.unit, need.missing, "boolean"
    for name, due in worklists.windows.items():
        yield from _of_windows(f"{where}: windows.{name}", checks.windows[due.windows])


def _of_windows(place: str, windows: Windows) -> Iterator[tuple[str, str, str, Expected]]:
    yield f"{place}.cohort", windows.unit, windows.cohort, "boolean"
    yield f"{place}.origin", windows.unit, windows.origin, "date"
    yield f"{place}.ended", windows.unit, windows.ended, "boolean"
    for time, span in windows.times.items():
        yield f"{place}.times.{time}", windows.unit, windows.captured(span), "boolean"
