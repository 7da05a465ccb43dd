"""Whole notes whose patient is disguised or stands in markup: replaced, or the note is withheld."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.recognizers.finders import find_foreign
from deid.vocabulary import fold

UNSEEN = "\u200b\u200c\u200d\u00ad\u2060\ufeff\u202e\x00\x07"
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


def _patient(first: str = "Vera", last: str = "Hanninen") -> Patient:
    return Patient("P-2", first, last, "00482913", date(1950, 9, 9), date(2021, 3, 1))


@pytest.mark.parametrize(
    "note",
    [
        "<p>Note</p><person name=Hanninen mrn=482913>seen</person>",
        "Called <Vera Hanninen> and <Dr Smith> about the wound.",
        "Contacts: <Hanninen>; <Roe>. MRN <b>x</b>",
        '<p>Note</p><person name=  "Hanninen">seen</person>',
        "<p>Hi</p><a href=mailto:vera.hanninen@mail.com>mail</a>",
        "<table><tr id=482913><td>x</td></tr></table>",
        "<p>Note</p><Hanninen>x</Hanninen><vera.hanninen/>",
        "<p>Note</p><style>.Hanninen {}</style><script>var a='482913'</script>",
        "<p>Note</p><?Hanninen 482913?><![CDATA[Vera Hanninen]]><!-- Hanninen 482913 -->",
        "<mark hanninen> <b Hanninen>x</b>",
        "<p>Patient Hann<wbr>inen and Hann<del>i</del>nen and Hann<!-- -->inen</p>",
        "<p>Patient <b>H</b>anninen, Ha<i>nn</i>inen</p>",
        r"{\rtf1{\fonttbl{\f0 Arial;} \par Patient Vera Hanninen MRN 00482913 DOB 9/9/1950",
        r"{\rtf1{\stylesheet{\s1 Hanninen letter;}}Seen. \Hanninen, {\*\hanninen 482913}}",
        r"{\rtf1{\info{\author Vera Hanninen}}{\pict 482913}x}",
        r"Note: {\rtf1 H\'61nninen} {\rtf1 H\u97 anninen H\u97\'61nninen}",
        "Patient &#72;anninen, &#72anninen, Han&shy;ninen, Han&#8203;ninen was well.",
        "Patient Hann=\ninen was H=C3=A4nninen, H=E4nninen, HÃ¤nninen.",
        r"Seen: H\u0061nninen, H\u00e4nninen, H\xe4nninen, H\'e4nninen.\nHanninen is well.",
        "PATIENT HANNI-\nNEN WAS SEEN. Hanni\u2010\nnen is well.",
        "H\xa0a\xa0n\xa0n\xa0i\xa0n\xa0e\xa0n was seen",
        "H  a  n  n  i  n  e  n was seen",
        "H.a.n.n.i.n.e.n was seen, H_a_n_n_i_n_e_n too",
        "H\u200b a\u200b n\u200b n\u200b i\u200b n\u200b e\u200b n was seen",
        "Hann\U000e0100inen, Hann\U000e0041inen, Hann\ufff9inen, Hann\U0001d173inen were seen.",
        "Hann\u3164inen, Hann\uffa0inen, Hann\u2060inen was seen.",
        "H\u20dda\u20ddn\u20ddn\u20ddi\u20ddn\u20dde\u20ddn\u20dd was seen.",
        "\u1d20\u1d07\u0280\u1d00 \u029c\u1d00\u0274\u0274\u026a\u0274\u1d07\u0274 was seen.",
        "H\u0251nninen, H\u0251nn\u026anen was seen.",
        "MRN \u0664\u0668\u0662\u0669\u0661\u0663 was seen",
    ],
)
def test_nothing_that_the_reading_left_out_keeps_the_patient(note: str, engine: NoteEngine) -> None:
    text = engine.clean(note, _patient()).text
    if text is None:
        return
    # Written apart from the reader: what of the letters and digits is left, markup included.
    seen = unicodedata.normalize("NFKC", html.unescape(re.sub(r"<[^<>]*>", "", text)))
    for way in (text, seen, re.sub(r"[\W_]", "", text), re.sub(r"[\W_]", "", seen)):
        left = fold(way)
        for trace in ("hanninen", "482913", "anninen", "nninen", "inen"):
            assert trace not in left
    for trace in ("\u0274\u1d07\u0274", "\u0251nn", "\u0662\u0669"):
        assert trace not in text


@pytest.mark.parametrize(
    ("note", "first", "last", "trace"),
    [
        ("Patient H&auml;nninen, H&amp;auml;nninen was well.", "Vera", "Hänninen", "nninen"),
        ("Patient Hé-\nnault was seen", "Ana", "Hénault", "nault"),
        (r"{\rtf1\ansi\uc1 Nu\u241\'f1ez was seen}", "Ana", "Nuñez", "f1ez"),
        (r"{\rtf1\ansi\uc1 Zo\u235e returned}", "Zoë", "Nuñez", "235e"),
        (r"{\rtf1\ansicpg1250 Dvo\'f8\'e1\'e8ek was seen}", "Jiří", "Dvořáček", "e8ek"),
        (r"{\rtf1{\f1\fcharset238 x}\f1 Dvo\'f8\'e1\'e8ek seen}", "Jiří", "Dvořáček", "e8ek"),
        (r"Note: {\rtf1\ansi Nu\'f1ez was seen}", "Ana", "Nuñez", "f1ez"),
    ],
)
def test_no_way_of_writing_an_accent_keeps_the_name(
    note: str, first: str, last: str, trace: str, engine: NoteEngine
) -> None:
    text = engine.clean(note, _patient(first, last)).text
    assert text is None or trace not in text


def test_tags_with_a_name_are_not_put_back(engine: NoteEngine) -> None:
    text = engine.clean("<p>Vera <Hanninen> <b>Hanninen</b> is well.</p>", _patient()).text
    assert text is not None
    assert "anninen" not in text
    assert text.count("<b>") == text.count("</b>") == 1


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
