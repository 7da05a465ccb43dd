"""Disguised and marked-up notes: found as a reader would, replaced where they stand."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.markup import markup_edits
from deid.notes import NoteEngine
from deid.plain import Plain
from deid.recognizers import find_foreign

UNSEEN = "\u200b\u200c\u200d\u00ad\u2060\ufeff\u202e\x00\x07"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("Plain text, 3 x 4 cm, pO2 < 60 > 40 & more", None),
        ("the a b c of it", None),
        ("Ve\u200bra", "Vera"),
        ("V\u0435r\u0430 R\u043ee", "Vera Roe"),
        ("\uff36\uff45\uff52\uff41", "Vera"),
        ("\U0001d415era", "Vera"),
        ("Ha\u0308nninen", "Hänninen"),
        ("V e r a  R o e - P", "Vera  Roe-P"),
        ("123 - 45 - 6789", None),
        ("1 2 3 - 4 5 - 6 7 8 9", "123-45-6789"),
        ("Hänni-\n  nen", "Hänninen"),
        ("page\r\nbreak", "page\nbreak"),
        ("a\u00a0b\u2011c", "a b-c"),
        ("<p>Vera <b>R</b>oe</p>", "\nVera Roe\n"),
        ("<family>Roe</family><given>Vera</given>", "\nRoe\n\nVera\n"),
        ("<x author='Vera Roe'/><y>&#86;era &amp; co</y>", "\nVera Roe\n\nVera & co\n"),
        ("<p><!-- Vera Roe --></p>", "\n Vera Roe \n"),
        (r"{\rtf1\ansi{\fonttbl{\f0 Roman;}}\b V\'e9ra\b0\par Roe\~x\{1\}}", "\nVéra\nRoe x{1}"),
    ],
)
def test_a_note_as_a_reader_sees_it(source: str, seen: str | None) -> None:
    assert Plain(source).text == (source if seen is None else seen)


@given(st.text(max_size=200))
def test_any_stretch_has_its_place_in_the_source(source: str) -> None:
    plain = Plain(source)
    last = 0
    for at in range(len(plain.text)):
        start, end = plain.origin(at, at + 1)
        assert 0 <= start < end <= len(source)
        assert start >= last or plain.text == source
        last = start
    if plain.text:
        assert plain.origin(0, len(plain.text))[1] <= len(source)


@given(st.text(alphabet="Ja \u200b\u00ad<b>&;e1 2\n-", max_size=60), st.data())
def test_what_is_read_of_a_stretch_lies_in_it(source: str, data: st.DataObject) -> None:
    plain = Plain(source)
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    read = plain.seen(start, end) if start < end else None
    if read is not None and read[0] < read[1]:
        a, b = plain.origin(*read)
        assert a < end
        assert b > start
        kept = [char for char in source[start:end] if char in "Jae1"]
        assert all(char in plain.text[slice(*read)] for char in kept if plain.text == source)


@given(
    st.lists(st.sampled_from(["<b>", "</b>", "<p class='x'>", "Jane", " ", "&amp;", "{", "\\par "]))
)
def test_edits_never_overlap_and_stay_inside(parts: list[str]) -> None:
    source = "".join(parts)
    for start, end, _ in markup_edits(source):
        assert 0 <= start <= end <= len(source)


NAME = "Vera Hänninen-Roe"


@given(hidden=st.lists(st.sampled_from(["", *UNSEEN]), min_size=len(NAME), max_size=len(NAME)))
def test_the_patients_name_does_not_survive_a_disguise(
    hidden: list[str], engine: NoteEngine, patient
) -> None:
    disguised = "".join(char + more for char, more in zip(NAME, hidden, strict=True))
    clean = engine.clean(f"The wound of {disguised} is dry.", patient)
    left = "" if clean.text is None else re.sub(f"[{UNSEEN}]", "", clean.text)
    assert "Vera" not in left
    assert "nninen" not in unicodedata.normalize("NFC", left)


@pytest.mark.parametrize(
    "note",
    [
        "<p>Patient <b>Vera</b> <i>Hänninen-Roe</i>, MRN&nbsp;00482913 seen.</p>",
        "<name use='official'><family>Roe</family><given>Vera</given></name>",
        '<patient name="Vera Hänninen-Roe" mrn="00482913"><id/></patient>',
        r"{\rtf1\ansi{\fonttbl{\f0 Roman;}}\f0 \b Vera H\'e4nninen-Roe\b0\par MRN 00482913}",
        "V e r a  H ä n n i n e n - R o e was seen, MRN 0 0 4 8 2 9 1 3.",
        "The V3ra Hänn1nen film, MRN 0048-2913",
        "V\u0435r\u0430 H\u00e4nn\u0456nen w\u0430s seen.",
    ],
)
def test_no_disguise_or_markup_keeps_the_patient(note: str, engine: NoteEngine, patient) -> None:
    text = engine.clean(note, patient).text
    assert text is not None
    for trace in ("Vera", "V3ra", "nninen", "Hänn", "Roe", "R o e", "482913", "4 8 2 9"):
        assert trace not in text


def test_markup_that_opened_is_closed(engine: NoteEngine, patient) -> None:
    text = engine.clean("<p>Seen: <b>Vera</b> Roe</p>", patient).text
    assert text is not None
    assert text.count("<b>") == text.count("</b>") == 1
    assert text.endswith("</p>")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dr. Иван Петров assisted", ["Иван Петров"]),
        ("王小明 called", ["王小明"]),
        ("seen with يوسف حداد today", ["يوسف حداד"[:-1] + "د"]),
        ("יעל כהן is her sister", ["יעל כהן"]),
        ("Γεώργιος is a friend", ["Γεώργιος"]),
        ("TNF-α, β-catenin, 5 µm, Δx, ΔΔCt, Hänninen, Łódź, 3 Ω", []),
    ],
)
def test_names_in_another_alphabet_are_found(text: str, found: list[str]) -> None:
    assert [text[span.start : span.end] for span in find_foreign(text)] == found
