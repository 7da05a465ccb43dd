"""The exact, bounded integer vector of a plan, computed in the site's SQL engine (D2).

Every row of a cohort falls in at most one cell of its stratum. The engine counts rows per
stratum and cell, or adds up a row's integers per stratum (means, ratios); the public layout of the
plan then places the counts, so no key is ever learnt from data (D4): what is not in the plan has no
place, what nobody fell into is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from federated.privacy.measurement import ExactAggregate
from federated.study.plan import LEAN, ORDER, RATIOS, Block, Plan, Stratum, unit_table
from policies.expression import Name
from policies.expression.reach import OPERAND_ENDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["aggregate", "cell_counts", "events_and_sums", "moments", "place"]

_NO, _YES, _OTHER = 0, 1, 2
"""Cells of a proportion; the last holds rows of the parent's cohort that do not count."""


def aggregate(plan: Plan, backend: Any) -> ExactAggregate:
    """Exact weighted integers in the order of ``plan``.

    ``backend`` is an Ibis backend connected to a published snapshot: DuckDB, PostgreSQL or Spark.
    All three give the same integers (``tests/generative/test_three_engines.py``).
    """
    vector = [0] * plan.length
    # Once for each unit: what columns there are is a question to the engine.
    tables = {unit: backend.table(unit_table(unit)) for unit in {b.unit for b in plan.blocks}}
    for block in plan.blocks:
        table = tables[block.unit]
        counts = _asked(block)(block, table)
        rows = (dict(zip(counts.columns, row, strict=True)) for row in _fetched(counts, backend))
        place(block, rows, vector)
    return ExactAggregate(vector)


def _asked(block: Block) -> Callable[[Block, ir.Table], ir.Table]:
    if block.kind in RATIOS:
        return events_and_sums
    return moments if block.kind == "mean" else cell_counts


def _fetched(query: ir.Table, backend: Any) -> Sequence[tuple[Any, ...]]:
    # Plain rows in the engine's own way: Ibis' other ways out import pandas, which costs a node a
    # second of its first answer. Spark gives a data frame, the others a cursor of the DB-API.
    answer = backend.raw_sql(backend.compile(query))
    rows: Sequence[tuple[Any, ...]]
    rows = answer.collect() if backend.name == "pyspark" else answer.fetchall()
    return rows


def cell_counts(block: Block, table: ir.Table) -> ir.Table:
    """Rows per stratum and cell: columns ``by_0`` …, ``cell`` (not of a count), ``rows``.

    A row contributes once at most: the cohort keeps index rows, or the first ``rows_max``
    rows of each patient by the stored order.
    """
    if block.kind == "quantiles":
        valued, of = _with_value(block, table)
        binned: Any = valued.select(cell=_bin(of.pop("value"), block.edges), **of)
        return _grouped(binned, [*_strata(block), "cell"], rows=binned.count())
    # What makes a cell known is a condition of its own: of a filter on the cell itself DuckDB
    # makes a second reckoning of it. Columns are those of the rows that are left: Ibis takes
    # twice as long to bring those of the table over the filter.
    cohort: Any = _cohort(block, table, _known(block, table))
    columns = _by(block, cohort) | _cell(block, cohort)
    by = [column.name(name) for name, column in columns.items()]
    counts: ir.Table = cohort.aggregate(by=by, rows=cohort.count())
    return counts


def _grouped(table: ir.Table, columns: list[str], **sums: Any) -> ir.Table:
    return table.group_by(columns).aggregate(**sums) if columns else table.aggregate(**sums)


def moments(block: Block, table: ir.Table) -> ir.Table:
    """Sums per stratum of the integers of a mean: columns ``by_0`` …, ``s``, ``q``, ``rows``.

    ``q`` is without the −Q of each row. Rows without a value give nothing, and so do numbers
    that no one can reckon with.
    """
    most, square, _ = block.steps
    known, of = _with_value(block, table)
    s = _whole_steps(of.pop("value"), block, _scale(block), -most, most)
    rows: Any = known.select(s=s, **of)
    # ⌊2Q·s²/S² + ½⌋ as a quotient of whole numbers below 2⁵³. It lies 1/(2S²) from the next whole
    # number or on it, and a double this size is nearer than that: no engine rounds it across.
    whole: Any = rows.s.cast("float64")
    above = whole * whole * _double(4 * square) + _double(most**2)
    q = (above / _double(2 * most**2)).floor().cast("int32")
    sums = {"s": rows.s.sum(), "q": q.sum(), "rows": rows.count()}
    return _grouped(rows, _strata(block), **sums)


