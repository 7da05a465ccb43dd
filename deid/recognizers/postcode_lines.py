"""Addresses as a line that ends with a postcode of the Commonwealth: street, town, county, code.

"4 Rowan Rise, Fenby, Marlow HR8 1PX", "RR 2, Site 4 Comp 8, Elkford, BC V0G 1L0", "27A Mulga Rd,
FERNVALE NSW 2204". From the code the words are read backwards as long as they have a capital or a
figure; so a house, a street and a town that no list knows are one address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.recognizers.name_grammar import CREDENTIAL
from deid.scan import Group, beside
from deid.span import Span

__all__ = ["find_postcode_lines", "rest_of_line"]

_ITEM = r"(?:\d{1,5}[A-Za-z]?(?:[/-]\d{1,5}[A-Za-z]?)?|[A-ZÀ-ÖØ-Þ][^\W_]*(?:['’.\-][^\W_]*)*)"
_LINK = r"(?:[ ](?:of|on|the|de|la|upon|le|du|and|&)(?=[ ][A-ZÀ-ÖØ-Þ]))?"
_BEFORE = rf"(?<![\w/.\-])(?P<words>{_ITEM}(?:{_LINK},?[ ]{{1,2}}{_ITEM}){{0,11}}?),?[ ]{{1,2}}"
_CODE = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]?[ ]\d(?!ST|ND|RD|TH)[ABD-HJLNP-UW-Z]{2}"
    r"|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d"
    r"|(?:(?:NSW|ACT),?[ ][12]|(?:VIC|Vic),?[ ][38]|(?:QLD|Qld),?[ ][49]|(?:TAS|Tas),?[ ]7"
    r"|SA,?[ ]5|WA,?[ ]6|(?:NT|ACT),?[ ]0)\d{3})(?![\w\-/]|[ ]?(?:units?|mg|sec|s\b|m[lL]|pg))"
)
_LINE = re.compile(_BEFORE + _CODE)
# The sign comes first: re finds it fast.
_CODED = re.compile(r"\d[A-Z](?:[A-Z]|\d)(?!\w)|[ ](?<=[A-Za-z,][ ])\d{4}(?!\w)")
_GROUPS: tuple[Group, ...] = ((_CODED, 134, 8, (_LINE,)),)
# What stands before an address on its line and is none: "Dr T Oke, MRCGP, 4 Rowan Rise, ..."
_CREDENTIALS = re.compile(rf"(?:{CREDENTIAL}|MRCGP|FRCS|BSc)(?![\w-])")
# The street was read from its house to its word for one; the town and four figures follow.
_TOWN_AND_FIGURES = re.compile(
    r",[ ]{1,2}(?:[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’\-][^\W\d_]+)*[ ]){1,3}\d{4}"
    r"(?=[ ]*(?:[\n,;.)(—–-]|[ ]{2}|\Z))"
)


def find_postcode_lines(text: str) -> Iterator[Span]:
    """Address lines with their code; spans may overlap those of other finders."""
    for match in beside(text, _GROUPS):
        start = match.start("words")
        parts = match["words"].split(",")
        while any(_CREDENTIALS.search(part) for part in parts[:-1]):
            start += len(parts.pop(0)) + 1
        words = list(re.finditer(r"[^\W\d_]{3,}", text[start : match.end("words")]))
        if any(not is_clinical(text, start + one.start(), start + one.end()) for one in words):
            yield Span(start + (text[start] == " "), match.end(), "LOCATION", "address")


def rest_of_line(text: str, end: int) -> int:
    """Where "…, Fernvale 0624" behind a street that ends at ``end`` ends; ``end`` if none does."""
    match = _TOWN_AND_FIGURES.match(text, end)
    return match.end() if match else end
