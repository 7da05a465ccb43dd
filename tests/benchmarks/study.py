"""What one charge buys when a study is answered as one vector; writes study.md beside.

    python -m tests.benchmarks.study                # twenty minutes beside other work

Everything runs through the engine: study files are resolved and compiled, exact vectors come from
SQL, noise from OpenDP, answers from ``combine``. What is compared are ways to share out the same
charge: the same study with other steps, with and without parents, and asked measure by measure.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from federated.aggregate.exact import aggregate
from federated.combine import combine
from federated.combine.result import Row
from federated.privacy.measurement import ExactAggregate, release_values
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue, Registry
from federated.study.model import StudyFile
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from policies.decode import decode
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from tests.benchmarks.study_first import Network, beside_d18
from tests.benchmarks.study_ways import WAYS
from tests.benchmarks.tables import table

OUT = Path(__file__).with_suffix(".md")
EPSILONS = (1.0, 3.0, 8.0)
SITES = 9
MEASURES, KNOWN, TRUE, PATIENTS = 18, 0.8, 0.85, 500
COLLUDING = 1
MODES = ("per site", "pooled")
ASKED = (
    "good_histologic_response",
    "limb_salvage",
    "local_recurrence",
    "local_recurrence_free",
    "metastasis_free",
    "mortality_30d",
    "mortality_30d_metastatic",
    "mortality_90d",
    "mortality_90d_metastatic",
    "overall_survival",
    "overall_survival_metastatic",
    "pro_capture_1y",
    "provider_block",
    "r0_margin_rate",
    "reconstruction_survival",
    "reoperation_90d",
    "reoperation_90d_metastatic",
    "ssi_90d",
    "ssi_90d_metastatic",
    "superficial_ssi_30d",
    "treatment_within_31d",
    "tumour_board_before_treatment",
    "unplanned_excision",
)
"""Shares and curves of the registry; a measure that ships later is added by hand."""
UNCOVERED = """B13 (change of function), the median of B12 and the expected part of B16 ship as measures of
other kinds and are not in the tables; of B18 the provider-entered block is, of B10 all stages together.
B15 (Clark's C) has no measure: the registry's end of follow-up, by which potential person-time would be
reckoned, is not an element that a query may read."""


# Releases ------------------------------------------------------------------------------------


def noisy(plan: Plan, site: str, exact: Sequence[int], scale: float) -> Outcome:
    """A site's release, with the real noise of ``scale`` (0: none)."""
    values = tuple(exact)
    if scale:
        values = release_values(
            ExactAggregate(exact), scale=scale, l2_squared=plan.l2_squared, nano_rho=10**18
        )
    snapshot = f"{site} {values[0]}"
    key = release_key(plan.study_digest, snapshot, plan.mode)
    release = Release(key, plan.study_digest, site, snapshot, values, scale, plan.nano_rho)
    return Outcome(site, "answered", release=release, charged=True)


def pooled(plan: Plan, outcomes: list[Outcome]) -> list[Row]:
    """The network's rows, over all strata, of releases that were drawn with a scale of their own."""
    scales = {outcome.release.scale for outcome in outcomes if outcome.release is not None}
    (scale,) = scales
    plan = replace(plan, scale=scale)
    return [row for row in combine(plan, outcomes).pooled if row.overall]


# D18: eighteen binary measures ---------------------------------------------------------------


def invented_registry() -> Registry:
    """A patient each, with eighteen answers."""
    answers = {
        f"m{i:02d}": {"instrument": "person", "label": f"Measure {i}", "type": "category",
                      "choices": {"0": "No", "1": "Yes"}}
        for i in range(MEASURES)
    }  # fmt: skip
    record = {"instrument": "person", "label": "Record", "type": "text", "identifier": True,
              "deid": "pseudonymize"}  # fmt: skip
    dictionary = {
        "dictionary": "eighteen", "version": 1, "title": "Eighteen measures", "key": "record",
        "instruments": {"person": {"label": "Person"}}, "elements": {"record": record, **answers},
    }  # fmt: skip
    derivations = {
        "derivations": "eighteen", "version": 1, "dictionary": "eighteen",
        "units": {"person": {"instrument": "person"}}, "elements": {},
    }  # fmt: skip
    return Registry(
        decode(Dictionary, dictionary, where="eighteen"),
        decode(Derivations, derivations, where="eighteen"),
    )


def eighteen(epsilon: float) -> StudyFile:
    asks = [
        {"proportion": {"numerator": f"m{i:02d} = 1"}, "name": f"m{i:02d}"} for i in range(MEASURES)
    ]
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "eighteen", "unit": "person",
        "ask": asks, "privacy": {"epsilon": epsilon},
    }  # fmt: skip
    return decode(StudyFile, plain, where="study")


