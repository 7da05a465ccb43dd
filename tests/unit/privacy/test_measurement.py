"""The one noisy map: its law, its refusals, and that exact values cannot slip out."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from scipy import stats

from federated.errors import FederatedError
from federated.privacy.loss import gaussian_scale
from federated.privacy.measurement import ExactAggregate, release_values


def draws(scale: float, n: int = 20_000) -> np.ndarray:
    nano = 10**9 * 10
    values = release_values(ExactAggregate([0] * n), scale=scale, l2_squared=1, nano_rho=nano)
    return np.array(values)


def pmf_p_value(sample: np.ndarray, scale: float) -> float:
    """χ² of the sample against the discrete Gaussian's exact pmf."""
    reach = math.ceil(4 * scale)
    support = np.arange(-reach, reach + 1)
    wide = np.arange(-20 * reach, 20 * reach + 1)
    total = np.exp(-(wide.astype(float) ** 2) / (2 * scale**2)).sum()
    expected = np.exp(-(support.astype(float) ** 2) / (2 * scale**2)) / total * len(sample)
    observed = np.array([(sample == k).sum() for k in support])
    keep = expected >= 5
    rest = len(sample) - observed[keep].sum(), len(sample) - expected[keep].sum()
    return float(
        stats.chisquare(
            np.append(observed[keep], rest[0]), np.append(expected[keep], rest[1])
        ).pvalue
    )


@pytest.mark.parametrize("scale", [0.7, 2.5, 11.0])
def test_noise_follows_the_discrete_gaussian(scale):
    assert pmf_p_value(draws(scale), scale) > 1e-4


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_the_law_test_has_power(factor):
    # The same test rejects noise that is a tenth too small or too large.
    assert pmf_p_value(draws(2.5 * factor), 2.5) < 1e-6


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_the_law_test_finds_noise_that_is_a_twentieth_short(factor):
    assert pmf_p_value(draws(2.5 * factor, 60_000), 2.5) < 1e-6
    assert pmf_p_value(draws(2.5, 60_000), 2.5) > 1e-4


def test_noise_smaller_than_the_charge_is_refused():
    scale = gaussian_scale(5, 10**8)
    with pytest.raises(FederatedError, match="too small"):
        release_values(ExactAggregate([1]), scale=scale * 0.999, l2_squared=5, nano_rho=10**8)


def test_values_near_the_end_of_64_bits_are_refused_without_being_named():
    with pytest.raises(FederatedError) as error:
        release_values(ExactAggregate([2**62]), scale=5.0, l2_squared=1, nano_rho=10**9)
    assert str(2**62) not in str(error.value)


def test_an_exact_aggregate_shows_nothing_and_does_not_travel():
    secret = ExactAggregate([123_456_789])
    assert "123456789" not in repr(secret) + str(secret)
    for escape in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            escape(secret)
