"""Level and power of the tests of difference, coverage of differences; writes differences.md beside.

    python -m tests.benchmarks.differences           # about a quarter of an hour on one core
    python -m tests.benchmarks.differences log-rank  # that section alone; the others stay

Everything is simulated: rows drawn, noise of the known variance added. A test's level is the share
of p ≤ .05 where nothing differs; beside the noisy test's power stands that of the one that sees no
noise, on the same rows.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from federated.combine.differences import gap
from federated.combine.equal_ratios import equal_ratios
from federated.combine.independence import independence
from federated.combine.laws import Law, Means, Rates, Shares
from federated.combine.log_rank import log_rank
from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats
from federated.combine.proportion import estimate_proportion
from federated.combine.result import Gap
from federated.study.coding import fading
from tests.statistical import differing
from tests.statistical.differing import FOLLOW_UP, HALF_YEARS, QUARTERS
from tests.statistical.told import noised

SIZES = (
    *((20, 20), (20, 100), (50, 50), (20, 300), (300, 300)),
    *((30,) * 4, (20, 40, 80, 160), (20,) * 6, (100,) * 6),
)
VARIANCES = (0.0, 2.0, 10.0, 50.0)
VALUES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "flat": lambda rng, n: rng.uniform(-1, 1, n),
    "narrow": lambda rng, n: rng.normal(0.3, 0.1, n),
    "high": lambda rng, n: 2 * rng.beta(8, 2, n) - 1,
    "skew": lambda rng, n: 2 * rng.beta(0.5, 3, n) - 1,
}
Study = Callable[[np.random.Generator], tuple[Floats, Floats, float]]


def share(study: Study, law: Law, rng: np.random.Generator, repeats: int) -> tuple[float, ...]:
    """Shares of p ≤ .05, of uninformative ones, and of p ≤ .05 without noise."""
    found = []
    for seed in range(repeats):
        told, noise, exact = study(rng)
        test = equal_ratios(told, noise, law, confidence=0.95, seed=seed, replicates=199)
        found.append((test.p_value <= 0.05, test.uninformative, exact <= 0.05))
    return tuple(np.mean(np.array(found, dtype=float), axis=0).tolist())


def levels(
    cases: Iterator[tuple[str, float, Study]], law: Law, seed: int, repeats: int = 600
) -> Iterator[str]:
    """A line per case and noise over all sizes: mean and worst level, and uninformative ones."""
    rng = np.random.default_rng(seed)
    met = defaultdict(list)
    for name, variance, study in cases:
        met[name, variance].append(share(study, law, rng, repeats))
    yield "| | noise variance | level, mean | lowest | highest | uninformative |\n|---|---|---|---|---|---|"
    for (name, variance), found in met.items():
        level, unsure, _ = np.array(found).T
        yield (
            f"| {name} | {variance:g} | {level.mean():.3f} | {level.min():.3f} "
            f"| {level.max():.3f} | {unsure.mean():.2f} |"
        )


def power(
    cases: Sequence[tuple[str, Study]], law: Law, seed: int, repeats: int = 500
) -> Iterator[str]:
    """A line per case."""
    rng = np.random.default_rng(seed)
    yield "\n| | power | without noise | uninformative |\n|---|---|---|---|"
    for name, study in cases:
        found, unsure, exact = share(study, law, rng, repeats)
        yield f"| {name} | {found:.2f} | {exact:.2f} | {unsure:.2f} |"


def proportions() -> Iterator[str]:
    """Section of proportions."""

    def study(sizes: Sequence[int], p: Sequence[float] | float, variance: float) -> Study:
        return lambda rng: differing.shares(rng, sizes, p, variance)

    cases = (
        (f"p = {p:g}", variance, study(sizes, p, variance))
        for variance, p, sizes in itertools.product(VARIANCES, (0.05, 0.3, 0.5, 0.95), SIZES)
    )
    yield from levels(cases, Shares(), 1)
    apart = [
        (
            f"{one:g} and {two:g}, {n} rows each, noise {variance:g}",
            study((n, n), (one, two), variance),
        )
        for one, two in ((0.85, 0.65), (0.3, 0.5))
        for n, variance in itertools.product((50, 100, 300), VARIANCES)
    ]
    yield from power(apart, Shares(), 2)


def of_means() -> Iterator[str]:
    """Section of means."""

    def study(kind: str, sizes: Sequence[int], variance: float, more: float = 0.0) -> Study:
        def draw(rng: np.random.Generator) -> tuple[Floats, Floats, float]:
            values = [VALUES[kind](rng, n) for n in sizes]
            values[0] = values[0] + more
            return differing.means(rng, [np.clip(z, -1, 1) for z in values], variance)

        return draw

    variances = (0.0, 0.5, 2.5, 12.5)
    cases = (
        (f"{kind} values", variance, study(kind, sizes, variance))
        for variance, kind, sizes in itertools.product(variances, VALUES, SIZES)
    )
    yield from levels(cases, Means(), 3)
    apart = [
        (
            f"narrow, {n} rows each, .06 of 2 apart, noise {variance:g}",
            study("narrow", (n, n), variance, 0.06),
        )
        for n, variance in itertools.product((50, 100, 300), variances)
    ]
    apart += [
        (
            f"flat, {n} rows each, .3 of 2 apart, noise {variance:g}",
            study("flat", (n, n), variance, 0.3),
        )
        for n, variance in itertools.product((50, 100, 300), variances)
    ]
    yield from power(apart, Means(), 4)


def of_rates() -> Iterator[str]:
    """Section of rates."""

    def study(sizes: Sequence[int], rate: Sequence[float] | float, variance: float) -> Study:
        return lambda rng: differing.rates(rng, sizes, rate, variance, lean=0.1)

    cases = (
        (f"{rate:g} a year", variance, study(sizes, rate, variance))
        for variance, rate, sizes in itertools.product(VARIANCES, (0.02, 0.1, 0.5), SIZES)
    )
    yield from levels(cases, Rates(lean=0.1), 5)
    apart = [
        (f".2 and .1, {n} rows each, noise {variance:g}", study((n, n), (0.2, 0.1), variance))
        for n, variance in itertools.product((50, 100, 300), VARIANCES)
    ]
    yield from power(apart, Rates(lean=0.1), 6)


def tables(repeats: int = 600) -> Iterator[str]:
    """Section of tables of counts."""
    even, two = np.full((2, 2), 0.25), np.outer((0.8, 0.2), (0.7, 0.3))
    many = np.outer((0.4, 0.3, 0.2, 0.1), (0.6, 0.3, 0.1))
    linked = np.array([[0.35, 0.15], [0.2, 0.3]])
    rng = np.random.default_rng(7)
    yield "| table | rows | noise variance | p ≤ .05 | without noise | uninformative |\n|---|---|---|---|---|---|"
    laws = {"2 × 2, even": even, "2 × 2, uneven": two, "4 × 3": many, "2 × 2, dependent": linked}
    for (name, law), rows, variance in itertools.product(laws.items(), (100, 400), VARIANCES):
        found = []
        for seed in range(repeats):
            cells, exact = differing.table(rng, rows, law, variance)
            test = independence(cells, variance, confidence=0.95, seed=seed, replicates=199)
            found.append((test.p_value <= 0.05, exact <= 0.05, test.uninformative))
        got, exact_got, unsure = np.mean(np.array(found, dtype=float), axis=0)
        yield f"| {name} | {rows} | {variance:g} | {got:.3f} | {exact_got:.3f} | {unsure:.2f} |"


def log_ranks(repeats: int = 600) -> Iterator[str]:
    """Section of survival: noise is of the integers of quarters told fading, or of plain cells."""
    yield "| followed up | hazard ratio | bins | noise variance | rows each | p ≤ .05 | uninformative |\n|---|---|---|---|---|---|---|"
    for name, ratio in ((name, ratio) for ratio in (1.0, 2.0) for name in FOLLOW_UP):
        for variance, rows in ((0.0, 100), (5.0, 100), (50.0, 200), (50.0, 500)):
            for bins in ("fading", "plain") if ratio == 1 and variance else ("fading",):
                found = log_rank_share(name, ratio, variance, rows, bins == "fading", repeats)
                yield (
                    f"| {name} | {ratio:g} | {'quarters, fading' if bins == 'fading' else 'half-years, plain'} "
                    f"| {variance:g} | {rows} | {found[0]:.3f} | {found[1]:.2f} |"
                )


def log_rank_share(
    name: str, ratio: float, variance: float, rows: int, fade: bool, repeats: int
) -> tuple[float, float]:
    """Shares of p ≤ .05 and of uninformative tests; a hazard of .5 a year, ``ratio`` times as much
    in the first stratum.
    """
    grid = QUARTERS if fade else HALF_YEARS
    steps = fading(len(grid) + 1) if fade else (1.0,)
    read_at = tuple(grid[len(grid) // 5 * years - 1] for years in (1, 2, 3, 5))
    rng = np.random.default_rng([rows, round(variance), round(ratio), fade])
    found = []
    for seed in range(repeats):
        cells = np.array(
            [
                differing.followed(rng, rows, years, 0.5 * (ratio if i == 0 else 1), grid)
                for i, years in enumerate(FOLLOW_UP[name])
            ]
        )
        told = noised(rng, cells, variance, steps, len(grid) + 1)
        test = log_rank(
            told, variance, grid, read_at, steps=steps, confidence=0.95, seed=seed, replicates=99
        )
        found.append((test.p_value <= 0.05, test.uninformative))
    level, unsure = np.mean(np.array(found, dtype=float), axis=0)
    return float(level), float(unsure)


PAIRS = ((0.85, 0.65), (0.5, 0.3), (0.3, 0.3), (0.95, 0.95), (0.05, 0.15))


def intervals(repeats: int = 1000) -> Iterator[str]:
    """Section of the interval of a difference of two: coverage over layouts of two levels."""
    yield "| | noise variance | coverage, mean | lowest | highest | width over that without noise |\n|---|---|---|---|---|---|"
    sizes = [of for of in SIZES if len(of) == 2]
    for variance, (one, two) in itertools.product(VARIANCES, PAIRS):
        found = [_share_gaps((one, two), of, variance, repeats) for of in sizes]
        yield _gap_line(f"proportions, {one:g} and {two:g}", variance, found)
    for variance, (kind, more) in itertools.product((0.0, 0.5, 2.5, 12.5), GAPS.items()):
        found = [_mean_gaps(kind, more, of, variance, repeats) for of in sizes]
        apart = f", {more / 2:g} of the bounds apart" if more else ""
        yield _gap_line(f"means, {kind} values{apart}", variance, found)


GAPS = {"flat": 0.0, "narrow": 0.1, "high": 0.0, "skew": 0.0}
"""How far the first level's values are shifted, of bounds 2 apart."""


