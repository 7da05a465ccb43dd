"""How much one patient more moves the time of an answer; writes reply_time.md beside.

    python -m tests.benchmarks.reply_time           # about seven minutes on one core

What :func:`federated.privacy.reply_time.moved_s` allows is measured, not proved: here. Each
question is put in turn to two stores that differ in one patient, and the processor time from
opening the snapshot to the noisy vector is taken. Told is the difference of the lower quartiles
(what else the machine does only adds time), with the 95 % of a bootstrap, beside what is allowed.
The patients are those that should be seen best: the
first of a store, the first that all conditions but one admit (what comes after it is reckoned for
the first time), the first of another vector (2,048 rows) or row group (122,880) of DuckDB, and
one with five hundred rows.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from federated.aggregate.exact import aggregate
from federated.privacy.measurement import release_values
from federated.privacy.reply_time import moved_s, values_share
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode
from tests.attack.world import PERSON, VISIT, Snapshot
from tests.conftest import HEART, HEART_DERIVED

OUT = Path(__file__).with_suffix(".md")
ROUNDS = 25
ALL = "risk > 0"
LONG = " or ".join(
    [f"risk * {i} + follow_days / {i} > {9 * i}e9" for i in range(1, 33)]
    + [f"follow_days > {1000 + i}" for i in range(150)]
)
QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "a count": [{"count": True}],
    "a count by three": [{"count": True, "by": ["sex", "risk_band", "died"]}],
    "a proportion": [{"proportion": {"numerator": "died = 1"}, "by": ["sex"]}],
    "a curve": [{"survival": {"time": "follow_days", "event": "died = 1"}, "by": ["sex"]}],
    "a mean": [{"mean": {"of": "risk"}, "by": ["sex"]}],
    "quantiles": [{"quantiles": {"of": "risk", "bins": 64, "at": [0.5]}}],
    "twelve proportions": [
        {"proportion": {"numerator": f"died = 1 and risk > {i}"}, "where": f"follow_days > {i}"}
        | {"name": f"p{i}"}
        for i in range(12)
    ],
    "twelve counts by three": [
        {"count": True, "by": ["sex", "risk_band", "died"], "where": f"follow_days > {i}"}
        | {"name": f"c{i}"}
        for i in range(12)
    ],
    "a long condition": [{"count": True, "where": f"died = 1 or {LONG}"}],
}
PEOPLE = """
SELECT 'p' || i AS _patient, i AS _row, 1 AS _order, CASE i % 2 WHEN 0 THEN '1' ELSE '2' END AS sex,
  {risk} AS risk, CASE WHEN i % 50 < 20 THEN 'low' ELSE 'high' END AS risk_band,
  i % 1000 AS follow_days, 9 AS open_days, CASE i % 3 WHEN 0 THEN '1' ELSE '0' END AS died
FROM range({count}) AS r(i)
"""


@dataclass(frozen=True)
class Pair:
    """Two stores: ``few`` patients whom the cohort admits or not, and one admitted more."""

    name: str
    few: int
    admitted: bool = True
    rows: int = 1


PAIRS = (
    Pair("the first patient of a store", 0),
    Pair("the first of 1,000 whom the cohort admits", 1_000, admitted=False),
    Pair("the 1,001st", 1_000),
    Pair("the first of a second vector", 2_048),
    Pair("the first of a second row group", 122_880),
    Pair("one with 500 rows", 1_000, rows=500),
)


def write(path: Path, pair: Pair, more: int) -> Snapshot:
    """The pair's store, with the patient (``more`` = 1) or without."""
    risk = "30.0 + i % 50"
    few = PEOPLE.format(count=pair.few, risk=risk if pair.admitted else f"-{risk}")
    one = PEOPLE.format(count=pair.rows * more, risk=risk)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in PERSON.items())
    visits = ", ".join(f'"{name}" {kind}' for name, kind in VISIT.items())
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE unit_person ({columns})")
        connection.execute(f"INSERT INTO unit_person {few}")
        connection.execute(f"INSERT INTO unit_person SELECT * FROM ({one})")
        connection.execute(f"CREATE TABLE unit_visit ({visits})")
    return Snapshot(path)


def plan_of(catalogue: Catalogue, ask: list[dict[str, Any]]) -> Plan:
    """The question of all whose risk is above 0, at ε = 1."""
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "person",
        "cohort": ALL, "ask": ask, "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="study"), catalogue)
    return compile_study(study, catalogue)


def answered_s(plan: Plan, snapshot: Snapshot) -> float:
    """Processor seconds of one answer, all threads together."""
    began = time.process_time()
    backend = snapshot.connect()
    try:
        exact = aggregate(plan, backend)
    finally:
        backend.disconnect()
    release_values(
        exact,
        scale=plan.scale,
        l2_squared=plan.l2_squared,
        nano_rho=values_share(plan.nano_rho),
    )
    return time.process_time() - began


def moved(plan: Plan, stores: tuple[Snapshot, Snapshot]) -> tuple[float, float, float, float]:
    """By how many seconds the lower quartile moves, with 95 %; and the quartile itself."""
    taken: tuple[list[float], list[float]] = ([], [])
    for i in range(ROUNDS + 3):
        for which in (i % 2, 1 - i % 2):
            seconds = answered_s(plan, stores[which])
            if i >= 3:
                taken[which].append(seconds)
    without, with_one = taken
    chance = random.Random(1)

    def drawn(of: list[float]) -> float:
        return quartile(chance.choices(of, k=len(of)))

    again = sorted(drawn(with_one) - drawn(without) for _ in range(400))
    return quartile(with_one) - quartile(without), again[10], again[-11], quartile(without)


def quartile(of: list[float]) -> float:
    """The lower one."""
    return statistics.quantiles(of, n=4)[0]


def main() -> None:
    """Measure every question on every pair and write the table."""
    lines = [
        "# How far one patient moves the time of an answer",
        "",
        "Processor time in ms, DuckDB; written by `python -m tests.benchmarks.reply_time`.",
        "Allowed is what `reply_time.moved_s` gives for the question's parts. Stores are warm: what",
        "waits for a disk is not in it. An empty table is planned away, so the first row of one is",
        "what is seen best.",
        "",
        "| question | parts | one patient more | an answer takes | moved by (95 %) | allowed |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for shelf, text in (("dictionaries", HEART), ("derivations", HEART_DERIVED)):
            (folder / shelf).mkdir()
            (folder / shelf / "heart.yaml").write_text(text)
        catalogue = Catalogue(folder)
        plans = {name: plan_of(catalogue, ask) for name, ask in QUESTIONS.items()}
        for number, pair in enumerate(PAIRS):
            stores = (
                write(folder / f"{number}_without.duckdb", pair, 0),
                write(folder / f"{number}_with.duckdb", pair, 1),
            )
            for name, plan in plans.items():
                middle, low, high, whole = (1e3 * s for s in moved(plan, stores))
                lines.append(
                    f"| {name} | {plan.parts} | {pair.name} | {whole:.1f} |"
                    f" {middle:.2f} ({low:.2f} to {high:.2f}) | {1e3 * moved_s(plan.parts):.1f} |"
                )
                print(lines[-1], flush=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
