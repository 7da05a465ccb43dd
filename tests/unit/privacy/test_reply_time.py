"""The wait of a reply: its law, its price, and that time and values together lose the charge."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from federated.privacy.loss import NANO, gaussian_scale, nano_rho_for
from federated.privacy.measurement import gaussian_loss
from federated.privacy.reply_time import (
    MEAN_S_MAX,
    MEAN_SDS,
    deadline_s,
    deviate,
    late_s,
    mean_s,
    moved_s,
    sd_s,
    values_share,
    wait_s,
)


@given(st.integers(16, 10**15), st.integers(1, 10_000), st.integers(1, 10**5))
def test_time_and_values_together_lose_no_more_than_the_charge(nano_rho, parts, l2_squared):
    """(τ/σ)²/2 of the wait and the map of the noise that runs add up to at most ρ."""
    of_time = (moved_s(parts) / sd_s(nano_rho, parts)) ** 2 / 2
    of_values = values_share(nano_rho)
    # The scale of the values is a square root of a double: below 2⁵³ it is their share exactly.
    loss = gaussian_loss(l2_squared, gaussian_scale(l2_squared, of_values))
    assert loss <= of_values * (1 + 1e-12)
    assert of_time * NANO + of_values <= nano_rho * (1 + 1e-12)
    assert of_time * NANO <= nano_rho / 16 * (1 + 1e-12)


@given(st.integers(1, 10**15))
def test_the_values_have_fifteen_sixteenths(nano_rho):
    assert Fraction(15, 16) * nano_rho <= values_share(nano_rho) < Fraction(15, 16) * nano_rho + 1


@pytest.mark.parametrize(
    ("epsilon", "parts", "s"), [(1.0, 6, 0.52), (1.0, 437, 6.8), (0.3, 437, 21.0)]
)
def test_the_price_is_what_the_readme_tells(epsilon, parts, s):
    assert mean_s(nano_rho_for(epsilon), parts) == pytest.approx(s, rel=0.02)


def test_a_wait_is_normal_about_its_mean():
    """Against the law itself, and with the power to find one that is a tenth too narrow."""
    nano_rho, parts = nano_rho_for(1.0), 10
    waits = np.array([wait_s(nano_rho, parts, deviate()) for _ in range(20_000)])
    mean, sd = mean_s(nano_rho, parts), sd_s(nano_rho, parts)
    law = stats.kstest(waits, "norm", args=(mean, sd))
    narrow = stats.kstest(mean + 0.9 * (waits - mean), "norm", args=(mean, sd))
    assert law.pvalue > 1e-4
    assert narrow.pvalue < 1e-6
    assert mean == pytest.approx(MEAN_SDS * sd)


def test_no_wait_is_negative_and_the_chance_that_one_would_be_is_nothing():
    nano_rho = nano_rho_for(1.0)
    assert wait_s(nano_rho, 10, -9.0) == 0.0
    assert wait_s(nano_rho, 10, -7.9) > 0.0
    assert stats.norm.cdf(-MEAN_SDS) < 1e-15


@pytest.mark.parametrize(("epsilon", "delta"), [(1.0, 1e-15), (8.0, 1.2e-14)])
def test_what_a_reply_that_cannot_be_early_adds_to_delta_is_what_is_told(epsilon, delta):
    """Replies sooner than τ after reading are had only without the patient who takes τ more. No e^ε
    covers those, and they are all there is: from there on both have their draws.
    """
    nano_rho, parts = nano_rho_for(epsilon), 10
    below = (moved_s(parts) - mean_s(nano_rho, parts)) / sd_s(nano_rho, parts)
    near = [wait_s(nano_rho, parts, below + by) for by in (-1e-9, 1e-9)]
    assert near[0] < moved_s(parts) < near[1]
    assert delta / 1.3 < stats.norm.cdf(below) < delta


@pytest.mark.parametrize("drawn", [math.nan, math.inf, -math.inf])
def test_a_draw_that_is_no_number_is_no_wait(drawn):
    with pytest.raises(ValueError, match="too small"):
        wait_s(nano_rho_for(1.0), 10, drawn)


def test_a_charge_for_which_no_wait_is_long_enough_fails():
    for nano_rho in (1, 15, 16):
        assert mean_s(nano_rho, 437) > MEAN_S_MAX
        with pytest.raises(ValueError, match="too small"):
            wait_s(nano_rho, 437, 0.0)
    assert mean_s(15, 1) == math.inf


def test_one_reply_in_thirty_thousand_is_later_than_told_and_a_deadline_leaves_a_minute():
    nano_rho, parts = nano_rho_for(0.3), 437
    late = late_s(nano_rho, parts)
    above = stats.norm.sf(late, mean_s(nano_rho, parts), sd_s(nano_rho, parts))
    assert 30_000 < 1 / above < 33_000
    assert wait_s(nano_rho, parts, 3.99) < late < wait_s(nano_rho, parts, 4.01)
    assert deadline_s(nano_rho, parts) == math.ceil(late) + 60
    # Every site refuses it at once.
    assert deadline_s(1, parts) == 60
