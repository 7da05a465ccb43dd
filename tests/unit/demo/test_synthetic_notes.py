"""Notes agree with the record, and their identifiers are all known."""

import re
from collections import Counter

import pytest

from gateway.demo.synthetic import EXTRACT_DATE


@pytest.fixture(scope="module")
def notes(clean):
    """(case, row, identifiers) of every note."""
    cases = {(c["site"], c["record_id"], str(c["tumor_seq"])): c for c in clean.truth.patients}
    known = {(n.site, n.record_id, str(n.instance)): n.identifiers for n in clean.truth.notes}
    return [
        (
            cases[site, row["record_id"], row["note_tumor_ref"]],
            row,
            known[site, row["record_id"], row["redcap_repeat_instance"]],
        )
        for site, row in clean.rows("clinical_note")
    ]


def test_length_and_kinds(notes):
    kinds = Counter(row["note_type"] for _, row, _ in notes)
    assert set(kinds) == {"1", "2", "3", "4", "5", "6"}
    assert kinds["3"] > 60
    assert kinds["1"] > 30
    assert kinds["2"] > 30
    for _, row, _ in notes:
        assert 200 <= len(row["note_text"]) <= 1500
        assert row["note_date"] <= EXTRACT_DATE.isoformat()
        assert "None" not in row["note_text"]
        assert ".." not in row["note_text"]


def test_listed_identifiers_are_in_the_text(notes):
    for _, row, identifiers in notes:
        kinds = {kind for kind, _ in identifiers}
        assert {"name", "date"} <= kinds
        assert all(text in row["note_text"] for _, text in identifiers)


def test_the_patients_own_identifiers_are_listed_wherever_they_stand(clean, notes):
    people = {(site, row["record_id"]): row for site, row in clean.rows("patient")}
    for case, row, identifiers in notes:
        person = people[case["site"], case["record_id"]]
        listed = " ".join(text for _, text in identifiers)
        for field in ("mrn", "last_name", "zip5"):
            if re.search(rf"\b{re.escape(person[field])}\b", row["note_text"]):
                assert person[field].lower() in listed.lower()


def test_dates_written_in_digits_are_all_listed(notes):
    pattern = re.compile(r"\b\d{1,4}[/-](?:\d{1,2}|[A-Z]{3})[/-]\d{2,4}\b")
    for _, row, identifiers in notes:
        rest = row["note_text"]
        for _, text in sorted(identifiers, key=lambda item: -len(item[1])):
            rest = rest.replace(text, "")
        assert not pattern.search(rest)


def test_laterality_size_grade_and_margin_agree(notes):
    seen = Counter()
    for case, row, _ in notes:
        text = row["note_text"].lower()
        if case["laterality"] in (1, 2):
            wrong = {1: "right", 2: "left"}[case["laterality"]]
            assert not re.search(rf"\b{wrong} \w", text.replace("left in place", "").replace(
                "left on the specimen", ""))  # fmt: skip
        for size in re.findall(r"(\d+\.\d) cm (?:lesion|heterogeneous|lytic|mixed|blastic)", text):
            assert float(size) == case["size_max_cm"]
            seen["size"] += 1
        for grade in re.findall(r"fnclcc grade (\d)|\(g(\d)\)", text):
            assert int("".join(grade)) == case["grade"]
            seen["grade"] += 1
        for margin in re.findall(r"\br([012])\b", text):
            assert int(margin) == case["margin_r"]
            seen["margin"] += 1
        for percent in re.findall(r"(\d+)% necrosis", text):
            assert int(percent) == case["necrosis_pct"]
            seen["necrosis"] += 1
    assert min(seen[kind] for kind in ("size", "grade", "margin")) >= 20
    assert seen["necrosis"] >= 1


def test_ages_over_89_are_identifiers(clean, tmp_path):
    from gateway.demo.synthetic import generate

    found = 0
    for seed in range(3):
        truth = generate(tmp_path, seed=seed, notes=900)
        for note in truth.notes:
            for kind, text in note.identifiers:
                if kind == "age":
                    assert int(text[:2]) > 89 or text.startswith("10")
                    found += 1
    assert found
