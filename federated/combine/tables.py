"""Tables of the same rows, divided differently, put together by least squares.

The cells of a table over elements B, with L_a levels each, split into one part for every S ⊆ B: the
sums over the other elements, and of these what remains where the mean over each element of S is
taken off, one after the other. The parts are orthogonal, so independent where all cells of a table
have independent noise of one variance; and tables of the same rows tell the same parts. So the
weighted mean of each part, over the tables that have it, is the least-squares estimate, and a table
is put together again from its parts (federated/combine/README.md has the proof). The weights follow
from the plan alone (federated/study/agreement.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from federated.combine.projection import Floats
from federated.study.agreement import Shape, parts_of

__all__ = ["Agreed", "Table", "agree", "arranged", "sizes_of"]

_Number = TypeVar("_Number", np.float64, np.int64)


@dataclass(frozen=True)
class Table:
    """``cells`` of shape (sites, levels of each element of ``by``, readings), a reading having
    independent noise of the same ``variance`` in every cell, up to a factor that is each site's
    own; (readings,), or (1,) where all are weighed alike.
    """

    by: tuple[str, ...]
    cells: Floats
    variance: Floats


@dataclass(frozen=True)
class Agreed:
    """A table's ``cells`` as they agree with the others. The noise variance of a cell is the sum
    over all tables of ``of_cell`` times their own; that of the sum of all cells goes with
    ``of_total``. Both have shape (tables, readings or 1).
    """

    cells: Floats
    of_cell: Floats
    of_total: Floats


def agree(tables: Sequence[Table]) -> tuple[Agreed, ...]:
    """Every table with the least-squares estimates of its cells from all of them."""
    sizes = sizes_of([(table.by, table.cells.shape[1:-1]) for table in tables])
    given = [arranged(table.by, table.cells, sizes) for table in tables]
    shapes = [
        Shape({a: sizes[a] for a in table.by}, tuple(map(float, table.variance)))
        for table in tables
    ]
    found = [np.zeros_like(cells) for cells in given]
    of_cell = [np.zeros((len(tables), len(table.variance))) for table in tables]
    of_total = np.zeros_like(of_cell[0])
    for part in parts_of(shapes):
        having, behind = list(part.tables), np.array(part.behind)[:, None]
        variances = np.stack([tables[t].variance for t in having]) * behind
        weights = np.array(part.variance) / variances
        parts = [
            w * _part(given[t], part.elements, sizes) for t, w in zip(having, weights, strict=True)
        ]
        estimate = np.sum(parts, axis=0)
        noise = weights**2 * behind
        for t, n in zip(having, part.behind, strict=True):
            found[t] += estimate / n
            of_cell[t][having] += shapes[t].share_of(part.elements) * noise
        if not part.elements:
            of_total[having] = noise
    return tuple(
        Agreed(_as_given(table, cells), shares, of_total)
        for table, cells, shares in zip(tables, found, of_cell, strict=True)
    )


def sizes_of(tables: Sequence[tuple[Sequence[str], Sequence[int]]]) -> dict[str, int]:
    """The number of levels of every element, in the order of their names."""
    sizes = {a: size for by, levels in tables for a, size in zip(by, levels, strict=True)}
    return dict(sorted(sizes.items()))


def arranged(
    by: Sequence[str], cells: NDArray[_Number], sizes: Mapping[str, int]
) -> NDArray[_Number]:
    """Cells of shape (sites, levels, readings) with an axis for every element of ``sizes``, in
    that order, of length 1 where the table is not divided by it.
    """
    order = sorted(range(len(by)), key=lambda i: by[i])
    turned = cells.transpose(0, *(1 + i for i in order), len(by) + 1)
    lengths = (size if a in by else 1 for a, size in sizes.items())
    return turned.reshape(len(cells), *lengths, cells.shape[-1])


def _as_given(table: Table, cells: Floats) -> Floats:
    """The inverse of :func:`arranged`."""
    order = sorted(table.by)
    levels = dict(zip(table.by, table.cells.shape[1:-1], strict=True))
    turned = cells.reshape(len(cells), *(levels[a] for a in order), cells.shape[-1])
    return turned.transpose(0, *(1 + order.index(a) for a in table.by), len(order) + 1)


def _part(cells: Floats, part: tuple[str, ...], sizes: Mapping[str, int]) -> Floats:
    """One part of arranged cells."""
    axes = {a: 1 + i for i, a in enumerate(sizes)}
    sums: Floats = cells.sum(axis=tuple(axes[a] for a in sizes if a not in part), keepdims=True)
    for a in part:
        sums = sums - sums.mean(axis=axes[a], keepdims=True)
    return sums
