"""A patient: who they are, and how fit."""

from __future__ import annotations

__all__ = ["Person", "draw_age", "draw_person", "patient_row"]

from dataclasses import dataclass
from datetime import date

from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import EWING
from gateway.demo.synthetic.layout import Row, ticks
from gateway.demo.synthetic.names import FEMALE, LAST, MALE, STREETS, TOWNS
from gateway.demo.synthetic.sites import Hospital
from gateway.demo.synthetic.tumour import Tumour

_RACE: Weighted[tuple[int, ...]] = (
    *(((5,), 0.74), ((3,), 0.12), ((2,), 0.05), ((1,), 0.01), ((6,), 0.01), ((4,), 0.005)),
    *(((8,), 0.02), ((9,), 0.03), ((3, 5), 0.01), ((1, 5), 0.005)),
)


@dataclass(frozen=True)
class Person:
    """A patient. ``born`` is a proleptic ordinal day; codes as in the dictionary."""

    record_id: str
    mrn: str
    first: str
    last: str
    born: int
    male: bool
    zip5: str
    phone: str
    address: str
    race: tuple[int, ...]
    ethnicity: int
    height_cm: int
    weight_kg: float
    smoking: int
    asa: int
    ecog: int
    diabetes: bool
    predisposition: int
    consent: int

    @property
    def bmi(self) -> float:
        """Body mass index, kg/m²."""
        return round(self.weight_kg / (self.height_cm / 100) ** 2, 1)

    def age(self, day: int) -> float:
        """Age in years on an ordinal day."""
        return (day - self.born) / 365.25


def draw_age(draw: Draw, tumour: Tumour) -> float:
    """Age at diagnosis, from the histology's mixture truncated to its span."""
    ages = tuple(((mean, sd), weight) for weight, mean, sd in tumour.histology.ages)
    mean, sd = draw.pick(ages)
    return draw.normal(mean, sd, *tumour.histology.span)


def _male(draw: Draw, tumour: Tumour) -> bool:
    share = tumour.histology.male
    if tumour.category == 3 and tumour.metastasis is not None:
        share = {1: 0.01, 3: 1.0, 8: 0.0, 4: 0.68, 2: 0.57}.get(tumour.metastasis.primary[0], 0.55)
    return draw.chance(share)


def draw_person(
    draw: Draw, hospital: Hospital, number: int, tumour: Tumour, diagnosed: int, age: float
) -> Person:
    """The patient of a first tumour, ``age`` years old when diagnosed on an ordinal day."""
    male = _male(draw, tumour)
    child = age < 16
    height = round(draw.normal(176 if male else 163, 7)) if not child else round(80 + 5.6 * age)
    bmi = draw.normal(28 if not child else 18, 5.5 if not child else 2.5, 13 if child else 17, 56)
    frailty = (age > 60) + (age > 75) + (tumour.category in (3, 4)) + tumour.metastatic
    return Person(
        record_id=f"{hospital.site[:3].upper()}-{number:04d}",
        mrn=draw.digits(8),
        first=draw.one(MALE if male else FEMALE),
        last=draw.one(LAST),
        born=diagnosed - round(age * 365.25),
        male=male,
        zip5=hospital.zip3 + f"{draw.whole(1, 99):02d}",
        phone=f"({draw.whole(201, 989)}) 555-{draw.whole(100, 199):04d}",
        address=f"{draw.whole(2, 9890)} {draw.one(STREETS)}, {draw.one(TOWNS)}",
        race=draw.pick(_RACE),
        ethnicity=draw.pick(((0, 0.83), (1, 0.14), (9, 0.03))),
        height_cm=height,
        weight_kg=round(bmi * (height / 100) ** 2, 1),
        smoking=0 if child else draw.pick(((0, 0.55), (1, 0.28), (2, 0.14), (9, 0.03))),
        asa=min(4, 2 + (draw.chance(0.15 + 0.2 * frailty)) + (frailty > 2 and draw.chance(0.3)))
        if age > 30
        else draw.whole(1, 2),
        ecog=min(4, draw.pick(((0, 0.45), (1, 0.35), (2, 0.2))) + (frailty > 2)),
        diabetes=not child and draw.chance(0.06 + 0.0025 * max(0.0, age - 30)),
        predisposition=_predisposition(draw, tumour),
        consent=draw.pick(((1, 0.70), (2, 0.29), (3, 0.01))),
    )


def _predisposition(draw: Draw, tumour: Tumour) -> int:
    code = tumour.histology.code
    if code == 215:
        return 2 if draw.chance(0.5) else 0
    if code == 108:
        return 7 if draw.chance(0.5) else 8
    if code in (111, 112) and draw.chance(0.1):
        return 4 if draw.chance(0.6) else 5
    if code in EWING or not tumour.sarcoma:
        return 0
    return draw.pick(((0, 0.95), (1, 0.015), (8, 0.025), (99, 0.01)))


def patient_row(person: Person, draw: Draw, diagnosed: int) -> Row:
    """The patient form."""
    old = person.age(diagnosed) >= 65
    payer = 2 if old and draw.chance(0.9) else draw.pick(
        ((1, 0.66), (3, 0.18), (2, 0.06), (4, 0.04), (5, 0.04), (9, 0.02))
    )  # fmt: skip
    return {
        "record_id": person.record_id,
        "mrn": person.mrn,
        "first_name": person.first,
        "last_name": person.last,
        "dob": date.fromordinal(person.born).isoformat(),
        "zip5": person.zip5,
        "phone": person.phone,
        "sex": 1 if person.male else 2,
        **ticks("race", person.race),
        "ethnicity": person.ethnicity,
        "insurance": payer,
        "height_cm": person.height_cm,
        "weight_kg": person.weight_kg,
        "bmi": person.bmi,
        "smoking": person.smoking,
        "asa_class": person.asa,
        "ecog_baseline": person.ecog,
        "diabetes": int(person.diabetes),
        "predisposition": person.predisposition,
        "consent_status": person.consent,
    }