def _gap_line(name: str, variance: float, found: Sequence[tuple[float, float]]) -> str:
    covered, wide = np.array(found).T
    return (
        f"| {name} | {variance:g} | {covered.mean():.3f} | {covered.min():.3f} "
        f"| {covered.max():.3f} | {wide.mean():.2f} |"
    )


def _share_gaps(
    p: tuple[float, float], sizes: Sequence[int], variance: float, repeats: int
) -> tuple[float, float]:
    rng = np.random.default_rng([8, *sizes, round(variance), *(round(100 * of) for of in p)])

    def study(of: float) -> Gap:
        told, noise, _ = differing.shares(rng, sizes, p, of)
        known = float(noise[0]), float(noise[1])
        return gap(*(estimate_proportion(d, m, known, confidence=0.95) for d, m in told.tolist()))

    return _held([study(variance) for _ in range(repeats)], [study(0.0) for _ in range(repeats)], p[0] - p[1])  # fmt: skip


def _mean_gaps(
    kind: str, more: float, sizes: Sequence[int], variance: float, repeats: int
) -> tuple[float, float]:
    rng = np.random.default_rng([9, *sizes, round(2 * variance), list(VALUES).index(kind)])

    def study(of: float) -> Gap:
        values = [np.clip(VALUES[kind](rng, n), -1, 1) for n in sizes]
        values[0] = values[0] + more
        told, noise, _ = differing.means(rng, values, of)
        s_q_n = float(noise[0]), float(noise[1]), float(noise[2])
        return gap(
            *(
                estimate_mean(s, q, n, s_q_n, (-1.0, 1.0), confidence=0.95).mean
                for s, q, n in told.tolist()
            )
        )

    return _held([study(variance) for _ in range(repeats)], [study(0.0) for _ in range(repeats)], more)  # fmt: skip


