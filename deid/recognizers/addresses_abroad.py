"""Addresses that are not written the American way, and parts of addresses on lines of their own.

"Rua João Pessoa 1636", "22120 Eriksbo Västergärde 78, Apt. 3", "Wingertweg 126", "PSC 6293, Box
8158", "APO AP 04336", "Suite 179", "Norway 66455".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.scan import DIGIT, around, finditer
from deid.span import Span
from deid.vocabulary import any_cue

__all__ = ["find_addresses_abroad"]

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’\-]{0,40}"
_UNIT = r"(?i:suite|apt|apartment|appartement|flat)\.?[ \t]?#?\d{1,5}[A-Za-z]?"
_WAY = (
    r"(?i:rue|rua|via|viale|piazza|piazzetta|calle|carrer|avenida|avenue|strada|ulica|ul\.|plaza|place"
    r"|chemin|boulevard|quai|impasse|corso|largo|travessa|praça|paseo|camino|jalan|rruga)"
)
_ENDING = (
    r"(?:stra(?:ss|ß)e|str\.|weg|platz|gasse|straat|laan|plein|kade|vej|gade|stræde|vegen|veien|gata"
    r"|gatan|vägen|gränd|katu|tie|kuja|polku|utca|tér|braut|stræti|straeti|ulice|náměstí|caddesi)"
)
_STOP = r"(?!\w)"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w-]){_UNIT}{_STOP}",
        # A way, up to four words, a number before or behind.
        (
            rf"(?<![\w.-])(?:\d{{1,6}}[A-Za-z]?,?[ \t])+{_WAY}[ \t]"
            rf"(?:[\w'’.\-]+[ \t]){{1,4}}?\d{{1,5}}{_STOP}"
        ),
        rf"(?<![\w.-]){_WAY}[ \t](?:[\w'’.\-]+[ \t]){{0,3}}?{_CAPITAL}[ \t]\d{{1,5}}{_STOP}",
        rf"(?<![\w.-])\d{{1,6}}[A-Za-z]?,?[ \t]{_WAY}[ \t]{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,3}}",
        (
            rf"(?<![\w.-])(?:\d{{1,6}}[ \t])?(?:{_CAPITAL}[ \t]){{0,2}}"
            rf"(?i:[^\W\d_]{{2,20}}{_ENDING})[ \t]\d{{1,5}}{_STOP}"
        ),
        rf"(?<![\w.-])(?:\d{{1,6}}[ \t])?(?:{_CAPITAL}[ \t]){{1,3}}u\.[ \t]\d{{1,4}}\.?",
        # Number, words, number, and then a flat: no amount is written so.
        (
            rf"(?<![\w.-])\d{{1,6}}[ \t](?:\d{{1,5}}[ \t])?(?:{_CAPITAL}[ \t]){{1,4}}"
            rf"(?:\d{{1,5}}[ \t]?)?\n?[ \t>]{{0,5}}(?={_UNIT})"
        ),
        # Post of the armed forces.
        r"(?<!\w)(?:PSC|CMR|Unit)[ \t]\d{2,5},?[ \t](?:Box|BOX)[ \t]\d{1,5}",
        r"(?<!\w)(?:APO|FPO|DPO),?[ \t]A[AEP][ \t]\d{5}(?:-\d{4})?",
        rf"(?<!\w)US(?:NS|NV|CGC|S)[ \t]{_CAPITAL}(?=[ \t\n,]+FPO)",
        rf"(?<!\w){any_cue('countries')}[ \t]\d{{4,6}}(?![\w-])",
    )
)
_AT = re.compile(
    r"(?i:\b(?:lives?|living|located|residing|offices?[ \t](?:is|are)"
    r"|address(?:[ \t]of[ \t][\w &'’.\-]{2,40})?[ \t](?:is|are))[ \t](?:at[ \t])?)"
    r"(?P<core>\d[^\n.;]{5,80}(?:\n[ \t>]{0,5}[^\n.;:]{2,40}){0,4})"
)


def find_addresses_abroad(text: str) -> Iterator[Span]:
    """Addresses and parts of addresses; spans may overlap."""
    windows = around(text, DIGIT, 110, 110)
    for pattern in _PATTERNS:
        for match in finditer(pattern, text, windows):
            yield Span(*match.span(), "LOCATION", "address")
    for match in finditer(_AT, text, windows):
        yield Span(*match.span("core"), "LOCATION", "address")
