"""A note that names many is read whole: names in small letters and by words go, terms stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from deid.gate import all_sentences, names_many
from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.span import Span

EPONYMS = Path(__file__).parents[2] / "benchmarks" / "deid_peers" / "eponyms.txt"
SENTENCES = [
    line
    for line in EPONYMS.read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
ROSTER = "Present: Dr. Okafor, Dr. Lindqvist, Dr. Marsh, Jane Doe RN and Tomas Reyes RN.\n"
HANDOFF = ROSTER + (
    "spoke w adeyemi re margins, she will call kowalczyk before rounds\n"
    "per szymborski ok to start weights; haruka has the pager tonight\n"
)


def name(start: int) -> Span:
    return Span(start, start + 4, "NAME", "staff")


def test_one_name_in_250_characters_is_many():
    assert names_many("x" * 500, [name(0), name(9)])
    assert not names_many("x" * 501, [name(0), name(9)])
    assert not names_many("x" * 500, [name(0), name(0)])
    assert not names_many("x" * 50, [name(0)])
    assert not names_many("x" * 500, [name(0), Span(9, 12, "DATE", "date")])


def test_the_whole_text_is_in_sentences():
    text = "one line\n\nAnother. And more"
    assert [text[a:b].strip() for a, b in all_sentences(text)] == [
        "one line",
        "Another.",
        "And more",
    ]


@pytest.mark.parametrize("said", ["adeyemi", "kowalczyk", "szymborski", "haruka"])
def test_names_in_small_letters_go_where_many_are_named(engine, said):
    clean = engine.clean(HANDOFF, Patient("\uf8ff"))
    assert said not in clean.text


@pytest.mark.parametrize("said", ["margins", "rounds", "start weights", "pager tonight"])
def test_and_words_stay(engine, said):
    assert said in engine.clean(HANDOFF, Patient("\uf8ff")).text


@pytest.mark.parametrize("sentence", SENTENCES)
def test_clinical_terms_stay_where_many_are_named(engine, sentence):
    clean = engine.clean(ROSTER + sentence, Patient("\uf8ff"))
    assert clean.text.endswith(sentence)


def test_a_bare_day_goes_there_and_stays_where_the_profile_keeps_dates(
    engine, model, safe_harbor, keys
):
    text = HANDOFF + "xr shows no change, films 4/9, went back 8/16 to okafor\nmw 6/10"
    assert "8/16" not in engine.clean(text, Patient("\uf8ff")).text
    keeping = NoteEngine(safe_harbor.model_copy(update={"dates": "keep"}), keys, model=model)
    kept = keeping.clean(text, Patient("\uf8ff")).text
    assert "8/16" in kept
    assert "6/10" in kept
