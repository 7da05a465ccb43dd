"""Disguised and marked-up notes as a reader sees them, and the way back to the source."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deid.reading.markup import markup_edits
from deid.reading.plain import Plain
from deid.vocabulary import fold

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
        ("Call 704-731-\n  8842.", "Call 704-731-8842."),
        ("123-\r\n45-6789", "123-45-6789"),
        ("Room 12-\n12/4/2020 seen", None),
        ("Stage 12-\n12.5 mg", None),
        ("grade 2-\n3 of 3", None),
        ("page\r\nbreak", "page\nbreak"),
        ("a\u00a0b\u2011c", "a b-c"),
        ("<p>Vera <b>R</b>oe</p>", "\nVera Roe\n"),
        ("<family>Roe</family><given>Vera</given>", "\nRoe\n\nVera\n"),
        ("<td class='x y'>&#86;era &amp; co</td>", "\nx y\nVera & co\n"),
        ("<p id='7' wrap>a</p>", "\np\nid: 7 wrap\na\n"),
        ("<x author='Vera Roe'/>", "\nx\nauthor: Vera Roe\n"),
        ("called <Vera Roe> and <Li>", "called \nVera Roe\n and \nLi\n"),
        ("see <https://www.x.org/vera> <vera@x.org>", None),
        ("<x a='b' //Roe/><b 'Vera Roe'>y", "\nx\na: b Roe\n\nb Vera Roe\ny"),
        ("if WBC <normal and plt >50", None),
        ("<p><!-- Vera Roe --></p>", "\n Vera Roe \n"),
        (r"{\rtf1\ansi{\fonttbl{\f0 Roman;}}\b V\'e9ra\b0\par Roe\~x\{1\}}", "Véra\nRoe x{1}"),
        (r"{\rtf1{\fonttbl{\f0 Arial;}{\f1\fswiss Roe;} open \par a", "Roe; open \na"),
        (r"a {\rtf1\uc2 \u8211\'96-b\foo7\par} c\d {\rtf1 e}", "a –bfoo7\n c\\d e"),
        (r"{\rtf1\ansicpg1250 \'f8{\f2\fcharset204 \'e8}}", "řи"),
        (r"{\rtf1 \u-10179?\u-8704?}", "\U0001f600"),
        (
            r"{\rtf1{\info{\author Jane Roe}{\operator John Doe}}a{\b b}{\footnote c{\i d}}{\pict 48}e}",
            "\n\nJane Roe\n\nJohn Doe\n\nab\ncd\n\n48\ne",
        ),
        (r"{\rtf1 Han{\*\bkmkstart _GoBack}{\*\bkmkend _GoBack}nah}", "Hannah"),
        (
            (
                r"{\rtf1{\fonttbl{\f0\froman{\*\panose 02020603050405020304}Times New Roman{\*\falt"
                r" Times};}{\f1 Dr Roe;}}{\mmathPr\mmathFont34}{\*\cs10 Default Paragraph Font;}x}"
            ),
            "\n\n\n\n;Dr Roe;\n\nx",
        ),
        (
            "{\\rtf1\\cocoartf2822{\\fonttbl\\f0\\fswiss\\fcharset0 Helvetica;}\n\\f0\\fs24 Vera \\\n\\b R\\b0 oe.}",
            "Vera \nRoe.",
        ),
        ("A&P, R&D, &notes, HR=88bpm, pH=7.35", None),
        ("x&#173;y &#72i &amp;amp;auml; &Auml &amp;", "xy Hi ä Ä &"),
        ("H=C3=A4n=\nnin=E9n 48=\n29", "Hänninén 4829"),
        (
            r"H\u00e4n \\u0048a \ud83d\ude00 Seen.\nWound \xe4 c\new",
            "Hän Ha 😀 Seen.\nWound \\xe4 c\\new",
        ),
        (r"H\xe4nn H\xc3\xa4n H%C3%A4n H\'e4nn \u228?x a\.br\b", "Hänn Hän Hän Hänn äx a\nb"),
        ("HÃ¤nninen 37Â°C donâ€™t CAFÉ» É«", "Hänninen 37°C don’t CAFÉ» É«"),
        ("O\u02bcBrien, Ħan \u0268", "O'Brien, Han i"),
        ("Hanni-\n\f\nnen", "Hanninen"),
        ("HANNI-\nNEN Hé-\nnault nen\u2010\nin X-\nRAY", "HANNINEN Hénault nenin X-\nRAY"),
        ("V\xa0e\xa0r\xa0a, V  e  r  a  h, V.e.r.a.h, V_e_r_a_h", "Vera, Verah, Verah, Verah"),
        (
            "V e r a  R o e, R O E, A P view, T 1 N 0, q.i.d. F.A.C.S.",
            "Vera  Roe, ROE, A P view, T 1 N 0, q.i.d. F.A.C.S.",
        ),
        ("a\ufff9b\U000e0100c\U000e0041d\U0001d173e\ufe0f", "abcde"),
        ("H\u20dda\u0336n 4\ufe0f\u20e3 x\u2028y", "Han 4 x\ny"),
        ("ʜᴀɴ ɑɪ 🅷🇭", "HAN aI HH"),
        ("٤٨٢٩ ४८ ④", "4829 48 4"),
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


SCRAPS = [
    *"Vera Hän48.,-_=&<>{}\\;'\"\n",
    *UNSEEN,
    *("\u0336", "\u00a0", "\U000e0100", "ʜ", "٤", "\ufb01", "\U0001d415"),
    *("<b>", "</b>", "<p class='x'>", "<Roe>", "<x id=48 y>", "<!--", "-->", "<td>", "<li wei>"),
    *("&amp;", "&auml;", "&#72;", "&#72", "&shy;", "&#38;", "amp;", "=C3=A4", "=\n", "-\n"),
    *("{\\rtf1", "\\par ", "\\'e4", "\\u228?", "\\uc2 ", "\\foo", "\\f0 Arial;}", "\\fs48 "),
    *("a b c d", "1 2 3 4 5 6 7 8", "a.b.c.d.e", "  "),
]
scrap_notes = st.lists(st.sampled_from(SCRAPS), max_size=40).map("".join)


@settings(max_examples=400)
@given(scrap_notes, st.data())
def test_taking_a_stretch_out_takes_out_all_that_is_read_in_it(
    source: str, data: st.DataObject
) -> None:
    plain = Plain(source)
    assume(plain.text)
    start = data.draw(st.integers(0, len(plain.text) - 1))
    end = data.draw(st.integers(start + 1, len(plain.text)))
    a, b = plain.origin(start, end)
    assert 0 <= a < b <= len(source)
    for at in range(start, end):
        one = plain.origin(at, at + 1)
        assert a <= one[0] < one[1] <= b
    seen = plain.seen(a, b)
    assert seen is not None
    assert seen[0] <= start < end <= seen[1]


def test_what_is_left_out_within_one_sign_is_seen_with_it() -> None:
    struck = Plain("V{\\rtf1\u0336")
    assert (struck.text, struck.origin(0, 1), struck.seen(1, 7)) == ("V", (0, 8), (0, 1))
    plain = Plain("V{\\rtf1 x")
    assert (plain.text, plain.seen(1, 7)) == ("Vx", None)


@settings(max_examples=400)
@given(scrap_notes, st.data())
def test_all_of_a_stretch_that_is_read_is_seen(source: str, data: st.DataObject) -> None:
    plain = Plain(source)
    assume(source)
    start = data.draw(st.integers(0, len(source) - 1))
    end = data.draw(st.integers(start + 1, len(source)))
    seen = plain.seen(start, end) or (0, 0)
    for at in range(len(plain.text)):
        a, b = plain.origin(at, at + 1)
        if a < end and b > start:
            assert seen[0] <= at < seen[1]


@settings(max_examples=400)
@given(scrap_notes)
def test_a_letter_or_digit_is_read_or_counted_as_unread(source: str) -> None:
    plain = Plain(source)
    for at, char in enumerate(source):
        if char.isalnum() and plain.seen(at, at + 1) is None:
            assert char in plain.unread


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


def _entity(char: str) -> str:
    return f"&#{ord(char)};"


DISGUISES = [
    str,
    str.upper,
    _entity,
    lambda char: f"&amp;#x{ord(char):x};",
    lambda char: f"&#38;amp;#{ord(char)};",
    lambda char: chr(0x1D400 - ord("A") + ord(char.upper())),
    lambda char: chr(0xFF41 - ord("a") + ord(char.lower())),
    lambda char: char + "\u0336\u20dd",
    lambda char: f"<b>{char}</b>",
    lambda char: f"<!-- -->{char}<wbr>",
    lambda char: f"{char}&shy;",
    lambda char: f"{char}&#8203;",
    lambda char: f"{char}\U000e0101\ufff9",
    lambda char: char.translate(str.maketrans("aeiH", "\u0430\u0435\u0456ʜ")),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(DISGUISES), min_size=8, max_size=8))
def test_any_mixture_of_disguises_is_read(disguises) -> None:
    disguised = "".join(how(char) for how, char in zip(disguises, "Hanninen", strict=True))
    plain = Plain(f"Seen by {disguised}, well.")
    assert "hanninen" in fold(plain.text)
    start = fold(plain.text).index("hanninen")
    a, b = plain.origin(start, start + 8)
    left = Plain(plain._source[:a] + plain._source[b:]).text
    assert re.findall(r"\w+", left) == ["Seen", "by", "well"]


BOMBS = ["<", "&", "{", "\\'e9", "a ", "1-", "=", "<x>", "<!--", "a-\n", '<p a="', "a\u0336"]
BOMBS += [
    "&#0",
    "&amp;",
    "\u200b",
    "{\\rtf1",
    "{\\rtf1\\f0",
    "{\\rtf1 \\u65 ",
    "a b  c d  ",
    "=\n",
    "\\",
    "Ã",
]


@pytest.mark.parametrize("piece", BOMBS)
def test_a_note_built_to_be_slow_is_read_in_linear_time(piece: str) -> None:
    source = (piece * 200_000)[:200_000]
    begin = time.process_time()
    assert Plain(source).unread is not None
    # A third of a second on one slow core; anything worse than linear takes minutes.
    assert time.process_time() - begin < 20


@pytest.mark.parametrize(
    ("source", "trace"),
    [
        ("Hann<foo>inen", "hanninen"),
        ("48<x>2913", "482913"),
        ("Hann<!-- x -->inen", "hanninen"),
        (r"{\rtf1 H\'e4n\foo ninen}", "hanninen"),
        (r"{\rtf1\fs482913 x}", "482913"),
        (r"{\rtf1\uc3\u72 Han\u72 nin x}", "nin"),
        ("=48anninen", "hanninen"),
        ("Hann*inen", "hanninen"),
        ("\u202eneninnaH\u202c", "hanninen"),
        ("H|a, n\nn / i. n e\tn", "hanninen"),
        ("4_8*2,9~1:3", "482913"),
    ],
)
def test_what_a_careless_reader_sees_is_offered_to_the_residual_check(
    source: str, trace: str
) -> None:
    assert trace in fold(Plain(source).unread)
