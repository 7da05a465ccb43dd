"""What a store is tried with: a workbench with the kinds of columns that loads make."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gateway.registry.bench import Bench, open_bench
from gateway.registry.store.store import Store, Version

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {
    "_patient": "VARCHAR", "_order": "INTEGER", "days": "BIGINT", "size": "DOUBLE",
    "alive": "BOOLEAN", "seen": "DATE", "text": "VARCHAR",
}  # fmt: skip
ROWS: list[tuple[Any, ...]] = [
    ("a", 1, 2**62, 0.1 + 0.2, True, date(2020, 2, 29), 'quotes " and , and\nlines\t\\N'),
    ("a", 2, -3, 5e-324, False, date(1, 1, 1), ""),
    ("B", 1, 0, -1.7976931348623157e308, None, None, "NULL"),
    ("é", 1, None, None, True, date(9999, 12, 31), None),
    ("ß", 7, 1, math.inf, None, None, "\u202eright to left, 骨肉瘤, \U0001f9b4"),
]
"""In the order of code points of ``_patient``, then ``_order``, but for the capital letter."""


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """A workbench with :data:`ROWS` in ``unit_case``, and ``notes`` without a row."""
    folder.mkdir(exist_ok=True)
    with open_bench(folder) as made:
        listed = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        made.run(f"CREATE TABLE unit_case ({listed})")
        for row in ROWS:
            made.run(f"INSERT INTO unit_case VALUES ({', '.join('?' * len(row))})", row)
        made.run("CREATE TABLE notes (_patient VARCHAR, text VARCHAR)")
        yield made


def load(store: Store, spill: Path, now: datetime = NOW, **meta: Any) -> Version:
    """A version as a load makes it."""
    with store.writing() as draft, bench(spill) as made:
        draft.fill(made, ["unit_case", "notes"], {"load": "x", "units": {"case": 5}, **meta})
        return store.adopt(draft, now=now)
