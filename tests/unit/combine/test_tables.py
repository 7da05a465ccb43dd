"""Tables put together: what least squares with every cell as an unknown gives, noise included."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.combine.projection import Floats
from federated.combine.tables import Table, agree

SIZES = {"grade": 2, "side": 3, "stage": 4}
LAYOUTS: list[tuple[tuple[str, ...], ...]] = [
    ((), ("stage",)),
    ((), ("stage",), ("stage", "grade")),
    ((), ("stage",), ("grade",), ("grade", "stage"), ("stage", "grade")),
    (("stage", "side"), ("side", "grade")),
    (("stage",), ("side",)),
    (("stage",), ("stage",)),
    ((), ("stage", "side", "grade"), ("side", "stage")),
]


def sums(by: tuple[str, ...]) -> Floats:
    """The matrix that makes a table's cells of those of the finest table of all."""
    places = list(itertools.product(*(range(size) for size in SIZES.values())))
    cells = list(itertools.product(*(range(SIZES[a]) for a in by)))
    names = list(SIZES)
    rows = [[tuple(at[names.index(a)] for a in by) == cell for at in places] for cell in cells]
    return np.array(rows, dtype=np.float64)


def least_squares(
    layout: tuple[tuple[str, ...], ...], told: list[Floats], variances: list[float]
) -> tuple[list[Floats], list[Floats], float]:
    """Cells of each table, the variances of their noise, that of the sum of all."""
    design = np.vstack([sums(by) for by in layout])
    noise = np.concatenate([np.full(len(y), v) for y, v in zip(told, variances, strict=True)])
    solve = np.linalg.pinv(design / np.sqrt(noise)[:, None]) / np.sqrt(noise)
    finest = solve @ np.concatenate(told)
    covariance = solve @ np.diag(noise) @ solve.T
    tables = [sums(by) for by in layout]
    of_total = np.ones(len(finest)) @ covariance @ np.ones(len(finest))
    return (
        [table @ finest for table in tables],
        [np.diag(table @ covariance @ table.T) for table in tables],
        float(of_total),
    )


def shaped(by: tuple[str, ...], cells: Floats) -> Floats:
    """One site, one reading."""
    return cells.reshape(1, *(SIZES[a] for a in by), 1)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@given(data=st.data())
def test_it_is_least_squares(layout: tuple[tuple[str, ...], ...], data: st.DataObject) -> None:
    told = [
        np.array(data.draw(st.lists(st.floats(-50, 50), min_size=n, max_size=n)))
        for n in (math.prod(SIZES[a] for a in by) for by in layout)
    ]
    variance = st.floats(0.01, 100)
    variances = [data.draw(variance) for _ in layout]
    found = agree(
        [
            Table(by, shaped(by, cells), np.array([v]))
            for by, cells, v in zip(layout, told, variances, strict=True)
        ]
    )
    expected, noise, of_total = least_squares(layout, told, variances)
    for one, cells, spread in zip(found, expected, noise, strict=True):
        assert one.cells.ravel() == pytest.approx(cells, abs=1e-6)
        assert one.of_cell[:, 0] @ variances == pytest.approx(spread, rel=1e-6)
        assert one.of_total[:, 0] @ variances == pytest.approx(of_total, rel=1e-6)


def test_readings_and_sites_are_put_together_each_for_itself() -> None:
    rng = np.random.default_rng(1)
    layout = ((), ("stage",))
    given_cells = [rng.normal(size=(2, *(SIZES[a] for a in by), 3)) for by in layout]
    variances = [np.array([1.0, 2.0, 5.0]), np.array([0.5, 9.0, 0.1])]
    found = agree([Table(*each) for each in zip(layout, given_cells, variances, strict=True)])
    for site, reading in itertools.product(range(2), range(3)):
        told = [cells[site, ..., reading].ravel() for cells in given_cells]
        of_one = [float(each[reading]) for each in variances]
        expected, noise, _ = least_squares(layout, told, of_one)
        for one, cells, spread in zip(found, expected, noise, strict=True):
            assert one.cells[site, ..., reading].ravel() == pytest.approx(cells)
            assert one.of_cell[:, reading] @ of_one == pytest.approx(spread)


def test_tables_that_agree_stay() -> None:
    finest = np.arange(24.0)
    layout = LAYOUTS[2]
    told = [sums(by) @ finest for by in layout]
    found = agree(
        [Table(by, shaped(by, y), np.array([3.0])) for by, y in zip(layout, told, strict=True)]
    )
    for one, cells in zip(found, told, strict=True):
        assert one.cells.ravel() == pytest.approx(cells)
