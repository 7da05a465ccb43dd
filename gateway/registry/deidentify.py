"""From identified rows to the registry's tables: what each element becomes, set-wise.

Patients get pseudonyms, dates become whole days relative to the patient's own anchor, direct
identifiers and free text stay behind. A calendar date reaches the tables under no profile;
where the profile allows dates, one shifted anchor per patient is kept beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from deid.errors import TreatmentError
from deid.pseudonym import Keys, keyed
from deid.records import Treatment, hashed, shift, treatment, zip3
from gateway.registry.also_known import PER_RECORD
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import form_table
from gateway.registry.related import belongs_to, wide_view
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary, Element
from policies.profile import Profile

__all__ = [
    "Kind",
    "calendar",
    "identifiers",
    "is_cleaned",
    "kind_of",
    "pseudonymize",
    "safe_columns",
    "safe_rows",
    "store_type",
]

Kind = Literal["keep", "days", "hash", "zip", "age", "drop"]
"""keep as it is · days from the anchor · keyed hash · first digits of a ZIP code · capped age ·
never stored"""

_KINDS: dict[Treatment, Kind] = {
    Treatment.KEEP: "keep",
    Treatment.HASH: "hash",
    Treatment.ZIP3: "zip",
    Treatment.TO_AGE: "age",
}
"""What is not here is not stored in a table."""
_DATED = (Treatment.SHIFT, Treatment.OFFSET, Treatment.KEEP)
_AGE_MAX = 130
"""Completed years; a larger number is no age, whatever its hint says."""
_BLOCK_BYTES = 64
_FETCHED_ROWS = 10_000
_STORED = {
    "category": "VARCHAR",
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "multi": "BOOLEAN",
    "date": "INTEGER",
}


def kind_of(name: str, element: Element, profile: Profile) -> Kind:
    """What becomes of an entered element, by its dictionary hint and the profile.

    Raises :class:`deid.errors.TreatmentError` for a hint that makes no sense.
    """
    chosen = _treatment(name, element, profile)
    if element.type == "date":
        # An age at an event is derived before this step; the birth date itself is not stored.
        return "days" if chosen in _DATED else "drop"
    return _KINDS.get(chosen, "drop")


def is_cleaned(name: str, element: Element, profile: Profile) -> bool:
    """Does the element go through the note engine? No unit's table holds it, ``notes`` does."""
    return _treatment(name, element, profile) is Treatment.NLP


def _treatment(name: str, element: Element, profile: Profile) -> Treatment:
    hint, kind, pattern = element.deid, element.type, element.pattern
    try:
        return treatment(hint, element.identifier, profile, kind=kind, pattern=pattern)
    except TreatmentError as error:
        raise TreatmentError(f"element {name}: {error.message}", hint=error.hint) from error


def pseudonymize(bench: Bench, dictionary: Dictionary, profile: Profile, keys: Keys) -> None:
    """Make table ``people``: ``_record``, ``_patient`` (pseudonym), ``anchor`` (date or NULL)
    and ``shifted`` (the anchor moved by the patient's secret offset; NULL under Safe Harbor).
    """
    bench.run(f"CREATE OR REPLACE TABLE anchors AS {_anchors(dictionary, profile)}")
    found = bench.run("SELECT _record, anchor FROM anchors ORDER BY _record")
    shifted: list[date | None] = []
    for record, anchor in found:
        if anchor is None or profile.dates == "offset":
            shifted.append(None)
        elif profile.dates == "shift":
            shifted.append(shift(anchor, keys.date_offset_days(record)))
        else:
            shifted.append(anchor)
    people = pa.table(
        {
            "_record": pa.array([record for record, _ in found], pa.string()),
            "_patient": pa.array([keys.pseudonym(record) for record, _ in found], pa.string()),
            "anchor": pa.array([anchor for _, anchor in found], pa.date32()),
            "shifted": pa.array(shifted, pa.date32()),
        }
    )
    bench.connection.register("_people", people)
    bench.run("CREATE OR REPLACE TABLE people AS SELECT * FROM _people")
    bench.connection.unregister("_people")


