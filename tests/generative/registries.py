"""Small random registries as plain records, and the workbench that holds the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from policies.dictionary import Dictionary, Element

Record = dict[str, list[dict[str, Any]]]
ARROW = {
    "text": pa.string(),
    "note": pa.string(),
    "category": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "multi": pa.bool_(),
}
DAY = date(2020, 1, 30)


def random_value(element: Element, random: Random, *, keys: int) -> Any:
    """A value of the element or None; few distinct ones, so that rows tie and match."""
    if random.random() < 0.2:
        return None
    if element.references is not None or ("key" in element.roles and element.type == "integer"):
        return random.randint(1, keys)
    low, high = element.bounds
    match element.type:
        case "date":
            return DAY + timedelta(days=random.choice([-40, -1, 0, 0, 1, 20, 30, 31, 90, 400]))
        case "category":
            return random.choice(list(element.choices))
        case "multi":
            held = frozenset(c for c in element.choices if random.random() < 0.3)
            return held or None
        case "integer":
            return random.randint(int(low or 0), min(int(high or 9), int(low or 0) + 5))
        case "number":
            return random.choice([low or 0.0, (low or 0.0) + 1.5, (low or 0.0) + 7.0, 60.0])
    return "text"


def random_record(dictionary: Dictionary, random: Random, *, rows_max: int = 4) -> Record:
    """One patient's rows of every form."""
    record: Record = {}
    for form, declared in dictionary.instruments.items():
        count = 1 if not declared.repeats else random.randint(0, rows_max)
        record[form] = [
            {n: random_value(e, random, keys=2) for n, e in dictionary.of(form).items()}
            for _ in range(count)
        ]
    return record


def put_forms(bench: Bench, dictionary: Dictionary, records: Sequence[Record]) -> None:
    """The form tables of a load, filled with the records."""
    for form in dictionary.instruments:
        rows = [
            (f"r{patient:03}", seq, row)
            for patient, record in enumerate(records)
            for seq, row in enumerate(record[form], start=1)
        ]
        columns: dict[str, pa.Array] = {
            "_at": pa.array(range(1, len(rows) + 1), pa.int64()),
            "_record": pa.array([record for record, _, _ in rows], pa.string()),
            "_instance": pa.array([str(seq) for _, seq, _ in rows], pa.string()),
            "_seq": pa.array([seq for _, seq, _ in rows], pa.int64()),
        }
        for name, element in dictionary.of(form).items():
            values = [row.get(name) for _, _, row in rows]
            if element.type == "multi":
                for code in element.choices:
                    held = [None if v is None else code in v for v in values]
                    columns[f"{name}___{code}"] = pa.array(held, pa.bool_())
            else:
                columns[name] = pa.array(values, ARROW[element.type])
        bench.connection.register("_rows", pa.table(columns))
        bench.run(f"CREATE OR REPLACE TABLE {quoted(form_table(form))} AS SELECT * FROM _rows")
        bench.connection.unregister("_rows")
