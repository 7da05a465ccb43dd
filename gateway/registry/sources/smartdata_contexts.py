"""What a patient has once may be written in several contexts: at two visits, say.

The forms that a patient has once take each element's latest value, from whichever context, and
take it in the patient's first row. Of forms that repeat, every context is a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import Cell
from policies.dictionary import Dictionary

__all__ = ["keep_latest", "settle"]


def keep_latest(bench: Bench) -> None:
    """Table ``contexts``: elements that a patient has in several contexts, the latest value, and
    whether they differ; from the table ``latest``.
    """
    order = "written DESC NULLS LAST, TRY_CAST(hlv AS BIGINT) DESC, hlv DESC, place"
    bench.run(
        "CREATE OR REPLACE TABLE contexts AS SELECT patient, element, "
        f"list(nullif(trim(text, ' \n'), '') ORDER BY {order})[1] AS text, "
        "count(DISTINCT lower(trim(coalesce(text, ''), ' \n'))) > 1 AS differs "
        "FROM latest SEMI JOIN (SELECT patient, element FROM latest GROUP BY ALL "
        "HAVING count(*) > 1) USING (patient, element) GROUP BY patient, element"
    )


def settle(
    bench: Bench, header: Sequence[str], cells: Sequence[Cell], dictionary: Dictionary
) -> None:
    """Put what a patient has once into the patient's first row of ``raw``; note what differs."""
    key = next(cell for cell in cells if cell.element == dictionary.key)
    repeating = {c.column for c in cells if dictionary.instruments[c.declared.instrument].repeats}
    once = {
        c.column: c.declared.instrument
        for c in cells
        if c.column is not None and c.column > 2 and c.column not in repeating and c is not key
    }
    if key.column != 0 or not once:
        return  # another column names the patients: then each context's row stands for itself
    columns = ", ".join(f"any_value(c{i}) AS c{i}" for i in once)
    bench.run(
        f"CREATE OR REPLACE TABLE once AS SELECT c0 AS patient, min(_at) AS _at, {columns} "
        "FROM raw WHERE c0 IS NOT NULL GROUP BY c0"
    )
    several = {row[0] for row in bench.run("SELECT DISTINCT element FROM contexts")}
    for i, instrument in once.items():
        if header[i] in several:
            _latest_of_all(bench, header[i], i, instrument)
    taken = ", ".join(f"o.c{i} AS c{i}" for i in once)
    # Rows without anything that repeats would only be the patient's form again.
    join = "LEFT JOIN" if repeating - {None, 0} else "JOIN"
    bench.run(
        f"CREATE OR REPLACE TABLE raw AS SELECT r.* REPLACE ({taken}) FROM raw r {join} once o "
        f"ON o._at = r._at ORDER BY r._at"
    )
    bench.run("DROP TABLE once")
    bench.run("DROP TABLE contexts")


def _latest_of_all(bench: Bench, element: str, column: int, instrument: str) -> None:
    mine = f"contexts.patient = once.patient AND element = {literal(element)}"
    bench.run(f"UPDATE once SET c{column} = contexts.text FROM contexts WHERE {mine}")
    fixlist.add(
        bench,
        "SELECT _at, once.patient AS _record, NULL AS _instance FROM once JOIN contexts "
        f"ON {mine} WHERE differs",
        instrument=instrument,
        fields=element,
        rule="context",
        severity="info",
        says="differs between contexts of the patient; the latest is kept",
        fix="correct the older one where both should agree",
    )