def _anchors(dictionary: Dictionary, profile: Profile) -> str:
    """SQL: per record the earliest date of the first anchor element that has one, or else the
    earliest of all event dates.
    """

    def dates(names: list[str]) -> str:
        parts = [
            f"SELECT _record, {quoted(n)} AS day, {i} AS rank "
            f"FROM {quoted(form_table(dictionary.elements[n].instrument))}"
            for i, n in enumerate(names)
        ]
        return " UNION ALL ".join(parts)

    events = [
        name
        for name, element in dictionary.elements.items()
        if element.type == "date" and kind_of(name, element, profile) == "days"
    ]
    anchors = [n for n in events if "anchor" in dictionary.elements[n].roles]
    root = quoted(form_table(dictionary.root))
    if not events:
        return f"SELECT _record, NULL::DATE AS anchor FROM {root}"
    first = (
        f"SELECT _record, arg_min(day, (rank, day)) AS day FROM ({dates(anchors or events)}) "
        f"WHERE day IS NOT NULL GROUP BY _record"
    )
    earliest = f"SELECT _record, min(day) AS day FROM ({dates(events)}) GROUP BY _record"
    return (
        f"SELECT p._record, coalesce(a.day, e.day) AS anchor FROM {root} p "
        f"LEFT JOIN ({first}) a USING (_record) LEFT JOIN ({earliest}) e USING (_record)"
    )


def safe_columns(
    dictionary: Dictionary, derivations: Derivations, unit: str, profile: Profile
) -> dict[str, Element | Derived]:
    """The elements a unit's table holds, in order: those of its holders, its own, derived ones."""
    found: dict[str, Element | Derived] = {}
    for holder in (*reversed(derivations.ancestors(unit)), unit):
        entered = dictionary.of(derivations.units[holder].instrument)
        found |= {n: e for n, e in entered.items() if kind_of(n, e, profile) != "drop"}
        found |= {name: d for name, d in derivations.elements.items() if d.unit == holder}
    return found


def store_type(element: Element | Derived) -> str:
    """DuckDB type of the element in a unit's table."""
    return _STORED[element.type]


def safe_rows(
    bench: Bench,
    dictionary: Dictionary,
    derivations: Derivations,
    unit: str,
    profile: Profile,
    keys: Keys,
) -> str:
    """SQL of a unit's de-identified table: ``_patient``, ``_order``, then elements.

    No column numbers the rows of the table: such a number would depend on other patients (D3).
    """
    columns = []
    for name, element in safe_columns(dictionary, derivations, unit, profile).items():
        kind: Kind = "days" if element.type == "date" else "keep"
        stored = store_type(element)
        if isinstance(element, Element):
            kind = kind_of(name, element, profile)
            if kind in ("hash", "zip"):
                stored = "VARCHAR"
                _recode(bench, unit, name, kind, profile, keys)
            if element.type == "multi":
                columns += [f"w.{quoted(c)}" for c in dictionary.columns(name)]
                continue
        columns.append(f"CAST({_treated(name, kind, profile)} AS {stored}) AS {quoted(name)}")
    instrument = derivations.units[unit].instrument
    belongs = belongs_to(dictionary, instrument)
    # Its key names a row better than its place in a plain table, which may be sorted anew.
    own_key = belongs is not None and belongs[0] == instrument
    name_of_row = "coalesce(w._key, w._instance)" if own_key else "w._instance"
    secret = f"{_order_hash(keyed(keys.pseudonym_key, 'row order'), unit, name_of_row)}, w._seq"
    return (
        f"SELECT p._patient, CAST(row_number() OVER (PARTITION BY w._record ORDER BY {secret}) "
        f"AS INTEGER) AS _order"
        f"{''.join(f', {column}' for column in columns)} "
        f"FROM {quoted(wide_view(unit))} w JOIN people p USING (_record) ORDER BY _patient, _order"
    )


