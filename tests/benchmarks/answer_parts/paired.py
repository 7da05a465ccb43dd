"""A site's answer beside plain SQL, in turns on one DuckDB file."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis

from federated.aggregate.exact import aggregate
from federated.privacy.measurement import release_values
from federated.study.catalogue import Catalogue
from federated.study.plan import Plan
from tests.benchmarks.answer_parts.stages import MeanSql, Stages, mean_sql, medians, staged
from tests.benchmarks.answer_parts.world import QUESTIONS, ROWS_MAX, Question, fill, plan_of

__all__ = ["Line", "lines"]

SECONDS = 12.0
"""About how long the turns of one question go on, and at least five of them."""
WINDOW = (
    "(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY _patient ORDER BY hash(_patient,"
    f" visit_no)) AS nth FROM unit_visit) WHERE nth <= {ROWS_MAX})"
)


@dataclass(frozen=True)
class Line:
    """Medians in ms for one question at one number of rows."""

    question: str
    rows: int
    turns: int
    index: float
    index_plain: float
    ordered: float
    ordered_plain: float
    window: float
    cells: int
    index_stages: Stages
    ordered_stages: Stages

    @property
    def index_over(self) -> float:
        """What is left over 1.1 times the plain aggregate on index rows; the aim is 10 ms."""
        return self.index - 1.1 * self.index_plain

    @property
    def ordered_ratio(self) -> float:
        """To the plain aggregate of all rows; the aim is 1.5, with the same 10 ms."""
        return self.ordered / self.ordered_plain


def answered(plan: Plan, backend: Any) -> None:
    """What a site computes of a question: the exact vector, then its noise."""
    exact = aggregate(plan, backend)
    release_values(exact, scale=plan.scale, l2_squared=plan.l2_squared, nano_rho=plan.nano_rho)


def lines(
    catalogue: Catalogue, folder: Path, rows: int, seconds: float = SECONDS
) -> Iterator[Line | MeanSql]:
    """All questions at ``rows`` rows, and what the SQL of a mean spends its time on."""
    path = folder / f"visits_{rows}.duckdb"
    with duckdb.connect(str(path)) as made:
        fill(made, rows)
    backend = ibis.duckdb.connect(str(path), read_only=True)
    for question in QUESTIONS:
        yield _line(question, catalogue, backend, rows, seconds)
    mean = next(question for question in QUESTIONS if "mean" in question.ask)
    plan = plan_of(catalogue, mean.ask | {"where": "first"})
    yield mean_sql(mean, plan, backend, rows, "score", seconds / 2)
    backend.disconnect()


def _line(
    question: Question, catalogue: Catalogue, backend: Any, rows: int, seconds: float
) -> Line:
    index = plan_of(catalogue, question.ask | {"where": "first"})
    ordered = plan_of(catalogue, question.ask, rows_max=ROWS_MAX)
    assert not index.blocks[0].by_order
    assert ordered.blocks[0].by_order

    def sql(text: str) -> Callable[[], Any]:
        return lambda: backend.con.execute(text).fetchall()

    works: tuple[Callable[[], Any], ...] = (
        lambda: answered(index, backend),
        sql(question.plain("unit_visit", "first")),
        lambda: answered(ordered, backend),
        sql(question.plain("unit_visit")),
        sql(question.plain(WINDOW)),
    )
    took: list[list[float]] = [[] for _ in works]
    apart: list[list[tuple[float, float, float]]] = [[], []]
    for work in works:
        work()  # first use reads from disk and loads what is loaded lazily
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(took[0]) < 5:
        turn = len(took[0])
        for at, work in enumerate(works):
            if at == 4 and turn % 5:
                continue  # the window form is slow, and no aim hangs on it
            start = time.perf_counter()
            work()
            took[at].append(1000 * (time.perf_counter() - start))
        for times, plan in zip(apart, (index, ordered), strict=True):
            times.append(staged(plan, backend))
    middle = (statistics.median(times) for times in took)
    return Line(question.name, rows, len(took[0]), *middle, index.length, *map(medians, apart))
