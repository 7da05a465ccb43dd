"""The sample: patients with their notes, seeded; and the two files that the command reads."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.deid_notes import identifiers as ids
from tests.benchmarks.deid_notes.markup import plain, wrapped
from tests.benchmarks.deid_notes.people import Person, person, unaccented

NOTES, SEED, NOTES_OF_A_PATIENT = 400, 20261128, 4


@dataclass(frozen=True)
class Case:
    """A patient and what the hospital knows of them."""

    patient_id: str
    who: Person
    mrn: str
    birth: date
    diagnosis: date
    phone: str
    address: str
    city: str
    user: str
    years: int


@dataclass(frozen=True)
class Sample:
    cases: list[Case]
    notes: list[dict[str, Any]]

    def gold_text(self) -> str:
        return "".join(json.dumps(note, ensure_ascii=False) + "\n" for note in self.notes)

    def patients_text(self) -> str:
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(
            [
                "patient_id",
                "first_name",
                "last_name",
                "mrn",
                "birth_date",
                "diagnosis_date",
                "phone",
                "address",
                "city",
            ]
        )
        for case in self.cases:
            who = case.who
            rows.writerow(
                [case.patient_id, who.given, who.family, case.mrn, case.birth.isoformat(),
                 case.diagnosis.isoformat(), case.phone, case.address.replace("\n", ", "), case.city]
            )  # fmt: skip
        return out.getvalue()


def _case(rng: random.Random, number: int) -> Case:
    who = person(rng)
    diagnosis = date(2014, 1, 1) + timedelta(days=rng.randrange(2900))
    years = rng.choice(
        (rng.randrange(6, 30), rng.randrange(30, 80), rng.randrange(78, 90), rng.randrange(90, 103))
    )
    city = rng.choice(ids.CITIES)
    user = "".join(
        char
        for char in unaccented(f"{who.given}.{who.family}").lower()
        if char.isalnum() or char == "."
    )
    return Case(
        patient_id=f"PT{number:04d}",
        who=who,
        mrn=ids.mrn(rng),
        birth=diagnosis - timedelta(days=round(years * 365.25) + rng.randrange(1, 300)),
        diagnosis=diagnosis,
        phone=ids.phone_number(rng),
        address=ids.address(rng, city),
        city=city,
        user=user,
        years=years,
    )


def sample(count: int = NOTES, seed: int = SEED) -> Sample:
    """``count`` notes; the same numbers give the same text on any machine."""
    from tests.benchmarks.deid_notes.notes import KINDS

    rng = random.Random(seed)
    kinds = list(KINDS)
    cases, notes = [], []
    for number in range(count):
        if number % NOTES_OF_A_PATIENT == 0:
            cases.append(_case(rng, len(cases)))
        kind = kinds[number % len(kinds)]
        text, spans = plain(KINDS[kind](rng, cases[-1]))
        if rng.random() < 0.3:
            text = wrapped(text, rng.choice((64, 72, 80)))
        notes.append(
            {
                "id": f"{kind}-{number:04d}",
                "patient_id": cases[-1].patient_id,
                "text": text,
                "spans": spans,
            }
        )
    return Sample(cases, notes)


def write(made: Sample, gold: Path, patients: Path) -> None:
    gold.write_text(made.gold_text(), encoding="utf-8", newline="\n")
    patients.write_text(made.patients_text(), encoding="utf-8", newline="\n")
