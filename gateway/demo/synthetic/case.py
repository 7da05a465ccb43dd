"""A case: one tumour of one patient with its calendar, cut off where observation ends."""

from __future__ import annotations

__all__ = ["Case", "Implant", "Life", "ReExcision", "draw_case", "iso", "weekday"]

import math
from dataclasses import dataclass
from datetime import date

from gateway.demo.synthetic.course import (
    Complication,
    Course,
    draw_complications,
    draw_course,
)
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.person import Person
from gateway.demo.synthetic.sites import Habit, Hospital, Staff
from gateway.demo.synthetic.specimen import Specimen, draw_specimen, fnclcc_parts
from gateway.demo.synthetic.treatment import AMPUTATION, FIXATION, Plan
from gateway.demo.synthetic.tumour import Tumour

_SCHEDULE = (21, 95, 185, 365, 545, 730, 1095, 1460, 1825, 2555, 3285, 4015)
_DROPOUT_PER_DAY = 0.05 / 365.25


def iso(day: int) -> str:
    """An ordinal day as ISO date."""
    return date.fromordinal(day).isoformat()


def weekday(day: int) -> int:
    """The day itself, or the Friday before or Monday after a weekend."""
    return day + {6: -1, 0: 1}.get(day % 7, 0)


@dataclass(frozen=True)
class Life:
    """When the patient dies and of what (death_cause), and when contact is lost; ordinal days,
    infinite where it does not happen.
    """

    death: float
    cause: int
    lost: float


@dataclass(frozen=True)
class Implant:
    """An endoprosthesis as its label names it."""

    lot: str
    serial: str
    udi: str


@dataclass(frozen=True)
class ReExcision:
    """A planned second operation on the bed after an R1 or R2 resection."""

    day: int
    margin: int
    residual: int


@dataclass(frozen=True)
class Case:
    """One tumour. All days are ordinals. ``visits`` are the contacts that took place; the last
    is the end of observation, and the day of death where ``died``.
    """

    hospital: Hospital
    person: Person
    seq: int
    tumour: Tumour
    plan: Plan
    specimen: Specimen
    course: Course
    diagnosed: int
    symptom: int
    first_contact: int
    surgery: int
    minutes: int
    blood_ml: int
    discharged: int
    surgeon: Staff
    implant: Implant | None
    re_excision: ReExcision | None
    fnclcc: tuple[int, int, int] | None
    accessions: tuple[str, str]
    complications: tuple[Complication, ...]
    life: Life
    died: bool
    visits: tuple[int, ...]

    @property
    def last_contact(self) -> int:
        """End of observation."""
        return self.visits[-1]

    def seen(self, day_from_diagnosis: float) -> int | None:
        """The ordinal day of a latent event, or None if observation ended before it."""
        if math.isinf(day_from_diagnosis):
            return None
        day = self.diagnosed + round(day_from_diagnosis)
        return day if day <= self.last_contact else None


