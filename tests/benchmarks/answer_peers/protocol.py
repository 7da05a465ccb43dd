"""What the scripts share. Standard library only: it runs in the environments of the others.

A script is asked in lines of JSON and answers each with one: ``load`` takes the table of a DuckDB
file into the form in which the system holds data, ``ask`` puts questions to it. A system has

- ``load(path, form, rows_max)``: form is ``index`` (one row of a patient) or ``visits`` (all);
- ``prepare(questions, budget)``: a function without arguments that answers, and one that makes of
  its answer {question: numbers in the order of the public keys, None where a key is withheld}.
"""

import json
import os
import sys
import time

KEYS = {"strata": ("stage", [f"s{i}" for i in range(5)]), "keys": ("clinic", [f"c{i:02}" for i in range(100)])}  # fmt: skip
ABOVE = {f"above_{score}": score for score in range(5, 95, 5)}
"""Eighteen cohorts, one within the other, of which the rows are counted."""
LOW, HIGH = 0.0, 100.0
PATIENT = "('0x' || left(_patient, 15))::BIGINT AS patient"
"""A pseudonym as an integer: what the systems sort by, and less to hold than 32 letters."""


def rows_of(path, form, columns):
    """The DuckDB relation of a system's rows; its connection is kept with it."""
    import duckdb

    where = "WHERE first" if form == "index" else ""
    return duckdb.connect(path, read_only=True).sql(f"SELECT {columns} FROM unit_visit {where}")


class OneByOne:
    """A system that is asked several questions one after the other, each with an equal part of ε."""

    def prepare(self, questions, budget):
        part = {name: budget[name] / len(questions) for name in ("epsilon", "delta", "rho")}
        each = {question: self.prepare_one(question, part) for question in questions}

        def answer():
            return {question: asked() for question, (asked, _) in each.items()}

        def read(answers):
            return {question: each[question][1](found) for question, found in answers.items()}

        return answer, read


def serve(system):
    """Answer every line. What libraries print goes to standard error."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        message = json.loads(line)
        try:
            said = {"load": _load, "ask": _ask}[message["do"]](system, message)
        except Exception as error:
            said = {"failed": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(said), file=told, flush=True)


def _load(system, message):
    started = time.perf_counter()
    system.load(message["path"], message["form"], message["rows_max"])
    return {"took": time.perf_counter() - started}


def _ask(system, message):
    """``turns`` answers, or fewer in ``seconds``. Of ``fresh`` ones the preparation is a part."""
    values, took = [], []
    prepared = None if message["fresh"] else system.prepare(message["questions"], message["budget"])
    end = time.perf_counter() + message["seconds"]
    while not took or (len(took) < message["turns"] and time.perf_counter() < end):
        started = time.perf_counter()
        answer, read = prepared or system.prepare(message["questions"], message["budget"])
        found = answer()
        took.append(time.perf_counter() - started)
        values.append(read(found))
    return {"took": took, "values": values}
