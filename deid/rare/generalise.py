"""Rare combinations in a table that is to leave: generalised until each has k patients.

First one rung per column for the whole table (:mod:`deid.rare.search`), then, for the rows whose
combination is still rare, rungs of their own, and so on; what cannot be made common is made
missing; then classes that are larger than they must be are split again
(:mod:`deid.rare.refine`). No row is dropped. This is k-anonymity (Sweeney 2002) by global, then
local recoding; the loss is the non-uniform entropy of Gionis and Tassa (2009): the bits that are
no longer known of a value, where its column's distribution is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from deid.errors import DeidError
from deid.rare.ladder import OTHER, Rung, Value
from deid.rare.refine import refine
from deid.rare.search import Budget, Coded, large_enough, search

__all__ = ["NOT_PROMISED", "PROMISED", "ColumnCost", "Cost", "Generalised", "generalise"]

PROMISED = (
    "Every combination of these columns is shared by at least {k} patients, or all of its cells "
    "are missing. That protects against linking a row to a person by these columns."
)
NOT_PROMISED = (
    "It does not protect against linkage by other columns, against several rows of one person "
    "seen together, or against learning what all members of a combination have in common "
    "(attribute disclosure). Patients have other pseudonyms in every extract, but rows of two "
    "extracts can still be matched by the values they share, such as sizes and days, and matched "
    "rows may be rarer than each table's combinations: count what was given before. It is not "
    "differential privacy."
)
_UNIT = 1_000_000
"""Losses are counted in millionths of a bit."""
_WORK = 4_000_000
"""Rows looked at in all searches of a table: seconds, not minutes."""
_SPLITS = 25
"""As many times more while classes are split: enough for 20,000 rows of five columns."""
_PASSES_MAX = 50
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class ColumnCost:
    """Rows by rung (their own value included), cells changed and of these made missing, and the
    share of the column's information lost, 0 to 1.
    """

    rungs: dict[str, int]
    changed: int
    suppressed: int
    entropy_loss: float


@dataclass(frozen=True)
class Cost:
    """What it took. Sizes are of the smallest class, in patients (None: there is no class);
    ``rare_rows`` were in classes below k before, ``emptied_rows`` have lost every value;
    discernibility sums, over rows, the rows from which each cannot be told (Bayardo and Agrawal
    2005; an emptied row counts the whole table). ``exact``: no choice of one rung per column with
    the rest suppressed loses less. ``refined``: no class is left that could be split further; if
    not, the work that is allowed was done first, and some cells are coarser than they must be.
    """

    k: int
    rows: int
    patients: int
    rare_rows: int
    emptied_rows: int
    smallest_before: int | None
    smallest_after: int | None
    cells_changed: float
    entropy_loss: float
    discernibility_before: int
    discernibility_after: int
    exact: bool
    refined: bool
    passes: int
    columns: dict[str, ColumnCost]


@dataclass(frozen=True)
class Generalised:
    """The table, with generalised columns as text, and ``changed``: which cells are not as they
    were, per column.
    """

    table: Any
    changed: dict[str, NDArray[np.bool_]]
    cost: Cost


@dataclass(frozen=True)
class _Found:
    passes: int
    exact: bool
    refined: bool


@dataclass(frozen=True)
class _Column:
    name: str
    values: list[Value | None]
    rungs: tuple[str, ...]
    labels: tuple[list[str | None], ...]
    coded: Coded
    bits: tuple[NDArray[np.float64], ...]


def generalise(
    table: Any,
    ladders: Mapping[str, Sequence[Rung]],
    *,
    patient: str,
    k: int,
    weights: Mapping[str, int] | None = None,
    work: int = _WORK,
) -> Generalised:
    """``table`` (a pyarrow Table) with every combination of the columns of ``ladders`` shared by
    k patients or missing. ``patient`` is the column that names the patient; k counts patients.

    The order of rows and columns stays; the result does not depend on it. A column of ``weights``
    2 is kept as if its information were worth twice that of another (default 1). ``work`` bounds
    the search. Raises ValueError for a k below 1.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    _, people = np.unique(np.array(table.column(patient).to_pylist(), str), return_inverse=True)
    columns = [
        _code(name, table, ladders[name], people, k, (weights or {}).get(name, 1))
        for name in sorted(ladders)
    ]
    coded = [column.coded for column in columns]
    count = table.num_rows
    rung = np.zeros((len(columns), count), dtype=np.int64)
    everything = np.arange(count, dtype=np.int64)
    found = _Found(0, exact=True, refined=True)
    if columns and count:
        found = _assign(coded, rung, people.astype(np.int64), k, work)
    after = [_picked(column, rung[i]) for i, column in enumerate(columns)]
    cost = _cost(columns, rung, after, everything, people.astype(np.int64), k, found)
    changed = {c.name: _differs(c, rung[i]) for i, c in enumerate(columns)}
    return Generalised(_written(table, columns, rung, changed), changed, cost)


