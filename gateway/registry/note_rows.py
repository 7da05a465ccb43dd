"""Notes on the workbench, each with what is known of its patient.

Which elements are notes (those of that type, and texts with ``deid: nlp``), and which others on
their form identify somebody, the dictionary says: no element is known by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from gateway.registry.also_known import FAMILY, GIVEN, PER_RECORD, all_names, others
from gateway.registry.bench import Bench, quoted
from gateway.registry.deidentify import is_cleaned, kind_of
from gateway.registry.forms import form_table
from policies.dictionary import Dictionary
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.own.patient import Patient

__all__ = ["NoteForm", "NoteRow", "note_batches", "note_forms", "note_total"]

_BATCH_ROWS = 200
_NAMES, _RECORD_NUMBER = "A", "H"
"""Letters of 45 CFR 164.514(b)(2)(i) as the dictionary's ``hipaa`` hints give them."""
_SEX = "us-core-birthsex"
"""What mCODE calls the element that tells which given names a surrogate is drawn from."""


@dataclass(frozen=True)
class NoteForm:
    """A note element, its form, and what else of the form is of use: day, kind, people."""

    instrument: str
    element: str
    day: str | None
    kind: str | None
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note. ``name`` is record, form, instance and element, as on the fix list."""

    pseudonym: str
    kind: str | None
    day: int | None
    text: str = field(repr=False)
    name: str = field(repr=False)
    patient: Patient = field(repr=False)


def note_forms(dictionary: Dictionary, profile: Profile) -> Iterator[NoteForm]:
    """The dictionary's elements of free text that go through the note engine."""
    for name, element in dictionary.elements.items():
        if not is_cleaned(name, element, profile):
            continue
        others = dictionary.of(element.instrument)
        events = (n for n, e in others.items() if kind_of(n, e, profile) == "days")
        kinds = (n for n, e in others.items() if e.type == "category")
        people = (n for n, e in others.items() if e.identifier and e.type == "text")
        day, kind = next(events, None), next(kinds, None)
        yield NoteForm(element.instrument, name, day, kind, tuple(people))


def note_total(bench: Bench, form: NoteForm) -> int:
    """How many notes the form holds."""
    return int(
        bench.value(
            f"SELECT count({quoted(form.element)}) FROM {quoted(form_table(form.instrument))}"
        )
    )


def note_batches(bench: Bench, form: NoteForm, dictionary: Dictionary) -> Iterator[list[NoteRow]]:
    """Notes with their patient, a few at a time, patient by patient."""
    entered = dictionary.of(dictionary.root)
    known = [n for n, e in entered.items() if e.identifier and n != dictionary.key]
    sex = next((n for n, e in entered.items() if e.mcode == _SEX and e.choices), None)
    cells = [f"f.{quoted(n)}" for n in form.people] + [f"r.{quoted(n)}" for n in known]
    cells.append("NULL" if sex is None else f"r.{quoted(sex)}")
    kind = "NULL" if form.kind is None else f"f.{quoted(form.kind)}"
    day = "NULL" if form.day is None else f"f.{quoted(form.day)} - p.anchor"
    rows = bench.connection.cursor().execute(
        f"SELECT p._patient, {kind}, {day}, f.{quoted(form.element)}, f._instance, p._record, "
        f"p.anchor, a._holds, a._texts{''.join(f', {cell}' for cell in cells)} "
        f"FROM {quoted(form_table(form.instrument))} f "
        f"JOIN people p USING (_record) LEFT JOIN {quoted(form_table(dictionary.root))} r "
        f"USING (_record) LEFT JOIN {PER_RECORD} a USING (_record) "
        f"WHERE f.{quoted(form.element)} IS NOT NULL "
        f"ORDER BY p._patient, f._seq"
    )
    while found := rows.fetchmany(_BATCH_ROWS):
        yield [
            NoteRow(
                pseudonym,
                kind_,
                day_,
                text,
                f"{record}/{form.instrument}/{instance}/{form.element}",
                _patient(
                    record,
                    anchor,
                    values,
                    form,
                    known,
                    entered,
                    entered[sex].choices.get(code) if sex else None,
                    list(zip(holds or (), texts or (), strict=True)),
                ),
            )
            for pseudonym, kind_, day_, text, instance, record, anchor, *more in found
            for holds, texts, *values, code in [more]
        ]


def _patient(
    record: str,
    anchor: date | None,
    values: list[Any],
    form: NoteForm,
    known: list[str],
    entered: Any,
    sex: str | None,
    also: list[tuple[str, str]],
) -> Patient:
    """What the matcher looks for: the patient's identifiers and the people named on the form.
    ``also`` is what the source says beyond the cells.

    ``sex`` is nothing to look for; surrogates of a name that both sexes bear follow it.
    """
    from deid.own.patient import Patient

    people = [(f"{n}_name", v) for n, v in zip(form.people, values, strict=False) if v]
    own = dict(zip(known, values[len(form.people) :], strict=True))
    names = [own[n] for n in known if entered[n].hipaa == _NAMES and own[n]]
    numbers = [own[n] for n in known if entered[n].hipaa == _RECORD_NUMBER and own[n]]
    births = [v for n, v in own.items() if entered[n].type == "date" and v is not None]
    used = {*names, *numbers[:1]}
    sexes = [("sex", sex)] if sex else []
    rest = [
        (n, str(v)) for n, v in own.items() if v is not None and v not in used and v not in births
    ]
    return Patient(
        patient_id=record,
        first_name=all_names(names[0] if names else "", GIVEN, also),
        last_name=all_names(names[-1] if len(names) > 1 else "", FAMILY, also),
        mrn=numbers[0] if numbers else "",
        birth_date=births[0] if births else None,
        anchor=anchor,
        other=(
            *people,
            *((f"name_{i}", n) for i, n in enumerate(names[1:-1])),
            *rest,
            *others(also, {*used, *(value for _, value in rest)}),
            *sexes,
        ),
    )
