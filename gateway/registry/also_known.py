"""What else a source says that names a patient: a cell holds one value of a list.

A FHIR Patient has several names (present, former, every given name), numbers and telephones; the
registry's element takes one of them. The notes may hold any: all are looked for in them, go into
the vault, and no surrogate may equal them. Table ``also_known``: ``record``, ``holds``, ``text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.registry.bench import Bench

__all__ = ["FAMILY", "GIVEN", "PER_RECORD", "all_names", "create", "others"]

GIVEN, FAMILY = "given", "family"
"""What ``holds`` says of the patient's own names. Else it is a column's name as
:mod:`deid.own.columns` understands it: phone, address, contact_name."""

PER_RECORD = (
    "(SELECT record AS _record, list(holds ORDER BY holds, text) AS _holds, "
    "list(text ORDER BY holds, text) AS _texts "
    "FROM (SELECT DISTINCT * FROM also_known) GROUP BY record)"
)
"""SQL of one row for each record: ``_record``, and the lists ``_holds`` and ``_texts``."""


def create(bench: Bench) -> None:
    """The table, empty: most sources say nothing beyond their cells."""
    bench.run("CREATE OR REPLACE TABLE also_known (record VARCHAR, holds VARCHAR, text VARCHAR)")


def all_names(cell: str, kind: str, known: Iterable[tuple[str, str]]) -> str:
    """The name of the cell and behind it all others of that kind, each once."""
    names = (cell, *(text for holds, text in known if holds == kind))
    return " ".join(dict.fromkeys(name for name in names if name))


def others(
    known: Iterable[tuple[str, str]], used: Sequence[str] | set[str]
) -> tuple[tuple[str, str], ...]:
    """What is no own name and stands in no cell (``used``), as further columns of the patient."""
    return tuple(
        (holds, text) for holds, text in known if holds not in (GIVEN, FAMILY) and text not in used
    )
