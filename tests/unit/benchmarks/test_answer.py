"""What the benchmark of answers sets side by side counts the same rows."""

import ibis
import numpy as np
import pytest

from federated.aggregate.exact import aggregate
from federated.combine.cell_noise import decoded
from tests.benchmarks.answer_parts.world import (
    CLINICS,
    EDGES,
    QUESTIONS,
    ROWS_MAX,
    declare,
    fill,
    plan_of,
)

ROWS = 3000


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return declare(tmp_path_factory.mktemp("declarations"))


@pytest.fixture(scope="module")
def backend():
    made = ibis.duckdb.connect()
    fill(made.con, ROWS)
    return made


def vector(backend, catalogue, name, **more):
    ask = next(question.ask for question in QUESTIONS if question.name == name)
    plan = plan_of(catalogue, ask | more, rows_max=1 if more else ROWS_MAX)
    assert plan.blocks[0].by_order is not bool(more)
    step = plan.blocks[0].steps[0]
    return [value / step for value in aggregate(plan, backend).exact_values()]


def plain(backend, name, rows="unit_visit", where="first"):
    question = next(question for question in QUESTIONS if question.name == name)
    return backend.con.execute(question.plain(rows, where)).fetchall()


def test_patients_have_one_index_visit_and_up_to_five(backend):
    found = backend.con.execute(
        "SELECT max(n), min(firsts), max(firsts), max(last), sum(n) FROM (SELECT count(*) AS n,"
        " count_if(first) AS firsts, max(_order) AS last FROM unit_visit GROUP BY _patient"
        # The last patient is cut where the table ends.
        " ORDER BY min(rowid) LIMIT 500)"
    ).fetchall()[0]
    assert found[:4] == (5, 1, 1, 5)
    assert 1200 < found[4] < 1800


def test_the_counts_are_those_of_plain_sql(backend, catalogue):
    assert vector(backend, catalogue, "count", where="first") == [*plain(backend, "count")[0]]
    bounded = plain(backend, "count", where=f"_order <= {ROWS_MAX}")[0]
    assert vector(backend, catalogue, "count") == [*bounded]
    assert bounded[0] < ROWS


def test_the_histogram_is_that_of_plain_sql(backend, catalogue):
    name = "histogram, 100 keys"
    counts = dict(plain(backend, name))
    expected = [counts.get(clinic, 0) for clinic in CLINICS]
    assert vector(backend, catalogue, name, where="first") == [*expected, 0]


def test_the_mean_is_that_of_plain_sql(backend, catalogue):
    name = "bounded mean"
    plan = plan_of(catalogue, QUESTIONS[2].ask | {"where": "first"})
    most, _, known = plan.blocks[0].steps
    s, _, k = aggregate(plan, backend).exact_values()
    mean, _, number = plain(backend, name)[0]
    assert k == known * number
    assert 50 + 50 * (s / most) / number == pytest.approx(mean, abs=50 / most)


def test_the_survival_cells_are_those_of_plain_sql(backend, catalogue):
    name = "survival, 20 bins"
    bins = len(EDGES) + 1
    cells = [0] * (2 * bins)
    for at, died, count in plain(backend, name, where="first AND days IS NOT NULL"):
        if died is not None:
            cells[at + (0 if died == "1" else bins)] += count
    plan = plan_of(catalogue, QUESTIONS[3].ask | {"where": "first"})
    integers = np.array(aggregate(plan, backend).exact_values(), dtype=float)
    assert decoded(integers, plan.blocks[0].steps, bins) == pytest.approx(cells, abs=1e-6)