def events_and_sums(block: Block, table: ir.Table) -> ir.Table:
    """Events per stratum and the sum of their s: columns ``by_0`` …, ``events``, ``s``, ``rows``,
    of rows that have both.
    """
    event: Any = compile_expression(_given(block.event), table)
    # Not a cast of the boolean: PostgreSQL has none to its long integers.
    known, of = _with_value(block, table, event.notnull(), event=event.ifelse(1, 0))
    high, most = block.bounds[1], block.steps[1]
    # Counted down from the upper end: near 0 a product could leave the doubles (see _scale).
    scale = _double(high), _double(most / high), _double(most + 0.5)
    s = _whole_steps(of.pop("value"), block, scale, 0, most)
    rows: Any = known.select(s=s, **of)
    sums = {"events": rows.event.sum(), "s": rows.s.sum(), "rows": rows.count()}
    return _grouped(rows, _strata(block), **sums)


def _whole_steps(
    value: Any, block: Block, scale: tuple[Any, Any, Any], least: int, most: int
) -> Any:
    """A value held to its bounds, in whole steps from ``least`` to ``most``."""
    low, high = map(_double, block.bounds)
    origin, per_unit, shift = scale
    # LEAST and GREATEST, not Ibis' clip: that writes its argument eight times over.
    held = ibis.least(ibis.greatest(value, low), high)
    steps = (held - origin) * per_unit + shift
    # Held once more, for whatever doubles did; and 4 bytes, so that engines add up in 8 of their
    # own (the sum of 8 bytes is a decimal to PostgreSQL, of 16 bytes to DuckDB).
    return ibis.least(ibis.greatest(steps, _double(least)), _double(most)).floor().cast("int32")


def _with_value(
    block: Block, table: ir.Table, known: Any = None, **columns: Any
) -> tuple[ir.Table, dict[str, Any]]:
    """The rows that count and have a value; of them ``value``, a double, strata and ``columns``."""
    given = _given(block.value)
    if isinstance(given, Name):
        # Nothing is reckoned, so no column need hold it: one table less for Ibis to write.
        rows: Any = _cohort(block, table, _has_value(compile_expression(given, table), known))
        value: Any = compile_expression(given, rows).cast("float64")
        return rows, {"value": value} | _by(block, rows) | columns
    cohort: Any = _cohort(block, table, known)
    value = compile_expression(given, cohort).cast("float64")
    cohort = cohort.select(value=value, **_by(block, cohort), **columns)
    rows = cohort.filter(_has_value(cohort.value))
    return rows, {name: rows[name] for name in rows.columns}


def _has_value(number: Any, known: Any = None) -> Any:
    # What cannot be reckoned with, infinities and NaN among it, is missing.
    has = number.cast("float64").abs() <= OPERAND_ENDS[1]
    return has if known is None else known & has


def _bin(value: Any, edges: Sequence[float], first: int = 0) -> Any:
    """``first`` + the number of ``edges`` that lie below ``value``.

    Doubles are compared and nothing is reckoned, so every engine has the same bin. A tree of
    tests, since a chain of 255 costs most rows over a hundred of them.
    """
    if not edges:
        return ibis.literal(first, type="int64")
    middle = len(edges) // 2
    return ibis.cases(
        (
            value <= _double(edges[middle]),
            _bin(value, edges[:middle], first),
        ),
        else_=_bin(value, edges[middle + 1 :], first + middle + 1),
    )


def _strata(block: Block) -> list[str]:
    return [f"by_{i}" for i in range(len(block.by))]


def _scale(block: Block) -> tuple[Any, Any, Any]:
    """What to take off a value, to multiply by and to add: then its floor is its steps."""
    low, high = block.bounds
    middle, per_unit = (low + high) / 2, block.steps[0] / ((high - low) / 2)
    # PostgreSQL raises where a product leaves the doubles towards 0, and so would tell of a value
    # next to 0. The distance from another number than 0 is never so small: around 0 count from low.
    origin, shift = (middle, 0.5) if middle else (low, 0.5 - block.steps[0])
    return _double(origin), _double(per_unit), _double(shift)


