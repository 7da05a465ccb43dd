"""Characters written with others, as edits: HTML entities, quoted-printable, backslashes.

Read are also entities without their semicolon, escaped twice ("&amp;auml;"), and in notes
without any tag. Of quoted-printable only what is no clinical shorthand: accented letters
("H=C3=A4nninen") and a word broken at a line's end; "HR=88" is no letter. The same holds for
UTF-8 that some program read in another encoding ("HÃ¤nninen").
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from deid.reading.markup import Edit

__all__ = ["escape_edits", "without_escapes"]

_AMPERSAND = r"&(?:(?:amp|AMP|#0{0,6}38|#[xX]0{0,6}26);)*"
_ENTITY = re.compile(
    rf"{_AMPERSAND}(?P<body>#0{{0,20}}\d{{1,7}};?|#[xX]0{{0,20}}[0-9A-Fa-f]{{1,6}};?"
    r"|[A-Za-z][A-Za-z0-9]{1,31};?)"
)
_LONGEST = 8  # characters of an entity that may do without its semicolon ("Ccedilla" is one)
_HEX = r"[89ABab][0-9A-Fa-f]"
# One character in UTF-8: quoted-printable, in an address of the web, in a program's string.
_ENCODED = re.compile(
    rf"(?P<mark>=|%|\\x)(?:[CDcd][0-9A-Fa-f](?P=mark){_HEX}|[Ee][0-9A-Fa-f](?:(?P=mark){_HEX}){{2}}"
    rf"|[Ff][0-4](?:(?P=mark){_HEX}){{3}})"
)
_ACCENTED = re.compile(
    r"(?<=[^\W\d_])(?:=[CDEF]|%[CDEF]|\\x[c-fC-F]|\\'[c-fC-F])[0-9A-Fa-f](?=[a-zà-ÿ])"
)
_BACKSLASH = re.compile(
    r"\\{1,4}u(?P<pair>[dD][89abAB][0-9A-Fa-f]{2}\\{1,4}u[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|\\u(?P<decimal>\d{2,5})\?|\\{1,4}u(?P<hex>[0-9A-Fa-f]{4})"
    # Line ends of HL7 messages and of strings: "Seen.\nWound dry."
    r"|(?P<line>\\\.(?:br|sp)\\|(?:\\{1,4}r)?\\{1,4}n(?=[A-Z0-9\s\\]))"
)
# UTF-8 that was read as Windows' code page 1252.
_LATER = "".join(bytes([code]).decode("cp1252", errors="ignore") for code in range(0x80, 0xC0))
_MOJIBAKE = re.compile(rf"[Â-ß][{re.escape(_LATER)}]|[à-ï][{re.escape(_LATER)}]{{2}}")
_SOFT_BREAK = re.compile(r"(?<=[^\W\d_])=[ \t]{0,8}\r?\n(?=[^\W\d_])|(?<=\d)=[ \t]{0,8}\r?\n(?=\d)")
_ANY_HEX = re.compile(r"=([2-7][0-9A-F])|%([2-7][0-9A-Fa-f])")


def escape_edits(source: str) -> Iterator[Edit]:
    """Edits that write each character as itself."""
    if "&" in source:
        for entity in _ENTITY.finditer(source):
            yield from _entity(entity)
    if "=" in source or "%" in source or "\\" in source:
        for code in _ENCODED.finditer(source):
            yield *code.span(), _bytes(code.group()).decode("utf-8", errors="replace")
        for code in _ACCENTED.finditer(source):
            yield *code.span(), _bytes(code.group()).decode("cp1252")
        for soft in _SOFT_BREAK.finditer(source):
            yield *soft.span(), ""
    if "\\" in source:
        for escape in _BACKSLASH.finditer(source):
            yield *escape.span(), _backslash(escape)
    if not source.isascii():
        yield from _mojibake(source)


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


def _bytes(code: str) -> bytes:
    return bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", code)))


def _backslash(escape: re.Match[str]) -> str:
    if escape["line"]:
        return "\n"
    if escape["pair"]:
        halves = re.findall(r"[0-9A-Fa-f]{4}", escape["pair"])
        return bytes.fromhex("".join(halves)).decode("utf-16-be", errors="replace")
    code = int(escape["decimal"]) if escape["decimal"] else int(escape["hex"], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def _mojibake(source: str) -> Iterator[Edit]:
    """Letters and signs of Western Europe, as "Ã¤" for "ä"; others may well be meant."""
    for found in _MOJIBAKE.finditer(source):
        try:
            char = found.group().encode("cp1252").decode("utf-8")
        except UnicodeError:
            continue
        if char <= "\u024f" or "\u2010" <= char <= "\u2026":
            yield *found.span(), char
