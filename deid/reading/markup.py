"""HTML and XML inside a note: what of the source is no text, as edits that leave the text.

Only names of closed lists (``lexicon/markup_*.txt``) vanish. All else inside a tag is text: other
names, values in quotes or without, comments, and what only looks like a tag ("called <Vera Roe>").
Tags that stand inside a word vanish, others end the line, so that
"<family>Roe</family><given>Jane</given>" reads as two lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TypeAlias

from deid.vocabulary import read_list

__all__ = ["Edit", "bare_markup", "markup_edits", "without_markup"]

Edit: TypeAlias = tuple[int, int, str]
"""Start and end in the source, and what a reader sees instead."""

_TAG = re.compile(
    r"<!--\s*-->|<!--|-->|<!\[CDATA\[|\]\]>"
    r"|<[/?!]?(?P<name>[A-Za-z](?:[\w:.\-]{0,80}\w)?)(?:[\s/][^<>]{0,4000})?[/?]?>"
)
_ATTRIBUTE = re.compile(
    r"(?<![\w:.@\-])(?P<name>[\w:.@\-]{1,80})\s{0,8}=\s{0,8}"
    r"(?:\"(?P<double>[^\"<>]*)\"|'(?P<single>[^'<>]*)'|(?P<bare>[^\s\"'<>]+))"
)
_STRAY = re.compile(r"[^\W_](?:[^<>]*[^\W_])?")
_BARE = re.compile(r"</?(?P<name>[A-Za-z][\w:.\-]{0,80})\s?/?>|(?<!\\)[{}]")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W_])(?:<[^<>]{1,4000}>)+(?=[^\W_])")


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(read_list(f"markup_{name}"))


@lru_cache(maxsize=4096)
def _known(name: str) -> bool:
    """Whether a tag's name says nothing. "Mark", "Li" and "Del" are people; no program writes
    tags like that.
    """
    return name.lower() in _list("names") and (len(name) == 1 or not name.istitle())


def markup_edits(source: str) -> Iterator[Edit]:
    """Edits that take the markup away; none for a note that only uses "<" as a sign."""
    if "<" not in source and "]]>" not in source:
        return
    for tag in _TAG.finditer(source):
        if tag["name"] is None:
            yield tag.start(), tag.end(), ""
        elif _known(tag["name"]) or not source[tag.end() - 2].isspace():
            yield from _tag(source, tag)


def bare_markup(stretch: str) -> str:
    """Known tags without attributes, and braces, of a stretch of the source that is to be
    replaced: they go behind the new words, so that what opens is still closed.
    """
    found = _BARE.finditer(stretch)
    return "".join(one.group() for one in found if one["name"] is None or _known(one["name"]))


def without_markup(source: str) -> str:
    """The source as a careless reader takes it: whatever stands in brackets inside a word or
    number is gone, known or not, so that its halves meet.
    """
    if "<" not in source:
        return source
    pieces, at = [], 0
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start)) >= 0:
        pieces.append(source[at:start])
        at = end + 3
    return _BETWEEN_LETTERS.sub(_halves, "".join([*pieces, source[at:]]))


def _halves(tags: re.Match[str]) -> str:
    """Cells of a table with a number each are no halves of one."""
    before, after = tags.string[tags.start() - 1], tags.string[tags.end()]
    if before.isdigit() and after.isdigit() and "><" in tags.group():
        return tags.group()
    return ""


def _tag(source: str, tag: re.Match[str]) -> Iterator[Edit]:
    """Edits for all of the tag but what is to be read in it."""
    name = tag["name"]
    if tag.end("name") == tag.end() - 1:  # the common case, without attributes
        if not _known(name):
            yield tag.start(), tag.start("name"), "\n"
            yield tag.end("name"), tag.end(), "\n"
        else:
            yield *tag.span(), "" if name.lower() in _list("inline") else "\n"
        return
    kept = list(_kept(source, tag.end("name"), tag.end() - 1))
    flags = [source[a:b].lower().split() for a, b, gap in kept if gap == " "]
    if not _known(name) or any(word not in _list("flags") for words in flags for word in words):
        kept.insert(0, (*tag.span("name"), "\n"))
    gap = "\n" if kept or name.lower() not in _list("inline") else ""
    at = tag.start()
    for start, end, before in kept:
        if at < start:
            yield at, start, before if at > tag.start() else "\n"
        at = end
    yield at, tag.end(), gap


def _kept(source: str, at: int, end: int) -> Iterator[tuple[int, int, str]]:
    """What is to be read behind the tag's name, each with what stands before it: a label's colon
    before a value, a blank before words that belong to no attribute.
    """
    for one in _ATTRIBUTE.finditer(source, at, end):
        yield from _strays(source, at, one.start())
        label = one["name"].lower() not in _list("attributes")
        if label:
            yield *one.span("name"), "\n"
        start, end_of_value = one.span(one.lastgroup or "bare")
        if start < end_of_value:
            yield start, end_of_value, ": " if label else "\n"
        at = one.end()
    yield from _strays(source, at, end)


def _strays(source: str, at: int, end: int) -> Iterator[tuple[int, int, str]]:
    stray = _STRAY.search(source, at, end)
    if stray is not None:
        yield *stray.span(), " "
