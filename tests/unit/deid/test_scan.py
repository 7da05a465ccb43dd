"""Patterns run only where they can match find what a search of the whole text finds."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deid import residual
from deid.dates import feasts, misread
from deid.dates.forms import FORMS, windows
from deid.recognizers import (
    addresses,
    addresses_abroad,
    bare_codes,
    contact,
    devices,
    firms,
    handles,
    hospitals,
    identifiers,
    labelled,
    name_before,
    names,
    postcode_lines,
    subjects,
)
from deid.scan import around, at_words, finditer, opening_words

ROOT = Path(__file__).parents[3]
CORPORA = Path(os.environ.get("OSTEON_CORPORA", ROOT.parent / "shared" / "corpora"))
WINDOWED = [
    (landmark, before, after, pattern)
    for finder in (
        *(contact, identifiers, devices, addresses, addresses_abroad),
        *(handles, labelled, bare_codes, firms, name_before, postcode_lines, subjects),
    )
    for landmark, before, after, patterns in (
        *finder._GROUPS,
        *getattr(finder, "_COMMAS", ()),
        *getattr(finder, "_USERS", ()),
    )
    for pattern in patterns
]
_FAR = residual._DATE_LENGTH_MAX
WINDOWED.append((residual._YEAR, _FAR, _FAR, residual._FULL_DATE))
AT_WORDS = (
    *names._CUES,
    *contact._AT_CUES,
    *addresses._AT_WORDS,
    *addresses_abroad._AT_WORDS,
    *hospitals._AT_WORDS,
    *feasts._AT_WORDS,
    *misread._AT_MONTHS,
    *names._AT_ALIAS,
    *((words, re.compile(rf"(?<![A-Za-z]){one.pattern}")) for words, one in subjects._AT_WORDS),
    (identifiers._CUE_WORDS, identifiers._CUED),
    *handles._AT_CUES,
    *handles._AT_LOGINS,
)
PATTERNS = [
    *(pattern for *_, pattern in WINDOWED),
    *(pattern for _, pattern in AT_WORDS),
    *(pattern for _, pattern, _ in FORMS),
]
WORDS = st.sampled_from(
    [
        *("Suite 179", "apt. #3", "Flat", "Rua", "via", "Place", "ul.", "praça", "João", "Pessoa"),
        *(
            "1636",
            "12b,",
            "Wingertweg",
            "Koskikatu 25",
            "Kossuth",
            "u. 12.",
            "Hauptstr. 3",
            "tie 4",
        ),
        *("PSC 6293,", "Box 81", "Unit 12", "APO AP 04336", "FPO", "USS", "USNS Comfort", "Norway"),
        *(
            "New Zealand",
            "66455",
            "lives at",
            "offices are",
            "address of",
            "is at",
            "located",
            "7 A",
        ),
        *(
            "works for",
            "employer:",
            "transferred to",
            "outside films from",
            "University of",
            "Mayo",
        ),
        *("Clinic", "City of Hope", "Children's Hospital of", "M.D. Anderson", "retired by the"),
        *("m.r.n.", "mr#", "med. rec.", "acct id", "Driver's license", "s.s.n.", "soc sec", "pt #"),
        *("pathology no.", "specimen:", "id:", "health plan", "identity card", "job num", "A1B2"),
        *("SP-21-12345", "23-SU-00123", "21:AB1234", "AB12 C3D4 5E6F", "12-34-56", "123-45-678"),
        *("# A12345", "ABC-12345", "12345678-1234-1234-1234-123456789abc", "4444 5555 6666"),
        *("abcdefab-abcd-abcd-abcd-abcdefabcdef", "+H123ABC4", "=/W0000", "=ABCDE", "lotA12"),
        *("batch/serial no", "Serial number", "s/n", "SN: ", "UDI-DI", "gtin", "device identifier"),
        *("implant #", "pacemaker no.", "0100812345678906171231211234", "(1) 00812345"),
        *("ext", "Extension", "x", "phone", "Telephone", "tel.", "ph:", "facsimile", "pager #"),
        *("beeper", "pgr", "bpr id", "page", "paged", "cell", "cellular", "mobile", "home", "work"),
        *("office", "called", "callback", "call back", "call me", "contact number", "contacted"),
        *("reach", "reached", "dial", "text", "voicemail", "hotline", "number", "direct line"),
        *("clinic line", "desk", "answering", "messages", "registered", "Twitter:", "handle: @"),
        *("instagram:", "facebook", "Skype:", "555-0101", "5550101", "4125550197", "1--2", "7.55"),
        *("(704)5550101", "+44 20 7946 0958", "020 7946 0958", "22 33", "x 4471", "(704)", "0958"),
        *("www.x.org/a,b", "https://x/y", "Ftp://a.b", "mayo.edu", "a.b.co.uk/c", "10.0.0.1:80"),
        *("fe80::1", "1:2:3:4:5:6:7:8", "00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "a (at) b.org"),
        *("may 5th", "in may", "may", "MAY 5", "MONDAY", "the 3rd", "Friday the third", "spring"),
        *(
            "4/III/2021",
            "4-iii-21",
            "Q3 '21",
            "2021",
            "Fourth of July",
            "4th of July",
            "on the 9th",
        ),
        *("Mother’s Day", "New Year's Eve", "dob 03041961", "20210304", "born in 1961", "in 11/07"),
        *("04MAR", "12Mar21", "Mar-21", "SEP", "3.4.2021", "25 12 2020", "3 - 4 - '21", "3/4-9/21"),
        *(
            "March fourth,",
            "4th of",
            "third quarter of 2021",
            "2-0",
            "5 mm",
            "120/80",
            "0.5",
            "1961",
        ),
        *(
            "NW1 6XE",
            "SW1A",
            "1AA",
            "K1A 0B1",
            "T2 4TH",
            "44.9778,",
            "-93.2650",
            "44.9778N",
            "0.0001",
        ),
        *(
            "dot",
            "at",
            "(dot) com",
            "kat.wrz",
            "example",
            "1EG4-TE5-MK73",
            "1EG4TE5",
            "MK73",
            "HIC",
        ),
        *("chart 4471", "auth", "authorization A4471", "student id", "123456789A", "601 123 456"),
        *(
            "zip codes",
            "postal code:",
            "Postcode",
            "55401 and",
            "MN 55802",
            "Duluth",
            "DULUTH",
            "OR",
        ),
        *(
            "Minnesota,",
            "resides at",
            "moved to",
            "home at 12",
            "address is 6516",
            "Larkspur",
            "stays",
        ),
        *("MRN", "medical record number", "Patient:", "Dr.", "seen by", "with", "call", "fax"),
        *("12/3/2021", "March 4th", "on 3/4", "Christmas", "'98", "03-MAR-21", "S23-10442", "x12"),
        *("123-45-6789", "(704) 555-0101", "lot", "SN:", "67413", "a@b.org", "(01)00812345678906"),
        *(
            "the",
            "tumour",
            "Foley",
            "Jane",
            "O'Neil",
            "\n",
            ",",
            ".",
            "  ",
            "9",
            "of",
            "Wednesday,",
            "gem_walks on",
            "screen name",
        ),
    ]
)


def spans(matches):
    return [match.span() for match in matches]


def check(text):
    for landmark, before, after, pattern in WINDOWED:
        stretches = around(text, landmark, before, after)
        assert spans(finditer(pattern, text, stretches)) == spans(pattern.finditer(text)), (
            pattern.pattern[:80]
        )
    stretches = windows(text)
    for _, pattern, beside in FORMS:
        assert spans(finditer(pattern, text, stretches[beside])) == spans(pattern.finditer(text)), (
            pattern.pattern[-80:]
        )
    for (_, pattern), found in zip(AT_WORDS, at_words(text, AT_WORDS), strict=True):
        assert spans(found) == spans(pattern.finditer(text)), pattern.pattern[:80]


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_what_is_found_does_not_depend_on_the_windows(text: str) -> None:
    check(text)


@given(st.text(alphabet=" \nab1239:-/.,'’@()MRN#é", max_size=300))
def test_nor_for_text_of_any_shape(text: str) -> None:
    check(text)


@given(st.sampled_from(PATTERNS).flatmap(st.from_regex).filter(lambda text: len(text) <= 60))
@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
def test_nor_for_what_the_patterns_match_far_from_all_else(text: str) -> None:
    check(f"{'word ' * 60}{text}{' word' * 60}")


@pytest.mark.parametrize("corpus", ["localscrub_mts", "localscrub_synth"])
def test_nor_for_real_notes(corpus: str) -> None:
    path = CORPORA / f"{corpus}.jsonl.gz"
    if not path.is_file():
        if os.environ.get("OSTEON_REQUIRE_ALL"):
            pytest.fail(f"OSTEON_CORPORA names no folder with {path.name}")
        pytest.skip(f"OSTEON_CORPORA names no folder with {path.name}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line, _ in zip(lines, range(40), strict=False):
            check(json.loads(line)["text"])


def test_a_long_gap_without_landmarks_is_not_searched() -> None:
    text = "word " * 1000 + "7" + " word" * 1000
    assert around(text, re.compile(r"\d+"), 20, 20) == [
        (text.rindex(" ", 0, 4981), text.index(" ", 5021) + 1)
    ]


def test_a_cue_must_open_with_a_letter() -> None:
    assert opening_words(frozenset({"seen by", "patient's name"})) == {"seen", "patient"}
    with pytest.raises(ValueError, match="letter"):
        opening_words(frozenset({"/s/"}))


def test_a_match_that_leaves_its_window_is_seen_whole() -> None:
    text = "1" + "a" * 50 + " b"
    pattern = re.compile(r"1a+")
    assert spans(finditer(pattern, text, [(0, 10)])) == [(0, 51)]
