"""Regressions hold the truth as often as they say and find no more than there is, whatever the
noise; and would not if they did not know it.

Shares are over 150 simulated studies of 3 to 7 effects each (tests/benchmarks/regression.md has the
grid).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from federated.combine.projection import Floats
from federated.combine.regression import Model, RegressionEstimate, estimate_regression
from tests.statistical.cross_tables import TABLES, seen, simulate, variances

STUDIES = 150
CASES: list[tuple[Model, str, int, float]] = [
    ("logistic", "even", 300, 0.1),
    ("logistic", "uneven", 300, 0.3),
    ("logistic", "rare", 600, 1.0),
    ("poisson", "even", 300, 0.1),
    ("poisson", "uneven", 600, 0.03),
    ("linear", "even", 300, 0.3),
    ("linear", "uneven", 300, 0.1),
    ("linear", "rare", 600, 0.03),
]


@pytest.mark.parametrize(("model", "name", "rows", "rho"), CASES)
def test_effects_are_covered_and_none_is_made_up(
    model: Model, name: str, rows: int, rho: float
) -> None:
    of, noise = TABLES[name], variances(model, 3, rho)
    found, joint = seen(of, model, simulate(of, model, rows, noise, STUDIES, 5))
    # Effects of one study go together: about as many independent ones as studies. 3 SD.
    assert np.mean([each.held for each in found]) >= 0.905
    told = [each.held for each in found if each.informative]
    assert len(told) < 100 or np.mean(told) >= 0.905
    p_values = [each.p_of_none for each in found if each.p_of_none is not None]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.095
    assert np.mean(np.array(joint) <= 0.05) <= 0.11


def test_without_noise_effects_are_covered_too() -> None:
    of = TABLES["even"]
    found, joint = seen(of, "logistic", simulate(of, "logistic", 300, np.zeros(2), STUDIES, 6))
    assert 0.91 <= np.mean([each.held for each in found]) <= 0.985
    assert np.mean(np.array(joint) <= 0.05) <= 0.11


def test_effects_of_some_size_are_found() -> None:
    """Odds three times as high (η 1.1), 800 rows, three sites at ρ = .1."""
    of, noise = TABLES["even"], variances("logistic", 3, 0.1)
    fits = list(simulate(of, "logistic", 800, noise, STUDIES, 7))
    p_values = [fit.factors[1].effects[2].p_value or 1.0 for fit in fits]
    assert np.mean(np.array(p_values) <= 0.05) >= 0.75
    joint = [fit.factors[1].p_value or 1.0 for fit in fits]
    assert np.mean(np.array(joint) <= 0.05) >= 0.9


def test_one_that_ignores_the_noise_is_found_out() -> None:
    of, noise = TABLES["even"], variances("logistic", 3, 0.1)
    found, joint = seen(of, "logistic", unaware(noise, 300))
    assert np.mean([each.held for each in found]) < 0.85
    assert np.mean(np.array(joint) <= 0.05) > 0.15


def unaware(noise: Floats, rows: int) -> Iterator[RegressionEstimate]:
    """Fits that take the noisy cells for exact ones."""
    of = TABLES["even"]
    rng = np.random.default_rng(8)
    law, eta = of.law(), of.eta(1.0)
    for _ in range(STUDIES):
        counts = rng.multinomial(rows, law)
        yes = rng.binomial(counts, 1 / (1 + np.exp(-eta)))
        told = np.stack([2.0 * yes - counts, counts], axis=1)
        noisy = told + rng.normal(0, np.sqrt(noise), told.shape)
        yield estimate_regression(
            "logistic", noisy, np.zeros(2), of.strata, ["0", "0"], confidence=0.95
        )
