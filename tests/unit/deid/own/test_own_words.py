"""A patient's name that is a word, misread or shortened, and words that are not the patient."""

from __future__ import annotations

import time

import pytest

from deid.eponyms import lexicon
from deid.own.patient import PatientMatcher
from deid.residual import residual
from deid.vocabulary import fold
from tests.unit.deid.own.test_own_identifiers import gone, kept, person


@pytest.mark.parametrize("name", ["Mark", "Will", "May", "Ray", "Max", "Day", "Sue", "Art"])
@pytest.mark.parametrize(
    "text",
    [
        "{} was seen today.",
        "Plan: {} will return.",
        "I saw {} today.",
        "We spoke with {} again.",
        "{} denies pain.",
        "{}'s knee is better.",
        "{}, a 45-year-old man, came in.",
        "- {} is well.",
    ],
)
def test_a_name_that_is_a_word_before_what_people_do(engine, name, text):
    out = engine.clean(text.format(name), person(name, "Quintrell")).text
    assert out is not None
    assert name not in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ray", "The moist Ray-Tec sponge was removed."),
        ("Ray", "An X Ray was taken. The Chest X Ray is clear."),
        ("Day", "On Day 3 the drain was removed. Each Day was worse. In the Follow Up Day."),
        ("Max", "The Max dose was given. T Max was 38.5. Max assist."),
        ("May", "Last seen in May. May shower. The scan of last May was clear."),
        ("Will", "Will return in 2 weeks. He will be fine."),
        ("Mark", "Mark the site. The mark was seen."),
        ("Will", "he will return. will return in may."),
        ("Max", "MAX DOSE GIVEN. T MAX WAS 38."),
    ],
)
def test_words_that_are_not_the_patient_stay(name, text):
    assert PatientMatcher(person(name, "Quintrell")).find(text) == []


@pytest.mark.parametrize("last", ["Long", "Young", "Ewing", "Ray", "Day"])
@pytest.mark.parametrize(
    "text",
    [
        "G. {}",
        "g. {small} came",
        "It was G {}.",
        "Patient: {}, G",
        "{} G. came",
        "{}-Grace",
        "mr. {small} came",
        "ms {small} came",
        "dr. {small} came",
        "Grace_{}",
        "Grace/{}",
        "grace.{small}",
        "Grace|{}",
        "Grace ({})",
        "Last: {} First: Grace",
        "Surname: {}",
        "last name: {}",
        "{}_Grace_mri.dcm",
        "Grace{}.pdf",
        "{}Grace.pdf",
        "GRACE{capitals}",
        "grace{small}.pdf",
        "{capitals} WAS SEEN AGAIN",
        "{small} was seen again",
    ],
)
def test_a_surname_that_is_a_word_beside_its_own(engine, last, text):
    written = text.format(last, small=last.lower(), capitals=last.upper())
    out = engine.clean(written, person("Grace", last)).text
    assert out is not None
    assert last.lower() not in out.lower()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (("Will", "Grace"), "Will and Grace came.", "Will"),
        (("Anh", "Do"), "Do was seen.", "Do"),
    ],
)
def test_more_words_before_what_people_do(engine, name, text, value):
    assert gone(engine, text, person(*name), value)


PAIRS = sorted(pair for pair in lexicon().firm_pairs if "-" not in pair[0])


@pytest.mark.parametrize(("name", "head"), PAIRS)
def test_a_term_in_a_genitive_stays_for_whom_it_is_called_after(name, head):
    who = name.title()
    for text in (f"The {who}'s {head} was seen.", f"THE {who.upper()}'S {head.upper()} WAS SEEN."):
        assert PatientMatcher(person("Quill", who)).find(text) == []


@pytest.mark.parametrize("name", ["Paget", "Young", "Jackson", "Baker", "Kelly", "Thomas"])
@pytest.mark.parametrize(
    "thing", ["drain", "dressing", "tumor", "prosthesis", "stage", "implant", "line", "amputation"]
)
def test_what_else_is_in_a_genitive_has_the_patient_as_its_owner(engine, name, thing):
    for who, what in ((name, thing), (name.upper(), thing.upper())):
        for sign in "'’":
            text = f"The wound is dry and {who}{sign}{'S' if who.isupper() else 's'} {what} is out."
            out = engine.clean(text, person("Quill", name)).text
            assert out is not None
            assert who not in out


@pytest.mark.parametrize("text", ["The Jackson tumor was discussed.", "Young fracture, day 3."])
def test_a_tumour_is_called_after_few(engine, text):
    name = "Young" if "Young" in text else "Jackson"
    assert gone(engine, text, person("Quill", name), name)


def test_the_residual_check_knows_an_owner():
    matcher = PatientMatcher(person("Quill", "Young"))
    assert residual("Then YOUNG'S drain was pulled.", [], matcher) == "residual_name"
    assert residual("Then the drain was pulled.", [], matcher) is None


