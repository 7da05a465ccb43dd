"""Characters written with others: HTML entities and quoted-printable, as edits.

Read are also entities without their semicolon, escaped twice ("&amp;auml;"), and in notes
without any tag. Of quoted-printable only what is no clinical shorthand: accented letters
("H=C3=A4nninen") and a word broken at a line's end; "HR=88" is no letter.
"""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterator
from html.entities import html5

from deid.markup import Edit

__all__ = ["escape_edits", "without_escapes"]

_AMPERSAND = r"&(?:(?:amp|AMP|#0{0,6}38|#[xX]0{0,6}26);)*"
_ENTITY = re.compile(
    rf"{_AMPERSAND}(?P<body>#0{{0,20}}\d{{1,7}};?|#[xX]0{{0,20}}[0-9A-Fa-f]{{1,6}};?"
    r"|[A-Za-z][A-Za-z0-9]{1,31};?)"
)
_LONGEST = 8  # characters of an entity that may do without its semicolon ("Ccedilla" is one)
_HEX = "(?:=[89AB][0-9A-F])"
_ENCODED = re.compile(rf"=[CD][0-9A-F]{_HEX}|=E[0-9A-F]{_HEX}{{2}}|=F[0-4]{_HEX}{{3}}")
_ACCENTED = re.compile(r"(?<=[^\W\d_])=(?:[CDEF][0-9A-F])(?=[a-zà-ÿ])")
_SOFT_BREAK = re.compile(r"(?<=[^\W\d_])=[ \t]{0,8}\r?\n(?=[^\W\d_])|(?<=\d)=[ \t]{0,8}\r?\n(?=\d)")
_ANY_HEX = re.compile(r"=([2-7][0-9A-F])|%([2-7][0-9A-Fa-f])")


def escape_edits(source: str) -> Iterator[Edit]:
    """Edits that write each character as itself."""
    if "&" in source:
        for entity in _ENTITY.finditer(source):
            yield from _entity(entity)
    if "=" in source:
        for code in _ENCODED.finditer(source):
            yield *code.span(), _bytes(code.group(), "utf-8")
        for code in _ACCENTED.finditer(source):
            yield *code.span(), _bytes(code.group(), "cp1252")
        for soft in _SOFT_BREAK.finditer(source):
            yield *soft.span(), ""


def without_escapes(source: str) -> str:
    """The source as a careless reader takes it: every "=48" or "%48" is a character."""
    if "=" not in source and "%" not in source:
        return source
    source = re.sub(r"=[ \t]{0,8}\r?\n", "", source)
    return _ANY_HEX.sub(lambda code: chr(int(code[1] or code[2], 16)), source)


def _entity(entity: re.Match[str]) -> Iterator[Edit]:
    start, begin, body = entity.start(), entity.start("body"), entity["body"]
    end = entity.end()
    if body[0] == "#":
        char = html.unescape("&" + body)
    elif body in html5 and body.endswith(";"):
        char = html5[body]
    else:
        char, end = _unended(body, begin)
    if char:
        yield start, end, char.replace("\xa0", " ")
    elif begin > start + 1:
        yield start, begin, "&"


def _unended(body: str, begin: int) -> tuple[str, int]:
    """An entity without its semicolon, and where it ends: letters, blanks and soft hyphens only,
    for "&notes" may well be the word.
    """
    for length in range(min(len(body), _LONGEST), 1, -1):
        char = html5.get(body[:length])
        if char is not None:
            known = char.isalpha() or char in "\xa0\xad"
            return (char if known else "", begin + length)
    return "", begin


def _bytes(code: str, encoding: str) -> str:
    return urllib.parse.unquote(code.replace("=", "%"), encoding=encoding, errors="replace")
