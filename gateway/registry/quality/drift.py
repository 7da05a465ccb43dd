"""Has what is recorded changed since the last load? The population stability index (PSI).

PSI = Σ (p − q) · ln(p / q) over an element's choices or declared bins, with missing as a bin of
its own; half a row is added to each bin, so that an empty one counts and does not explode. By
the usual convention (Siddiqi 2006) under .1 is no change and .25 or more a large one. Chance
alone gives (1/n + 1/m) · χ² with bins − 1 degrees of freedom (Yurdakul 2018), so small numbers
exceed the convention easily: a change is told as one only where it is beyond the 99 % quantile
of that as well. Loads of one site share most of their patients, which makes chance smaller still.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from gateway.registry.related import unit_rows
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.quality_check import Bins, QualityChecks

__all__ = ["LARGE", "MODERATE", "distributions", "drift", "stability_index"]

MODERATE, LARGE = 0.1, 0.25
_MISSING = "(missing)"
_BEYOND_CHANCE = 0.99


def distributions(
    bench: Bench,
    dictionary: Dictionary,
    derivations: Derivations,
    checks: QualityChecks,
    completeness: Iterable[Mapping[str, Any]],
) -> dict[str, dict[str, int]]:
    """Rows by choice or bin, of each element with choices and each declared number."""
    missing = {e["element"]: e["applies"] - e["known"] for e in completeness}
    found: dict[str, dict[str, int]] = {}
    for instrument in dictionary.instruments:
        found |= _choices(bench, dictionary, instrument, missing)
    for name, bins in checks.bins.items():
        rows, count = (
            (form_table(derivations.units[bins.unit].instrument), missing.get(name))
            if name in dictionary.elements
            else (unit_rows(bins.unit), None)
        )
        found[name] = _binned(bench, rows, name, bins, count)
    return found


def _choices(
    bench: Bench, dictionary: Dictionary, instrument: str, missing: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    asked = {
        name: [f"count_if({quoted(c)})" for c in dictionary.columns(name)]
        if element.type == "multi"
        else [f"histogram({quoted(name)})"]
        for name, element in dictionary.of(instrument).items()
        if element.choices and name in missing
    }
    if not asked:
        return {}
    sql = ", ".join(part for parts in asked.values() for part in parts)
    row = list(bench.run(f"SELECT {sql} FROM {quoted(form_table(instrument))}")[0])
    found = {}
    for name, parts in asked.items():
        mine, row = row[: len(parts)], row[len(parts) :]
        element = dictionary.elements[name]
        counts = (
            dict(zip(element.choices, (n or 0 for n in mine), strict=True))
            if element.type == "multi"
            else {code: (mine[0] or {}).get(code, 0) for code in element.choices}
        )
        found[name] = {**counts, _MISSING: missing[name]}
    return found


def _labels(cuts: Sequence[float]) -> list[str]:
    plain = [f"{cut:g}" for cut in cuts]
    between = [f"over {a} to {b}" for a, b in pairwise(plain)]
    return [f"to {plain[0]}", *between, f"over {plain[-1]}"]


def _binned(bench: Bench, rows: str, name: str, bins: Bins, missing: int | None) -> dict[str, int]:
    """``missing`` None: of a computed number, every row without it."""
    value, labels = quoted(name), _labels(bins.cuts)
    lows, highs = [None, *bins.cuts], [*bins.cuts, None]
    tests = [
        " AND ".join(
            ([f"{value} > {low}"] if low is not None else [])
            + ([f"{value} <= {high}"] if high is not None else [])
        )
        for low, high in zip(lows, highs, strict=True)
    ]
    counts = ", ".join(f"count_if({test})" for test in tests)
    row = bench.run(f"SELECT {counts}, count_if({value} IS NULL) FROM {quoted(rows)}")[0]
    counted = dict(zip(labels, (n or 0 for n in row), strict=False))
    return {**counted, _MISSING: (row[-1] or 0) if missing is None else missing}


def stability_index(now: Sequence[int], before: Sequence[int]) -> float:
    """PSI of two counts over the same bins; see the module."""
    bins = len(now)
    whole_now, whole_before = sum(now) + bins / 2, sum(before) + bins / 2
    total = 0.0
    for a, b in zip(now, before, strict=True):
        p, q = (a + 0.5) / whole_now, (b + 0.5) / whole_before
        total += (p - q) * math.log(p / q)
    return total


def drift(
    now: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """Each element against the load before, largest change first; ``most`` is the choice or bin
    whose share moved most. An element whose choices or bins the declarations have changed since
    cannot be compared and is left out.
    """
    found = []
    for name, counts in now.items():
        old = before.get(name)
        if old is None or set(old) != set(counts):
            continue
        used = [bin_ for bin_ in counts if counts[bin_] or old[bin_]]
        rows, rows_before = sum(counts.values()), sum(old.values())
        if len(used) < 2 or not rows or not rows_before:
            continue
        index = stability_index([counts[b] for b in used], [old[b] for b in used])
        chance = _quantile(len(used) - 1) * (1 / rows + 1 / rows_before)
        shares = {b: (counts[b] / rows, old[b] / rows_before) for b in used}
        most = max(shares, key=lambda b: abs(shares[b][0] - shares[b][1]))
        found.append(
            {
                "element": name,
                "index": round(index, 4),
                "chance": round(chance, 4),
                "change": _change(index, chance),
                "rows": rows,
                "rows_before": rows_before,
                "most": most,
                "share": round(shares[most][0], 4),
                "share_before": round(shares[most][1], 4),
            }
        )
    return sorted(found, key=lambda one: (-one["index"], one["element"]))


def _change(index: float, chance: float) -> str:
    if index < MODERATE:
        return "none"
    if index <= chance:
        return "chance"
    return "moderate" if index < LARGE else "large"


def _quantile(freedom: int) -> float:
    from scipy.stats import chi2

    return float(chi2.ppf(_BEYOND_CHANCE, freedom))