def test_initials_that_are_others_do_not_make_a_name():
    text = "A long course. T long. See fig. a. long scar. 3 x long; long, a."
    assert PatientMatcher(person("Grace", "Long")).find(text) == []


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (("Katarzyna", "Wrzesinska"), "mrs. wrzesinka came", "wrzesink"),
        (("Katarzyna", "Wrzesinska"), "Patient name: katarzya wrzesinka", "katarzy"),
        (("Anna", "Kowalczyk"), "kowalzcyk, williams", "kowalz"),
        (("Anna", "Kowalczyk"), "Kovvalczyk came", "kovval"),
        (("Katarzyna", "Wrzesinska"), "vvrzesinska came", "vvrz"),
        (("Ann", "Barnes"), "bames came", "bames"),
        (("Ann", "Bames"), "barnes came", "barnes"),
        (("Katarzyna", "Wrzesinska"), "Wrzes- inska came", "wrzes"),
        (("Katarzyna", "Wrzesinska"), "wrzes-inska came", "inska"),
        (("Ann", "Featherstonehaugh"), "Feathers-tonehaugh came", "tonehaugh"),
        (("Zoë", "Müller"), "Now M?ller came", "ller"),
        (("Zoë", "Müller"), "Now M\ufffdller came", "ller"),
        (("Zoë", "Müller"), "Now M_ller came", "ller"),
        (("Zoë", "Müller"), "Now M??ller came", "ller"),
        (("Zoë", "Müller"), "Now Zo? came", "zo?"),
        (("Väinö", "Hänninen"), "V?in? H?nninen", "nninen"),
        (("Ana", "Núñez"), "Sra. N??ez, la Nu?ez", "ez"),
        (("Ana", "Wrzesińska"), "WRZESI?SKA", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "Login kwrzesin.", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "Login WRZESIN01.", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "Login wrzesinskak", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "Login k.wrzesin2", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "W*zesinska came", "zesinska"),
        (("Katarzyna", "Wrzesinska"), "Now wrze$inska came", "inska"),
        (("Siobhan", "Roe"), "5iobhan came", "iobhan"),
        (("Katarzyna", "Wrzesinska"), "Wrze7inska came", "inska"),
        (("Siobhan", "Roe"), "Siob\nhan came", "siob"),
        (("Siobhan", "Roe"), "Siob/han came", "siob"),
        (("Katarzyna", "Wrzesinska"), "WRZESI\nNSKA", "wrzesi"),
        (("Katarzyna", "Wrzesinska"), "Wrzesi<br/>nska came", "nska"),
    ],
)
def test_what_other_systems_made_of_a_name(engine, name, text, value):
    out = engine.clean(text, person(*name)).text
    assert out is not None
    assert value not in fold(out)


@pytest.mark.parametrize(
    "text",
    [
        "<p>Now Wrze<!-- 1 -->sinska came</p>",
        "{\\rtf1 Now Wrze{\\*\\bkmkstart a}sinska came}",
        "{\\rtf1 Now Wrze\\zzz1 sinska came}",
    ],
)
def test_a_name_with_unseen_marks_inside_is_gone_or_withheld(engine, text):
    note = engine.clean(text, person("Katarzyna", "Wrzesinska"))
    assert (note.text, note.withheld) == (None, "residual_unread")


def test_a_name_in_markup_that_was_found_is_not_withheld(engine):
    text = "<td>Wrzesinska</td><td>K.</td><!-- page 1 --><p>Wrze<b>sinska</b> came</p>"
    out = engine.clean(text, person("Katarzyna", "Wrzesinska")).text
    assert out is not None
    assert "sinska" not in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("Peter", "Sterne"), "The stem cells and the sternum."),
        (("Sơn", "Müller"), "Son of a farmer. Is it M? Or a mill?"),
        (("Ian", "Reading"), "The duct was identified heading up."),
        (("Ann", "Reacher"), "Reaching. The teacher came."),
        (("Sarah", "Masterson"), "An Allen-Masters window."),
        (("Stephanie", "Carpenter"), "Carpentry; carpeted floor, carpenteria."),
        (("Ann", "Goodman"), "Good\nman. Good/man. T2* and 3x4mm*, S100|CD34."),
    ],
)
def test_neighbours_of_a_name_stay(name, text):
    assert PatientMatcher(person(*name)).find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Initials: KW",
        "Initials KW",
        "Pt KW seen.",
        "Seen with K/W",
        "k.w.",
        "W.K.",
        "PATIENT: K.W.",
    ],
)
def test_bare_initials(engine, text):
    out = engine.clean(text, person("Katarzyna", "Wrzesinska")).text
    assert out is not None
    assert not any(one in out for one in ("KW", "K/W", "k.w", "W.K", "K.W"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("Katarzyna", "Wrzesinska"), "A KW plot. Kruskal K-W, l/w/k and a/k/w."),
        (("Ian", "Vance"), "Pt IV started. I/V access, i.v. line."),
        (("Peter", "Owens"), "Take 1 tab p.o. daily. Patient PO intake."),
        (("Nora", "Adams"), "Age N/A. n.a."),
    ],
)
def test_letters_that_are_no_initials(engine, name, text):
    assert kept(engine, text, person(*name))


@pytest.mark.parametrize(
    "text",
    ["WRZESINSKA_K", "K_WRZESINSKA", "k.wrzesinska", "wrzesinska.k", "Wrzesinska_K_scan.pdf"],
)
def test_the_initial_joined_to_the_surname_goes(text):
    (span, *_) = PatientMatcher(person("Katarzyna", "Wrzesinska")).find(text)
    assert span.end - span.start == len("wrzesinska_k")


@pytest.mark.parametrize("text", ["a" * 40000, "a" * 40000 + "B", "a_" * 20000, "K." * 20000])
def test_long_runs_take_no_time(text):
    matcher = PatientMatcher(person("Zoë Katarzyna", "Müller-Wrzesinska", city="Ely", zip="55123"))
    start = time.process_time()
    matcher.find(text)
    residual(text, [], matcher)
    assert time.process_time() - start < 20
