"""Cells of a histogram from integers, and what their sums carry of the noise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from federated.combine.cell_noise import CellNoise, decoded
from federated.study.coding import fading, inverse, of_half, of_rank

STEPS = (8, 3, 1)


def told(cells: np.ndarray, steps: tuple[float, ...]) -> np.ndarray:
    """Integers of one line of cells, row by row."""
    integers = np.zeros(len(cells))
    for place, rows in enumerate(cells):
        for k, step in enumerate(steps):
            if place + k < len(cells):
                integers[place + k] += rows * step
    return integers


def test_cells_are_what_they_were_told_from() -> None:
    rng = np.random.default_rng(1)
    lines = rng.integers(0, 50, (3, 2, 9)).astype(float)
    integers = np.array([[told(line, STEPS) for line in lines_] for lines_ in lines])
    got = decoded(integers.reshape(3, 18), STEPS, 9)
    assert got == pytest.approx(lines.reshape(3, 18), abs=1e-9)


def test_without_further_steps_every_cell_has_its_own_noise() -> None:
    noise = CellNoise.of(36.0, (2,), 5)
    assert noise.shape == pytest.approx(np.eye(5) / 2)
    assert noise.of_first == pytest.approx(9.0 * np.arange(6))
    assert noise.of_last == pytest.approx(9.0 * np.arange(5, -1, -1))
    assert noise.of_groups((0, 2, 5, 9), 10) == pytest.approx([0.5, 0.75, 1.0, 0.25])


def test_sums_carry_the_noise_that_is_said() -> None:
    noise, rng = CellNoise.of(25.0, STEPS, 6), np.random.default_rng(2)
    integers = rng.normal(0, 5, (200_000, 12))
    cells = decoded(integers, STEPS, 6)
    first = cells[:, :6].cumsum(axis=1).var(axis=0)
    assert noise.of_first[1:] == pytest.approx(first, rel=0.02)
    last = cells[:, 6:][:, ::-1].cumsum(axis=1)[:, ::-1].var(axis=0)
    assert noise.of_last[:-1] == pytest.approx(last, rel=0.02)
    groups = np.add.reduceat(cells, (0, 2, 6, 11), axis=1).var(axis=0)
    assert 25 * noise.of_groups((0, 2, 6, 11), 12) == pytest.approx(groups, rel=0.02)
    drawn = noise.draw(rng, (200_000, 12))
    assert np.cov(drawn.T) == pytest.approx(np.cov(cells.T), abs=0.02)


def test_the_halves_are_those_of_the_cells() -> None:
    noise = CellNoise.of(1.0, STEPS, 8)
    assert of_half(STEPS, 8) == pytest.approx(noise.of_first[4])
    rank = noise.unit.sums[4] - noise.unit.sums[8] / 2
    assert of_rank(STEPS, 8) == pytest.approx((rank**2).sum())
    assert of_rank((1,), 64) == pytest.approx(16)


@pytest.mark.parametrize("bins", [2, 3, 4, 21, 256])
def test_fading_has_norm_one_and_can_be_undone(bins: int) -> None:
    steps = fading(bins)
    assert math.fsum(step**2 for step in steps) == pytest.approx(1)
    assert all(one >= other >= 0 for one, other in itertools.pairwise(steps))
    back = np.convolve(steps, inverse(steps, bins))[:bins]
    assert back == pytest.approx([1, *[0] * (bins - 1)], abs=1e-12)


def test_fading_makes_sums_sharper() -> None:
    assert of_half(fading(21), 21) < 0.5 * of_half((1,), 21)
    assert of_rank(fading(64), 64) < 0.3 * of_rank((1,), 64)
    assert fading(2) == (1.0, 0.0)  # nothing to gain


def test_what_is_reckoned_of_the_noise_serves_every_stratum_of_every_site() -> None:
    one, other = CellNoise.of(25.0, STEPS, 8), CellNoise.of(4.0, STEPS, 8)
    assert one.unit is other.unit
    assert one.of_first == pytest.approx(25 / 4 * other.of_first)
    parts = [(0.5, STEPS), (0.25, (5, 5, 1))]
    assert CellNoise.summed(9.0, parts, 8).unit is CellNoise.summed(1.0, parts, 8).unit
    with pytest.raises(ValueError, match="read-only"):
        one.shape[0, 0] = 0
