"""The registry that is asked: declarations, rows, questions and the plain SQL beside them.

A patient has one to five visits, on average three, one of them the index visit
(``first``); ``_order`` is the stored order of the patient's rows. A visit has one of a hundred
clinics and of five stages, a score between 0 and 100, days of follow-up and whether the patient died.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode

__all__ = [
    "CLINICS",
    "EDGES",
    "QUESTIONS",
    "ROWS_MAX",
    "STAGES",
    "Question",
    "declare",
    "fill",
    "plan_of",
]

CLINICS = tuple(f"c{i:02}" for i in range(100))
STAGES = tuple(f"s{i}" for i in range(5))
EDGES = tuple(range(183, 183 * 21, 183))
"""Twenty half-years."""
ROWS_MAX = 3
DICTIONARY = f"""
dictionary: clinics
version: 1
title: Visits
key: record
instruments:
  person: {{label: Person}}
  visit: {{label: Visit, repeats: true}}
elements:
  record: {{instrument: person, label: Record, type: text, identifier: true, deid: pseudonymize}}
  visit_no: {{instrument: visit, label: Visit, type: integer, bounds: [1, 99], required: true}}
  clinic: {{instrument: visit, label: Clinic, type: category,
           choices: {{{", ".join(f"{code}: Clinic {code}" for code in CLINICS)}}}}}
  stage: {{instrument: visit, label: Stage, type: category,
          choices: {{{", ".join(f"{code}: Stage {code}" for code in STAGES)}}}}}
  score: {{instrument: visit, label: Score, type: number, bounds: [0, 100]}}
  days: {{instrument: visit, label: Days observed, type: integer, bounds: [0, 4000]}}
  died: {{instrument: visit, label: Died, type: category, choices: {{"0": "No", "1": "Yes"}}}}
"""
DERIVED = """
derivations: clinics
version: 1
dictionary: clinics
units:
  person: {instrument: person}
  visit: {instrument: visit, within: person}
elements:
  first: {unit: visit, label: First visit, type: boolean,
          index: {within: person, order: [visit_no]}}
"""
ROWS = """
CREATE TABLE unit_visit AS
WITH patient AS (
    SELECT range AS p, (1 + hash(range) % 5)::BIGINT AS visits FROM range({patients})
), visit AS (
    SELECT p, unnest(range(1, visits + 1)) AS n FROM patient
)
SELECT md5(p::VARCHAR) AS _patient,
       row_number() OVER (PARTITION BY p ORDER BY hash(p, n))::INTEGER AS _order,
       n AS visit_no,
       n = 1 AS first,
       'c' || lpad((hash(p, n, 1) % 100)::VARCHAR, 2, '0') AS clinic,
       's' || (hash(p, n, 8) % 5)::VARCHAR AS stage,
       CASE WHEN hash(p, n, 2) % 20 > 0 THEN (hash(p, n, 3) % 1001) / 10.0 END::DOUBLE AS score,
       CASE WHEN hash(p, n, 4) % 20 > 0 THEN hash(p, n, 5) % 4001 END::BIGINT AS days,
       CASE WHEN hash(p, n, 6) % 20 > 0 THEN (hash(p, n, 7) % 2)::VARCHAR END AS died
FROM visit ORDER BY p, _order LIMIT {rows}
"""


@dataclass(frozen=True)
class Question:
    """What is asked in a study, and the SELECT list and GROUP BY that an analyst would write."""

    name: str
    ask: dict[str, Any]
    select: str
    group: str = ""

    def plain(self, rows: str, where: str = "") -> str:
        """SQL without bounds and noise."""
        group = f"GROUP BY {self.group}" if self.group else ""
        return f"SELECT {self.select} FROM {rows} {where and 'WHERE ' + where} {group}"


_HELD = "CASE WHEN score < 0 THEN 0 WHEN score > 100 THEN 100 ELSE score END"
_BIN = "CASE " + " ".join(f"WHEN days <= {edge} THEN {i}" for i, edge in enumerate(EDGES))
QUESTIONS = (
    Question("count", {"count": True}, "count(*)"),
    Question(
        "histogram, 100 keys", {"count": True, "by": ["clinic"]}, "clinic, count(*)", "clinic"
    ),
    Question(
        "bounded mean",
        {"mean": {"of": "score"}},
        # An analyst holds values to the range too, and wants the spread beside the mean.
        # (Not with LEAST: it reads over NULL.)
        f"avg({_HELD}), stddev({_HELD}), count(score)",
    ),
    Question(
        "survival, 20 bins",
        {"survival": {"time": "days", "event": "died = 1", "grid": list(EDGES)}},
        f"{_BIN} ELSE {len(EDGES)} END AS bin, died, count(*)",
        "bin, died",
    ),
)


def declare(folder: Path) -> Catalogue:
    """The declarations of this registry, in ``folder``."""
    for shelf, text in (("dictionaries", DICTIONARY), ("derivations", DERIVED)):
        (folder / shelf).mkdir(parents=True, exist_ok=True)
        (folder / shelf / "clinics.yaml").write_text(text, encoding="utf-8")
    return Catalogue(folder)


def fill(connection: Any, rows: int) -> None:
    """The table of visits. Patients are one after the other, as a load leaves them."""
    connection.execute(ROWS.format(patients=rows * 9 // 25, rows=rows))


def plan_of(
    catalogue: Catalogue, *asks: dict[str, Any], rows_max: int = 1, epsilon: float = 1.0
) -> Plan:
    """The compiled study; one charge of ``epsilon`` at δ = 10⁻⁶."""
    study = {
        "title": "benchmark", "purpose": "DUO:0000006", "dictionary": "clinics", "unit": "visit",
        "ask": list(asks), "privacy": {"epsilon": epsilon}, "rows_max": rows_max,
    }  # fmt: skip
    return compile_study(resolve(decode(StudyFile, study, where="study"), catalogue), catalogue)
