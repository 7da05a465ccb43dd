"""Who stands on a list, by hand."""

from __future__ import annotations

from datetime import date

from tests.unit.registry.quality.beat import row
from tests.unit.registry.worklist.board import listed

OP = "2024-01-01"


def patient(code, *, op=OP, seen="", died="n", weight=70, **cells):
    rows = [row(code, sex="f", weight=weight)]
    rows += [row(code, "op", 1, op_date=op, **cells)] if op or cells else []
    return [*rows, row(code, "seen", 1, seen_on=seen, died=died)] if seen or died == "y" else rows


def all_of(*patients):
    return [one for rows in patients for one in rows]


def visits(bench, tmp_path, *patients):
    found = listed(bench, tmp_path, all_of(*patients))["visit"]
    return {line.record: (line.since, line.due, line.late, line.what) for line in found}


def test_the_interval_counts_from_the_last_contact_or_else_the_origin(bench, tmp_path):
    found = visits(
        bench,
        tmp_path,
        patient("never seen"),
        patient("seen", seen="2024-03-01"),
        patient("seen before", seen="2023-12-01"),
        patient("dead", seen="2024-03-01", died="y"),
        patient("dead without a date", died="y"),
    )
    told = "contact, every 100 days (others)"
    assert found == {
        "never seen": (date(2024, 1, 1), date(2024, 4, 10), date(2024, 4, 20), told),
        "seen": (date(2024, 3, 1), date(2024, 6, 9), date(2024, 6, 19), told),
        "seen before": (date(2024, 1, 1), date(2024, 4, 10), date(2024, 4, 20), told),
    }


def test_time_since_the_origin_chooses_the_interval_and_ends_it(bench, tmp_path):
    found = visits(
        bench,
        tmp_path,
        patient("364", seen="2024-12-30"),
        patient("365", seen="2024-12-31"),
        patient("999", seen="2026-09-26"),
        patient("1000", seen="2026-09-27"),
    )
    assert {code: (due - since).days for code, (since, due, *_) in found.items()} == {
        "364": 100,
        "365": 366,
        "999": 366,
    }
    assert found["365"][3] == "contact, every year (others)"


def test_the_first_schedule_that_fits_counts(bench, tmp_path):
    found = visits(bench, tmp_path, patient("1", weight=120), patient("2", weight=""))
    assert found["1"][3] == "contact, every month (heavy)"
    assert found["2"][3] == "contact, every 100 days (others)"


def test_without_any_date_a_patient_is_listed_without_one(bench, tmp_path):
    found = visits(bench, tmp_path, patient("1", op=""), patient("2", op="", seen="2024-01-05"))
    assert found["1"] == (None, None, None, "contact (others)")
    assert found["2"][1] == date(2024, 4, 14)


def test_who_is_not_in_the_cohort_is_on_no_list(bench, tmp_path):
    assert not visits(bench, tmp_path, [row("1", weight=70), row("1", "op", 1, op_date=OP)])


def test_what_is_missing_is_named_with_its_step_and_row(bench, tmp_path):
    rows = all_of(
        patient("none", risk=1, op_entered=OP),
        patient("both"),
        [*patient("one", risk=5), row("one", "op", 2, op_date="2024-02-01", op_entered=OP)],
    )
    found = listed(bench, tmp_path, rows)["risk"]
    assert [(x.record, x.instance, x.what, x.step, x.since, x.due, x.late) for x in found] == [
        (
            "both", "1", "risk; date of entry", "enter the risk; enter the date",
            date(2024, 1, 1), date(2024, 1, 21), date(2024, 1, 21),
        ),
        ("one", "1", "date of entry", "enter the date", date(2024, 1, 1), date(2024, 1, 21), date(2024, 1, 21)),
        ("one", "2", "risk", "enter the risk", date(2024, 2, 1), date(2024, 2, 21), date(2024, 2, 21)),
    ]  # fmt: skip


def test_windows_without_an_answer_of_the_living(bench, tmp_path):
    answered = [*patient("answered"), row("answered", "form", 1, form_on="2024-03-15", score=3)]
    empty = [*patient("no score"), row("no score", "form", 1, form_on="2024-03-15")]
    rows = all_of(patient("never"), answered, empty, patient("dead", seen="2024-09-01", died="y"))
    found = listed(bench, tmp_path, rows)["forms"]
    early = (date(2024, 3, 1), date(2024, 4, 30))
    late = (date(2024, 10, 27), date(2025, 3, 6))
    assert {(x.record, x.what): (x.due, x.late) for x in found} == {
        ("never", "window: Three months"): early,
        ("no score", "window: Three months"): early,
        ("never", "window: One year"): late,
        ("no score", "window: One year"): late,
        ("answered", "window: One year"): late,
    }


def test_the_longest_due_come_first(bench, tmp_path):
    rows = all_of(patient("new", seen="2024-05-01"), patient("old", seen="2024-02-01"))
    assert [x.record for x in listed(bench, tmp_path, rows)["visit"]] == ["old", "new"]
