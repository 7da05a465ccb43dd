"""Running a pattern only where it can match: beside a landmark, or at a cue's first word.

A search by Python's ``re`` tries every character of a note; with a hundred patterns that is most
of what rules cost. A pattern is run around a landmark that each of its matches holds (a year,
seven digits, the name of a month), one that opens with a cue at the words that open one. Both
give what ``pattern.finditer(text)`` gives, which a test holds against all patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

__all__ = [
    "WORD",
    "AtWords",
    "Group",
    "Landmark",
    "Windows",
    "around",
    "at_words",
    "beside",
    "finditer",
    "merged",
    "opening_words",
]

Windows = Sequence[tuple[int, int]]
Landmark = re.Pattern[str] | frozenset[str]
"""A pattern, or words in lower case, which count however they are written."""
AtWords = tuple[frozenset[str], re.Pattern[str]]
"""A pattern, and the words that it opens with."""
Group = tuple[Landmark, int, int, tuple[re.Pattern[str], ...]]
"""A landmark, characters before and after it, and the patterns that cannot match without it."""

WORD = re.compile(r"[A-Za-z]+")


def around(text: str, landmark: Landmark, before: int, after: int) -> list[tuple[int, int]]:
    """Stretches of so many characters before and after each landmark, in order, merged where
    they meet and stretched to the next blank, so that no word is cut.
    """
    landmarks: Iterable[tuple[int, int]]
    if isinstance(landmark, frozenset):
        landmarks = ((at, at) for at in _starts(text, landmark))
    else:
        landmarks = (match.span() for match in landmark.finditer(text))
    windows: list[tuple[int, int]] = []
    for first, last in landmarks:
        start, end = first - before, last + after
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((max(start, 0), end))
    return [(_blank_before(text, start), _blank_after(text, end)) for start, end in windows]


def _blank_before(text: str, at: int) -> int:
    return max(text.rfind(" ", 0, at), text.rfind("\n", 0, at), 0)


def _blank_after(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    ends = [end for end in (text.find(" ", at), text.find("\n", at)) if end >= 0]
    # The blank is inside: a look-ahead for it must succeed as it would in the whole text.
    return min(ends) + 1 if ends else len(text)


def finditer(pattern: re.Pattern[str], text: str, windows: Windows) -> Iterator[re.Match[str]]:
    """Matches inside the windows. A match that reaches beyond one is looked for again with the
    rest of the text in view.
    """
    at = 0
    for start, end in windows:
        at = max(at, start)
        while match := pattern.search(text, at, end):
            if match.end() >= end - 1 and end < len(text):
                match = pattern.search(text, match.start()) or match
            yield match
            at = max(match.end(), match.start() + 1)


def merged(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The windows, which are in order of their beginnings, one where they overlap or meet."""
    apart: list[tuple[int, int]] = []
    for start, end in windows:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def beside(text: str, groups: Sequence[Group]) -> Iterator[re.Match[str]]:
    """Matches of each group's patterns around its landmark."""
    for landmark, before, after, patterns in groups:
        if windows := around(text, landmark, before, after):
            for pattern in patterns:
                yield from finditer(pattern, text, windows)


def opening_words(phrases: frozenset[str]) -> frozenset[str]:
    """The first words of cue phrases, in lower case. ValueError for one that opens otherwise."""
    firsts = []
    for phrase in phrases:
        match = WORD.match(phrase)
        if match is None:
            raise ValueError(f"a cue must begin with a letter: {phrase}")
        firsts.append(match.group().lower())
    return frozenset(firsts)


def at_words(text: str, table: Sequence[AtWords]) -> list[list[re.Match[str]]]:
    """For each (opening words, pattern) of the table its matches at those words, in order and
    without overlap.
    """
    found: list[list[re.Match[str]]] = []
    for words, pattern in table:
        matches: list[re.Match[str]] = []
        for start in _starts(text, words):
            if matches and matches[-1].end() > start:
                continue
            if match := pattern.match(text, start):
                matches.append(match)
        found.append(matches)
    return found


def _starts(text: str, words: frozenset[str]) -> list[int]:
    places = _places(text)
    return sorted(start for word in words & places.keys() for start in places[word])


@lru_cache(maxsize=1)
def _places(text: str) -> dict[str, list[int]]:
    """Where each word of a text begins; every finder of a note asks for the same one."""
    places: dict[str, list[int]] = {}
    for match in WORD.finditer(text):
        places.setdefault(match.group().lower(), []).append(match.start())
    return places
