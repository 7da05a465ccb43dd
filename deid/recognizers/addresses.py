"""Places smaller than a state: street addresses, "City, ST 12345", P.O. boxes, residence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical, lexicon
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["find_addresses"]

_SUFFIX = rf"(?i:{any_cue('street_suffixes')})\b\.?"
_STATE = rf"(?:{any_cue('state_codes')}\b|[A-Z]\.[ ]?[A-Z]\.(?=[\s,]|$)|{any_cue('states')})"
_WORD = r"[A-Z0-9À-ÖØ-Þ][\w'’\-]{0,40}\.?"
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w'’.\-]{0,40}"
_CITY = rf"{_CAPITALISED}(?:[ \t]{_CAPITALISED}){{0,3}}"
_ZIP = r"\d{5}(?:-\d{4})?"
_UNIT = (
    r"(?:,?\s{1,2}(?i:apt|apartment|unit|suite|ste|floor|fl|room|rm|bldg|building|lot"
    r"|#)\.?\s?#?\s?[A-Za-z0-9\-]{1,6}|,?\s#\s?\w{1,5})?"
)
_TAIL = (
    rf"(?:\s?,?\s{{1,2}}{_CITY}\s?,?\s{{1,2}}{_STATE}(?:\s?,?\s{{1,2}}{_ZIP})?)?"
    rf"(?:\s?,?\s{{1,2}}(?:USA|U\.S\.A\.|United States))?"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"(?<![\w.\-/])\d{{1,6}}[A-Za-z]?(?:-\d+|\s1/2)?\s{{1,2}}(?:(?:[NSEW]|NE|NW|SE|SW"
            rf"|North|South|East|West)\.?\s)?"
            rf"(?:{_WORD}[ \t]){{1,4}}?{_SUFFIX}"
            # "Juniper Ridge Road", "County Road 12 Terrace": a suffix can be part of the name
            rf"(?:[ \t](?:\d{{1,4}}[ \t])?{_SUFFIX}){{0,2}}(?:\s(?:[NSEW]|NE|NW|SE"
            rf"|SW)\b\.?)?{_UNIT}{_TAIL}(?:\s{_ZIP})?"
        ),
        rf"(?<![\w.\-/])(?i:p\.?\s?o\.?\s?box|post office box|rural route|rr)\s#?\d{{1,6}}{_TAIL}",
        (
            rf"(?<![\w.\-/])(?i:highway|hwy|route|county road|cr"
            rf"|state road)\s\d{{1,5}}(?=,\s[A-Z]){_TAIL}"
        ),
        rf"(?<![\w.\-])(?P<city>{_CITY})\s?,\s{{1,2}}{_STATE},?\s{{1,2}}{_ZIP}(?![\w\-])",
        (
            r"(?i:\bzip(?:[ \t]?code)?[ \t]{0,5}(?:is|of)?[ \t]{0,5}[:#]?[ \t]{0,5})"
            r"(?P<core>\d{4,6}(?:-\d{4})?)(?!\d)"
        ),
    )
)
_CITY_STATE = re.compile(rf"(?<![\w.\-])(?P<city>{_CITY})\s?,\s(?:{_STATE})(?![\w\-])")
_HOME_VERBS = (
    r"lives?|living|lived|resid(?:es?|ing|ed)|resident of|residence|born|native of|raised|grew up"
    r"|moved|moving|travel(?:l?ed|l?ing|s)?|drove|drives?|flew|flies|home|visiting"
    r"|vacation(?:ing|ed)?|relocated|works?|worked|employed|hometown|deployed|stationed|emigrated"
    r"|immigrated|incarcerated|commut(?:es?|ed|ing)|transport(?:ation|ed)?|ride|bus|train|came"
    r"|returned|arrived|hails|located"
)
_HOME = re.compile(
    rf"(?i:\b(?:{_HOME_VERBS})"
    r"(?: (?:alone|with (?:his|her|their) \w+|back|here|recently|currently|up|down|over|in|out))*"
    r"[ \t]{0,5}(?:\b(?P<in>in|at|near|from|to|of|outside|is|on)\b"
    rf"|:)[ \t\n]+(?:the[ \t])?)(?P<core>{_CITY}(?:,[ \t]{_CITY}|,[ \t]{_STATE})?)"
    rf"(?:[ \t\n](?:to|and)[ \t\n](?P<then>{_CITY}))?"
)
_PLACE_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ADDRESS_LABEL = re.compile(
    r"(?i:(?<![a-z])(?:(?:home|mailing|street|current|permanent|work"
    r"|residential) )?address[ \t]{0,5}(?:is|confirmed as"
    r"|on file)?[ \t]{0,5}[:][ \t]{0,5})(?P<core>[^\n;]{4,120})"
)
_LOCALITY = re.compile(
    rf"(?i:(?<![a-z])(?:city|town|county|village|place of birth|birthplace"
    rf"|hometown)[ \t]{{0,5}}:[ \t]{{0,5}})(?P<core>{_CITY}(?:,[ \t]{_STATE})?)"
)


def find_addresses(text: str) -> Iterator[Span]:
    """Addresses and places of residence; spans may overlap."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span("core") if "core" in pattern.groupindex else match.span()
            yield Span(start, end - text[start:end].endswith("."), "LOCATION", "address")
    for match in _CITY_STATE.finditer(text):
        start, end = match.span("city")
        if not _all_clinical(text, start, end):
            yield Span(match.start(), match.end(), "LOCATION", "address")
    for match in _HOME.finditer(text):
        for group in ("core", "then"):
            start, end = match.span(group)
            end -= text[start:end].endswith(".")
            if start < end and not _all_ordinary(text, start, end, whence=match["in"] == "from"):
                yield Span(start, end, "LOCATION", "address")
    for pattern in (_ADDRESS_LABEL, _LOCALITY):
        for match in pattern.finditer(text):
            start, end = match.span("core")
            yield Span(start, end, "LOCATION", "address")


def _all_ordinary(text: str, start: int, end: int, *, whence: bool) -> bool:
    """True if the words are all ordinary ones ("moved to Recovery Room"). The ending of a word says
    nothing here: "Kettering" is a town. ``whence``: somebody came from there, which of two words
    in normal case is said of places ("Mill Hollow"), unless it is a unit of the hospital.
    """
    known = lexicon()
    tokens = list(_PLACE_WORD.finditer(text, start, end))
    plain = [fold(token.group()) for token in tokens]
    if whence and len(plain) > 1 and not any(token.group().isupper() for token in tokens):
        return not set(plain).isdisjoint(cues("care_units"))
    return all(
        is_word(word)
        or word in known.terms
        or word in cues("care_units")
        or (word in known.eponyms and len(plain) < 2)
        for word in plain
    )


def _all_clinical(text: str, start: int, end: int) -> bool:
    """True if the words between are all ordinary or clinical words ("Home: Good, IN")."""
    tokens = re.finditer(r"[^\W_]+(?:['’\-][^\W_]+)*", text[start:end])
    return all(is_clinical(text, start + one.start(), start + one.end()) for one in tokens)
