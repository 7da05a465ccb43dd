"""Scores against counts done by hand."""

import pytest

from deid.evaluation.gold import GoldNote, GoldSpan
from deid.evaluation.interval import wilson
from deid.evaluation.run import Evaluation
from deid.evaluation.score import FoundSpan, Scores
from deid.evaluation.summary import summary

TEXT = "Jane Roe, seen 3 March 2021 in Ulm for Ewing sarcoma."
JANE_ROE, DATE, ULM, EWING = (0, 8), (15, 27), (31, 34), (39, 44)


def note(*spans, text=TEXT, note_id="n1"):
    return GoldNote(1, note_id, text, tuple(GoldSpan(*ends, kind) for ends, kind in spans))


def found(*spans):
    return [FoundSpan(*ends, kind, source) for ends, kind, source in spans]


GOLD = note((JANE_ROE, "NAME"), (DATE, "DATE"), (ULM, "LOCATION"))


def scored(*spans, gold=GOLD, withheld=None):
    scores = Scores()
    leaks = scores.add(gold, found(*spans), withheld)
    return scores, leaks


def told(scores):
    return summary(
        Evaluation(
            "gold.jsonl",
            "safe_harbor",
            patients_known=False,
            notes_in_file=scores.notes,
            scores=scores,
            seconds=0,
        )
    )


def row(table, category):
    return next(one for one in table if one["category"] == category)


def test_all_found_is_all_ones():
    scores, leaks = scored(
        (JANE_ROE, "NAME", "staff"), (DATE, "DATE", "date"), (ULM, "LOCATION", "model")
    )
    assert leaks == []
    found_all = told(scores)
    assert row(found_all["recall"], "all")["recall"] == 1.0
    assert row(found_all["precision"], "all")["precision"] == 1.0
    assert row(found_all["precision"], "all")["exact"] == 3
    assert found_all["characters"]["recall"] == 1.0
    assert found_all["characters"]["clinical_removed"] == 0.0
    assert found_all["notes_with_leak"]["as_written"]["notes"] == 0


def test_one_letter_left_is_a_leak_of_that_category():
    scores, leaks = scored(((0, 7), "NAME", "staff"))  # "Jane Ro"
    assert [(leak.span.category, leak.wholly) for leak in leaks] == [
        ("NAME", False),
        ("DATE", True),
        ("LOCATION", True),
    ]
    name = row(told(scores)["recall"], "NAME")
    assert (name["spans"], name["whole"], name["in_part"], name["missed"]) == (1, 0, 1, 0)


def test_punctuation_and_blanks_may_remain():
    scores, leaks = scored(
        ((0, 4), "NAME", "staff"),
        ((5, 8), "NAME", "staff"),
        ((15, 28), "DATE", "date"),
        (ULM, "LOCATION", "model"),
    )
    assert leaks == []
    # neither half has the ends of the name; the date's blank behind it does not matter
    assert row(told(scores)["precision"], "all")["exact"] == 2


def test_the_category_of_a_finding_does_not_matter_for_recall_but_is_told():
    scores, leaks = scored(
        (JANE_ROE, "ORG", "model"), (DATE, "DATE", "date"), (ULM, "NAME", "model")
    )
    assert leaks == []
    pairs = {(p["gold"], p["found"]): p["spans"] for p in told(scores)["categories"]}
    assert pairs == {("NAME", "ORG"): 1, ("DATE", "DATE"): 1, ("LOCATION", "NAME"): 1}


def test_a_bare_year_may_remain_in_date_star_only():
    scores, leaks = scored(((15, 22), "DATE", "date"))  # "3 March", the year is left
    assert leaks[1].only_year
    recall = told(scores)["recall"]
    assert row(recall, "DATE")["whole"] == 0
    assert row(recall, "DATE*")["whole"] == 1


@pytest.mark.parametrize("ends", [(15, 23), (15, 25), (17, 27), (23, 27)])
def test_more_or_less_than_a_year_left_is_no_bare_year(ends):
    scores, _ = scored((ends, "DATE", "date"), gold=note((DATE, "DATE")))
    expected = 1 if ends == (15, 23) else 0
    assert scores.recall["DATE*"].whole == expected


def test_four_digits_inside_a_longer_number_are_no_year():
    gold = note(((0, 8), "DATE"), text="20210304 surgery")
    scores, _ = scored(((4, 8), "DATE", "date"), gold=gold)
    assert scores.recall["DATE*"].whole == 0


def test_a_false_finding_counts_against_precision_layer_and_clinical_text():
    scores, _ = scored((EWING, "NAME", "model"), (JANE_ROE, "NAME", "staff"))
    counted = told(scores)
    name = row(counted["precision"], "NAME")
    assert (name["spans"], name["right"], name["precision"]) == (2, 1, 0.5)
    layers = {(p["source"], p["gold"]): p["spans"] for p in counted["layers"]}
    assert layers == {("model", "none"): 1, ("staff", "NAME"): 1}
    assert {"gold": "none", "found": "NAME", "spans": 1} in counted["categories"]
    # outside the gold: seen in for Ewing sarcoma = 4 + 2 + 3 + 5 + 7 letters
    assert counted["characters"]["clinical"] == 21
    assert counted["characters"]["clinical_removed"] == round(5 / 21, 6)
    assert counted["characters"]["precision"] == round(7 / 12, 6)


def test_one_letter_of_overlap_makes_a_finding_right():
    scores, _ = scored(((27, 32), "LOCATION", "model"))  # " in U"
    assert row(told(scores)["precision"], "LOCATION")["right"] == 1


def test_a_withheld_note_leaks_nothing_and_is_told_both_ways():
    scores = Scores()
    scores.add(GOLD, found((JANE_ROE, "NAME", "staff")), "name_left")
    scores.add(note((JANE_ROE, "NAME"), note_id="n2"), found((JANE_ROE, "NAME", "staff")))
    scores.add(note((ULM, "LOCATION"), note_id="n3"), [])
    counted = told(scores)
    leaks = counted["notes_with_leak"]
    assert (leaks["if_all_written"]["notes"], leaks["if_all_written"]["of"]) == (2, 3)
    assert (leaks["as_written"]["notes"], leaks["as_written"]["of"]) == (1, 3)
    assert (leaks["of_written"]["notes"], leaks["of_written"]["of"]) == (1, 2)
    place = row(counted["recall"], "LOCATION")
    assert (place["recall"], place["as_written"]) == (0.0, 0.5)
    assert counted["withheld_reasons"] == {"name_left": 1}
    # 21 clinical letters in the first note are gone with it, of 21 + 34 + 39 in all
    characters = counted["characters"]
    assert characters["clinical_removed"] == 0.0
    assert characters["clinical_lost_with_withheld"] == round(21 / characters["clinical"], 6)


def test_marks_without_letter_or_digit_are_ignored_and_said():
    scores, leaks = scored(gold=note(((8, 9), "NAME")))
    assert leaks == []
    assert scores.ignored == 1
    assert told(scores)["recall"] == []


def test_nested_marks_count_their_characters_once():
    scores, _ = scored((JANE_ROE, "NAME", "staff"), gold=note((JANE_ROE, "NAME"), ((5, 8), "NAME")))
    assert scores.phi == 7
    assert scores.recall["NAME"].whole == 2


@pytest.mark.parametrize(
    ("hits", "of", "lower", "upper"),
    # statsmodels.stats.proportion.proportion_confint(method="wilson")
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilson(hits, of, lower, upper):
    assert wilson(hits, of) == pytest.approx((lower, upper), abs=1e-4)


def test_wilson_of_nothing_is_unknown():
    assert wilson(0, 0) is None