def _held(found: Sequence[Gap], bare: Sequence[Gap], truth: float) -> tuple[float, float]:
    """Coverage, and the median width over that without noise."""
    widths = (float(np.median([one.upper - one.lower for one in of])) for of in (found, bare))
    held = float(np.mean([one.lower <= truth <= one.upper for one in found]))
    return held, next(widths) / next(widths)


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "proportions": proportions,
    "means": of_means,
    "rates": of_rates,
    "tables": tables,
    "log-rank": log_ranks,
    "intervals of a difference": intervals,
}


def main(chosen: Sequence[str]) -> None:
    """Write the chosen sections, or all; the others stay as they are."""
    path = Path(__file__).with_suffix(".md")
    head = "# Tests of difference: level and power\n\nWritten by `python -m tests.benchmarks.differences`.\n"
    old = path.read_text(encoding="utf-8") if path.exists() else head
    kept = dict(
        re.findall(r"^## ([^\n]+)\n\n(.*?)\n(?=\n## |\Z)", old, flags=re.MULTILINE | re.DOTALL)
    )
    for name in chosen or SECTIONS:
        kept[name] = "\n".join(SECTIONS[name]())
        parts = [f"## {each}\n\n{kept[each]}\n" for each in SECTIONS if each in kept]
        path.write_text("\n".join([head, *parts]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
