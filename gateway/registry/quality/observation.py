"""How patients were observed: completeness of follow-up, windows, days until entry.

Completeness of follow-up is C of Clark, Altman and De Stavola (Lancet 2002;359:1309-10): the
person-time that was observed up to a closing date, over the person-time that could have been.
A patient who died could be observed until then, any other until the closing date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from gateway.registry.bench import Bench
from gateway.registry.quality.expressions import Computed
from policies.quality_check import EntryLag, FollowUp, QualityChecks, Windows

__all__ = ["closings", "entry_lags", "follow_up", "person_time", "windows"]

_QUARTERS = 12


def closings(today: date) -> tuple[date, ...]:
    """The closing dates: the ends of the last twelve quarters, and today."""
    ends: list[date] = []
    last = today
    while len(ends) < _QUARTERS:
        last = date(last.year, 3 * ((last.month - 1) // 3) + 1, 1) - timedelta(days=1)
        ends.append(last)
    return (*reversed(ends), today)


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def person_time(rows: str, closing_dates: tuple[date, ...], horizon_days: int | None) -> str:
    """SQL: per closing date the patients, and the days observed and possible. ``rows`` is SQL
    that gives began, ended_on (last known status), ended; all usable, see :func:`follow_up`.
    """
    listed = ", ".join(f"({_day(day)})" for day in closing_dates)
    most = "" if horizon_days is None else f", {horizon_days}"
    possible = "CASE WHEN ended AND ended_on <= closing THEN ended_on ELSE closing END - began"
    # Who was never seen was seen until the beginning; least() would pass over a missing date.
    seen = "greatest(0, least(coalesce(ended_on, began), closing) - began)"
    known = "FILTER (began IS NOT NULL)"
    return (
        f"SELECT closing, count(began), coalesce(sum(least({seen}{most})) {known}, 0)::BIGINT, "
        f"coalesce(sum(least({possible}{most})) {known}, 0)::BIGINT "
        f"FROM (VALUES {listed}) c(closing) LEFT JOIN ({rows}) ON began <= closing "
        f"GROUP BY closing ORDER BY closing"
    )


def _usable(computed: Computed, one: FollowUp) -> tuple[str, str]:
    """SQL of the cohort's rows with their times, and whether these can be used."""
    start, end, ended, cohort = (
        computed.column(one.unit, text) for text in (one.start, one.end, one.ended, one.cohort)
    )
    rows = (
        f"SELECT {start} AS began, {end} AS ended_on, coalesce({ended}, false) AS ended "
        f"FROM {computed.table(one.unit)} WHERE {cohort}"
    )
    # Without its date an end tells no time; nobody is seen before the beginning.
    usable = (
        "began IS NOT NULL AND (ended_on IS NOT NULL OR NOT ended) "
        "AND coalesce(ended_on >= began, true)"
    )
    return rows, usable


def follow_up(
    bench: Bench, computed: Computed, checks: QualityChecks, today: date
) -> list[dict[str, Any]]:
    """Person-time of each declared follow-up by closing date; patients whose dates make no
    sense (``unusable``); of those still observed today, how many have a recent status.
    """
    found = []
    for name, one in checks.follow_up.items():
        rows, usable = _usable(computed, one)
        times = bench.run(
            person_time(f"SELECT * FROM ({rows}) WHERE {usable}", closings(today), one.horizon_days)
        )
        recent = f"ended_on >= {_day(today)} - {one.recent_days or 0}"
        unusable, still, current = bench.run(
            f"SELECT count_if(NOT ({usable})), count_if({usable} AND NOT ended), "
            f"count_if({usable} AND NOT ended AND {recent}) FROM ({rows})"
        )[0]
        found.append(
            {
                "name": name,
                "label": one.label,
                "horizon_days": one.horizon_days,
                "target": one.target,
                "unusable": unusable or 0,
                "recent_days": one.recent_days,
                "living": still or 0,
                "living_recent": None if one.recent_days is None else current or 0,
                "closings": [
                    {"until": day.isoformat(), "patients": n, "observed_days": seen, "days": all_}
                    for day, n, seen, all_ in times
                ],
            }
        )
    return found


def windows(
    bench: Bench, computed: Computed, checks: QualityChecks, today: date
) -> list[dict[str, Any]]:
    """Per declared time: patients for whom it has passed while they lived (``due``), and those
    of them with a row in it.
    """
    return [
        {
            "name": name,
            "label": declared.label,
            "times": list(_times(bench, computed, declared, today)),
        }
        for name, declared in checks.windows.items()
    ]


def _times(
    bench: Bench, computed: Computed, declared: Windows, today: date
) -> Iterator[dict[str, Any]]:
    unit = declared.unit
    origin, end, ended, cohort = (
        computed.column(unit, text)
        for text in (declared.origin, declared.end, declared.ended, declared.cohort)
    )
    for name, span in declared.times.items():
        closes = f"{origin} + {span.days[1]}"
        alive = f"NOT (coalesce({ended}, false) AND coalesce({end} <= {closes}, true))"
        due = f"coalesce({cohort} AND {closes} <= {_day(today)} AND {alive}, false)"
        captured = computed.column(unit, declared.captured(span))
        asked, given = bench.run(
            f"SELECT count_if({due}), count_if({due} AND {captured}) FROM {computed.table(unit)}"
        )[0]
        yield {
            "name": name,
            "label": span.label,
            "days": list(span.days),
            "due": asked or 0,
            "captured": given or 0,
        }


def entry_lags(bench: Bench, computed: Computed, checks: QualityChecks) -> list[dict[str, Any]]:
    """Days from event to entry: how many are known, in time, or entered before the event."""
    return [_lag(bench, computed, name, lag) for name, lag in checks.timeliness.items()]


def _lag(bench: Bench, computed: Computed, name: str, lag: EntryLag) -> dict[str, Any]:
    event, entered = (computed.column(lag.unit, text) for text in (lag.event, lag.entered))
    days = f"{entered} - {event}"
    events, known, early, in_time, median, late = bench.run(
        f"SELECT count({event}), count({days}), count_if({days} < 0), "
        f"count_if({days} BETWEEN 0 AND {lag.within_days}), "
        f"quantile_disc({days}, 0.5) FILTER ({days} >= 0), "
        f"quantile_disc({days}, 0.9) FILTER ({days} >= 0) FROM {computed.table(lag.unit)}"
    )[0]
    return {
        "name": name,
        "label": lag.label,
        "events": events,
        "known": known,
        "before_event": early or 0,
        "within_days": lag.within_days,
        "in_time": in_time or 0,
        "median_days": median,
        "ninetieth_days": late,
    }
