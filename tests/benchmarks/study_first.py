"""Why DESIGN.md D18 has other figures for "measure by measure" than study.md: a part of study.py.

D18's table was reckoned before there was an engine. The same network of eighteen measures is drawn
here without it, from D18's first columns to what the engine does, one step after the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from federated.privacy.loss import NANO, nano_rho_for
from federated.privacy.reply_time import values_share
from tests.benchmarks.tables import table

__all__ = ["Network", "beside_d18"]

DRAWS = 200_000


@dataclass(frozen=True)
class Network:
    """So many patients in all at so many sites; a measure is known for a share ``known`` of them
    and true for a share ``true`` of these. ``colluding`` sites know their part of pooled noise.
    """

    measures: int
    patients: int
    sites: int
    known: float
    true: float
    colluding: int


@dataclass(frozen=True)
class Step:
    """How one measure is told: its noisy count of yes beside the number known, or the difference
    of yes and no (``halved``); the share as it comes, or ``held`` to [0, 1]; with the whole charge
    or what is left beside the time of the reply (``timed``).
    """

    words: str
    halved: bool = False
    held: bool = False
    timed: bool = False


STEPS = (
    Step("yes and known, 0 or 1 each, as D18's first columns"),
    Step("+ yes less no, in place of yes", halved=True),
    Step("+ a share between 0 and 1", halved=True, held=True),
    Step("+ a sixteenth of the charge for the time: measure by measure", True, True, True),
)


def _error(
    net: Network, step: Step, nano_rho: int, noises: float, rng: np.random.Generator
) -> float:
    """Root mean square error over the non-private pooled one; ``noises`` of one σ² are in a sum."""
    part = nano_rho // net.measures
    rho = (values_share(part) if step.timed else part) / NANO
    # Either pair of numbers moves by (1, 1) at the most: L2² = 2.
    sd = math.sqrt(2 / (2 * rho) * noises)
    known = rng.binomial(net.patients, net.known, DRAWS)
    yes = rng.binomial(known, net.true)
    told = (2 * yes - known if step.halved else yes) + rng.normal(0, sd, DRAWS)
    of = known + rng.normal(0, sd, DRAWS)
    share = (told / of + 1) / 2 if step.halved else told / of
    if step.held:
        share = np.where(of > 0, np.clip(share, 0, 1), 0.5)
    bare = math.sqrt(net.true * (1 - net.true) / (net.patients * net.known))
    return float(np.sqrt(np.mean((share - net.true) ** 2))) / bare


def beside_d18(net: Network, epsilons: Sequence[float]) -> str:
    """What to say below the table of ways: what gains nothing, and how D18's figures come about."""
    return (
        "\n\nTwo steps gain nothing here, and cannot. *Shapes and shares*: all eighteen have one shape"
        " and one weight, so their shares are equal as before. *Cohorts that never meet*: every cohort"
        " is all patients, so all of them meet. Nor does one study gain on measure by measure where"
        " steps are equal: in zCDP a charge buys the same split or whole. Only *parents* gain. What"
        " other lines of one noise differ by is chance: networks and the errors without privacy are common to"
        " them, and what noise alone gives a root mean square of 2,592 draws is 1/√(2 · 2,592), 1.4 %."
        "\n\nDESIGN.md D18 has other figures for measure by measure: 17.6, 5.6"
        " and 2.5 per site, 5.5, 2.2 and 1.3 pooled. They are those of two counts for each measure, of"
        " yes and of known, with an eighteenth of the charge, none of it for the time of the reply,"
        " and of a share that is not held to [0, 1]. From there to the line above, step by step"
        f" ({DRAWS:,} draws without the engine, `study_first.py`):\n\n" + _steps(net, epsilons)
    )


def _steps(net: Network, epsilons: Sequence[float]) -> str:
    """A line for each step, per site and pooled."""
    rng = np.random.default_rng(18)
    modes = (("per site", net.sites), ("pooled", net.sites / (net.sites - net.colluding)))
    return table(
        ("step", "noise", *(f"ε = {epsilon:g}" for epsilon in epsilons)),
        [
            (
                step.words,
                mode,
                *(f"{_error(net, step, nano_rho_for(e), noises, rng):.2f}" for e in epsilons),
            )
            for mode, noises in modes
            for step in STEPS
        ],
    )
