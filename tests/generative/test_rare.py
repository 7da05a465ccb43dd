"""Generalised tables: every combination common or empty, never finer, the same in any order."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from deid.rare.generalise import generalise
from deid.rare.ladder import OTHER, bands, cuts, groups, prefix, rare_as_other
from deid.rare.search import Budget, Coded, search

LADDERS = {
    "age": [bands(5), bands(10), cuts([18])],
    "kind": [groups({"x": ["a", "b"], "y": ["c"]}), rare_as_other()],
    "place": [prefix(1)],
}
GROUP = {"x": {"a", "b"}, "y": {"c"}}

rows = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.none() | st.integers(0, 40),
        st.none() | st.sampled_from("abcd"),
        st.none() | st.sampled_from(["p1", "p2", "q1"]),
    ),
    max_size=40,
)
ks = st.integers(1, 5)


def table(found):
    kinds = (pa.string(), pa.int64(), pa.string(), pa.string())
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    columns[0] = [f"patient {n}" for n in columns[0]]
    return pa.table({
        name: pa.array(values, kind)
        for name, values, kind in zip(("who", *LADDERS), columns, kinds, strict=True)
    })  # fmt: skip


def combinations(result):
    having = defaultdict(set)
    for row in result.to_pylist():
        having[tuple(row[name] for name in LADDERS)].add(row["who"])
    return having


@given(rows, ks)
def test_every_combination_has_k_patients_or_is_empty(found, k):
    done = generalise(table(found), LADDERS, patient="who", k=k)
    assert done.table.num_rows == len(found)
    assert done.table.column("who").to_pylist() == [f"patient {row[0]}" for row in found]
    for combination, patients in combinations(done.table).items():
        assert len(patients) >= k or combination == (None, None, None)


def covers(label, value):
    """Does the label stand for a set that holds the value?"""
    if label is None or label == str(value):
        return True
    if label == OTHER or (isinstance(value, str) and value in GROUP.get(label, ())):
        return isinstance(value, str)
    if isinstance(value, str):
        return value.startswith(label)
    if label.startswith("<"):
        return value < int(label[1:])
    if label.endswith("+"):
        return value >= int(label[:-1])
    low, high = map(int, label.split("-"))
    return low <= value <= high


@given(rows, ks)
def test_a_cell_is_only_ever_less_exact_and_a_missing_one_stays_missing(found, k):
    done = generalise(table(found), LADDERS, patient="who", k=k)
    for name, place in zip(LADDERS, (1, 2, 3), strict=True):
        for before, after in zip(
            (row[place] for row in found), done.table.column(name).to_pylist(), strict=True
        ):
            if before is None:
                assert after is None
            else:
                assert covers(None if after is None else str(after), before)


@given(rows, ks, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(found, k, random):
    order = list(range(len(found)))
    random.shuffle(order)
    one = generalise(table(found), LADDERS, patient="who", k=k)
    two = generalise(table([found[i] for i in order]), LADDERS, patient="who", k=k)
    as_text = [
        {n: None if v is None else str(v) for n, v in r.items()} for r in one.table.to_pylist()
    ]
    other = [
        {n: None if v is None else str(v) for n, v in r.items()} for r in two.table.to_pylist()
    ]
    assert [as_text[i] for i in order] == other
    assert one.cost == two.cost
    assert generalise(table(found), LADDERS, patient="who", k=k).table == one.table


@given(rows, ks)
def test_what_is_safe_already_is_not_touched(found, k):
    safe = [(100 * copy + who, *rest) for who, *rest in found for copy in range(k)]
    done = generalise(table(safe), LADDERS, patient="who", k=k)
    assert done.table == table(safe)
    assert (done.cost.cells_changed, done.cost.entropy_loss, done.cost.rare_rows) == (0, 0, 0)


@given(rows, ks)
def test_the_cost_is_what_a_reader_counts(found, k):
    before, done = table(found), generalise(table(found), LADDERS, patient="who", k=k)
    classes = combinations(done.table)
    whole = [len(p) for c, p in classes.items() if c != (None, None, None)]
    assert done.cost.smallest_after == min(whole, default=None)
    for name in LADDERS:
        pairs = list(
            zip(before.column(name).to_pylist(), done.table.column(name).to_pylist(), strict=True)
        )
        cost = done.cost.columns[name]
        assert cost.suppressed == sum(a is not None and b is None for a, b in pairs)
        assert cost.changed == sum(a is not None and str(a) != str(b) for a, b in pairs)
        assert sum(cost.rungs.values()) == sum(a is not None for a, _ in pairs)
        assert 0 <= cost.entropy_loss <= 1


def coded(values, steps):
    """A column's rungs and losses by definition, in millionths of a bit."""
    known = [v for v in values if v is not None]
    codes, loss = [], []
    for step in (str, *steps, None):
        said = [None if v is None or step is None else step(v) for v in values]
        names = sorted({s for s in said if s is not None})
        codes.append(np.array([0 if s is None else 1 + names.index(s) for s in said]))
        lost = []
        for v, s in zip(values, said, strict=True):
            merged = len(known) if s is None else said.count(s)
            lost.append(0 if v is None else round(1e6 * math.log2(merged / values.count(v))))
        loss.append(np.array(lost, dtype=np.int64))
    return Coded(tuple(codes), tuple(loss))


@settings(max_examples=60)
@given(rows.filter(bool), ks)
def test_no_choice_of_rungs_loses_less(found, k):
    _, ages, kinds, places = (list(column) for column in zip(*found, strict=True))
    columns = [
        coded(ages, [bands(5).of, bands(10).of]),
        coded(kinds, [groups(GROUP).of]),
        coded(places, [prefix(1).of]),
    ]
    people = np.array([row[0] for row in found])
    chosen = search(columns, np.arange(len(found)), people, k, Budget(10**9))
    assert chosen.exact

    def lost(rungs):
        having = defaultdict(set)
        keys = [
            tuple(c.codes[r][row] for c, r in zip(columns, rungs, strict=True))
            for row in range(len(found))
        ]
        for key, person in zip(keys, people, strict=True):
            having[key].add(person)
        return sum(
            c.loss[r if len(having[key]) >= k else -1][row]
            for row, key in enumerate(keys)
            for c, r in zip(columns, rungs, strict=True)
        )

    every = itertools.product(*(range(len(c.codes)) for c in columns))
    assert chosen.loss == lost(chosen.rungs) == min(map(lost, every))
    hurried = search(columns, np.arange(len(found)), people, k, Budget(0))
    assert hurried.loss >= chosen.loss
