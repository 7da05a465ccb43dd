"""How often the auditor catches each injected bug, and passes the true mechanism:
``python -m tests.statistical.audit_power [RUNS]`` (20); and how many trials it needs to catch noise
that is a little short. Tables for tests/attack/README.md.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from scipy import stats

from federated.privacy.loss import NANO, gaussian_scale
from federated.privacy.reply_time import values_share
from tests.statistical import wards
from tests.statistical.test_auditor import (
    BUGS,
    COUNTS,
    EPSILONS,
    FALSE_ALARM,
    MEANS,
    SHARP,
    STORES,
    Audit,
    audit,
)

ASKED = {"counts": COUNTS, "means": MEANS, "sharp": SHARP}


def needed(how: Audit, short: float, power: float = 0.9) -> float:
    """Trials with which noise of ``short`` times its σ is caught with ``power``, at the best ε."""
    rho = values_share(int(how.rho * NANO)) / NANO
    scale = short * gaussian_scale(1, round(rho * NANO))
    weight = {x: math.exp(-(x**2) / (2 * scale**2)) for x in range(-61, 62)}
    total = sum(weight.values())
    alarm = stats.norm.isf(FALSE_ALARM / (4 * len(EPSILONS)))
    found = []
    for epsilon in EPSILONS:
        times = math.exp(epsilon)
        event = [x for x in range(-60, 61) if weight[x - 1] > times * weight[x]]
        here = sum(weight[x - 1] for x in event) / total
        there = sum(weight[x] for x in event) / total
        gap = here - times * there - how.allowed(epsilon, rho)
        if gap > 1e-12:
            one, other = (math.sqrt(p * (1 - p)) for p in (here, there))
            wide = alarm * (one + times * other)
            wide += stats.norm.ppf(power) * math.hypot(one, times * other)
            found.append(2 * (wide / gap) ** 2 * how.learn / (how.learn - 1))
    return min(found, default=math.inf)


def main(runs: int) -> None:
    """Print the tables."""
    print("| σ short by | counts | sharp |\n|---|---|---|")
    for short in (0.1, 0.05, 0.02, 0.01):
        trials = (f"{needed(how, 1 - short):,.0f}" for how in (COUNTS, SHARP))
        print(f"| {short:.0%} | {' | '.join(trials)} |")
    true = {f"true mechanism, {name}": how for name, how in ASKED.items()}
    with TemporaryDirectory() as name:
        folder = Path(name)
        wards.declare(folder)
        stores = wards.hospitals(folder, STORES)
        print("| door | asked | trials | caught | s a run |\n|---|---|---|---|---|")
        for bug in (*true, *BUGS):
            how = true[bug] if isinstance(bug, str) else BUGS[bug]
            caught, began = 0, time.perf_counter()
            for run in range(runs):
                ledger = folder / f"{bug if isinstance(bug, str) else bug.__name__} {run}"
                ledger.mkdir()
                with pytest.MonkeyPatch.context() as patch:
                    if not isinstance(bug, str):
                        bug(patch)
                    caught += audit(ledger, folder, stores, how) != []
            took = (time.perf_counter() - began) / runs
            said = bug if isinstance(bug, str) else bug.__name__.replace("_", " ")
            asked = next(name for name, one in ASKED.items() if one is how)
            trials = how.rounds * STORES * wards.WARDS
            print(
                f"| {said} | {asked} | {trials:,} | {caught} of {runs} | {took:.1f} |", flush=True
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