def _treated(name: str, kind: Kind, profile: Profile) -> str:
    column = f"w.{quoted(name)}"
    if kind == "days":
        return f"{column} - p.anchor"
    if kind == "age":
        cap = _AGE_MAX if profile.age_cap is None else profile.age_cap
        return f"CASE WHEN {column} BETWEEN 0 AND {_AGE_MAX} THEN least({column}, {cap}) END"
    if kind in ("hash", "zip"):
        said = f"CAST({column} AS VARCHAR)"
        return f"(SELECT c.code FROM {quoted(f'code_{name}')} c WHERE c.value = {said})"
    return column


def _recode(bench: Bench, unit: str, name: str, kind: Kind, profile: Profile, keys: Keys) -> None:
    """Table ``code_<element>``: each distinct value with what stands for it."""

    def code(value: str) -> str | None:
        if kind == "hash":
            return hashed(keys, name, value)
        return zip3(value, profile)

    values = [
        str(row[0])
        for row in bench.run(
            f"SELECT DISTINCT {quoted(name)} FROM {quoted(wide_view(unit))} "
            f"WHERE {quoted(name)} IS NOT NULL"
        )
    ]
    table = pa.table(
        {
            "value": pa.array(values, pa.string()),
            "code": pa.array([code(value) for value in values], pa.string()),
        }
    )
    bench.connection.register("_codes", table)
    bench.run(f"CREATE OR REPLACE TABLE {quoted(f'code_{name}')} AS SELECT * FROM _codes")
    bench.connection.unregister("_codes")


def _order_hash(key: bytes, unit: str, name_of_row: str) -> str:
    """SQL: HMAC-SHA256 (RFC 2104) of record, unit and the row's name within the record.

    Secret and the same at every load, so that a bound on a patient's rows always keeps the
    same rows (D3).
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(
        _BLOCK_BYTES, b"\0"
    )

    def pad(byte: int) -> str:
        return "".join(f"\\x{value ^ byte:02x}" for value in block)

    message = f"encode(concat_ws(chr(31), w._record, {literal(unit)}, {name_of_row}))"
    inner = f"sha256('{pad(0x36)}'::BLOB || {message})"
    return f"sha256('{pad(0x5C)}'::BLOB || unhex({inner}))"


def identifiers(bench: Bench, dictionary: Dictionary) -> Iterator[tuple[str, dict[str, Any]]]:
    """What links patients to pseudonyms, for the vault: record and, by element, what identifies
    the patient; under ``also_known`` what the source says beyond the cells. Streams; the values
    are secret.
    """
    names = [
        name
        for name, element in dictionary.of(dictionary.root).items()
        if element.identifier and name != dictionary.key
    ]
    cells = "".join(f", CAST(f.{quoted(n)} AS VARCHAR)" for n in names)
    rows = bench.connection.cursor().execute(
        f"SELECT p._record, p._patient, a._holds, a._texts{cells} FROM people p "
        f"JOIN {quoted(form_table(dictionary.root))} f USING (_record) "
        f"LEFT JOIN {PER_RECORD} a USING (_record)"
    )
    while found := rows.fetchmany(_FETCHED_ROWS):
        for record, patient, holds, texts, *values in found:
            known: dict[str, Any] = {
                n: v for n, v in zip(names, values, strict=True) if v is not None
            }
            if holds:
                known["also_known"] = [list(pair) for pair in zip(holds, texts, strict=True)]
            yield record, {"pseudonym": patient, **known}


def calendar(profile: Profile) -> str | None:
    """SQL of the patients' shifted anchors, where the profile lets dates be kept."""
    if profile.dates == "offset":
        return None
    return "SELECT _patient, shifted AS anchor FROM people WHERE shifted IS NOT NULL"
