"""Random patients with visits, plans over them, and their exact vectors from real engines."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from federated.aggregate.exact import aggregate
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode

SCHEMA = {
    "unit_person": {
        "_patient": "string", "_order": "int32", "sex": "string",
        "risk": "float64", "follow_days": "int64", "died": "string", "risk_band": "string",
    },
    "unit_visit": {
        "_patient": "string", "_order": "int32", "sex": "string",
        "risk": "float64", "follow_days": "int64", "died": "string", "risk_band": "string",
        "visit_no": "int64", "valve": "string", "leak": "string", "first_visit": "bool",
    },
}  # fmt: skip
Row = dict[str, Any]
Patient = dict[str, list[Row]]


@st.composite
def patients(draw, at_least: int = 0) -> list[Patient]:
    """Patients with 0 to 4 visits; anything may be missing."""
    found = []
    for i in range(draw(st.integers(at_least, 6))):
        person = {
            "_patient": f"p{i}", "_order": 1,
            "sex": draw(st.sampled_from(["1", "2", None])),
            "risk": draw(st.sampled_from([0.0, 49.9, 50.0, 100.0, None])),
            "follow_days": draw(st.sampled_from([0, 90, 91, 92, 365, 3999, None])),
            "died": draw(st.sampled_from(["0", "1", None])),
            "risk_band": draw(st.sampled_from(["low", "high", None])),
        }  # fmt: skip
        count = draw(st.integers(0, 4))
        order = draw(st.permutations(range(1, count + 1)))
        first = draw(st.integers(0, 4))
        visits = [
            person | {
                "_order": order[j], "visit_no": j + 1,
                "valve": draw(st.sampled_from(["a", "m", None])),
                "leak": draw(st.sampled_from(["0", "1", "9", None])),
                "first_visit": j == first,
            }
            for j in range(count)
        ]  # fmt: skip
        found.append({"unit_person": [person], "unit_visit": visits})
    return found


ASKS = [
    {"count": True},
    {"count": True, "name": "by_two", "by": ["valve", "sex"], "weight": 3},
    {"measure": "no_leak", "by": ["valve"]},
    {"proportion": {"numerator": "leak = 1"}, "where": "first_visit", "weight": 2},
    {"proportion": {"numerator": "leak = 1 or valve = 'a'"}, "name": "any_row"},
    {"proportion": {"numerator": "first_visit"}, "name": "a_column"},
    {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91, 183, 365]},
     "where": "first_visit", "by": ["risk_band"], "weight": 2},
    {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91]}, "name": "rows"},
    {"survival": {"time": "follow_days", "event": "leak = 1", "competing": "died = 1", "grid": [91, 365]},
     "name": "risks", "by": ["valve"], "where": "first_visit", "weight": 2},
    {"mean": {"of": "risk"}, "by": ["valve"], "where": "first_visit", "weight": 2},
    {"mean": {"of": "risk * 2 - follow_days / 3", "bounds": [-30.5, 90]}, "name": "reckoned"},
    {"mean": {"of": "visit_no"}, "name": "whole"},
    {"quantiles": {"of": "risk", "bins": 4}, "by": ["valve"], "where": "first_visit", "weight": 2},
    {"quantiles": {"of": "risk * 2 - follow_days / 3", "bounds": [-30.5, 90], "bins": 7},
     "name": "binned"},
    {"quantiles": {"of": "visit_no", "at": [0.9]}, "name": "visits"},
    {"rate": {"events": "died = 1", "time": "follow_days", "bounds": [0, 365.25]},
     "by": ["valve"], "where": "first_visit", "weight": 2},
    {"rate": {"events": "leak = 1", "time": "risk * 2 - follow_days / 3", "bounds": [0, 90]},
     "name": "of_rows"},
    {"observed_expected": {"observed": "died = 1", "expected": "risk / 80 - visit_no / 9"},
     "where": "first_visit", "by": ["sex"]},
    # Constants: an engine that takes them for decimals raises, for want of digits, if there is a row.
    {"rate": {"events": "leak = 1", "time": "5", "bounds": [0, 365.25]}, "name": "each"},
    {"mean": {"of": "abs(-5.1) / 3", "bounds": [-1 / 3, 1e9 / 7]}, "name": "alike"},
    {"quantiles": {"of": "abs(0.1) * abs(0.7) + 2", "bounds": [0, 4.14], "bins": 2}, "name": "level"},
    {"observed_expected": {"observed": "true", "expected": "0.012345678901234567"}, "name": "even"},
    {"count": True, "name": "digits",
     "where": "leak = 1 and abs(123456789012345.6) * abs(123456789012.34567) * abs(1.2345678) > 0"},
    {"count": True, "name": "aortic", "where": "first_visit and valve = 'a'", "weight": 3},
    {"mean": {"of": "risk"}, "name": "mitral", "where": "first_visit and valve = 'm'", "weight": 3},
    {"proportion": {"numerator": "sex = 1"}, "name": "other", "where": "first_visit and not valve = 'a'"},
]  # fmt: skip


def plan_of(heart, asks, rows_max=2) -> Plan:
    catalogue = Catalogue(heart)
    study = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": asks, "privacy": {"epsilon": 1.0}, "rows_max": rows_max,
    }  # fmt: skip
    return compile_study(resolve(decode(StudyFile, study, where="t"), catalogue), catalogue)


ARROW = {"string": pa.string(), "int64": pa.int64(), "int32": pa.int32(),
         "float64": pa.float64(), "bool": pa.bool_()}  # fmt: skip


def tables_of(people: list[Patient]) -> dict[str, pa.Table]:
    return {
        table: pa.table(
            {
                c: pa.array([row[c] for person in people for row in person[table]], ARROW[kind])
                for c, kind in columns.items()
            }
        )
        for table, columns in SCHEMA.items()
    }


def sql_vector(plan: Plan, people: list[Patient], backend: Any) -> list[int]:
    for name, table in tables_of(people).items():
        backend.con.register("incoming", table)
        backend.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        backend.con.unregister("incoming")
    return list(aggregate(plan, backend).exact_values())


SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


POSTGRES = {"string": 'text COLLATE "C"', "int64": "bigint", "int32": "integer",
            "float64": "double precision", "bool": "boolean"}  # fmt: skip


def server_vector(plan: Plan, people: list[Patient], server: Any) -> list[int]:
    for table, columns in SCHEMA.items():
        server.con.execute(f"TRUNCATE {table}")
        rows = [[row[c] for c in columns] for person in people for row in person[table]]
        with server.con.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    return list(aggregate(plan, server).exact_values())
