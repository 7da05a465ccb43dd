"""Errors put into the files on purpose, each of them remembered.

Rates are of the network's cases; each kind happens at least once.
"""

from __future__ import annotations

__all__ = ["inject"]

import math
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import TypeAlias

from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.habits import Chart
from gateway.demo.synthetic.layout import Row
from gateway.demo.synthetic.truth import Defect

Charts: TypeAlias = dict[str, list[Chart]]
"""The charts of each site, in record order."""

_STAGES: dict[int, tuple[str, ...]] = {
    1: ("ia", "ib", "iia", "iib", "iii", "iva", "ivb"),
    4: ("ia", "ib", "ii", "iiia", "iiib", "iv"),
}


def inject(charts: Charts, draw: Draw) -> tuple[Defect, ...]:
    """Damage the charts in place and say where."""
    cases = sum(len(chart["tumor"]) for site in charts.values() for chart in site)
    spots = _Spots(charts, draw, cases)
    found = [
        *spots.damage("mm_for_cm", 0.010, "tumor", "size_max_cm", _millimetres),
        *spots.damage("transposed_date", 0.005, "surgery", "surgery_date", _transposed),
        *spots.damage("laterality", 0.007, "tumor", "laterality", _other_side),
        *spots.damage("stage", 0.080, "tumor", "ajcc_stage", _wrong_stage),
        *spots.damage("future_date", 0.002, "follow_up", "fu_date", _future),
    ]
    found.extend(_duplicates(charts, draw, math.ceil(0.003 * cases)))
    return tuple(found)


class _Spots:
    """Rows in random order, each damaged at most once per kind."""

    def __init__(self, charts: Charts, draw: Draw, cases: int) -> None:
        self._charts, self._draw, self._cases = charts, draw, cases

    def damage(
        self,
        kind: str,
        rate: float,
        form: str,
        element: str,
        change: Callable[[Row, Draw], bool],
    ) -> list[Defect]:
        """Change ``ceil(rate * cases)`` rows; ``change`` says whether it could."""
        wanted = math.ceil(rate * self._cases)
        spots = [
            (site, chart, index)
            for site, members in self._charts.items()
            for chart in members
            for index in range(len(chart[form]))
        ]
        found: list[Defect] = []
        for site, chart, index in self._draw.shuffled(spots):
            if len(found) == wanted:
                break
            if change(chart[form][index], self._draw):
                record = str(chart["patient"][0]["record_id"])
                found.append(Defect(kind, site, record, form, index + 1, element))
        return found


def _millimetres(row: Row, draw: Draw) -> bool:
    """Centimetres typed as millimetres, or the other way round."""
    size = row.get("size_max_cm")
    if not isinstance(size, float):
        return False
    if size < 6.0 and draw.chance(0.3):
        row["size_max_cm"] = round(size / 10, 2)
    else:
        row["size_max_cm"] = round(size * 10)
    return True


def _transposed(row: Row, _: Draw) -> bool:
    """Day and month swapped, where that gives another date that the index surgery can have."""
    day = date.fromisoformat(str(row["surgery_date"]))
    if day.day > 12 or day.day == day.month or row.get("surg_index") == 0:
        return False
    row["surgery_date"] = day.replace(month=day.day, day=day.month).isoformat()
    return True


def _other_side(row: Row, draw: Draw) -> bool:
    if row.get("laterality") not in (1, 2):
        return False
    row["laterality"] = 3 if draw.chance(0.3) else 3 - int(str(row["laterality"]))
    return True


def _wrong_stage(row: Row, draw: Draw) -> bool:
    """A neighbouring group, as a tired person picks it."""
    schema, stage = row.get("ajcc_schema"), row.get("ajcc_stage")
    groups = _STAGES.get(schema) if isinstance(schema, int) else None
    if groups is None or stage not in groups:
        return False
    place = groups.index(str(stage))
    near = [groups[i] for i in (place - 1, place + 1) if 0 <= i < len(groups)]
    row["ajcc_stage"] = draw.one(near)
    return True


def _future(row: Row, draw: Draw) -> bool:
    day = str(row["fu_date"])
    if row.get("vital_status") != 1:
        return False
    row["fu_date"] = f"{int(day[:4]) + 10 + draw.whole(0, 2)}{day[4:7]}-{min(int(day[8:]), 28):02d}"
    return True


def _duplicates(charts: Charts, draw: Draw, wanted: int) -> list[Defect]:
    """The same person entered again under a new record id, the name now and then misspelt."""
    found: list[Defect] = []
    for site in draw.shuffled(list(charts) * wanted):
        if len(found) == wanted:
            break
        members = charts[site]
        if not members:
            continue
        copy = deepcopy(draw.one(members))
        patient = copy["patient"][0]
        record = f"{str(patient['record_id'])[:4]}{9000 + len(found):04d}"
        patient["record_id"] = record
        if draw.chance(0.5):
            last = str(patient["last_name"])
            patient["last_name"] = last[:-1] + last[-1] * 2
        members.append(copy)
        found.append(Defect("duplicate", site, record, "patient", 0, None))
    return found
