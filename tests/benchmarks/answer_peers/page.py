"""The page of results."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence

import duckdb

from tests.benchmarks.answer_parts.world import ROWS_MAX
from tests.benchmarks.answer_peers.measure import (
    ALONE,
    FORMS,
    MANY_PATIENTS,
    TIMED,
    TOGETHER,
    Errors,
    Times,
)
from tests.benchmarks.answer_peers.session import HERE
from tests.benchmarks.answer_peers.systems import SYSTEMS, Provided

__all__ = ["page"]

WORDS = {"count": "count", "strata": "5 strata", "keys": "100 keys", "mean": "mean"}
FORM = {
    "index": "Index rows: one of a patient",
    "visits": f"All visits, {ROWS_MAX} of a patient at most",
}


def page(
    timed: Mapping[tuple[str, int, str], Times],
    erred: Mapping[tuple[str, int, str], Errors],
    timeout_s: float,
) -> str:
    """Of times by (form, rows, system) and errors by (form, patients, system)."""
    parts = [_head(timeout_s), _provided(), _TIME]
    for form in FORMS:
        rows = [_timed(rows, name, one) for (of, rows, name), one in timed.items() if of == form]
        heads = ["rows", "system", "loading, s", *(WORDS[question] for question in TIMED)]
        parts.append(f"### {FORM[form]}\n\n" + _table(heads, rows))
    parts.append(_ERROR)
    for form, patients in dict.fromkeys((form, patients) for form, patients, _ in erred):
        rows = [
            _erred(name, one)
            for (of, size, name), one in erred.items()
            if (of, size) == (form, patients)
        ]
        heads = ["system", *(WORDS[question] for question in ALONE)]
        heads += [f"{WORDS[question]}, of three" for question in TOGETHER]
        heads += ["18 counts", "repeats", "keys withheld"]
        parts.append(f"### {patients:,} patients. {FORM[form]}\n\n" + _table(heads, rows))
    reasons = _reasons(timed, erred)
    if reasons:
        parts.append("## Not measured\n\n" + "\n".join(f"- {reason}" for reason in reasons))
    return "\n\n".join(parts) + "\n"


def _head(timeout_s: float) -> str:
    load = os.getloadavg()
    return f"""# The query engine, side by side

Written by `make bench-peers`; do not edit. {platform.machine()}, {os.cpu_count()} processors (load {load[0]:.1f} at \
the end, {load[2]:.1f} in the last fifteen minutes), Python {platform.python_version()}, DuckDB {duckdb.__version__}. \
Every system has the same invented visits in the same run, one
system at a time, each in an environment of its own (`tests/benchmarks/answer_peers/*.txt`). A time-out of
{timeout_s:g} s is of one system and question (of eighteen asked together it is eighteen times as long); so is loading. ε is 1 for each question of a patient at a site, δ 10⁻⁶
where there is one; keys are public. Every system is asked as its own documentation says, for a guarantee of patients."""


def _provided() -> str:
    rows = [
        [one.peer.name, _version(one), one.noise, one.bounds, one.keys, one.n] for one in SYSTEMS
    ]
    return "## What each provides\n\n" + _table(
        ["system", "version", "noise and accounting", "who bounds a patient's rows", "keys", "n"],
        rows,
    )


def _version(one: Provided) -> str:
    if one.peer.pins is None:
        return "this tree"
    pins = (HERE / one.peer.pins).read_text()
    found = re.search(rf"^{re.escape(one.distribution)}==(\S+)$", pins, re.MULTILINE)
    assert found, one.distribution
    return found[1]


_TIME = f"""## Time

