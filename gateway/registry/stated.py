"""Notes against fields: does what a note states agree with what was entered?

Runs while a load has the notes' raw text on its workbench, and keeps no word of them: per note
and element only agree, disagree, no value (the note states one, the field has none) or not
stated. The result is for the site's own eyes; no query can name its table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from deid.runs.time_limit import OutOfTime, limited
from deid.stated.statements import Kind, Stated, settled, stated
from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import form_table
from policies.dictionary import Dictionary
from policies.profile import Profile
from policies.stated_check import Check, StatedChecks

__all__ = ["OUTCOMES", "Outcome", "check_stated", "compare", "create_stated"]

Outcome = Literal["agree", "disagree", "no_value", "not_stated"]
OUTCOMES: tuple[Outcome, ...] = ("agree", "disagree", "no_value", "not_stated")
_BATCH_ROWS = 500
_COLUMNS = "_patient VARCHAR, _instance VARCHAR, element VARCHAR, outcome VARCHAR"


def create_stated(bench: Bench) -> None:
    """The empty table ``stated``: patient, instance of the note's form, element, outcome."""
    bench.run(f"CREATE OR REPLACE TABLE stated ({_COLUMNS})")


def check_stated(
    bench: Bench, dictionary: Dictionary, declared: StatedChecks, profile: Profile
) -> list[dict[str, Any]]:
    """Fill ``stated``, list disagreements on the fix list, and return counts by check.

    Needs the table ``people``. A note that names its tumour (or what else its form belongs to) is
    compared with rows of the same one; it agrees if any of them does.
    """
    declared.check_against(dictionary)
    create_stated(bench)
    if declared.note is None or not declared.checks:
        return []
    bench.run(f"CREATE OR REPLACE TABLE differing (_at BIGINT, _record VARCHAR, {_COLUMNS})")
    counts = {name: Counter[Outcome]() for name in declared.checks}
    for batch in _notes(bench, dictionary, declared):
        found: list[tuple[int, str, str, str, str, Outcome]] = []
        for at, record, patient, instance, text, codes, fields in batch:
            said = _said(text, profile)
            for (name, check), values in zip(declared.checks.items(), fields, strict=True):
                if _looks_at(check, codes):
                    outcome = compare(check, said.get(check.states), values)
                    counts[name][outcome] += 1
                    found.append((at, record, patient, instance, check.element, outcome))
        _keep(bench, found)
    _list(bench, dictionary.elements[declared.note].instrument, declared)
    return [
        {"check": name, "element": check.element, **{o: counts[name][o] for o in OUTCOMES}}
        for name, check in declared.checks.items()
    ]


def _said(text: str, profile: Profile) -> dict[Kind, Stated]:
    """What the note states; nothing where it is longer or takes longer than the profile lets a
    note, or where reading it fails: such a note is no ground to end a load.
    """
    if len(text) > profile.note_length_max:
        return {}
    try:
        with limited(profile.note_seconds_max):
            return settled(stated(text))
    except (OutOfTime, Exception):  # noqa: BLE001 - see above
        return {}


def compare(check: Check, said: Stated | None, values: Sequence[Any]) -> Outcome:
    """What the note says against the values of the rows that it may speak of."""
    if said is None or said.confidence < check.confidence:
        return "not_stated"
    if check.means and str(said.value) not in check.means:
        return "not_stated"
    known = [value for value in values if value is not None]
    if not known:
        return "no_value"
    if check.means:
        return "agree" if set(map(str, known)) & set(check.means[str(said.value)]) else "disagree"
    number = float(said.value)
    near = any(
        abs(float(value) - number) <= max(check.tolerance, check.relative * abs(float(value)))
        for value in known
    )
    return "agree" if near else "disagree"


def _looks_at(check: Check, codes: Mapping[str, str | None]) -> bool:
    return all(codes[name] in listed for name, listed in check.notes.items())


_Note = tuple[int, str, str, str, str, dict[str, str | None], list[list[Any]]]


def _notes(bench: Bench, dictionary: Dictionary, declared: StatedChecks) -> Iterator[list[_Note]]:
    """Notes a few at a time: place, record, pseudonym, instance, text, codes beside it, and for
    each check the values of the rows that belong to the same patient and tumour.
    """
    note = str(declared.note)
    form = dictionary.elements[note].instrument
    beside = sorted({name for check in declared.checks.values() for name in check.notes})
    cells = "".join(f", n.{quoted(name)}" for name in beside)
    fields = "".join(f", {_values(dictionary, form, c.element)}" for c in declared.checks.values())
    rows = bench.connection.cursor().execute(
        f"SELECT n._at, n._record, p._patient, n._instance, n.{quoted(note)}{cells}{fields} "
        f"FROM {quoted(form_table(form))} n JOIN people p USING (_record) "
        f"WHERE n.{quoted(note)} IS NOT NULL ORDER BY n._at"
    )
    while found := rows.fetchmany(_BATCH_ROWS):
        yield [
            (
                *row[:5],
                dict(zip(beside, row[5:], strict=False)),
                [v or [] for v in row[5 + len(beside) :]],
            )
            for row in found
        ]


def _values(dictionary: Dictionary, form: str, element: str) -> str:
    """SQL: the element's values in the rows that the note may speak of."""
    theirs = dictionary.elements[element].instrument
    note_names, row_names = dictionary.reference(form), dictionary.reference(theirs)
    same = "f._record = n._record"
    if note_names is not None:
        mine, target = note_names
        key = (dictionary.elements[mine].references or "").partition(".")[2]
        other = key if theirs == target else row_names[0] if row_names else None
        if other is not None and (theirs == target or (row_names and row_names[1] == target)):
            same += f" AND (n.{quoted(mine)} IS NULL OR f.{quoted(other)} = n.{quoted(mine)})"
    return (
        f"(SELECT list(f.{quoted(element)}) FILTER (WHERE f.{quoted(element)} IS NOT NULL) "
        f"FROM {quoted(form_table(theirs))} f WHERE {same})"
    )


def _keep(bench: Bench, found: Sequence[tuple[int, str, str, str, str, Outcome]]) -> None:
    names = ("_at", "_record", "_patient", "_instance", "element", "outcome")
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    kinds = (pa.int64(), *([pa.string()] * 5))
    table = pa.table(
        {n: pa.array(v, kind) for n, v, kind in zip(names, columns, kinds, strict=True)}
    )
    bench.connection.register("_found", table)
    bench.run("INSERT INTO stated SELECT _patient, _instance, element, outcome FROM _found")
    bench.run("INSERT INTO differing SELECT * FROM _found WHERE outcome = 'disagree'")
    bench.connection.unregister("_found")


def _list(bench: Bench, form: str, declared: StatedChecks) -> None:
    for element in dict.fromkeys(check.element for check in declared.checks.values()):
        fixlist.add(
            bench,
            f"SELECT _at, _record, _instance FROM differing WHERE element = {literal(element)}",
            instrument=form,
            fields=element,
            rule="note",
            severity="warning",
            says="the note states another value than the field",
            fix="read the note beside the field; one of the two is wrong, or both are right",
        )
    bench.run("DROP TABLE differing")
