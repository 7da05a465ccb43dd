"""Times of single questions, and errors of repeated ones."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from federated.privacy.loss import NANO, nano_rho_for
from tests.benchmarks.answer_parts.world import CLINICS, ROWS_MAX, STAGES, fill
from tests.benchmarks.answer_peers.protocol import ABOVE
from tests.benchmarks.answer_peers.session import Data, System, Unanswered

__all__ = [
    "ALONE",
    "EPSILON",
    "FORMS",
    "MANY_PATIENTS",
    "TIMED",
    "TOGETHER",
    "Errors",
    "Times",
    "cell_of",
    "errors",
    "rmse",
    "table_of",
    "times",
]

EPSILON, DELTA = 1.0, 1e-6
BUDGET = {"epsilon": EPSILON, "delta": DELTA, "rho": nano_rho_for(EPSILON, DELTA) / NANO}
FORMS = ("index", "visits")
TIMED = ("count", "keys", "mean")
ALONE = ("count", "strata", "keys", "mean")
TOGETHER = ("count", "keys", "mean")
MANY = tuple(ABOVE)
MANY_PATIENTS = 500
"""Patients of whom errors are also measured with several rows each, and with many questions."""
TURNS = 200
LEAST = 30
FEW_S = 15.0
"""A first answer that took longer is not repeated: what is loaded at first use is little of it."""


@dataclass
class Times:
    """Of one system on one table: ms by question, or why there is no answer."""

    load_s: float | None = None
    found: dict[str, tuple[float, int] | str] = field(default_factory=dict)
    """Median ms and of how many turns."""


def times(system: System, data: Data, *, timeout_s: float, seconds: float) -> Times:
    """The timed questions to one system on one table."""
    told = Times()
    try:
        told.load_s = system.load(data, timeout_s)
    except Unanswered as why:
        told.found = dict.fromkeys(TIMED, f"loading: {why}")
        return told
    for question in TIMED:

        def ask(turns: int, seconds: float, question: str = question) -> list[float]:
            said = system.ask(
                data,
                [question],
                BUDGET,
                timeout_s=timeout_s,
                turns=turns,
                seconds=seconds,
                fresh=True,
            )
            return list(said["took"])

        try:
            took = ask(1, 0.0)
            if took[0] < min(FEW_S, timeout_s / 6):  # else the repeats could be out of time
                took = ask(1000, max(seconds, 2.5 * took[0]))
            told.found[question] = (1000 * statistics.median(took), len(took))
        except Unanswered as why:
            told.found[question] = str(why)
    return told


@dataclass
class Errors:
    """Root mean square errors of one system by question, alone and where all share one ε."""

    alone: dict[str, float | str] = field(default_factory=dict)
    together: dict[str, float | str] = field(default_factory=dict)
    many: float | str | None = None
    """Over eighteen counts that share one ε, where they were asked."""
    turns: list[int] = field(default_factory=list)
    withheld: float = 0.0
    """Of the hundred keys asked alone, the share that was not told."""


def errors(
    system: System, data: Data, *, timeout_s: float, seconds: float, many: bool = False
) -> Errors:
    """Answers to each question, to three as one, and to ``many`` as one, against the exact ones."""
    told, exact = Errors(), truth(data)

    def ask(questions: Sequence[str], into: dict[str, float | str]) -> None:
        try:
            values, spent = [], 0.0
            # At least so many, in portions: a time-out is of one portion.
            while len(values) < LEAST or (len(values) < TURNS and spent < seconds):
                said = system.ask(
                    data, questions, BUDGET,
                    timeout_s=timeout_s * len(questions), turns=TURNS - len(values),
                    seconds=seconds,
                )  # fmt: skip
                values += said["values"]
                spent += sum(said["took"])
        except Unanswered as why:
            into.update(dict.fromkeys(questions, str(why)))
            return
        told.turns.append(len(values))
        for question in questions:
            answers = [value[question] for value in values]
            into[question] = rmse(answers, exact[question], counts=question != "mean")
        if questions == ["keys"]:
            cells = [cell for value in values for cell in value["keys"]]
            told.withheld = sum(cell is None for cell in cells) / len(cells)

    for question in ALONE:
        ask([question], told.alone)
    ask(TOGETHER, told.together)
    if many:
        found: dict[str, float | str] = {}
        ask(MANY, found)
        numbers = [each for each in found.values() if not isinstance(each, str)]
        told.many = float(np.sqrt(np.mean(np.square(numbers)))) if numbers else found[MANY[0]]
    return told


def rmse(
    answers: Sequence[Sequence[float | None]], exact: Sequence[float], *, counts: bool
) -> float:
    """Over turns and cells. A count that is withheld or negative is read as 0, whoever told it."""
    told = np.array([[0.0 if cell is None else cell for cell in answer] for answer in answers])
    if counts:
        told = np.maximum(told, 0.0)
    return float(np.sqrt(np.mean(np.square(told - np.asarray(exact)))))


def truth(data: Data) -> dict[str, list[float]]:
    """The exact answers, over all rows of the form."""
    rows = "unit_visit WHERE first" if data.form == "index" else "unit_visit"
    with duckdb.connect(str(data.path), read_only=True) as table:

        def numbers(select: str, group: str = "") -> list[Any]:
            return table.sql(f"SELECT {select} FROM {rows} {group}").fetchall()

        stages = dict(numbers("stage, count(*)", "GROUP BY stage"))
        clinics = dict(numbers("clinic, count(*)", "GROUP BY clinic"))
        also = "AND" if data.form == "index" else "WHERE"
        above = {
            name: list(numbers("count(*)", f"{also} score > {score}")[0])
            for name, score in ABOVE.items()
        }
        count, mean = table.sql(f"SELECT count(*), avg(score) FROM {rows}").fetchall()[0]
    return {
        "count": [count],
        "strata": [stages.get(key, 0) for key in STAGES],
        "keys": [clinics.get(key, 0) for key in CLINICS],
        "mean": [mean],
        **above,
    }


def table_of(folder: Path, rows: int) -> Path:
    """A table of so many visits, as the site's own benchmark has it."""
    path = folder / f"visits_{rows}.duckdb"
    if not path.exists():
        with duckdb.connect(str(path)) as made:
            fill(made, rows)
    return path


def cell_of(folder: Path, patients: int) -> Path:
    """All visits of so many patients, none with more than may count: nothing is lost to bounding."""
    path = folder / f"patients_{patients}.duckdb"
    with duckdb.connect(str(path)) as made:
        fill(made, patients * 10)
        made.execute(f"""
            CREATE TABLE few AS SELECT _patient FROM unit_visit GROUP BY _patient
            HAVING count(*) <= {ROWS_MAX} AND bool_or(first) ORDER BY _patient LIMIT {patients};
            DELETE FROM unit_visit WHERE _patient NOT IN (FROM few)
        """)
    return path