Medians in ms from the question to the noisy numbers, after one answer to warm up. *Loading* brings the rows from a
DuckDB file to where the system answers from: a Polars frame (OpenDP), SQLite in memory (SmartNoise), a list
(PipelineDP), arrays (diffprivlib). Osteon holds no rows: for each answer a study is compiled, its SQL is written and
reads the file anew, and noise is added; its mean brings the spread with it. OpenDP spends most of its time at few rows on
a search for the noise, which reads the plan over and over. The peers have pseudonyms as integers of 64 bits, which are
quicker than Osteon's texts. *Index rows*: Osteon finds them in the table of all visits; the peers were given nothing
else and bound nothing. *All visits*: who bounds them is said above; {ROWS_MAX} rows of a patient is the
bound of all. `rows` are those of the table of all visits. Other engines of SmartNoise and PipelineDP (a database
server, Spark, Beam) were not measured."""

_ERROR = f"""## Error

Root mean square error against the exact answers: of the cells, where there are several. Index rows, or patients of whom
none has more rows than may count, so that nothing is lost to bounding and noise alone is compared. Count, 5 strata,
100 keys and mean (of values between 0 and 100) are each asked alone with ε = 1. *Of three*: count, 100 keys and mean
with one ε = 1 for all: Osteon as one study, the peers one by one with a third of ε or ρ each, since they compose by
sums. *18 counts*: of patients above each of eighteen scores, in the same two ways, at {MANY_PATIENTS} patients alone (index
rows), since some peers take minutes for them. Counts that are told negative or
withheld are read as 0, of every system: where most of the keys are withheld, the error of 100 keys is that of no answer,
and is not to be held against the others.
Osteon shows counts of strata as whole numbers that agree with their total.

Alone, or as one of few, a question is told more sharply by Laplace noise of pure ε than by the Gaussian noise whose
charges add up over a year of studies (Osteon, and OpenDP at the same ρ); with eighteen questions it is no longer.
As one study Osteon gives most precision to the 100 keys, since a hundredth of the rows is in each, and the count pays
for it; a `weight` says otherwise. Means of OpenDP and SmartNoise are of sums from 0, those of Osteon and PipelineDP of
sums from the middle of the range, which one patient moves half as much."""


def _timed(rows: int, name: str, one: Times) -> list[str]:
    loading = "–" if one.load_s is None else f"{one.load_s:.1f}"
    cells = []
    for question in TIMED:
        found = one.found[question]
        cells.append("–" if isinstance(found, str) else f"{found[0]:,.1f}{_few(found[1])}")
    return [f"{rows:,}", name, loading, *cells]


def _few(turns: int) -> str:
    return "" if turns >= 3 else f" ({turns} turn{'s' if turns > 1 else ''})"


def _erred(name: str, one: Errors) -> list[str]:
    cells = [one.alone[question] for question in ALONE]
    cells += [one.together[question] for question in TOGETHER]
    turns = sorted({min(one.turns), max(one.turns)}) if one.turns else []
    return [
        name,
        *("–" if isinstance(cell, str) else f"{cell:.2f}" for cell in cells),
        "not asked"
        if one.many is None
        else "–"
        if isinstance(one.many, str)
        else f"{one.many:.2f}",
        " to ".join(map(str, turns)) or "–",
        f"{one.withheld:.0%}" if one.withheld else "",
    ]


def _reasons(
    timed: Mapping[tuple[str, int, str], Times], erred: Mapping[tuple[str, int, str], Errors]
) -> list[str]:
    found: dict[str, None] = {}
    for (form, rows, name), one in timed.items():
        for question, why in one.found.items():
            if isinstance(why, str):
                found[f"{name}, time at {rows:,} rows, {form}, {WORDS[question]}: {why}"] = None
    for (form, patients, name), errors in erred.items():
        for asked in (errors.alone, errors.together):
            for question, why in asked.items():
                if isinstance(why, str):
                    what = f"error at {patients:,} patients, {form}, {WORDS[question]}"
                    found[f"{name}, {what}: {why}"] = None
        if isinstance(errors.many, str):
            found[f"{name}, error at {patients:,} patients, {form}, 18 counts: {errors.many}"] = (
                None
            )
    return list(found)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