def draw_case(
    draw: Draw,
    hospital: Hospital,
    person: Person,
    seq: int,
    tumour: Tumour,
    plan: Plan,
    surgery: int,
    extract: int,
    life: Life | None = None,
) -> Case:
    """Play one case to the extract date; ``life`` is given for a patient's second tumour."""
    diagnosed = surgery - plan.wait
    age = person.age(diagnosed)
    specimen = draw_specimen(draw, tumour, plan, hospital.effects.r0)
    course = draw_course(draw, tumour, plan, specimen, age, hospital.effects)
    if life is None:
        lost = surgery + 30 + draw.exponential(_DROPOUT_PER_DAY)
        life = Life(diagnosed + round(course.death), course.cause, lost)
    minutes = _minutes(draw, plan)
    traits = (person.bmi > 35, person.diabetes, minutes > 240)
    events = draw_complications(draw, tumour, plan, traits, hospital.effects)
    died = life.death <= min(extract, life.lost)
    end = int(min(extract, life.lost, life.death))
    visits = _visits(draw, hospital, course, diagnosed, surgery, end, died)
    stay = round(draw.lognormal(4.5 if tumour.category != 6 else 1.5, 0.6, 1, 60))
    return Case(
        hospital=hospital,
        person=person,
        seq=seq,
        tumour=tumour,
        plan=plan,
        specimen=specimen,
        course=course,
        diagnosed=diagnosed,
        symptom=_symptom(draw, person, tumour, diagnosed),
        first_contact=_first_contact(draw, tumour, plan, diagnosed),
        surgery=surgery,
        minutes=minutes,
        blood_ml=10 * round(draw.lognormal(1.4 * minutes, 0.6, 20, 9000) / 10),
        discharged=min(surgery + stay, visits[-1]),
        surgeon=draw.one(hospital.surgeons),
        implant=_implant(draw) if plan.implanted else None,
        re_excision=_re_excision(draw, tumour, specimen, surgery, visits[-1]),
        fnclcc=fnclcc_parts(draw, tumour.grade) if tumour.category == 2 else None,
        accessions=(_accession(draw, diagnosed), _accession(draw, surgery)),
        complications=tuple(e for e in events if diagnosed + e.day <= visits[-1]),
        life=life,
        died=died,
        visits=visits,
    )


def _visits(
    draw: Draw, hospital: Hospital, course: Course, diagnosed: int, surgery: int, end: int,
    died: bool,
) -> tuple[int, ...]:  # fmt: skip
    """Contacts after the operation: those planned, those that found an event, and the death."""
    days = set()
    for planned in _SCHEDULE:
        sparse = hospital.habit is Habit.LATE_FOLLOW_UP and planned > 730
        if draw.chance(0.45 if sparse else 0.92) or planned == _SCHEDULE[0]:
            days.add(surgery + planned + round(planned**0.5 * draw.between(-0.6, 0.6)))
    for event in (course.local_recurrence, course.metastasis):
        if not math.isinf(event):
            days.add(diagnosed + round(event) + draw.whole(0, 10))
    kept = sorted({day for day in map(weekday, days) if day < end})
    if died:
        kept.append(end)
    return tuple(kept)


def _minutes(draw: Draw, plan: Plan) -> int:
    if plan.surg_type == FIXATION:
        return round(draw.lognormal(105, 0.35, 30, 420))
    if plan.surg_type == AMPUTATION:
        return round(draw.lognormal(130, 0.35, 40, 500))
    long = plan.reconstructed or 11 in plan.recon
    return round(draw.lognormal(265 if long else 130, 0.35, 30, 900))


def _symptom(draw: Draw, person: Person, tumour: Tumour, diagnosed: int) -> int:
    weeks = draw.lognormal(26 if tumour.category in (2, 6) else 16, 0.8, 1, 300)
    return max(diagnosed - round(7 * weeks), person.born + 30)


def _first_contact(draw: Draw, tumour: Tumour, plan: Plan, diagnosed: int) -> int:
    """Before the biopsy, unless that was done elsewhere."""
    if tumour.presentation == 1 and draw.chance(0.8):
        return diagnosed - draw.whole(2, 14)
    return diagnosed + min(draw.whole(1, 16), max(0, plan.first_treatment))


def _implant(draw: Draw) -> Implant:
    lot, serial = f"{draw.digits(5)}{draw.one('ABCDKMT')}", f"SN{draw.digits(7)}"
    maker = draw.one(("00889024", "07613327", "04049212"))
    return Implant(lot, serial, f"(01){maker}{draw.digits(6)}(10){lot}(21){serial}")


def _accession(draw: Draw, day: int) -> str:
    return f"S{date.fromordinal(day).year % 100:02d}-{draw.digits(5)}"


def _re_excision(
    draw: Draw, tumour: Tumour, specimen: Specimen, surgery: int, end: int
) -> ReExcision | None:
    if tumour.category != 2 or specimen.margin not in (1, 2) or not draw.chance(0.3):
        return None
    day = surgery + draw.whole(24, 70)
    if day >= end:
        return None
    return ReExcision(day, 0 if draw.chance(0.8) else 1, int(draw.chance(0.45)))
