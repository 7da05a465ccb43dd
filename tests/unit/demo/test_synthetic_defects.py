"""Defects are exactly where the truth says, and nowhere else."""

from collections import Counter
from datetime import date

from gateway.demo.synthetic import EXTRACT_DATE


def _cells(registry):
    return {
        (
            site,
            row["record_id"],
            row["redcap_repeat_instrument"],
            row["redcap_repeat_instance"],
        ): row
        for site, rows in registry.files.items()
        for row in rows
    }


def test_defects_do_not_change_the_truth(clean, damaged):
    assert damaged.truth.patients == clean.truth.patients
    assert damaged.truth.notes == clean.truth.notes
    assert clean.truth.defects == ()


def test_only_the_listed_cells_differ(clean, damaged):
    before, after = _cells(clean), _cells(damaged)
    listed = {
        (d.site, d.record_id, d.instrument, str(d.instance), d.element)
        for d in damaged.truth.defects
        if d.element is not None
    }
    copies = {(d.site, d.record_id) for d in damaged.truth.defects if d.element is None}
    assert not set(before) - set(after)
    assert {key[:2] for key in set(after) - set(before)} == copies
    changed = {
        (*key, name) for key, row in before.items() for name in row if row[name] != after[key][name]
    }
    assert changed == listed


def test_every_kind_occurs_at_its_rate(damaged):
    kinds = Counter(defect.kind for defect in damaged.truth.defects)
    assert kinds == {
        "mm_for_cm": 12,
        "transposed_date": 6,
        "laterality": 9,
        "stage": 96,
        "future_date": 3,
        "duplicate": 4,
    }


def test_each_kind_is_what_its_name_says(clean, damaged):
    before, after = _cells(clean), _cells(damaged)
    for defect in damaged.truth.defects:
        key = (defect.site, defect.record_id, defect.instrument, str(defect.instance))
        if defect.element is None:
            continue
        old, new = before[key][defect.element], after[key][defect.element]
        if defect.kind == "mm_for_cm":
            ratio = float(new) / float(old)
            assert abs(ratio - 10) < 0.5 or abs(ratio - 0.1) < 0.01
        elif defect.kind == "future_date":
            assert new > EXTRACT_DATE.isoformat()
        elif defect.kind == "transposed_date":
            was, now = date.fromisoformat(old), date.fromisoformat(new)
            assert (was.day, was.month) == (now.month, now.day)
        else:
            assert new not in ("", old)


def test_a_duplicate_is_the_same_person_under_another_record(damaged):
    people = {}
    for site, row in damaged.rows("patient"):
        people.setdefault((site, row["mrn"]), []).append(row["record_id"])
    again = {(s, r) for (s, _), records in people.items() if len(records) > 1 for r in records[1:]}
    assert again == {(d.site, d.record_id) for d in damaged.truth.defects if d.kind == "duplicate"}