def _code(
    name: str, table: Any, rungs: Sequence[Rung], people: Codes, k: int, weight: int
) -> _Column:
    """The column under every rung, with what each cell loses there."""
    values: list[Value | None] = table.column(name).to_pylist()
    own = [None if value is None else str(value) for value in values]
    labels: list[list[str | None]] = [own]
    for step in rungs:
        said = [None if value is None else step.of(value) for value in values]
        labels.append(_folded(said, people, k) if step.fold else said)
    labels.append([None] * len(values))
    fine, known = _codes(own), np.array([value is not None for value in own], dtype=bool)
    sizes = np.bincount(fine[known], minlength=1).astype(float)
    codes, loss, bits = [], [], []
    for i, said in enumerate(labels):
        code = _codes(said)
        merged = np.bincount(code[known], minlength=1).astype(float)
        lost = np.zeros(len(values))
        lost[known] = np.log2(merged[code[known]] / sizes[fine[known]])
        if i == len(labels) - 1:
            lost[known] = np.log2(known.sum() / sizes[fine[known]])
        codes.append(code)
        # A class that merges nothing loses no bit, and yet a reader learns less from it.
        coarser = np.array([a != b for a, b in zip(said, own, strict=True)], dtype=bool)
        loss.append(np.rint(lost * weight * _UNIT).astype(np.int64) + i * coarser)
        bits.append(lost)
    names = ("as it was", *(step.name for step in rungs), "suppressed")
    return _Column(
        name, values, names, tuple(labels), Coded(tuple(codes), tuple(loss)), tuple(bits)
    )


def _folded(said: list[str | None], people: Codes, k: int) -> list[str | None]:
    having: dict[str, set[int]] = {}
    for label, person in zip(said, people.tolist(), strict=True):
        if label is not None:
            having.setdefault(label, set()).add(person)
    return [label if label is None or len(having[label]) >= k else OTHER for label in said]


def _codes(labels: Sequence[str | None]) -> Codes:
    """Numbers of the labels in their sorted order, 0 for missing."""
    number = {label: i + 1 for i, label in enumerate(sorted({x for x in labels if x is not None}))}
    return np.array([0 if x is None else number[x] for x in labels], dtype=np.int64)


def _assign(coded: Sequence[Coded], rung: Codes, people: Codes, k: int, work: int) -> _Found:
    """Fill ``rung`` (column × row): pass by pass, the rows that the pass makes common."""
    top = np.array([len(column.codes) - 1 for column in coded])
    rung[:] = top[:, None]
    if len(np.unique(people)) < k:
        return _Found(0, exact=True, refined=True)
    budget, splits = Budget(work), Budget(_SPLITS * work)
    left, everyone = np.arange(rung.shape[1], dtype=np.int64), rung.copy()
    passes, exact = 0, True
    while passes < _PASSES_MAX and len(np.unique(people[left])) >= k:
        choice = search(coded, left, people, k, budget)
        exact = exact and (passes > 0 or choice.exact)
        passes += 1
        fits, _ = large_enough(coded, choice.rungs, left, people, k)
        rung[:, left[fits]] = np.array(choice.rungs)[:, None]
        if not fits.any() or choice.rungs == tuple(top.tolist()):
            break
        left = left[~fits]
    refined = refine(coded, rung, people, k, splits)
    # The same from the top, without the search: now and then that loses less.
    refined = refine(coded, everyone, people, k, splits) and refined
    if _lost(coded, everyone) < _lost(coded, rung):
        rung[:] = everyone
    return _Found(passes, exact=exact, refined=refined)


