"""HTML, XML and RTF inside a note: what of the source is no text, as edits that leave the text.

Attribute values and comments are text here: they can hold a name. Tags that stand inside a word
vanish, others end the line, so that "<family>Roe</family><given>Jane</given>" reads as two lines.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TypeAlias

__all__ = ["Edit", "bare_markup", "markup_edits"]

Edit: TypeAlias = tuple[int, int, str]
"""Start and end in the source, and what a reader sees instead."""

_TAG = re.compile(
    r"<!--|-->|<!\[CDATA\[|\]\]>|<[/?!]?(?P<name>[A-Za-z][\w:.\-]{0,80})(?:\s[^<>]{0,4000})?[/?]?>"
)
_VALUE = re.compile(r"=\s?(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,10});")
_INSIDE_WORDS = frozenset(
    ["a", "abbr", "b", "em", "font", "i", "ins", "mark", "o:p", "small", "span", "strong"]
).union(["sub", "sup", "tt", "u"])
_RTF = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})|\\u(?P<code>-?\d{1,6})[ ]?\??|\\(?P<word>[a-zA-Z]{1,32})"
    r"-?\d{0,10}[ ]?|\\(?P<sign>[^a-zA-Z])|[{}]|\r?\n"
)
_RTF_TABLE = re.compile(r"\{\\(?:\*\\)?(?:fonttbl|colortbl|stylesheet|listtable|rsidtbl)\b")
_RTF_NEW = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t"} | {
    "cell": "\t",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
}
_RTF_SIGN = {"~": " ", "-": "", "_": "-", "\n": "\n"}
_BARE = re.compile(r"</?[A-Za-z][\w:.\-]{0,80}\s?/?>|(?<!\\)[{}]")


def markup_edits(source: str) -> Iterator[Edit]:
    """Edits that take the markup away; none for a note that only uses "<" and "&" as signs."""
    if source.lstrip("\ufeff \r\n\t").startswith("{\\rtf"):
        yield from _rtf(source)
    elif "<" in source and len(tags := list(_TAG.finditer(source))) > 1:
        for tag in tags:
            yield from _tag(source, tag)
        for entity in _ENTITY.finditer(source):
            yield entity.start(), entity.end(), html.unescape(entity.group()).replace("\xa0", " ")


def bare_markup(stretch: str) -> str:
    """Tags without attributes, and braces, of a stretch of the source that is to be replaced:
    they go behind the new words, so that what opens is still closed.
    """
    return "".join(_BARE.findall(stretch))


def _tag(source: str, tag: re.Match[str]) -> Iterator[Edit]:
    name = (tag["name"] or "").lower()
    gap = "" if name in _INSIDE_WORDS or not name else "\n"
    at = tag.start()
    for value in _VALUE.finditer(source, tag.start(), tag.end()):
        start, end = value.span(1) if value[1] is not None else value.span(2)
        yield at, start, "\n"
        at, gap = end, "\n"
    yield at, tag.end(), gap


def _rtf(source: str) -> Iterator[Edit]:
    at = 0
    while match := _RTF.search(source, at):
        at = match.end()
        if table := _RTF_TABLE.match(source, match.start()):
            at = _group_end(source, table.end())
            yield match.start(), at, "\n"
        elif match["byte"]:
            char = bytes([int(match["byte"], 16)]).decode("cp1252", errors="replace")
            yield match.start(), at, char
        elif match["code"]:
            yield match.start(), at, chr(int(match["code"]) % 0x10000)
        elif match["word"]:
            yield match.start(), at, _RTF_NEW.get(match["word"], "")
        elif match["sign"]:
            yield match.start(), at, _RTF_SIGN.get(match["sign"], match["sign"])
        else:
            yield match.start(), at, ""


def _group_end(source: str, at: int) -> int:
    """Where the group that is open at ``at`` ends."""
    depth = 1
    while depth and at < len(source):
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        at += 2 if source[at] == "\\" else 1
    return at
