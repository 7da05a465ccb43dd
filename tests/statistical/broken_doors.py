"""Ways in which a site's door could be broken: each is one injected bug. Frozen
(tests/attack/README.md).
"""

from __future__ import annotations

import random

from federated.aggregate import exact
from federated.privacy import measurement
from tests.attack.mutants import UNCLAMPED, mutated

__all__ = [
    "a_twentieth_short",
    "clamps_dropped",
    "exact_for_some",
    "exact_low_bit",
    "half_the_noise",
    "keys_from_data",
    "unbounded_rows",
]


def half_the_noise(monkeypatch):
    """As a sensitivity that is taken for half of what it is."""
    real = measurement._gaussian
    monkeypatch.setattr(measurement, "_gaussian", lambda scale: real(scale / 2))
    monkeypatch.setattr(measurement, "gaussian_loss", lambda *_: 0)


def a_twentieth_short(monkeypatch):
    """Noise of a standard deviation that is 5 % too small."""
    real = measurement._gaussian
    monkeypatch.setattr(measurement, "_gaussian", lambda scale: real(0.95 * scale))
    monkeypatch.setattr(measurement, "gaussian_loss", lambda *_: 0)


def clamps_dropped(monkeypatch):
    """A value counts for as much as it is, whatever the bounds."""
    mutated(monkeypatch, exact, "_whole_steps", *UNCLAMPED)


def keys_from_data(monkeypatch):
    """Strata that nobody fell into get no noise, as if they were not there."""
    real = measurement.release_values

    def release(aggregate, **limits):
        noisy = real(aggregate, **limits)
        return tuple(n if e else 0 for n, e in zip(noisy, aggregate.exact_values(), strict=True))

    monkeypatch.setattr(measurement, "release_values", release)


def unbounded_rows(monkeypatch):
    """All rows of a patient are counted and one is charged."""
    monkeypatch.setattr("federated.study.compile.one_row_per_patient", lambda *_: True)


def exact_low_bit(monkeypatch):
    """Noise on all but the last bit: no mean and no spread shows it."""
    real = measurement.release_values

    def release(aggregate, **limits):
        noisy = real(aggregate, **limits)
        return tuple(n - (n - e) % 2 for n, e in zip(noisy, aggregate.exact_values(), strict=True))

    monkeypatch.setattr(measurement, "release_values", release)


def exact_for_some(monkeypatch):
    """Three counts in ten leave as they are, marked by their size alone."""
    real = exact.aggregate
    chance = random.Random(7)
    counted: list[int] = []

    def aggregate(plan, backend):
        counts = real(plan, backend)
        counted[:] = counts.exact_values()
        return counts

    noise = measurement.release_values

    def release(counts, **limits):
        return tuple(
            1000 + e if chance.random() < 0.3 else n
            for n, e in zip(noise(counts, **limits), counted, strict=True)
        )

    monkeypatch.setattr(exact, "aggregate", aggregate)
    monkeypatch.setattr(measurement, "release_values", release)
