"""Rare combinations: small tables, and what becomes of them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.rare.ages import DAYS_PER_YEAR, open_ages
from deid.rare.generalise import generalise
from deid.rare.ladder import OTHER, bands, cuts, groups, prefix, rare_as_other


@pytest.mark.parametrize(
    ("rung", "value", "label"),
    [
        (bands(5), 42, "40-44"),
        (bands(5), 40, "40-44"),
        (bands(10), 39, "30-39"),
        (bands(2), 2019, "2018-2019"),
        (cuts([18]), 17, "<18"),
        (cuts([18]), 18, "18+"),
        (cuts([18, 65]), 64, "18-64"),
        (groups({"bone": ["101", "102"]}), "102", "bone"),
        (groups({"bone": ["101", "102"]}), "201", OTHER),
        (bands(5, 90), 90, "90+"),
        (bands(5, 90), "90+", "90+"),
        (bands(5, 90), 89, "85-89"),
        (bands(10, 90), "80+", "80+"),
        (bands(20, 90), 80, "80+"),
        (bands(20, 90), "90+", "80+"),
        (bands(20, 90), "70+", "60+"),
        (cuts([18]), "80+", "18+"),
        (cuts([18, 65]), "40+", "18+"),
        (cuts([18, 95], 90), "90+", "90+"),
        (cuts([18, 95], 90), 64, "18-89"),
        (prefix(3), "C49.2", "C49"),
        (rare_as_other(), "x", "x"),
    ],
)
def test_a_rung_says_a_value_more_coarsely(rung, value, label):
    assert rung.of(value) == label


def generalised(columns, ladders, k, **options):
    count = len(next(iter(columns.values())))
    who = options.pop("who", [f"p{i}" for i in range(count)])
    return generalise(pa.table({"who": who, **columns}), ladders, patient="who", k=k, **options)


def test_neighbouring_ages_become_a_class():
    done = generalised({"age": [40, 41, 60, 60]}, {"age": [bands(5)]}, 2)
    assert done.table.column("age").to_pylist() == ["40-44", "40-44", "60", "60"]
    assert done.cost.columns["age"].rungs == {"as it was": 2, "classes of 5": 2}
    assert done.changed["age"].tolist() == [True, True, False, False]


def test_a_row_that_nothing_helps_keeps_its_other_columns_and_its_place():
    done = generalised({"sex": ["f", "m", "m"], "size": [1.0, 2.0, 3.0]}, {"sex": []}, 2)
    assert done.table.column("sex").to_pylist() == [None, "m", "m"]
    assert done.table.column("size").to_pylist() == [1.0, 2.0, 3.0]
    assert (done.cost.emptied_rows, done.cost.rare_rows) == (1, 1)
    assert (done.cost.smallest_before, done.cost.smallest_after) == (1, 2)


def test_numbers_that_are_kept_or_missing_stay_numbers():
    done = generalised({"age": [40, 40, 70]}, {"age": []}, 2)
    assert done.table.column("age").to_pylist() == [40, 40, None]
    assert done.table.schema.field("age").type == pa.int64()


def test_k_counts_patients_not_rows():
    rows = {"kind": ["a", "a", "a", "b", "b", "b"]}
    one = generalised(rows, {"kind": []}, 2, who=["p", "p", "p", "q", "r", "s"])
    assert one.table.column("kind").to_pylist() == [None, None, None, "b", "b", "b"]
    assert one.cost.smallest_before == 1


def test_rare_values_are_put_together():
    kinds = ["a"] * 3 + ["b", "c", "d"]
    done = generalised({"kind": kinds}, {"kind": [rare_as_other()]}, 3)
    assert done.table.column("kind").to_pylist() == ["a"] * 3 + [OTHER] * 3


def test_a_weight_decides_which_column_is_kept():
    rows = {"a": ["x", "x", "y", "y"], "b": ["u", "v", "u", "v"]}
    ladders = {"a": [], "b": []}
    kept = [
        generalised(rows, ladders, 2, weights={name: 3}).table.column(name).to_pylist()
        for name in "ab"
    ]
    assert kept == [rows["a"], rows["b"]]


def test_fewer_patients_than_k_keep_nothing():
    done = generalised({"sex": ["f", "f"]}, {"sex": []}, 3)
    assert done.table.column("sex").to_pylist() == [None, None]
    assert done.cost.smallest_after is None
    assert done.cost.entropy_loss == 0  # everybody was alike: nothing was known


def test_discernibility_counts_the_rows_that_look_alike():
    done = generalised({"sex": ["f", "f", "m", "m", "m"]}, {"sex": []}, 3)
    assert done.cost.discernibility_before == 4 + 9
    assert done.cost.discernibility_after == 2 * 5 + 9


def test_an_empty_table_and_no_columns():
    assert generalised({"sex": pa.array([], pa.string())}, {"sex": []}, 5).cost.rows == 0
    assert generalised({"size": [1.0]}, {}, 5).table.column("size").to_pylist() == [1.0]


def test_k_below_one_is_no_k():
    with pytest.raises(ValueError, match="at least 1"):
        generalised({"sex": ["f"]}, {"sex": []}, 0)


def many_rows(count):
    """Combinations of which hardly two are alike, so that splitting has much to try."""
    ages = [(i * 7919) % 91 for i in range(count)]
    years = [2000 + (i * 104_729) % 25 for i in range(count)]
    kinds = [str((i * 1_299_709) % 40) for i in range(count)]
    ladders = {"age": [bands(5), bands(10), bands(20)], "year": [bands(5)], "kind": []}
    return {"age": ages, "year": years, "kind": kinds}, ladders


def test_splitting_ends_with_its_budget_and_every_class_is_large_enough():
    columns, ladders = many_rows(3_000)
    hurried = generalised(columns, ladders, 5, work=2_000)
    assert not hurried.cost.refined
    assert hurried.cost.smallest_after >= 5
    whole = generalised(columns, ladders, 5)
    assert whole.cost.refined
    assert whole.cost.entropy_loss < hurried.cost.entropy_loss


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 120), st.none() | st.integers(-100, 40_000)),
        max_size=30,
    )
)
def test_an_age_and_days_never_tell_more_than_the_highest_class(pairs):
    ages, days = [p[0] for p in pairs], [p[1] for p in pairs]
    said, opened = open_ages(ages, days, 90)
    for age, span, label, is_open in zip(ages, days, said, opened, strict=True):
        years = max(0, span or 0) / DAYS_PER_YEAR
        if label is None:
            assert age is None or is_open
            continue
        low = int(label.rstrip("+"))
        assert low <= age  # the label holds the age
        assert low + years < 90 or (label == "90+" and years < 1)
        assert label.endswith("+") or low == age
        assert is_open or label == ("90+" if age >= 90 else str(age))
