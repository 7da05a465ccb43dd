"""Tests of difference keep their level whatever the noise, find what differs, and would not keep it
if they did not know the noise.

Each share is over 400 simulated studies (standard error .011 at .05); p-values are of 99 replicates.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from federated.combine.differences import gap
from federated.combine.equal_ratios import equal_ratios
from federated.combine.independence import independence
from federated.combine.laws import Law, Means, Rates, Shares
from federated.combine.projection import Floats
from federated.combine.proportion import estimate_proportion
from tests.statistical import differing

STUDIES = 400
MOST = 0.083
""".05, with room for three standard errors."""
Study = Callable[[np.random.Generator], tuple[Floats, Floats, float]]


def found(study: Study, law: Law, *, told: float = 1.0) -> tuple[float, float]:
    """Shares of p ≤ .05 of the test, told the noise times ``told``, and of that without noise."""
    rng = np.random.default_rng(12)
    ours, theirs = [], []
    for seed in range(STUDIES):
        readings, noise, exact = study(rng)
        test = equal_ratios(readings, told * noise, law, confidence=0.95, seed=seed, replicates=99)
        ours.append(test.p_value <= 0.05)
        theirs.append(exact <= 0.05)
    return float(np.mean(ours)), float(np.mean(theirs))


def shares(sizes: tuple[int, ...], p: tuple[float, ...] | float, variance: float) -> Study:
    return lambda rng: differing.shares(rng, sizes, p, variance)


def rates(sizes: tuple[int, ...], rate: tuple[float, ...] | float, variance: float) -> Study:
    return lambda rng: differing.rates(rng, sizes, rate, variance, lean=0.1)


def means(sizes: tuple[int, ...], variance: float, more: float = 0.0) -> Study:
    """Values near one end of their bounds; those of the first level higher by ``more``."""

    def study(rng: np.random.Generator) -> tuple[Floats, Floats, float]:
        values = [2 * rng.beta(8, 2, n) - 1 for n in sizes]
        values[0] = np.minimum(values[0] + more, 1.0)
        return differing.means(rng, values, variance)

    return study


@pytest.mark.parametrize(
    ("sizes", "p", "variance"),
    [
        ((20, 300), 0.05, 2.0),
        ((20, 300), 0.95, 50.0),
        ((30, 30, 30, 30), 0.5, 10.0),
        ((20, 40, 80, 160), 0.95, 10.0),
        ((100,) * 6, 0.3, 50.0),
    ],
)
def test_equal_proportions_differ_no_oftener_than_said(
    sizes: tuple[int, ...], p: float, variance: float
) -> None:
    assert found(shares(sizes, p, variance), Shares())[0] <= MOST


@pytest.mark.parametrize(
    ("sizes", "variance"), [((20, 100), 0.5), ((20, 300), 2.5), ((20, 40, 80, 160), 0.5)]
)
def test_equal_means_differ_no_oftener_than_said(sizes: tuple[int, ...], variance: float) -> None:
    assert found(means(sizes, variance), Means())[0] <= MOST


@pytest.mark.parametrize(
    ("sizes", "rate", "variance"),
    [((20, 300), 0.02, 2.0), ((50, 50), 0.5, 10.0), ((100,) * 6, 0.1, 50.0)],
)
def test_equal_rates_differ_no_oftener_than_said(
    sizes: tuple[int, ...], rate: float, variance: float
) -> None:
    assert found(rates(sizes, rate, variance), Rates(lean=0.1))[0] <= MOST


@pytest.mark.parametrize(
    ("study", "law", "power"),
    [
        (shares((100, 100), (0.85, 0.65), 10.0), Shares(), 0.7),
        (means((100, 100), 0.5, 0.1), Means(), 0.55),
        (rates((100, 100), (0.2, 0.1), 2.0), Rates(lean=0.1), 0.7),
    ],
    ids=["proportions", "means", "rates"],
)
def test_what_differs_is_found(study: Study, law: Law, power: float) -> None:
    ours, theirs = found(study, law)
    assert power <= ours <= theirs + 0.03


@pytest.mark.parametrize(
    ("study", "law"),
    [
        (shares((100, 100), 0.5, 200.0), Shares()),
        (means((100, 100), 12.5), Means()),
        (rates((100, 100), 0.1, 50.0), Rates(lean=0.1)),
    ],
    ids=["proportions", "means", "rates"],
)
def test_a_test_that_ignores_the_noise_is_found_out(study: Study, law: Law) -> None:
    """With noise of about twice the variance that chance gives."""
    assert found(study, law, told=0.0)[0] > 0.15


def dependence(law: Floats, rows: int, variance: float, *, told: float = 1.0) -> float:
    """Share of tables with p ≤ .05."""
    rng = np.random.default_rng(13)
    small = 0
    for seed in range(STUDIES):
        cells, _ = differing.table(rng, rows, law, variance)
        known = told * variance
        test = independence(cells, known, confidence=0.95, seed=seed, replicates=99)
        small += test.p_value <= 0.05
    return small / STUDIES


@pytest.mark.parametrize(("rows", "variance"), [(100, 10.0), (400, 50.0)])
def test_independent_tables_depend_no_oftener_than_said(rows: int, variance: float) -> None:
    assert dependence(np.outer((0.4, 0.3, 0.2, 0.1), (0.6, 0.4)), rows, variance) <= MOST
    assert dependence(np.outer((0.5, 0.5), (0.7, 0.3)), rows, variance) <= MOST


def test_a_table_whose_noise_is_ignored_is_found_out() -> None:
    assert dependence(np.outer((0.5, 0.5), (0.7, 0.3)), 400, 200.0, told=0.0) > 0.15


def test_dependence_is_found() -> None:
    assert dependence(np.array([[0.35, 0.15], [0.2, 0.3]]), 200, 10.0) >= 0.8


@pytest.mark.parametrize(
    ("sizes", "p", "variance"),
    [((50, 50), (0.85, 0.65), 10.0), ((100, 30), (0.3, 0.3), 10.0), ((100, 100), (0.1, 0.3), 50.0)],
)
def test_how_far_two_lie_apart_is_covered(
    sizes: tuple[int, int], p: tuple[float, float], variance: float
) -> None:
    assert covered(sizes, p, variance) >= 0.93


def covered(sizes: tuple[int, int], p: tuple[float, float], variance: float) -> float:
    """Share of intervals of p₁ − p₂ that hold it, of 2,000."""
    rng = np.random.default_rng(14)
    held = 0
    for _ in range(2000):
        readings, noise, _ = differing.shares(rng, sizes, p, variance)
        one, two = (
            estimate_proportion(d, m, (noise[0], noise[1]), confidence=0.95) for d, m in readings
        )
        apart = gap(one, two)
        held += apart.lower <= p[0] - p[1] <= apart.upper
    return held / 2000
