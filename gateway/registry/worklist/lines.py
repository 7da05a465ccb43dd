"""The lines of the declared worklists, set-wise, while a load's identified rows are on the bench.

A row whose dates cannot tell when something is due is a line without dates, not left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from federated.report import words
from gateway.registry.bench import Bench, literal
from gateway.registry.quality.expressions import Computed, compute_each
from gateway.registry.worklist.due import Limits, Line
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.quality_check import QualityChecks, Windows
from policies.worklist import Contacts, DueWindows, Lacking, Schedule, Worklists, asked

__all__ = ["limits_of", "list_lines"]

_FETCHED = 2_000
_COLUMNS = "record, instance, what, since, due, late, step"


def limits_of(one: Contacts | Lacking | DueWindows) -> Limits:
    """When lines of the list show."""
    if isinstance(one, DueWindows):
        return Limits(one.soon_days, one.keep_days, windows=True)
    soon = one.soon_days if isinstance(one, Contacts) else 0
    return Limits(soon, None, windows=False)


def list_lines(
    bench: Bench,
    worklists: Worklists,
    checks: QualityChecks,
    dictionary: Dictionary,
    derivations: Derivations,
) -> Iterator[tuple[str, Iterator[Line]]]:
    """Each list's lines, the longest due first. Read one list to its end before the next."""
    wanted = list(asked(worklists, checks))
    computed = compute_each(bench, "worklist", wanted, dictionary, derivations)
    for name, one in worklists.lists.items():
        match one:
            case Contacts():
                sql = _contacts(computed, one)
            case Lacking():
                sql = _lacking(computed, one)
            case DueWindows():
                sql = _windows(computed, one, checks.windows[one.windows])
        yield name, _lines(bench, sql)
    computed.drop(bench)


def _lines(bench: Bench, sql: str) -> Iterator[Line]:
    cursor = bench.connection.cursor()
    order = "due NULLS FIRST, late, record, instance"
    cursor.execute(f"SELECT {_COLUMNS} FROM ({sql}) ORDER BY {order}")
    while found := cursor.fetchmany(_FETCHED):
        yield from (_line(row) for row in found)


def _line(row: tuple[Any, ...]) -> Line:
    record, instance, what, since, due, late, step = row
    return Line(record, instance or "", what, since, due, late, step)


def _contacts(computed: Computed, one: Contacts) -> str:
    def column(text: str) -> str:
        return computed.column(one.unit, text)

    origin, last = column(one.origin), column(one.last)
    # Who was never seen counts from the origin; greatest() passes over a missing date.
    base = f"greatest({origin}, {last})"
    passed = f"({base} - coalesce({origin}, {base}))"
    every = _chosen(one, column, lambda schedule: _every(schedule, passed))
    what = _chosen(one, column, lambda schedule: _told(schedule, passed))
    # Without any date nothing tells which interval counts: whoever has a schedule is listed.
    listed = "every IS NOT NULL OR (since IS NULL AND what IS NOT NULL)"
    return (
        f"SELECT *, since + every AS due, since + every + {one.grace_days} AS late FROM ("
        f"SELECT _record AS record, '' AS instance, {what} AS what, {base} AS since, "
        f"{every} AS every, {literal(one.step)} AS step FROM {computed.table(one.unit)} "
        f"WHERE {column(one.cohort)} AND NOT coalesce({column(one.ended)}, false)) WHERE {listed}"
    )


def _chosen(one: Contacts, column: Any, of: Any) -> str:
    """SQL of the first schedule that fits."""
    lines = " ".join(f"WHEN coalesce({column(s.when)}, false) THEN {of(s)}" for s in one.schedules)
    return f"(CASE {lines} END)"


def _every(schedule: Schedule, passed: str) -> str:
    return _by_time(schedule, passed, [str(one.every_days) for one in schedule.intervals])


def _told(schedule: Schedule, passed: str) -> str:
    told = [
        literal(f"contact, every {_interval(one.every_days)} ({schedule.label})")
        for one in schedule.intervals
    ]
    return f"coalesce({_by_time(schedule, passed, told)}, {literal(f'contact ({schedule.label})')})"


def _interval(days: int) -> str:
    return words.days(days).removeprefix("1 ")


def _by_time(schedule: Schedule, passed: str, values: list[str]) -> str:
    """SQL: the value of the interval in which the patient was last seen."""
    lines = " ".join(
        f"WHEN {passed} < {one.until_days} THEN {value}"
        if one.until_days is not None
        else f"WHEN {passed} IS NOT NULL THEN {value}"
        for one, value in zip(schedule.intervals, values, strict=True)
    )
    return f"(CASE {lines} END)"


def _lacking(computed: Computed, one: Lacking) -> str:
    def column(text: str) -> str:
        return computed.column(one.unit, text)

    def joined(texts: list[str]) -> str:
        cases = ", ".join(
            f"CASE WHEN coalesce({column(need.missing)}, false) THEN {literal(text)} END"
            for need, text in zip(one.needs, texts, strict=True)
        )
        return f"concat_ws('; ', {cases})"

    what = joined([need.label for need in one.needs])
    step = joined([need.step for need in one.needs])
    day = f"since + {one.within_days}"
    return (
        f"SELECT *, {day} AS due, {day} AS late FROM (SELECT _record AS record, "
        f"_instance AS instance, {what} AS what, {column(one.since)} AS since, {step} AS step "
        f"FROM {computed.table(one.unit)} WHERE {column(one.cohort)}) WHERE what <> ''"
    )


def _windows(computed: Computed, one: DueWindows, windows: Windows) -> str:
    def column(text: str) -> str:
        return computed.column(windows.unit, text)

    origin, parts = column(windows.origin), []
    for span in windows.times.values():
        low, high = span.days
        what = literal(f"window: {span.label}")
        parts.append(
            f"SELECT _record AS record, '' AS instance, {what} AS what, "
            f"{origin} + ({low}) AS since, {origin} + ({low}) AS due, {origin} + ({high}) AS late, "
            f"{literal(one.step)} AS step FROM {computed.table(windows.unit)} "
            f"WHERE {column(windows.cohort)} AND {origin} IS NOT NULL "
            f"AND NOT coalesce({column(windows.ended)}, false) "
            f"AND NOT coalesce({column(windows.captured(span))}, false)"
        )
    return " UNION ALL ".join(parts)
