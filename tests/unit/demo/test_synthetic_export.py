"""The files are what REDCap would export for the shipped dictionary."""

from collections import defaultdict
from datetime import date

import pytest

from gateway.demo.synthetic.sites import Habit
from policies.dictionary import Dictionary
from policies.expression.interpret import holds
from policies.library import load_named


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


def _odd(truth, habit: Habit) -> str:
    return next(site.site for site in truth.sites if site.habit == habit.value)


def test_header_is_the_dictionarys(clean, dictionary):
    expected = []
    for form in dictionary.instruments:
        for name in dictionary.of(form):
            expected.extend(dictionary.columns(name))
        expected.append(f"{form}_complete")
    expected[1:1] = ["redcap_repeat_instrument", "redcap_repeat_instance"]
    assert expected[0] == "record_id"
    for rows in clean.files.values():
        assert list(rows[0]) == expected


def test_rows_are_blank_outside_their_form(clean, dictionary):
    mine = {
        form: {
            "record_id",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            f"{form}_complete",
            *(column for name in dictionary.of(form) for column in dictionary.columns(name)),
        }
        for form in dictionary.instruments
    }
    for rows in clean.files.values():
        for row in rows:
            form = row["redcap_repeat_instrument"] or "patient"
            assert not [name for name, text in row.items() if text and name not in mine[form]]


def test_repeat_instances_count_from_one_per_record_and_form(clean):
    for rows in clean.files.values():
        seen = defaultdict(list)
        for row in rows:
            seen[row["record_id"], row["redcap_repeat_instrument"]].append(
                row["redcap_repeat_instance"]
            )
        for (_, form), instances in seen.items():
            expected = [str(i) for i in range(1, len(instances) + 1)] if form else [""]
            assert instances == expected


def test_every_reference_names_a_tumour_of_the_same_record(clean, dictionary):
    for rows in clean.files.values():
        tumours = {(r["record_id"], r["tumor_seq"]) for r in rows if r["tumor_seq"]}
        for row in rows:
            reference = dictionary.reference(row["redcap_repeat_instrument"] or "patient")
            if reference is not None:
                assert (row["record_id"], row[reference[0]]) in tumours


def test_values_conform_to_the_dictionary(clean, dictionary):
    as_text = _odd(clean.truth, Habit.NECROSIS_AS_TEXT)
    coded = _odd(clean.truth, Habit.MISSING_CODES)
    checked = 0
    for form in dictionary.instruments:
        for site, row in clean.rows(form):
            for name, element in dictionary.of(form).items():
                if element.type == "multi":
                    assert {row[column] for column in dictionary.columns(name)} <= {"0", "1"}
                    continue
                text = row[name]
                if text == "" or (site == coded and text == "-999"):
                    continue
                if site == as_text and name == "necrosis_pct":
                    continue
                checked += 1
                if element.type == "category":
                    assert text in element.choices, name
                elif element.type in ("integer", "number"):
                    low, high = element.bounds
                    assert low is None or float(text) >= low, name
                    assert high is None or float(text) <= high, name
                    assert element.type == "number" or text.isdecimal(), name
                elif element.type == "date":
                    assert date.fromisoformat(text).isoformat() == text
    assert checked > 50_000


def test_required_elements_are_there_except_at_the_new_site(clean, dictionary):
    new = _odd(clean.truth, Habit.NEW_SITE)
    for form in dictionary.instruments:
        for site, row in clean.rows(form):
            for name, element in dictionary.of(form).items():
                hidden = name in dictionary.branches
                if element.required and not hidden and element.type != "multi" and site != new:
                    assert row[name] != "", name


def test_what_branching_hides_is_blank(clean, dictionary):
    tested = 0
    for form in dictionary.instruments:
        elements = dictionary.of(form)
        for _, row in clean.rows(form):
            typed = {}
            for name, element in elements.items():
                if element.type == "multi":
                    ticked = [c for c in element.choices if row[f"{name}___{c}"] == "1"]
                    typed[name] = tuple(ticked) or None
                else:  # branches compare codes and ask of numbers only whether they are there
                    typed[name] = row[name] or None
            for name, branch in dictionary.branches.items():
                if name not in elements or holds(branch, typed):
                    continue
                if name == "icdo3_morph" and typed["tumor_category"] is None:
                    continue  # REDCap shows it: blank is not 3
                tested += 1
                assert typed[name] is None, name
    assert tested > 10_000


def test_lines_end_in_one_line_feed_and_notes_keep_theirs(clean):
    notes = [row["note_text"] for _, row in clean.rows("clinical_note")]
    assert sum("\n" in text for text in notes) > 0.9 * len(notes)
    assert sum("," in text for text in notes) > 0.9 * len(notes)
    for site in clean.files:
        assert b"\r" not in (clean.folder / site / "redcap.csv").read_bytes()
