"""What stands between and behind the parts of an address that were found.

"61 Chalk Street, 2R, Tarrow Falls", "Rural Route 3" with its box, a town and its ZIP code without a
state, the town behind an institution ("Mesa Spire Medical Center, Phoenix").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from deid.eponyms import is_clinical, lexicon
from deid.recognizers.postcode_lines import rest_of_line
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, known_places

__all__ = ["whole_addresses"]

_UNITS = r"(?:units?|mg|mcg|m[lL]|IU|cells|copies|steps)"
_TOWN = r"[A-Z][a-zà-ÿ'’.\-]{2,20}(?:[ \t][A-Z][a-z]{2,20}){0,2}"
_ZIP_BEHIND = re.compile(rf"[ \t]{{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w\-]|[.,]\d|[ \t]?{_UNITS}\b)")
# Of a town that is a surname too: "Springfield 62704" and the line's end.
_ZIP_ENDS = re.compile(r",?[ \t]\d{5}(?:-\d{4})?(?=[ \t]*(?:[\n.;)]|\Z))")
_TOWN_BEHIND = re.compile(
    rf"(?:,[ \t](?=[A-Z]?\d)\d{{0,2}}[A-Z]{{0,2}}\d{{0,2}})?,[ \t]{{1,2}}{_TOWN},?[ \t]{{1,2}}"
    rf"(?:{any_cue('state_codes')}[ \t]{{1,2}})?\d{{5}}(?:-\d{{4}})?(?![\w\-])"
)
_TOWN_OF = re.compile(
    r",[ \t](?P<town>[A-Z][a-zà-ÿ'’\-]{2,20}(?:[ \t][A-Z][a-z]{2,20})?)"
    r"(?=[ \t]*(?:[\n,;.)]|$)|[ \t]{2})"
)
# The first word of "St. Wendelin North", "East Tarrow", straight before what was found.
_UNIT_BEHIND = re.compile(
    r",?[ \t](?:#[ \t]?|(?i:apt|unit|lot|space|spc|ste|suite|bldg)\.?[ \t]#?)\d{1,5}[A-Za-z]?(?!\w)"
)
_BEFORE = re.compile(
    r"(?<![\w-])(?:(?P<saint>St|Ste|Saint|Mt|Mount|Ft|Fort|San|Santa)\.?|North|South|East|West|New"
    r"|Port|Lake|Cape|Old|Big|Little|Upper|Lower|Camp|Grand|Los|Las|La|El)[ \t]$"
)
_GAP = re.compile(
    r",?[ \t]{1,2}(?:(?i:box|bx|lot|apt|unit|space|spc|trailer|floor|fl|room|rm|no|#)\.?[ \t]?#?)?"
    r"[A-Z]?\d{0,4}[A-Z]{0,2}(?i:(?:st|nd|rd|th)[ \t]floor)?,?[ \t]{0,2}"
)
_POSTCODE = re.compile(r",[ \n]{1,2}(?:[A-Z]{1,2}-)?\d{4,5}[ ]")
_STREET_BEFORE = re.compile(
    r"\b(?:rue|avenue|av|bd|boulevard|chemin|place|quai|via|viale|piazza|calle|plaza|rua)[.]?[ ]"
    r"(?:[a-zà-ÿ]{1,4}['’ ]?[ ]?){0,3}$",
    re.IGNORECASE,
)
_GAP_MAX = 20  # characters
_STATE_BEHIND = re.compile(
    rf",?[ ](?P<state>{any_cue('state_codes')})(?=[,.;:)/]|[ ]{{2}}|[ ]?\n|[ ]?\Z)"
)
# Codes that are credentials, abbreviations of medicine or words
_OTHER_MEANING = frozenset(
    {"AL", "AR", "CO", "CT", "DC", "DE", "HI", "IA", "ID", "IN", "LA", "MA", "MD", "ME", "MI", "MO"}
    | {"MS", "MT", "NC", "ND", "NE", "OH", "OK", "OR", "PA", "PR", "SC", "SD", "VA", "VT"}
)
# Between a town and its land: "Delft, the Netherlands", "Nassau (the Bahamas".
_LAND_GAP = re.compile(r",[ \t](?:the|The)[ \t]")
# Two streets that cross behind a shop: "at Elmhurst and Central".
_CROSSING = re.compile(
    r"[ \t](?:and|&|/)[ \t](?P<two>[A-Z][a-z]{3,20})(?=[,.;)\n]|[ \t][a-z(]|\s*$)"
)
_AT = re.compile(r"(?:at|near|on|off|corner[ \t]of)[ \t]$")
_TAIL_OF_NAME = re.compile(
    r"(?:-(?:du|de|des|la|le|les|sur|en|aux?|of|on|the|upon|by|sous))?-[A-ZÀ-Þ][^\W\d_]+"
    r"(?:-[^\W\d_]+)*"
)


def whole_addresses(text: str, places: Sequence[Span]) -> Iterator[Span]:
    """What is missing of addresses. ``places`` are names, places and institutions in order."""
    for one, two in zip_longest(places, places[1:]):
        tail = _TAIL_OF_NAME.match(text, one.end)
        if tail and not is_clinical(text, one.start, tail.end()):
            yield replace(one, end=tail.end())
        before = _BEFORE.search(text[max(0, one.start - 8) : one.start])
        if before and (before["saint"] or one.category != "NAME"):
            yield replace(one, start=one.start - len(before.group()))
        crossing = _CROSSING.match(text, one.end) if _at(text, one) else None
        if crossing and not _is_said(text, *crossing.span("two")):
            yield Span(one.start, crossing.end(), "LOCATION", "address")
        town = _TOWN_OF.match(text, one.end) if one.category == "ORG" else None
        if town and _is_town(text, *town.span("town")):
            yield Span(*town.span("town"), "LOCATION", "address")
        if two is not None and _postcode_between(text, one, two):
            yield Span(one.start, two.end, "LOCATION", "address")
        named = _ZIP_ENDS.match(text, one.end) if one.category == "NAME" else None
        if named:
            yield Span(one.start, named.end(), "LOCATION", "address")
        if one.category != "LOCATION":
            continue
        behind = _ZIP_BEHIND.match(text, one.end)
        if behind is None and one.source == "address":
            behind = _TOWN_BEHIND.match(text, one.end)
        if behind is None and text[one.start : one.end].istitle():
            behind = _state_behind(text, one)
        behind = behind or _UNIT_BEHIND.match(text, one.end)
        end = behind.end() if behind else rest_of_line(text, one.end)
        if end > one.end:
            yield Span(one.start, end, "LOCATION", "address")
        if two is not None and two.category == "LOCATION" and _parted(text, one, two):
            yield Span(one.start, two.end, "LOCATION", "address")


def _parted(text: str, one: Span, two: Span) -> bool:
    """Whether nothing but a flat, box or floor stands between two parts of an address."""
    between = text[one.end : two.start]
    if _LAND_GAP.fullmatch(between):
        return True
    return (
        0 < len(between) <= _GAP_MAX
        and any(map(str.isdigit, between))
        and _GAP.fullmatch(between) is not None
    )


def _state_behind(text: str, one: Span) -> re.Match[str] | None:
    """The state of "Boise ID,"; where its code has another meaning, behind a listed town only."""
    match = _STATE_BEHIND.match(text, one.end)
    if match is None or match["state"] not in _OTHER_MEANING:
        return match
    town = "_".join(fold(text[one.start : one.end]).split())
    return match if town in known_places() else None


def _postcode_between(text: str, one: Span, two: Span) -> bool:
    """Whether a street and a town stand about a postcode: "Hauptstraße 5, 80331 München"."""
    if two.category not in ("LOCATION", "NAME") or not _POSTCODE.fullmatch(
        text, one.end, two.start
    ):
        return False
    return one.category == "LOCATION" or (
        one.category == "NAME"
        and _STREET_BEFORE.search(text, max(0, one.start - 30), one.start) is not None
    )


def _at(text: str, one: Span) -> bool:
    """One word in normal case behind "at" or "on"."""
    word = text[one.start : one.end]
    return (
        word.istitle()
        and word.isalpha()
        and bool(_AT.search(text, max(0, one.start - 12), one.start))
    )


def _is_said(text: str, start: int, end: int) -> bool:
    """A clinical term, a unit or a kind of institution, which no street is called like."""
    word = fold(text[start:end])
    return word in lexicon().terms | lexicon().heads or word in cues(
        "generic_institution_words", "care_units", "no_towns", "no_names"
    ) - {"central", "north", "south", "east", "west", "main", "county", "state", "university"}


def _is_town(text: str, start: int, end: int) -> bool:
    """Whether what stands behind an institution and a comma is its town: no clinical word."""
    if text[start:end] in cues("word_towns"):
        return True
    if text[start:end] in cues("states", "countries"):
        return False
    return not any(
        is_clinical(text, start + one.start(), start + one.end())
        or fold(one.group()) in cues("no_towns")
        for one in re.finditer(r"\S+", text[start:end])
    )
