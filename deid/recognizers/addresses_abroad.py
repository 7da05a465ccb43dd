"""Addresses that are not written the American way, and parts of addresses on lines of their own.

"Rua João Pessoa 1636", "22120 Eriksbo Västergärde 78, Apt. 3", "Wingertweg 126", "PSC 6293, Box
8158", "APO AP 04336", "Suite 179", "Norway 66455", "NW1 6XE", "K1A 0B1"; and coordinates:
"44.9778, -93.2650".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from deid.eponyms import is_clinical
from deid.reading.wrapped import opens_sentence
from deid.scan import AtWords, Group, at_words, beside, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues

__all__ = ["find_addresses_abroad"]

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’\-]{0,40}"
_UNIT = (
    r"(?i:suite|apt|apartment|appartement|flat)\.?[ \t]?#?\d{1,5}(?![hH]\b)[A-Za-z]?"  # "flat 48h"
)
_WAY = (
    r"(?i:rue|rua|via|viale|piazza|piazzetta|calle|carrer|avenida|avenue|strada|ulica|ul\.|plaza|place"
    r"|chemin|boulevard|quai|impasse|corso|largo|travessa|praça|paseo|camino|jalan|rruga)"
)
_ENDINGS = (
    *("strasse", "straße", "str.", "weg", "platz", "gasse", "straat", "laan", "plein", "kade"),
    *("vej", "gade", "stræde", "vegen", "veien", "gata", "gatan", "vägen", "gränd", "katu", "tie"),
    *("kuja", "polku", "utca", "tér", "braut", "stræti", "straeti", "ulice", "náměstí", "caddesi"),
)
_ENDING = rf"(?:{'|'.join(map(re.escape, _ENDINGS))})"
_TAILS = "|".join(sorted({ending[-3:] for ending in _ENDINGS})).replace(".", r"\.")
_STOP = r"(?!\w)"
_UNIT_WORDS = frozenset({"suite", "apt", "apartment", "appartement", "flat"})
_AT_WORDS: tuple[AtWords, ...] = (
    (_UNIT_WORDS, re.compile(rf"(?<![\w-]){_UNIT}{_STOP}")),
    (
        frozenset(
            {"rue", "rua", "via", "viale", "piazza", "piazzetta", "calle", "carrer", "avenida"}
            | {"avenue", "strada", "ulica", "ul", "plaza", "place", "chemin", "boulevard", "quai"}
            | {"impasse", "corso", "largo", "travessa", "pra", "paseo", "camino", "jalan", "rruga"}
        ),
        re.compile(
            rf"(?<![\w.-]){_WAY}[ \t](?:[\w'’.\-]+[ \t]){{0,3}}?{_CAPITAL}[ \t]\d{{1,5}}{_STOP}"
        ),
    ),
    # Puerto Rico: road, kilometre, quarter.
    (
        frozenset({"carr", "carretera", "ave", "urb", "bo", "bda", "parc"}),
        re.compile(
            r"(?<![\w.-])(?i:carr(?:etera)?\.?[ \t](?:estatal[ \t])?(?:PR-?)?\d{1,4}"
            r"(?:,?[ \t]ramal[ \t]\d{1,4})?"
            r"(?:,?[ \t](?:km|k)\.?[ \t]?[\d.]{1,6}(?:[ \t]?(?:h|int)\.?[ \t]?\d{0,2})?)?)"
            r"(?:,?[ \t](?:Bo|Barrio|Urb|Sector|Sect|Com|Res|Bda"
            r"|Parc)\.?(?:[ \t][A-ZÀ-ÖØ-Þ][\w'’\-]{1,20}){1,3})*"
            r"|(?<![\w.-])(?:Bo|Urb|Bda|Parc)\.?(?:[ \t][A-ZÀ-ÖØ-Þ][a-zà-ÿ'’\-]{2,20}){1,3}(?=,)"
        ),
    ),
    # Post of the armed forces.
    (
        frozenset({"psc", "cmr", "unit"}),
        re.compile(r"(?<!\w)(?:PSC|CMR|Unit)[ \t]\d{2,5},?[ \t](?:Box|BOX)[ \t]\d{1,5}"),
    ),
    (
        frozenset({"apo", "fpo", "dpo"}),
        re.compile(r"(?<!\w)(?:APO|FPO|DPO),?[ \t]A[AEP][ \t]\d{5}(?:-\d{4})?"),
    ),
    (
        frozenset({"usns", "usnv", "uscgc", "uss"}),
        re.compile(rf"(?<!\w)US(?:NS|NV|CGC|S)[ \t]{_CAPITAL}(?=[ \t\n,]+FPO)"),
    ),
    (
        opening_words(cues("countries")),
        re.compile(rf"(?<!\w){any_cue('countries')}[ \t]\d{{4,6}}(?![\w-])"),
    ),
    (
        frozenset(
            {"live", "lives", "living", "located", "residing", "office", "offices", "address"}
        ),
        re.compile(
            r"(?i:\b(?:lives?|living|located|residing|offices?[ \t](?:is|are)"
            r"|address(?:[ \t]of[ \t][\w &'’.\-]{2,40})?[ \t](?:is|are))[ \t](?:at[ \t])?)"
            # not "lives 35 minutes away", "living 2 1/2 hours from here"
            r"(?P<core>(?!(?:\d+(?:[ \-–./]|to[ ])*){1,4}[- ]?(?i:min|h(?:ou)?rs?\b|miles?|mi\b"
            r"|km|kilo"
            r"|blocks?|doors?|houses?|steps?|flights?|stor(?:y|ies)|states|count(?:y|ies)|days?|weeks?"
            r"|months?|years?|yrs?|towns|people|of\b|in\b))"
            r"\d[^\n.;]{5,80}(?:\n[ \t>]{0,5}[^\n.;:]{2,40}){0,4})"
        ),
    ),
)
_BEFORE_WAY = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"(?<![\w.-])(?:\d{{1,6}}[A-Za-z]?,?[ \t]){{1,4}}{_WAY}[ \t]"
            rf"(?:[\w'’.\-]+[ \t]){{1,4}}?\d{{1,5}}{_STOP}"
        ),
        rf"(?<![\w.-])\d{{1,6}}[A-Za-z]?,?[ \t]{_WAY}[ \t]{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,3}}",
    )
)
_STREET = re.compile(
    rf"(?<![\w.-])(?:\d{{1,6}}[ \t])?(?:{_CAPITAL}[ \t]){{0,2}}"
    rf"(?i:[^\W\d_]{{2,20}}{_ENDING})[ \t]\d{{1,5}}{_STOP}"
)
_UTCA = re.compile(rf"(?<![\w.-])(?:\d{{1,6}}[ \t])?(?:{_CAPITAL}[ \t]){{1,3}}u\.[ \t]\d{{1,4}}\.?")
# Number, words, number, and then a flat: no amount is written so.
_BEFORE_UNIT = re.compile(
    rf"(?<![\w.-])\d{{1,6}}[ \t](?:\d{{1,5}}[ \t])?(?:{_CAPITAL}[ \t]){{1,4}}"
    rf"(?:\d{{1,5}}[ \t]?)?\n?[ \t>]{{0,5}}(?={_UNIT})"
)
# The United Kingdom's; "1ST" and "5TH" end no code.
_POSTCODE = re.compile(
    r"(?<![\w.\-/])[A-Z]{1,2}\d[A-Z\d]?[ ]\d(?!ST|ND|RD|TH)[ABD-HJLNP-UW-Z]{2}(?![\w\-/])"
)
_CANADIAN = re.compile(
    r"(?<![\w.\-/])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d(?![\w\-/])"
)
_POSTCODE_CUE = re.compile(
    r"(?i:(?:post(?:al)?[ \t-]?codes?|zip(?:[ \t]?codes?)?)[ \t:#]{1,4}(?:is[ \t])?)$"
)
_TOWN_BEFORE = re.compile(r"(?P<town>[A-ZÀ-ÖØ-Þ][\w'’.\-]{1,40}),?[ \t\n]{1,2}$")
# Degrees with four decimals and more: a place to some ten metres. "0.0001, 0.0023" are none.
_COORDINATES = re.compile(
    r"(?<![\w.\-/])[NS]?[ ]?[+-]?[1-9]\d?\.\d{4,9}°?[ ]?[NS]?[,;/ \t]{1,3}"
    r"(?:(?i:lon(?:g(?:itude)?)?)[.:= ]{1,3})?[EW]?[ ]?[+-]?[1-9]\d{0,2}\.\d{4,9}°?"
    r"(?:[ ]?[EW])?(?![\w%]|\.\d|[ ]?(?:mg|mcg|ng|g|m[lL]|mm|cm|[Uu]nits?)\b)"
)
# Where the sentence goes on behind an address: "12 Elm St with her mum"
_TOLD_ON = re.compile(
    r"[ ,\n]+(?:with|since|but|because|which|who|where|for|so|until|while|alone|she|he|they|is|has"
    r"|and(?=[ ][a-z]))\b"
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(rf"\d[A-Za-z]?,?[ \t]{_WAY}[ \t]"), 110, 110, _BEFORE_WAY),
    (re.compile(rf"[ \t](?=\d)(?<=(?i:{_TAILS})[ \t])"), 140, 20, (_STREET,)),
    (re.compile(r"u\.[ \t]\d"), 140, 20, (_UTCA,)),
    (_UNIT_WORDS, 200, 40, (_BEFORE_UNIT,)),
    (re.compile(r"\d[A-Z](?:[A-Z]|\d)(?!\w)"), 20, 20, (_POSTCODE, _CANADIAN)),
    (re.compile(r"\d\.\d{4}"), 60, 60, (_COORDINATES,)),
)


def find_addresses_abroad(text: str) -> Iterator[Span]:
    """Addresses and parts of addresses; spans may overlap."""
    for match in (*chain.from_iterable(at_words(text, _AT_WORDS)), *beside(text, _GROUPS)):
        if match.re is _POSTCODE and not _of_address(text, *match.span()):
            continue
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        if told := _TOLD_ON.search(text, start, end):
            end = told.start()
        end = _before_sentence(text, start, end)
        yield Span(start, end, "LOCATION", "address")


def _before_sentence(text: str, start: int, end: int) -> int:
    """Where the lines of an address end: a line that begins like a sentence is none of them."""
    for line_end in re.finditer(r"\n[ \t>]*", text[start:end]):
        if opens_sentence(text[start + line_end.end() :][:60]):
            return start + line_end.start()
    return end


def _of_address(text: str, start: int, end: int) -> bool:
    """Whether a postcode stands behind a cue or a town, or alone on its line; "L4 2AB" might be
    something else.
    """
    before = text[max(start - 50, 0) : start]
    if _POSTCODE_CUE.search(before):
        return True
    if not before.rpartition("\n")[2].strip() and re.match(r"[ \t]*(?:\n|$)", text[end:]):
        return True
    town = _TOWN_BEFORE.search(text, max(start - 50, 0), start)
    return town is not None and not is_clinical(text, *town.span("town"))