def _lost(coded: Sequence[Coded], rung: Codes) -> int:
    rows = np.arange(rung.shape[1])
    return sum(int(np.array(c.loss)[rung[i], rows].sum()) for i, c in enumerate(coded))


def _picked(column: _Column, rung: Codes) -> list[str | None]:
    return [column.labels[r][row] for row, r in enumerate(rung.tolist())]


def _differs(column: _Column, rung: Codes) -> NDArray[np.bool_]:
    own = column.labels[0]
    return np.array(
        [said != own[row] for row, said in enumerate(_picked(column, rung))], dtype=bool
    )


def _cost(
    columns: Sequence[_Column],
    rung: Codes,
    after: Sequence[list[str | None]],
    rows: Codes,
    people: Codes,
    k: int,
    found: _Found,
) -> Cost:
    before = [column.labels[0] for column in columns]
    small, rare, told_before, _ = _classes(before, people, k)
    least, still_rare, told, emptied = _classes(after, people, k)
    if still_rare:
        raise DeidError("a combination stayed rare; nothing was written")
    costs = {c.name: _column_cost(c, rung[i]) for i, c in enumerate(columns)}
    cells = sum(1 for c in columns for value in c.labels[0] if value is not None)
    bits = sum(float(c.bits[-1].sum()) for c in columns)
    lost = math.fsum(
        float(c.bits[r][row])
        for i, c in enumerate(columns)
        for row, r in enumerate(rung[i].tolist())
    )
    return Cost(
        k=k,
        rows=len(rows),
        patients=len(np.unique(people)),
        rare_rows=rare,
        emptied_rows=emptied,
        smallest_before=small,
        smallest_after=least,
        cells_changed=_share(sum(c.changed for c in costs.values()), cells),
        entropy_loss=_share(lost, bits),
        discernibility_before=told_before,
        discernibility_after=told,
        exact=found.exact,
        refined=found.refined,
        passes=found.passes,
        columns=costs,
    )


def _column_cost(column: _Column, rung: Codes) -> ColumnCost:
    known = np.array([value is not None for value in column.labels[0]], dtype=bool)
    changed = _differs(column, rung)
    gone = np.array([said is None for said in _picked(column, rung)], dtype=bool) & known
    used = np.bincount(rung[known], minlength=len(column.rungs))
    lost = math.fsum(float(column.bits[r][row]) for row, r in enumerate(rung.tolist()))
    return ColumnCost(
        rungs={name: int(n) for name, n in zip(column.rungs, used, strict=True) if n},
        changed=int(changed.sum()),
        suppressed=int(gone.sum()),
        entropy_loss=_share(lost, math.fsum(column.bits[-1].tolist())),
    )


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0


def _classes(
    labels: Sequence[list[str | None]], people: Codes, k: int
) -> tuple[int | None, int, int, int]:
    """Smallest class in patients, rows in classes below k, discernibility, rows without a value."""
    members: dict[tuple[str | None, ...], list[int]] = {}
    for row, person in enumerate(people.tolist()):
        members.setdefault(tuple(column[row] for column in labels), []).append(person)
    empty = len(members.pop((None,) * len(labels), []))
    sizes = [(len(set(of)), len(of)) for of in members.values()]
    return (
        min((patients for patients, _ in sizes), default=None),
        sum(rows for patients, rows in sizes if patients < k),
        sum(rows * rows for _, rows in sizes) + empty * len(people),
        empty,
    )


def _written(
    table: Any, columns: Sequence[_Column], rung: Codes, changed: Mapping[str, NDArray[np.bool_]]
) -> Any:
    for i, column in enumerate(columns):
        differs = changed[column.name]
        if not differs.any():
            continue
        place = table.schema.get_field_index(column.name)
        said = _picked(column, rung[i])
        if all(said[row] is None for row in np.flatnonzero(differs)):
            kept = [None if differs[row] else v for row, v in enumerate(column.values)]
            array = pa.array(kept, table.schema.field(place).type)
        else:
            array = pa.array(said, pa.string())
        table = table.set_column(place, column.name, array)
    return table
