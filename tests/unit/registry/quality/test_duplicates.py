"""Records that may be one person: found, listed, never merged."""

from __future__ import annotations

import stat

import pytest

from gateway.errors import StoreError
from gateway.registry.quality.duplicates import find_duplicates, read_duplicates, write_duplicates
from tests.unit.registry.quality.beat import checks, dictionary, row, staged


@pytest.fixture
def found(bench, tmp_path):
    def look(*rows):
        staged(bench, tmp_path, list(rows))
        counted = find_duplicates(bench, dictionary(), checks())
        pairs = {
            (a, b): rule
            for a, b, rule in bench.run("SELECT record, other, rule FROM possible_duplicates")
        }
        return counted, pairs

    return look


def named(code, given, family, born="1970-01-01", **cells):
    return row(code, given=given, family=family, born=born, **cells)


def test_the_same_number_written_otherwise(found):
    counted, pairs = found(
        row("1", number="ab-12"), row("2", number="AB 12"), row("3", number="ab-13")
    )
    assert pairs == {("1", "2"): "number"}
    assert (counted["pairs"], counted["records"]) == (1, 2)


@pytest.mark.parametrize(
    ("given", "family"),
    [("Martha", "Quist"), ("marta", "QUIST"), ("Márta", "Quist"), ("Quist", "Martha")],
)
def test_the_same_birth_date_and_nearly_the_same_name(found, given, family):
    _, pairs = found(named("1", "Martha", "Quist"), named("2", given, family))
    assert pairs == {("1", "2"): "name"}


@pytest.mark.parametrize(
    ("given", "family", "born"),
    [
        ("Martha", "Quist", "1970-01-02"),  # another day
        ("Oswald", "Quist", "1970-01-01"),  # a twin
        ("Martha", "", "1970-01-01"),  # nothing to compare
    ],
)
def test_others_are_not_listed(found, given, family, born):
    _, pairs = found(named("1", "Martha", "Quist"), named("2", given, family, born))
    assert pairs == {}


def test_two_blanks_are_not_the_same(found):
    _, pairs = found(row("1", sex="f"), row("2", sex="f"))
    assert pairs == {}


def test_an_element_of_a_form_that_repeats_compares_each_row(found):
    operated = [
        row("1", born="1970-01-01", sex="f"),
        row("1", "op", 1, op_date="2020-01-01"),
        row("1", "op", 2, op_date="2021-01-01"),
        row("2", born="1970-01-01", sex="f"),
        row("2", "op", 1, op_date="2021-01-01"),
        row("3", born="1970-01-01", sex="m"),
        row("3", "op", 1, op_date="2021-01-01"),
    ]
    _, pairs = found(*operated)
    assert pairs == {("1", "2"): "op"}


def test_a_placeholder_shared_by_many_is_counted_and_not_compared(found):
    rows = []
    for i in range(5):
        rows += [
            row(str(i), born="1900-01-01", sex="f"),
            row(str(i), "op", 1, op_date="2020-01-01"),
        ]
    counted, pairs = found(*rows)
    assert pairs == {}
    assert {r["rule"]: r["crowded"] for r in counted["rules"]} == {"number": 0, "name": 0, "op": 1}


def test_two_rules_on_one_pair_are_one_pair_in_a_list_that_only_the_owner_reads(
    found, bench, tmp_path
):
    counted, _ = found(
        named("1", "Martha", "Quist", number="7"),
        named("2", "Martha", "Quist", number="7"),
        named("3", "Abel", "Brown"),
    )
    assert (counted["pairs"], counted["records"]) == (1, 2)
    assert [r["pairs"] for r in counted["rules"]] == [1, 1, 0]
    path = tmp_path / "duplicates.csv"
    write_duplicates(bench, path)
    assert read_duplicates(path) == [
        {
            "record": "1",
            "other": "2",
            "why": "nearly the same name; the same number",
            "likeness": "1.0",
        }
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Quist" not in path.read_text()
    assert bench.value("SELECT count(*) FROM form_person") == 3


def test_no_list_is_not_an_empty_list(tmp_path, bench, found):
    assert read_duplicates(tmp_path / "none.csv") is None
    found(row("1", sex="f"))
    write_duplicates(bench, tmp_path / "none.csv")
    assert read_duplicates(tmp_path / "none.csv") == []


def test_a_record_named_like_a_formula_does_not_run_and_reads_as_it_is(tmp_path, bench, found):
    found(row("=1+1", number="ab-12"), row("-5", number="ab12"))
    write_duplicates(bench, tmp_path / "d.csv")
    [_, line] = (tmp_path / "d.csv").read_text().splitlines()
    assert line.split(",")[:2] == ["-5", "'=1+1"]
    [pair] = read_duplicates(tmp_path / "d.csv")
    assert (pair["record"], pair["other"]) == ("-5", "=1+1")


@pytest.mark.parametrize(
    "spoilt",
    [
        b"record;other;why;likeness\nA;B;x;1\n",
        b"record,other,why,likeness\n\xe4,B,x,1\n",
        b"record,other,why,likeness\nA,B,x\n",
        b"record,other,why,likeness\nA,B,x,1,2\n",
        b"",
    ],
)
def test_a_list_that_is_not_as_a_load_writes_it_is_said_to_be_so(tmp_path, spoilt):
    path = tmp_path / "d.csv"
    path.write_bytes(spoilt)
    with pytest.raises(StoreError, match="not as a load writes it"):
        read_duplicates(path)
