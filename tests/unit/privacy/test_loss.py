"""Translation between nano-rho and ε, against OpenDP and the published anchor."""

from __future__ import annotations

import math

import opendp.prelude as dp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.privacy.loss import DELTA, NANO, epsilon_of, gaussian_scale, nano_rho_for
from federated.privacy.measurement import gaussian_loss

dp.enable_features("contrib")


def profile_epsilon(nano_rho: int) -> float:
    """ε at 10⁻⁶ by OpenDP's own profile of a discrete Gaussian of that loss."""
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    scale = math.sqrt(NANO / (2 * nano_rho))
    return (
        dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=scale)).map(1.0).epsilon(DELTA)
    )


@pytest.mark.parametrize("nano_rho", [10**6, 10**7, 185_069_840, 5 * 10**8, 10**9, 10**10])
def test_epsilon_agrees_with_opendp(nano_rho):
    assert epsilon_of(nano_rho) == pytest.approx(profile_epsilon(nano_rho), rel=1e-6)


def test_three_epsilon_allows_the_rho_of_the_design():
    # The textbook ρ + 2√(ρ ln 1/δ) would allow only .147.
    assert nano_rho_for(3.0) / NANO == pytest.approx(0.185, abs=5e-4)


@given(st.floats(0.01, 50))
def test_allowed_rho_is_the_largest_that_fits(epsilon):
    nano = nano_rho_for(epsilon)
    assert epsilon_of(nano) <= epsilon < epsilon_of(nano + max(1, nano // 10**6))


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_more_loss_is_more_epsilon(a, b):
    low, high = sorted((a, b))
    assert epsilon_of(low) <= epsilon_of(high) * (1 + 1e-9)


@given(st.integers(1, 10**5), st.integers(10**3, 10**12))
def test_the_previewed_cost_is_the_charged_cost(l2_squared, nano_rho):
    assert gaussian_loss(l2_squared, gaussian_scale(l2_squared, nano_rho)) == nano_rho


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
def test_no_budget_from_nonsense(bad):
    with pytest.raises(ValueError, match="epsilon"):
        nano_rho_for(bad)
