"""Where the time of an answer goes: writing the SQL, running it, placing the counts and noise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from federated.aggregate.exact import cell_counts, moments, place
from federated.privacy.measurement import ExactAggregate, release_values
from federated.study.plan import Plan, unit_table
from tests.benchmarks.answer_parts.world import Question

__all__ = ["MeanSql", "Stages", "mean_sql", "medians", "staged"]


@dataclass(frozen=True)
class Stages:
    """Medians in ms: from the plan to SQL text, the engine's time for it, and from its rows to the
    noisy vector.
    """

    written: float
    run: float
    noised: float

    @property
    def fixed(self) -> float:
        """What does not depend on the number of rows."""
        return self.written + self.noised


def staged(plan: Plan, backend: Any) -> tuple[float, float, float]:
    """One answer to a plan with one statistic: seconds of its three stages."""
    (block,) = plan.blocks
    start = time.perf_counter()
    table = backend.table(unit_table(block.unit))
    asked = (moments if block.kind == "mean" else cell_counts)(block, table)
    text = backend.compile(asked)
    written = time.perf_counter()
    found = backend.raw_sql(text).fetchall()
    run = time.perf_counter()
    vector = [0] * plan.length
    place(block, (dict(zip(asked.columns, row, strict=True)) for row in found), vector)
    release_values(
        ExactAggregate(vector), scale=plan.scale, l2_squared=plan.l2_squared, nano_rho=plan.nano_rho
    )
    return written - start, run - written, time.perf_counter() - run


def medians(took: Sequence[tuple[float, float, float]]) -> Stages:
    """Of many such answers."""
    return Stages(*(1000 * statistics.median(times) for times in zip(*took, strict=True)))


@dataclass(frozen=True)
class MeanSql:
    """Medians in ms of the SQL of a mean over index rows: an analyst's, with the values held to
    the bounds and not, and the engine's, with its rounded squares and without.
    """

    rows: int
    free: float
    held: float
    without_squares: float
    engine: float


def mean_sql(
    question: Question, plan: Plan, backend: Any, rows: int, column: str, seconds: float
) -> MeanSql:
    """The four in turns of ``seconds`` in all."""
    (block,) = plan.blocks
    asked: Any = moments(block, backend.table(unit_table(block.unit)))
    texts = (
        f"SELECT avg({column}), stddev({column}), count({column}) FROM unit_visit WHERE first",
        question.plain("unit_visit", "first"),
        backend.compile(asked.select("s", "rows")),
        backend.compile(asked),
    )
    took: list[list[float]] = [[] for _ in texts]
    for _ in _turns(seconds):
        for times, text in zip(took, texts, strict=True):
            start = time.perf_counter()
            backend.con.execute(text).fetchall()
            times.append(1000 * (time.perf_counter() - start))
    return MeanSql(rows, *map(statistics.median, took))


def _turns(seconds: float) -> Iterator[None]:
    """For so long, and at least five times."""
    end, turns = time.monotonic() + seconds, 0
    while time.monotonic() < end or turns < 5:
        turns += 1
        yield
