"""Outcomes over time and patterns of treatment, counted exactly in the current load's tables.

The tables are the de-identified ones; what is asked of them is declared (``policies/outcomes``)
and, but for the year, what studies ask too: the same measures, in the same language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis

from deid.evaluation.interval import wilson
from federated.aggregate.ibis_expression import compile_expression
from federated.study.catalogue import Catalogue, Registry
from federated.study.plan import unit_table
from gateway.registry.outcomes.curve import Curve, kaplan_meier
from gateway.registry.store.store import Version
from gateway.site.config import SiteFolder
from policies.errors import DeclarationError
from policies.expression import Scope, check, parse
from policies.measure import Measure
from policies.outcome import CurveShown, Pattern

__all__ = ["Curves", "OwnOutcomes", "Patterns", "Rate", "Share", "read_outcomes"]

_NOT_RECORDED = "Not recorded"
_ALL = "All"


@dataclass(frozen=True)
class Curves:
    """A survival measure, a curve per stratum; ``unknown`` rows have no time or no status."""

    measure: str
    title: str
    note: str
    by: str
    rows: int
    unknown: int
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole`` rows with an answer in a year, with the 95 % interval of Wilson."""

    year: int
    part: int
    whole: int
    unknown: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Rate:
    """A proportion by year; years without an answer are left out."""

    measure: str
    title: str
    note: str
    year: str
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Patterns:
    """Rows by year and part, in the order of ``parts``."""

    name: str
    title: str
    note: str
    year: str
    parts: tuple[str, ...]
    years: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class OwnOutcomes:
    """Everything that is declared, of one load. Exact: it stays at the site."""

    version: str
    at: datetime
    patients: int
    small: int
    curves: tuple[Curves, ...]
    rates: tuple[Rate, ...]
    patterns: tuple[Patterns, ...]

    @property
    def declared(self) -> bool:
        """Does the registry declare any?"""
        return bool(self.curves or self.rates or self.patterns)


def read_outcomes(site: SiteFolder, version: Version) -> OwnOutcomes:
    """Count them. DeclarationError for what does not suit the dictionary or the measures."""
    declared, meta = site.outcomes(), version.meta()
    backend = version.connect()
    try:
        reader = _Reader(site, backend)
        return OwnOutcomes(
            version=version.name,
            at=datetime.fromtimestamp(meta["created_s"], UTC),
            patients=meta["patients"],
            small=declared.small,
            curves=tuple(reader.curves(one) for one in declared.curves),
            rates=tuple(reader.rate(one.measure, one.year) for one in declared.rates),
            patterns=tuple(reader.pattern(*one) for one in declared.patterns.items()),
        )
    finally:
        backend.disconnect()