def _double(number: float) -> Any:
    return ibis.literal(float(number), type="float64")


def _by(block: Block, table: ir.Table) -> dict[str, Any]:
    names = zip(_strata(block), block.by, strict=True)
    return {column: table[name].cast("string") for column, name in names}


def _cohort(block: Block, table: ir.Table, known: Any) -> ir.Table:
    """The rows that count."""
    keep: Any = compile_expression(block.cohort, table)
    if block.by_order:
        keep = keep & (table[ORDER] <= block.rows_max)
    if known is not None:
        keep = keep & known
    return table.filter(keep)


def _known(block: Block, table: ir.Table) -> Any:
    """Which rows of the cohort have a cell; None where all have one."""
    if block.kind == "count" or block.inside is not None:
        return None
    if block.kind == "proportion":
        numerator: Any = compile_expression(_given(block.numerator), table)
        return compile_expression(_given(block.known), table) & numerator.notnull()
    # How observation ended must be known.
    event: Any = compile_expression(_given(block.event), table)
    known = table[_given(block.time)].notnull() & event.notnull()
    if block.competing is not None:
        competing: Any = compile_expression(block.competing, table)
        known = known & (event | competing.notnull())
    return known


def _cell(block: Block, table: ir.Table) -> dict[str, Any]:
    """The cell of a row within its stratum, if there is more than one."""
    if block.kind == "count":
        return {}
    if block.kind == "proportion":
        numerator: Any = compile_expression(_given(block.numerator), table)
        # Not a cast of the boolean: PostgreSQL has none to its long integers.
        answer = numerator.ifelse(_YES, _NO)
        if block.inside is None:
            return {"cell": answer}
        inside: Any = compile_expression(block.inside, table)
        known: Any = compile_expression(_given(block.known), table)
        return {"cell": ibis.cases((inside & known & numerator.notnull(), answer), else_=_OTHER)}
    time: Any = table[_given(block.time)]
    event: Any = compile_expression(_given(block.event), table)
    edges: Sequence[tuple[Any, int]] = [(time <= edge, i) for i, edge in enumerate(block.grid)]
    bins: Any = ibis.cases(*edges, else_=len(block.grid))
    status: Any = event.ifelse(0, 1)
    if block.competing is not None:
        competing: Any = compile_expression(block.competing, table)
        status = ibis.cases((event, 0), (competing, 1), else_=2)
    return {"cell": bins + status * block.bins}


def _given(part: Any) -> Any:
    if part is None:
        raise TypeError("the plan's block lacks a part that its kind needs")
    return part


def place(block: Block, rows: Iterable[Mapping[str, Any]], vector: list[int]) -> None:
    """Add the weighted counts of one block to ``vector`` at their public places."""
    offsets: dict[Stratum, int] = {stratum: where.start for stratum, where in block.slices()}
    for row in rows:
        stratum = tuple(row[column] for column in _strata(block))
        start = offsets.get(stratum)
        if start is None:
            continue  # not a public stratum: has no coordinate and cannot be shown
        for place, value in _added(block, row):
            vector[start + place] += value


def _added(block: Block, row: Mapping[str, Any]) -> Iterable[tuple[int, int]]:
    """What the rows of one stratum and cell add to the stratum's integers, with the place of
    each.
    """
    rows = int(row["rows"])
    if block.kind == "mean":
        # Without strata and rows the sums are NULL.
        _, square, known = block.steps
        return enumerate((int(row["s"] or 0), int(row["q"] or 0) - rows * square, rows * known))
    if block.kind in RATIOS:
        (less, more), s = LEAN, int(row["s"] or 0)
        return enumerate((int(row["events"] or 0) * block.steps[0] - less * s, more * s))
    if block.kind == "proportion":
        answer, known, unknown = block.steps
        if row["cell"] == _OTHER:
            return ((1, -rows * unknown),)
        return enumerate((rows * answer if row["cell"] == _YES else -rows * answer, rows * known))
    if block.kind == "count":
        return ((0, rows * block.steps[0]),)
    cell = int(row["cell"])
    to_last = block.bins - cell % block.bins  # the next line of bins is another status
    return ((cell + k, rows * step) for k, step in enumerate(block.steps[:to_last]))
