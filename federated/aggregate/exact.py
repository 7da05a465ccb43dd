"""The exact, bounded integer vector of a plan, computed in the site's SQL engine (D2).

Every row of a cohort falls in at most one cell of its stratum. The engine counts rows per
stratum and cell, or adds up a row's integers per stratum (means); the public layout of the plan
then places the counts, so no key is ever learnt from data (D4): what is not in the plan has no
place, what nobody fell into is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from federated.privacy.measurement import ExactAggregate
from federated.study.plan import ORDER, Block, Plan, Stratum, unit_table
from policies.expression.reach import OPERAND_ENDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["aggregate", "cell_counts", "moments", "place"]

_NO, _YES, _OTHER = 0, 1, 2
"""Cells of a proportion; the last holds rows of the parent's cohort that do not count."""
_HALF = ibis.literal(0.5, type="float64")


def aggregate(plan: Plan, backend: Any) -> ExactAggregate:
    """Exact weighted integers in the order of ``plan``.

    ``backend`` is an Ibis backend connected to a published snapshot.
    """
    vector = [0] * plan.length
    for block in plan.blocks:
        table = backend.table(unit_table(block.unit))
        counts = (moments if block.kind == "mean" else cell_counts)(block, table)
        # Plain rows through the engine's own cursor: Ibis' other ways out import pandas, which
        # costs a node a second of its first answer.
        cursor = backend.raw_sql(backend.compile(counts))
        rows = [dict(zip(counts.columns, row, strict=True)) for row in cursor.fetchall()]
        place(block, rows, vector)
    return ExactAggregate(vector)


def cell_counts(block: Block, table: ir.Table) -> ir.Table:
    """Rows per stratum and cell: columns ``by_0`` …, ``cell``, ``rows``.

    A row contributes once at most: the cohort keeps index rows, or the first ``rows_max``
    rows of each patient by the stored order.
    """
    cohort = _cohort(block, table, cell=_cell(block, table))
    known = cohort.filter(cohort.cell.notnull())
    return known.group_by(known.columns).aggregate(rows=known.count())


def moments(block: Block, table: ir.Table) -> ir.Table:
    """Sums per stratum of the integers of a mean: columns ``by_0`` …, ``s``, ``q``, ``rows``.

    Rows without a value give nothing, and so do numbers that no one can reckon with.
    """
    low, high = (ibis.literal(end, type="float64") for end in block.bounds)
    middle, per_unit = _scale(block)
    most, square, _ = block.steps
    given: Any = compile_expression(_given(block.value), table).cast("float64")
    cohort = _cohort(block, table, value=given)
    # What cannot be reckoned with, infinities and NaN among it, is missing.
    known: Any = cohort.filter(cohort.value.abs() <= OPERAND_ENDS[1])
    held = ibis.cases((known.value < low, low), (known.value > high, high), else_=known.value)
    s = ((held - middle) * per_unit + _HALF).floor().cast("int64")
    rows: Any = known.select(*_strata(block), s=s.clip(lower=-most, upper=most))
    # ⌊2Q·s²/S² + ½⌋ as a quotient of whole numbers below 2⁵³. It lies 1/(2S²) from the next whole
    # number or on it, and a double this size is nearer than that: no engine rounds it across.
    above: Any = rows.s * rows.s * (4 * square) + most**2
    share = above.cast("float64") / ibis.literal(float(2 * most**2), type="float64")
    q = share.floor().cast("int64") - square
    sums = {"s": rows.s.sum(), "q": q.sum(), "rows": rows.count()}
    return rows.group_by(_strata(block)).aggregate(**sums) if block.by else rows.aggregate(**sums)


def _strata(block: Block) -> list[str]:
    return [f"by_{i}" for i in range(len(block.by))]


def _scale(block: Block) -> tuple[Any, Any]:
    low, high = block.bounds
    return (
        ibis.literal((low + high) / 2, type="float64"),
        ibis.literal(block.steps[0] / ((high - low) / 2), type="float64"),
    )


def _cohort(block: Block, table: ir.Table, **columns: Any) -> ir.Table:
    """Strata and ``columns`` of the rows that count."""
    keep: Any = compile_expression(block.cohort, table)
    if block.by_order:
        keep = keep & (table[ORDER] <= block.rows_max)
    names = zip(_strata(block), block.by, strict=True)
    strata = {column: table[name].cast("string") for column, name in names}
    return table.filter(keep).select(**strata, **columns)


def _cell(block: Block, table: ir.Table) -> Any:
    """The cell of a row within its stratum; NULL where the answer is not recorded."""
    if block.kind == "count":
        return ibis.literal(0, "int64")
    if block.kind == "proportion":
        numerator: Any = compile_expression(_given(block.numerator), table)
        known: Any = compile_expression(_given(block.known), table)
        # Not a cast of the boolean: PostgreSQL has none to its long integers.
        answer = numerator.ifelse(_YES, _NO)
        if block.inside is None:
            return ibis.cases((known & numerator.notnull(), answer))
        inside: Any = compile_expression(block.inside, table)
        return ibis.cases((inside & known & numerator.notnull(), answer), else_=_OTHER)
    time: Any = table[_given(block.time)]
    event: Any = compile_expression(_given(block.event), table)
    edges: Sequence[tuple[Any, int]] = [(time <= edge, i) for i, edge in enumerate(block.grid)]
    bins: Any = ibis.cases(*edges, else_=len(block.grid))
    # Which of the bin's cells; NULL where it cannot be told how observation ended.
    status: Any = event.ifelse(0, 1)
    if block.competing is not None:
        competing: Any = compile_expression(block.competing, table)
        ends = ((event, 0), (~event & competing, 1), (~event & ~competing, 2))
        status = ibis.cases(*ends)
    return ibis.cases((time.notnull() & event.notnull(), bins + status * block.bins))


def _given(part: Any) -> Any:
    if part is None:
        raise TypeError("the plan's block lacks a part that its kind needs")
    return part


def place(block: Block, rows: Sequence[Mapping[str, Any]], vector: list[int]) -> None:
    """Add the weighted counts of one block to ``vector`` at their public places."""
    offsets: dict[Stratum, int] = {stratum: where.start for stratum, where in block.slices()}
    for row in rows:
        stratum = tuple(row[column] for column in _strata(block))
        start = offsets.get(stratum)
        if start is None:
            continue  # not a public stratum: has no coordinate and cannot be shown
        for place, value in enumerate(_added(block, row)):
            vector[start + place] += value


def _added(block: Block, row: Mapping[str, Any]) -> Iterator[int]:
    """What the rows of one stratum and cell add to the stratum's integers."""
    rows = int(row["rows"])
    if block.kind == "mean":
        # Without strata and rows the sums are NULL.
        yield from (int(row["s"] or 0), int(row["q"] or 0), rows * block.steps[2])
    elif block.kind == "proportion":
        answer, known, unknown = block.steps
        if row["cell"] == _OTHER:
            yield from (0, -rows * unknown)
        else:
            yield from (rows * answer if row["cell"] == _YES else -rows * answer, rows * known)
    else:
        yield from (0 for _ in range(int(row["cell"])))
        yield rows * block.steps[0]
