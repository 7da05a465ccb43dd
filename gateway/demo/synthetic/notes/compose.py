"""Which notes a case has, and the row each becomes."""

from __future__ import annotations

__all__ = ["write_note"]

from collections.abc import Callable
from typing import TypeAlias

from gateway.demo.synthetic.case import Case, iso, weekday
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.layout import Row
from gateway.demo.synthetic.notes import clinic, operative, pathology
from gateway.demo.synthetic.notes.scribe import Scribe
from gateway.demo.synthetic.treatment import FIXATION

_OPERATIVE, _PATHOLOGY, _CLINIC, _IMAGING, _BOARD, _DISCHARGE = range(1, 7)


def write_note(case: Case, draw: Draw) -> tuple[Row, tuple[tuple[str, str], ...]]:
    """A note of a kind the case can have: its row, and the identifiers its text contains as
    (kind, text) in order of first use.
    """
    options = _options(case, draw)
    kind, day, template = draw.pick(tuple((option, weight) for option, weight in options))
    scribe = Scribe(case, draw, day)
    text = template(scribe)
    found = tuple(dict.fromkeys(item for item in scribe.found if item[1] in text))
    row: Row = {
        "note_tumor_ref": case.seq,
        "note_date": iso(day),
        "note_type": kind,
        "note_author": f"{case.surgeon.first} {case.surgeon.last}, {case.surgeon.suffix}",
        "note_text": text,
    }
    return row, found


_Option: TypeAlias = tuple[int, int, Callable[[Scribe], str]]


def _options(case: Case, draw: Draw) -> list[tuple[_Option, float]]:
    """((note_type, ordinal day, template), weight) of every note that could exist."""
    plan, end = case.plan, case.last_contact
    first = min(weekday(case.diagnosed + draw.whole(2, 8)), case.surgery)
    options: list[tuple[_Option, float]] = [
        ((_CLINIC, first, clinic.first_visit), 0.25),
        ((_OPERATIVE, case.surgery, operative.operative_report), 0.22),
    ]
    visits = [day for day in case.visits if not (case.died and day == end)]
    if visits:
        options.append(((_CLINIC, draw.one(visits), clinic.follow_up), 0.22))
    if case.surgery + 25 < end:
        call = weekday(case.surgery + draw.whole(5, 25))
        options.append(((_CLINIC, call, clinic.phone_call), 0.05))
    if plan.wait > 5 and case.tumour.presentation != 2:
        day = case.diagnosed + draw.whole(1, 4)
        options.append(((_PATHOLOGY, day, pathology.biopsy_report), 0.10))
        day = case.diagnosed - draw.whole(1, 10)
        options.append(((_IMAGING, day, pathology.imaging_report), 0.04))
    if case.specimen.type in (4, 5, 6) and case.surgery + 6 < end:
        day = case.surgery + draw.whole(4, 6)
        options.append(((_PATHOLOGY, day, pathology.resection_report), 0.18))
    if plan.mdt is not None and plan.mdt < plan.wait:
        options.append(((_BOARD, case.diagnosed + plan.mdt, clinic.board), 0.05))
    if plan.surg_type != FIXATION and case.discharged < end:
        options.append(((_DISCHARGE, case.discharged, clinic.discharge), 0.05))
    return options