def draw_site(rng: np.random.Generator, patients: int) -> Any:
    """A backend with one site's patients."""
    backend = ibis.duckdb.connect()
    answers = {
        f"m{i:02d}": pa.array(
            np.where(rng.random(patients) < TRUE, "1", "0").astype(object),
            mask=rng.random(patients) >= KNOWN,
        )
        for i in range(MEASURES)
    }
    order = pa.array(np.ones(patients, dtype=np.int32))
    backend.con.register("incoming", pa.table({"_order": order, **answers}))
    backend.con.execute("CREATE TABLE unit_person AS SELECT * FROM incoming")
    return backend


def d18(networks: int, draws: int) -> tuple[list[tuple[str, ...]], float]:
    """RMSE over that of the non-private pooled estimate: a line for each way, per site and pooled;
    and the largest standard error of them, as a part of the figure.
    """
    rng = np.random.default_rng(18)
    registry = invented_registry()
    catalogue = Catalogue(None, registry)
    plans = {
        (way, epsilon): make(eighteen(epsilon), catalogue)
        for way, make in WAYS.items()
        for epsilon in EPSILONS
    }
    errors: dict[tuple[str, float, str], list[list[float]]] = {}
    plain: list[list[float]] = []
    sizes = np.full(SITES, PATIENTS // SITES) + (np.arange(SITES) < PATIENTS % SITES)
    for network in range(networks):
        backends = [draw_site(rng, int(size)) for size in sizes]
        for key in itertools.product(WAYS, EPSILONS, MODES):
            errors.setdefault(key, []).append([])
        for (way, epsilon), found in plans.items():
            for plan in found:
                exact = [aggregate(plan, backend).exact_values() for backend in backends]
                total = [sum(column) for column in zip(*exact, strict=True)]
                if way == "one study, equal steps" and epsilon == 1.0:
                    plain.append(_misses(plan, [noisy(plan, "all", total, 0.0)]))
                for _ in range(draws):
                    each = [
                        noisy(plan, f"s{i}", values, plan.scale) for i, values in enumerate(exact)
                    ]
                    errors[way, epsilon, "per site"][-1].extend(_misses(plan, each))
                    share = plan.scale * math.sqrt(SITES / (SITES - COLLUDING))
                    errors[way, epsilon, "pooled"][-1].extend(
                        _misses(plan, [noisy(plan, "all", total, share)])
                    )
        print(f"network {network + 1} of {networks}", flush=True)
    told = {key: _over(found, plain) for key, found in errors.items()}
    lines = [
        (way, mode, *(f"{told[way, epsilon, mode][0]:.2f}" for epsilon in EPSILONS))
        for mode in MODES
        for way in WAYS
    ]
    return lines, max(error / figure for figure, error in told.values())


def _over(found: list[list[float]], plain: list[list[float]]) -> tuple[float, float]:
    """RMSE over that of ``plain``, both of lists of misses by network, and its standard error: the
    jackknife's, a network left out at a time.
    """

    def ratio(left_out: int | None) -> float:
        kept = [i for i in range(len(plain)) if i != left_out]
        return _rms([miss for i in kept for miss in found[i]]) / _rms(
            [miss for i in kept for miss in plain[i]]
        )

    networks = len(plain)
    if networks < 2:
        return ratio(None), math.nan
    each = np.array([ratio(i) for i in range(networks)])
    error = math.sqrt((networks - 1) / networks * float(((each - each.mean()) ** 2).sum()))
    return ratio(None), error


def _misses(plan: Plan, outcomes: list[Outcome]) -> list[float]:
    return [row.estimate - TRUE for row in pooled(plan, outcomes) if row.quantity == "proportion"]


def _rms(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


# The registry's own measures -----------------------------------------------------------------


def shipped(epsilon: float) -> StudyFile:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "ask": [{"measure": name} for name in ASKED], "privacy": {"epsilon": epsilon},
    }  # fmt: skip
    return decode(StudyFile, plain, where="study")


def registry_sites(folder: Path, operations: int) -> list[Any]:
    """Backends of nine invented hospitals, generated and loaded as in the demo."""
    from gateway.demo.local import LocalNetwork
    from gateway.demo.synthetic import generate
    from gateway.registry.store.opening import open_store
    from gateway.site.config import open_site

    truth = generate(folder / "exports", seed=7, operations=operations, notes=0)
    sites = [site.site for site in truth.sites]
    network = LocalNetwork(
        folder, "bench", sites, dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map"
    )
    network.found()
    subprocess.run(
        [sys.executable, "-m", "gateway.demo.load", str(folder), *sites],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found = []
    for site in sites:
        snapshot = open_store(open_site(folder / site)).published()
        assert snapshot is not None
        found.append(snapshot.connect())
    return found


def widths(plan: Plan, exact: Sequence[int], scale: float) -> dict[str, float]:
    """Interval width of each measure: of a proportion, or of survival on the last day read."""
    found = {}
    for row in pooled(plan, [noisy(plan, "all", exact, scale)]):
        if row.quantity in ("proportion", "survival"):
            found[row.statistic] = row.upper - row.lower
    return found


def registry_scale(operations: int, draws: int) -> tuple[list[tuple[str, ...]], float]:
    """A line for each measure: width without privacy, then over that for each way and ε; last the
    geometric mean, with its standard error over draws. And the largest standard error of the others,
    as a part of the figure.
    """
    catalogue = Catalogue()
    ways = {name: WAYS[name] for name in ("one study, equal steps", list(WAYS)[-1])}
    lines: dict[str, list[str]] = {}
    middle: list[str] = []
    largest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        backends = registry_sites(Path(folder), operations)
        for epsilon in EPSILONS:
            for make in ways.values():
                (plan,) = make(shipped(epsilon), catalogue)
                exact = [aggregate(plan, backend).exact_values() for backend in backends]
                total = [sum(column) for column in zip(*exact, strict=True)]
                bare = widths(plan, total, 0.0)
                scale = plan.scale * math.sqrt(SITES)
                got = [widths(plan, total, scale) for _ in range(draws)]
                ratios = np.array([[each[name] / bare[name] for name in bare] for each in got])
                means, errors = ratios.mean(axis=0), ratios.std(axis=0, ddof=1) / math.sqrt(draws)
                largest = max(largest, float((errors / means).max()))
                for name, ratio in zip(bare, means.tolist(), strict=True):
                    lines.setdefault(name, [f"{bare[name]:.3f}"]).append(f"{ratio:.2f}")
                # Of the mean of logarithms of means, to first order.
                error = float((ratios / means).mean(axis=1).std(ddof=1)) / math.sqrt(draws)
                of_all = math.exp(float(np.mean(np.log(means))))
                middle.append(f"{of_all:.2f} ± {of_all * error:.2f}")
    rows = [(name, *line) for name, line in lines.items()]
    return [*rows, ("geometric mean", "", *middle)], largest


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=int, default=12)
    parser.add_argument("--draws", type=int, default=12, help="of noise in each invented network")
    parser.add_argument(
        "--widths", type=int, default=24, help="draws of noise for the measures' widths"
    )
    parser.add_argument("--cases", type=int, nargs="*", default=[500, 1189])
    options = parser.parse_args()
    began = time.monotonic()
    heads = tuple(f"ε = {epsilon:g}" for epsilon in EPSILONS)
    eighteens, error = d18(options.networks, options.draws)
    parts = [
        (
            f"## {MEASURES} binary measures\n\nEach known for {KNOWN:.0%} of {PATIENTS} patients at"
            f" {SITES} sites, true for {TRUE:.0%} of these. Root mean square error of the network's"
            " shares over that of the non-private pooled ones"
            f" ({options.networks} networks × {options.draws} draws × {MEASURES} measures; standard error"
            f" {error:.0%} of a figure at most, by leaving out networks)."
            " *Pooled*: one noise for the network's total, inflated for one colluding site;"
            " the masks are not part of this.\n\n"
            + table(("way", "noise", *heads), eighteens)
            + beside_d18(Network(MEASURES, PATIENTS, SITES, KNOWN, TRUE, COLLUDING), EPSILONS)
        )
    ]
    for cases in options.cases:
        lines, error = registry_scale(cases, options.widths)
        both = tuple(f"{label} {head}" for head in heads for label in ("equal steps,", "engine,"))
        parts.append(
            f"## The registry's {len(lines) - 1} measures, {cases:,} index operations at {SITES} sites\n\n"
            f"One study of these measures, per site. {UNCOVERED} Width of the network's 95 % interval over"
            " that without privacy (survival: on the last day read), means of"
            f" {options.widths} draws (standard error {error:.0%} of a figure at most; ± of the geometric"
            " mean).\n\n" + table(("measure", "width without", *both), lines)
        )
    OUT.write_text(_page(parts, time.monotonic() - began), encoding="utf-8")
    print(f"wrote {OUT}")


def _page(parts: list[str], seconds: float) -> str:
    return (
        "# One study, one charge\n\n"
        f"Written by `python -m tests.benchmarks.study` in {seconds / 60:.0f} minutes; do not edit."
        f" {platform.machine()}, {os.cpu_count()} processors (load {os.getloadavg()[0]:.1f} at the end),"
        f" Python {platform.python_version()}, DuckDB {duckdb.__version__}."
        " ε is what one patient may lose at one site, at δ = 10⁻⁶, whatever the way. *Equal steps*:"
        " (±1, 1) a row for a proportion and 1 for all else. *Shapes and shares*: precision by what"
        " each statistic needs. *Parents*: proportions told apart within one count.\n\n"
        + "\n\n".join(parts)
        + "\n"
    )


if __name__ == "__main__":
    main()
