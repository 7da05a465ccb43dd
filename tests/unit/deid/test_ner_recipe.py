"""The recipe of the name recogniser: entities stand where they were put, and training runs."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deid.eponyms import lexicon
from deid.ner.base import Sentence, cut, overlapping, with_days
from deid.ner.fill import Filler, Piece, joined
from deid.ner.inserted import Inserter, cased, edited
from deid.ner.pools import Coiner, Pools
from deid.ner.templates import listed
from deid.ner.train import LABELS, blank, example, train
from deid.ner.written import Redrawn, stretches, written_notes
from deid.vocabulary import read_list

GROUPS = ("header", "signature", "clinical", "social", "negative", "mixed", "general", "plain")
NOTE = (
    "HISTORY: , The patient is seen by Dr. X. His wife is well.,PLAN: , The patient will return."
    "  He was told to call the clinic.  The knee is stable."
)


@pytest.fixture(scope="module")
def pools() -> Pools:
    given_names, surnames = read_list("given_names"), read_list("surnames")
    return Pools(
        given=given_names,
        surnames=surnames,
        weights=list(range(1, len(surnames) + 1)),
        world=[(listed("korean_given"), listed("korean_surnames"))],
        words=listed("word_surnames"),
        eponyms=sorted(name.title() for name in lexicon().eponyms if name.isalpha()),
        towns=["Larkspur"],
        cities=["Łódź"],
        counties=["Lake County"],
        states=[("Ohio", "OH")],
        countries=["Ghana"],
        firms=listed("firms"),
        plain=["knee", "stable"],
    )


@pytest.fixture(scope="module")
def notes() -> list[list[Sentence]]:
    return [[Sentence(Piece(sentence), gap) for sentence, gap in cut(NOTE)]]


def test_every_template_can_be_filled(pools):
    fill = Filler(pools, random.Random(1))
    for group in GROUPS:
        for template in listed(group):
            piece = fill(template)
            assert "{" not in piece.text
            assert "<PERSON>" not in piece.text


def test_terms_of_diseases_and_devices_are_not_marked(pools):
    fill = Filler(pools, random.Random(2))
    for template in listed("negative") + listed("plain"):
        assert {label for *_, label in fill(template).marks} <= {"DAY", "NUMBER"}


def test_titles_and_degrees_stay_outside_the_name(pools):
    piece = Filler(pools, random.Random(3))("Seen by {title_last} and {full}, {cred}.")
    for start, end, label in piece.marks:
        assert label == "PERSON"
        assert not piece.text[start:end].startswith(("Mr", "Ms", "Miss"))
        assert not piece.text[start:end].endswith((" MD", " RN", "DO"))


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_entities_stand_in_the_text_apart_from_each_other(pools, notes, seed):
    for piece in itertools.islice(Inserter(notes, pools, random.Random(seed)), 5):
        last = 0
        for start, end, label in sorted(piece.marks):
            assert label in LABELS
            assert last <= start < end <= len(piece.text)
            assert piece.text[start:end].strip() == piece.text[start:end]
            last = end


@given(
    before=st.text("ab ", max_size=9),
    new=st.text("XY", min_size=1, max_size=5),
    after=st.text("ab ", max_size=9),
)
def test_an_edit_moves_what_follows_by_the_difference(before, new, after):
    piece = Piece(
        f"{before}old{after}Roe", ((len(before + after) + 3, len(before + after) + 6, "PERSON"),)
    )
    done = edited(piece, [(len(before), len(before) + 3, Piece(new, ((0, len(new), "GPE"),)))])
    assert [(done.text[a:b], label) for a, b, label in done.marks] == [
        (new, "GPE"),
        ("Roe", "PERSON"),
    ]


def test_an_edit_never_cuts_through_a_name():
    piece = Piece("Jane Roe left", ((0, 8, "PERSON"),))
    assert edited(piece, [(5, 13, Piece("X"))]) == piece


def test_case_changes_keep_every_offset():
    piece = Piece("Weiß saw İpek Roe TODAY", ((0, 4, "PERSON"), (9, 17, "PERSON")))
    for mode in ("as is", "upper", "calmed", "lower"):
        assert len(cased(piece, mode).text) == len(piece.text)


def test_sentences_and_gaps_are_the_whole_note():
    assert "".join(sentence + gap for sentence, gap in cut(NOTE)) == NOTE
    assert not any(sentence.endswith("Dr.") for sentence, _ in cut(NOTE))


def test_a_note_that_is_held_out_elsewhere_is_recognised_after_insertions():
    words = [f"word{n}" for n in range(60)]
    note, other = " ".join(words), " ".join(f"other{n}" for n in range(60))
    changed = " ".join([*words[:30], "Jane", "Roe", *words[30:]])
    assert overlapping([note, other], [changed]) == {0}


def test_coined_names_are_on_no_list():
    known = read_list("surnames")
    coiner, rng = Coiner(known), random.Random(4)
    coined = {coiner.coin(rng) for _ in range(200)}
    assert len(coined) > 100
    assert len(coined & set(known)) < 5


def test_what_is_unknown_is_left_out_of_the_loss():
    nlp = blank(rows=[50, 50, 50, 50], width=16)
    doc = example(nlp, Piece("Ask Roe or Foo now", ((4, 7, "PERSON"),), ((11, 14),))).reference
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Roe", "PERSON")]
    assert [token.text for token in doc if token.ent_iob == 0] == ["Foo"]


def test_words_that_notes_run_together_are_parted():
    words = [token.text for token in blank([9, 9, 9, 9], 8).make_doc("home.,PLAN ROE^JANE a,Smith")]
    assert {"home", "PLAN", "ROE", "JANE", "Smith"} <= set(words)


def test_pieces_are_joined_with_their_marks():
    done = joined([Piece("a "), Piece("Roe", ((0, 3, "PERSON"),), ((0, 1),))])
    assert done == Piece("a Roe", ((2, 5, "PERSON"),), ((2, 3),))


MARKED = """Seen with [[NAME|OKONJO-REYES, Ama T.]] and [[NAME|Okonjo-Reyes]].
[[NAME|KLM]]/[[NAME|jroe2]] at [[ORG|Larkspur Community Hospital]], [[LOCATION|12 Elm Ave, Larkspur, OH 44101]]
Ewing sarcoma, MRN [[ID|00418832]], [[DATE|3/4/2021]]. [[NAME|J. Roe]], MD"""


def redrawn(pools, seed):
    rng = random.Random(seed)
    by_hand = Redrawn([stretches(MARKED)], pools, rng, Filler(pools, rng))
    return itertools.islice(by_hand, 40)


def test_a_note_in_stretches_is_the_whole_note():
    parts = [part for stretch in stretches(MARKED) for part in stretch.parts]
    whole = "".join(f"[[{kind}|{text}]]" if kind else text for kind, text in parts)
    assert whole == MARKED


@pytest.mark.parametrize("seed", range(25))
def test_what_is_drawn_anew_keeps_its_place_and_form(pools, seed):
    for piece in redrawn(pools, seed):
        assert "[[" not in piece.text
        assert "\ue000" not in piece.text
        last = 0
        for start, end, label in sorted(piece.marks):
            assert label in LABELS
            assert last <= start < end <= len(piece.text)
            last = end
        found = [(piece.text[a:b], label) for a, b, label in sorted(piece.marks)]
        assert not {name for name, _ in found} & {"Ewing", "Ewing sarcoma", "MD", "MRN"}
        people = [name for name, label in found if label == "PERSON"]
        if "Seen with" in piece.text:
            surname, given = people[0].split(", ")
            assert surname.isupper()
            assert not given.isupper()
            assert people[1].upper() == surname
        if ", MD" in piece.text:
            assert re.fullmatch(r"[A-Z]\. \S.*", people[-1])


def test_initials_and_names_of_users_teach_nothing(pools):
    for piece in redrawn(pools, 5):
        if " at " in piece.text:
            assert any(piece.text[a:b] == "jroe2" for a, b in piece.unknown)
            assert any(re.fullmatch("[A-Z]{3}", piece.text[a:b]) for a, b in piece.unknown)


def test_names_are_other_names_most_of_the_time(pools):
    names = [
        piece.text[a:b].upper()
        for piece in redrawn(pools, 6)
        for a, b, label in piece.marks
        if label == "PERSON"
    ]
    assert sum("OKONJO" in name for name in names) < len(names) / 2


def test_every_note_written_by_hand_is_read():
    notes = written_notes()
    assert len(notes) > 100
    for note in notes:
        for stretch in stretches(note):
            for kind, text in stretch.parts:
                assert kind in {None, "NAME", "DATE", "AGE", "LOCATION", "ORG", "ID", "CONTACT"}
                assert "[[" not in text
                assert "]]" not in text


@pytest.mark.slow
def test_a_few_steps_of_training_teach_something(pools, notes, tmp_path):
    said: list[str] = []
    small = blank(rows=[500, 200, 200, 200], width=32)
    nlp = train(notes, pools, steps=150, seed=3, nlp=small, report=said.append)
    nlp.to_disk(tmp_path / "model")
    assert said
    found = {ent.text for ent in nlp("Dr. James Smith and Mrs. Smith said so.").ents}
    assert any("Smith" in name for name in found)


def test_days_and_numbers_are_others_in_the_same_form(pools):
    days, numbers = set(), set()
    for piece in redrawn(pools, 8):
        for a, b, label in piece.marks:
            if label == "DAY":
                days.add(piece.text[a:b])
            if label == "NUMBER":
                numbers.add(piece.text[a:b])
    assert len(days) > 5
    assert all(re.fullmatch(r"(?:[1-9]|1[0-2])/(?:[1-9]|1[0-2])/2021", day) for day in days)
    assert len(numbers) > 5
    assert all(re.fullmatch(r"\d{8}", number) for number in numbers)


def test_a_year_and_a_weekday_alone_are_left_unmarked(pools):
    rng = random.Random(2)
    note = stretches(
        "since [[DATE|2019]], back [[DATE|Friday]], [[DATE|Fri 8/9]], '[[DATE|1968-70]]"
    )
    piece = next(iter(Redrawn([note], pools, rng, Filler(pools, rng))))
    assert [piece.text[a:b][:4] for a, b, _ in piece.marks] == ["Fri "]
    assert "2019" in piece.text


def test_days_in_real_prose_are_marked_where_nothing_else_is():
    piece = with_days(Piece("Seen 3/4/2021 by May Roe in May 2020.", ((17, 24, "PERSON"),)))
    assert [(piece.text[a:b], label) for a, b, label in piece.marks] == [
        ("3/4/2021", "DAY"),
        ("May Roe", "PERSON"),
        ("May 2020", "DAY"),
    ]
