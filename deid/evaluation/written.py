"""What is gone from the text that was written, not only what a layer marked.

A replacement may hold a word of what it replaces: a title, a particle, or by mistake a name that is
called like one ("Mr. Do"). Such a word was found and has leaked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.evaluation.score import FoundSpan
from deid.runs.workers import Answer
from deid.vocabulary import cues, fold

__all__ = ["removed"]

_WORD = re.compile(r"[^\W_]{2,}")
# What belongs to a name and tells nothing, if a word of the name follows.
_LEADING = cues("particles", "titles", "weak_titles")
_FOLLOWED = re.compile(r"\.?[ \t\n'’\-]{1,3}[^\W\d_]")


def removed(source: str, answer: Answer) -> list[FoundSpan]:
    """The spans of the answer without the words of a name that stand in its replacement again.
    A withheld note wrote nothing.
    """
    found: list[FoundSpan] = []
    for at, ((start, end, category), layer) in enumerate(
        zip(answer.spans, answer.sources, strict=True)
    ):
        span = FoundSpan(start, end, category, layer)
        if answer.text is None or category != "NAME":
            found.append(span)
            continue
        new = answer.text[slice(*answer.replaced[at])]
        found += _without(span, source, {fold(word) for word in _WORD.findall(new)})
    return found


def _without(span: FoundSpan, source: str, written: set[str]) -> Iterator[FoundSpan]:
    at = span.start
    for match in _WORD.finditer(source, span.start, span.end):
        word = fold(match.group())
        harmless = word in cues("name_suffixes") or (
            word in _LEADING and _FOLLOWED.match(source, match.end())
        )
        if word not in written or harmless:
            continue
        if match.start() > at:
            yield FoundSpan(at, match.start(), span.category, span.source)
        at = match.end()
    if at < span.end:
        yield FoundSpan(at, span.end, span.category, span.source)
