"""Notes of a load: made safe by the note engine, one process, streaming.

Which elements are notes (those of that type, and texts with ``deid: nlp``), and which others on
their form identify somebody, the dictionary says: no element is known by name. Of a note that is
withheld only the reason is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from deid.pseudonym import Keys
from deid.site_lists import SiteLists
from gateway.registry.bench import Bench, quoted
from gateway.registry.deidentify import is_cleaned, kind_of
from gateway.registry.forms import form_table
from policies.dictionary import Dictionary
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.patient import Patient

__all__ = ["NoteCount", "clean_notes", "create_notes"]

_BATCH_ROWS = 200
_NAMES, _RECORD_NUMBER = "A", "H"
"""Letters of 45 CFR 164.514(b)(2)(i) as the dictionary's ``hipaa`` hints give them."""


@dataclass(frozen=True)
class NoteCount:
    """Notes stored, and notes withheld by reason."""

    stored: int
    withheld: dict[str, int]


@dataclass(frozen=True)
class _Form:
    instrument: str
    element: str
    day: str | None
    kind: str | None
    people: tuple[str, ...]


def create_notes(bench: Bench) -> None:
    """The empty table ``notes``."""
    bench.run(
        "CREATE OR REPLACE TABLE notes (_patient VARCHAR, _row BIGINT, element VARCHAR, "
        "type VARCHAR, day INTEGER, text VARCHAR, withheld VARCHAR)"
    )


def clean_notes(
    bench: Bench,
    dictionary: Dictionary,
    profile: Profile,
    keys: Keys,
    progress: Callable[[str, int, int], None],
    lists: SiteLists | None = None,
) -> NoteCount:
    """Fill ``notes`` from every element of free text that is not dropped.

    ``progress`` hears what, how many of how many; ``lists`` are the site's own names.
    """
    stored, withheld, row = 0, dict[str, int](), 0
    forms = list(_forms(dictionary, profile))
    total = sum(
        int(
            bench.value(
                f"SELECT count({quoted(f.element)}) FROM {quoted(form_table(f.instrument))}"
            )
        )
        for f in forms
    )
    if total == 0:
        return NoteCount(0, {})
    from deid.notes import NoteEngine

    engine = NoteEngine(profile, keys, lists=lists)
    for form in forms:
        for batch in _batches(bench, form, dictionary):
            done: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
            for pseudonym, kind, day, text, patient in batch:
                row += 1
                clean = engine.clean(text, patient)
                if clean.withheld is None:
                    stored += 1
                else:
                    withheld[clean.withheld] = withheld.get(clean.withheld, 0) + 1
                values = (pseudonym, row, form.element, kind, day, clean.text, clean.withheld)
                for name, value in zip(_COLUMNS, values, strict=True):
                    done[name].append(value)
            _insert(bench, done)
            progress("notes", row, total)
    return NoteCount(stored, withheld)


_COLUMNS: dict[str, pa.DataType] = {
    "_patient": pa.string(),
    "_row": pa.int64(),
    "element": pa.string(),
    "type": pa.string(),
    "day": pa.int32(),
    "text": pa.string(),
    "withheld": pa.string(),
}


def _insert(bench: Bench, done: dict[str, list[Any]]) -> None:
    table = pa.table({name: pa.array(done[name], kind) for name, kind in _COLUMNS.items()})
    bench.connection.register("_notes", table)
    bench.run("INSERT INTO notes BY NAME SELECT * FROM _notes")
    bench.connection.unregister("_notes")


def _forms(dictionary: Dictionary, profile: Profile) -> Iterator[_Form]:
    for name, element in dictionary.elements.items():
        if not is_cleaned(name, element, profile):
            continue
        others = dictionary.of(element.instrument)
        events = (n for n, e in others.items() if kind_of(n, e, profile) == "days")
        kinds = (n for n, e in others.items() if e.type == "category")
        people = (n for n, e in others.items() if e.identifier and e.type == "text")
        yield _Form(element.instrument, name, next(events, None), next(kinds, None), tuple(people))


def _batches(
    bench: Bench, form: _Form, dictionary: Dictionary
) -> Iterator[list[tuple[str, str | None, int | None, str, Patient]]]:
    """Notes with their patient, a few at a time, patient by patient."""
    entered = dictionary.of(dictionary.root)
    known = [n for n, e in entered.items() if e.identifier and n != dictionary.key]
    cells = [f"f.{quoted(n)}" for n in form.people] + [f"r.{quoted(n)}" for n in known]
    kind = "NULL" if form.kind is None else f"f.{quoted(form.kind)}"
    day = "NULL" if form.day is None else f"f.{quoted(form.day)} - p.anchor"
    rows = bench.connection.cursor().execute(
        f"SELECT p._patient, {kind}, {day}, f.{quoted(form.element)}, p._record, p.anchor"
        f"{''.join(f', {cell}' for cell in cells)} FROM {quoted(form_table(form.instrument))} f "
        f"JOIN people p USING (_record) LEFT JOIN {quoted(form_table(dictionary.root))} r "
        f"USING (_record) WHERE f.{quoted(form.element)} IS NOT NULL "
        f"ORDER BY p._patient, f._seq"
    )
    while found := rows.fetchmany(_BATCH_ROWS):
        yield [
            (pseudonym, kind_, day_, text, _patient(record, anchor, values, form, known, entered))
            for pseudonym, kind_, day_, text, record, anchor, *values in found
        ]


def _patient(
    record: str,
    anchor: date | None,
    values: list[Any],
    form: _Form,
    known: list[str],
    entered: Any,
) -> Patient:
    """What the matcher looks for: the patient's identifiers and the people named on the form."""
    from deid.patient import Patient

    people = [(f"{n}_name", v) for n, v in zip(form.people, values, strict=False) if v]
    own = dict(zip(known, values[len(form.people) :], strict=True))
    names = [own[n] for n in known if entered[n].hipaa == _NAMES and own[n]]
    numbers = [own[n] for n in known if entered[n].hipaa == _RECORD_NUMBER and own[n]]
    births = [v for n, v in own.items() if entered[n].type == "date" and v is not None]
    used = {*names, *numbers[:1]}
    rest = [
        (n, str(v)) for n, v in own.items() if v is not None and v not in used and v not in births
    ]
    return Patient(
        patient_id=record,
        first_name=names[0] if names else "",
        last_name=names[-1] if len(names) > 1 else "",
        mrn=numbers[0] if numbers else "",
        birth_date=births[0] if births else None,
        anchor=anchor,
        other=(*people, *((f"name_{i}", n) for i, n in enumerate(names[1:-1])), *rest),
    )
