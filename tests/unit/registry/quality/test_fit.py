"""Completeness and conformance, counted by hand."""

from __future__ import annotations

from gateway.registry.quality.completeness import completeness, form_rows
from gateway.registry.quality.conformance import conformance
from tests.unit.registry.quality.beat import dictionary, row, staged

PEOPLE = [
    row("1", number="a1", sex="f", weight=60, pregnant="n", ward="B7"),
    row("2", number="-9", sex="m", weight="-9", ward="b"),
    row("3", sex="x", weight=5000, ward="B8"),
    row("4", sex="y", weight="heavy"),
    row("5", sex="f", weight=""),
]


def of(found, element):
    [one] = [e for e in found if e["element"] == element]
    return tuple(one[part] for part in ("applies", "answered", "known", "with_reason", "unfit"))


def test_a_code_is_missing_with_a_reason_and_apart_from_blank_and_unfit(bench, tmp_path):
    staged(bench, tmp_path, PEOPLE)
    found = completeness(bench, dictionary(), ("-9",))
    assert of(found, "weight") == (5, 4, 1, 1, 2)
    assert of(found, "number") == (5, 2, 1, 1, 0)
    assert of(found, "sex") == (5, 5, 3, 0, 2)


def test_what_branching_hides_does_not_count(bench, tmp_path):
    staged(bench, tmp_path, PEOPLE)
    # Asked of both women, and of the two whose sex nobody knows; not of the man.
    assert of(completeness(bench, dictionary()), "pregnant") == (4, 1, 1, 0, 0)


def test_without_a_declared_code_it_does_not_fit(bench, tmp_path):
    staged(bench, tmp_path, PEOPLE)
    assert of(completeness(bench, dictionary()), "weight") == (5, 4, 1, 0, 3)


def test_rows_and_patients_of_each_form(bench, tmp_path):
    contacts = [row("1", "seen", 1, seen_on="2024-01-01"), row("1", "seen", 2, died="n")]
    staged(bench, tmp_path, [*PEOPLE, *contacts])
    assert form_rows(bench, dictionary()) == {
        "person": {"rows": 5, "patients": 5},
        "op": {"rows": 0, "patients": 0},
        "seen": {"rows": 2, "patients": 1},
        "form": {"rows": 0, "patients": 0},
    }


def test_cells_that_do_not_fit_are_counted_by_kind_and_element(bench, tmp_path):
    staged(bench, tmp_path, PEOPLE)
    found = conformance(bench, dictionary())
    # 2 numbers, 5 sexes, 4 weights, 3 wards, 1 pregnancy
    assert found["cells"] == 15
    assert found["value"] == {"type": 1, "choice": 2, "pattern": 1, "bounds": 1}
    by_element = {e["element"]: e for e in found["elements"]}
    assert set(by_element) == {"sex", "weight", "ward"}
    assert by_element["sex"]["unmapped_codes"] == 2
    assert by_element["weight"]["unmapped_codes"] == 0
    assert (by_element["weight"]["type"], by_element["weight"]["bounds"]) == (1, 1)


def test_one_unmapped_code_in_many_rows_is_one(bench, tmp_path):
    staged(bench, tmp_path, [row(str(i), sex="x") for i in range(6)])
    [sex] = conformance(bench, dictionary())["elements"]
    assert (sex["choice"], sex["unmapped_codes"]) == (6, 1)


def test_rows_that_do_not_fit_each_other(bench, tmp_path):
    twice = [row("1", "op", 1, risk=3), row("1", "op", 1, risk=4)]
    hidden = row("2", sex="m", pregnant="y")
    staged(bench, tmp_path, [row("1", sex="f"), *twice, hidden, row("", sex="f")])
    found = conformance(bench, dictionary())["relational"]
    assert {rule: count for rule, count in found.items() if count} == {
        "record": 1,
        "duplicate": 1,
        "branch": 1,
    }


def test_a_clean_load_has_nothing(bench, tmp_path):
    staged(bench, tmp_path, [row("1", sex="f", weight=60)])
    found = conformance(bench, dictionary())
    assert (found["cells"], found["elements"]) == (2, [])
    assert not any(found["value"].values())