class _Reader:
    def __init__(self, site: SiteFolder, backend: Any) -> None:
        self._registry = Registry(site.dictionary(), site.derivations())
        self._catalogue = Catalogue(site.path, self._registry)
        self._where = f"outcomes {site.outcomes().outcomes}"
        self._backend = backend

    def curves(self, shown: CurveShown) -> Curves:
        by, measure = shown.by, self._measure(shown.measure, "survival")
        given = measure.survival
        if given is None:
            raise TypeError("a survival measure says its times")
        if given.competing is not None:
            # Its complement of Kaplan and Meier would overstate the event.
            raise DeclarationError(
                f'"{shown.measure}" has a competing event, which a curve cannot show',
                where=self._where,
                hint="show a measure that counts both events",
            )
        choices = {} if by is None else self._choices(by, measure.unit)
        stratum = [] if by is None else [(by, by, None)]
        asked = [("time", given.time, None), ("event", given.event, "boolean"), *stratum]
        found = self._rows(measure.unit, measure.cohort, asked)
        rows = [(t, e, *rest) for t, e, *rest in found if t is not None and e is not None]
        curves = [
            kaplan_meier(label, [r[0] for r in mine], [r[1] for r in mine], given.read_at)
            for label, mine in _strata(rows, choices, by)
        ]
        return Curves(
            measure=shown.measure,
            title=measure.title,
            note=shown.note or "",
            by="" if by is None else self._label(by),
            rows=len(found),
            unknown=len(found) - len(rows),
            curves=tuple(curves),
        )

    def rate(self, name: str, year: str) -> Rate:
        measure = self._measure(name, "proportion")
        numerator, known = str(measure.numerator), str(measure.known)
        asked = [("year", self._year(year, measure.unit), None), ("x", numerator, "boolean")]
        found = self._rows(measure.unit, measure.cohort, [*asked, ("k", known, "boolean")])
        by_year: dict[int, list[bool | None]] = {}
        for in_year, x, k in found:
            if in_year is not None:
                by_year.setdefault(in_year, []).append(x if k else None)
        shares = []
        for in_year, answers in sorted(by_year.items()):
            told = [answer for answer in answers if answer is not None]
            ends = wilson(sum(told), len(told))
            if ends is not None:
                unknown = len(answers) - len(told)
                shares.append(Share(in_year, sum(told), len(told), unknown, *ends))
        return Rate(name, measure.title, measure.note or "", self._label(year), tuple(shares))

    def pattern(self, name: str, declared: Pattern) -> Patterns:
        labels = [part.label for part in declared.parts]
        tests = [(f"p{i}", part.when, "boolean") for i, part in enumerate(declared.parts)]
        year = self._year(declared.year, declared.unit)
        found = self._rows(declared.unit, declared.cohort, [("year", year, None), *tests])
        counts: dict[int, list[int]] = {}
        for in_year, *holds in found:
            if in_year is None:
                continue
            row = counts.setdefault(in_year, [0] * (len(labels) + 1))
            row[next((i for i, one in enumerate(holds) if one), len(labels))] += 1
        years = tuple((in_year, tuple(row)) for in_year, row in sorted(counts.items()))
        note, axis = declared.note or "", self._label(declared.year)
        return Patterns(name, declared.title, note, axis, (*labels, _NOT_RECORDED), years)

    def _measure(self, name: str, kind: str) -> Measure:
        measure = self._catalogue.measure(self._registry.dictionary.dictionary, name)
        if measure.kind != kind:
            raise DeclarationError(f'"{name}" is no {kind}', where=self._where)
        return measure

    def _rows(
        self, unit: str, cohort: str, asked: Sequence[tuple[str, str, str | None]]
    ) -> list[tuple[Any, ...]]:
        """The columns ``asked`` (name, expression, type) of the cohort's rows."""
        if unit not in self._registry.scopes:
            raise DeclarationError(f'unknown unit "{unit}"', where=self._where)
        table = self._backend.table(unit_table(unit))
        scope = self._registry.scopes[unit]
        keep = self._compiled(cohort, scope, "boolean", table)
        columns = {name: self._compiled(text, scope, kind, table) for name, text, kind in asked}
        query = table.filter(keep.fill_null(ibis.literal(False))).select(**columns)
        rows: list[tuple[Any, ...]] = self._backend.raw_sql(self._backend.compile(query)).fetchall()
        return rows

    def _compiled(self, text: str, scope: Scope, kind: str | None, table: Any) -> Any:
        where = f"{self._where}: {text}"
        expected: Any = kind
        node, _ = check(parse(text, where=where), scope, where=where, expect=expected)
        return compile_expression(node, table)

    def _declared(self, name: str) -> Any:
        elements = self._registry.dictionary.elements
        found = elements.get(name) or self._registry.derivations.elements.get(name)
        if found is None:
            raise DeclarationError(f'unknown element "{name}"', where=self._where)
        return found

    def _label(self, name: str) -> str:
        return str(self._declared(name).label)

    def _year(self, name: str, unit: str) -> str:
        field = self._registry.scopes.get(unit, Scope({})).fields.get(name)
        if field is None or field.type != "integer":
            raise DeclarationError(f'"{name}" is no whole number of "{unit}"', where=self._where)
        return name

    def _choices(self, name: str, unit: str) -> dict[str, str]:
        field = self._registry.scopes.get(unit, Scope({})).fields.get(name)
        if field is None or field.type != "category":
            raise DeclarationError(f'"{name}" has no choices in "{unit}"', where=self._where)
        return dict(self._declared(name).choices)


def _strata(
    rows: Sequence[tuple[Any, ...]], choices: dict[str, str], by: str | None
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Label and rows of each stratum that has any, in the order of the choices."""
    if by is None:
        if rows:
            yield _ALL, list(rows)
        return
    for code, label in [*choices.items(), (None, _NOT_RECORDED)]:
        mine = [row for row in rows if row[2] == code]
        if mine:
            yield label, mine
