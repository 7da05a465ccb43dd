"""Running a pattern only where it can match: beside a landmark, or at a cue's first word.

A search by Python's ``re`` tries every character of a note; with a hundred patterns that is most
of what rules cost. A pattern is run around a landmark that each of its matches holds (a year,
seven digits, the name of a month), one that opens with a cue at the words that open one. Both
give what ``pattern.finditer(text)`` gives, which a test holds against all patterns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

__all__ = [
    "WORD",
    "AtWords",
    "Group",
    "Landmark",
    "Openings",
    "Windows",
    "around",
    "at_words",
    "beside",
    "finditer",
    "holding",
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
    blank = text.rfind(" ", 0, at)
    # From the blank on: a note may have no line's end for pages.
    return max(blank, text.rfind("\n", blank + 1, at), 0)


def _blank_after(text: str, at: int) -> int:
    blank = text.find(" ", at)
    until = blank if blank >= 0 else len(text)
    line = text.find("\n", at, until)
    # The blank is inside: a look-ahead for it must succeed as it would in the whole text.
    return min((line if line >= 0 else until) + 1, len(text))


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


def holding(text: str, windows: Windows, landmark: Landmark) -> Windows:
    """The windows in which a landmark begins; of patterns, those in which one lies."""
    if not isinstance(landmark, frozenset):
        return [window for window in windows if landmark.search(text, *window)]
    starts = _starts(text, landmark)
    return [one for one in windows if bisect_left(starts, one[0]) < bisect_left(starts, one[1])]


def opening_words(phrases: frozenset[str]) -> frozenset[str]:
    """The first words of cue phrases, in lower case. ValueError for one that opens otherwise."""
    firsts = []
    for phrase in phrases:
        match = WORD.match(phrase)
        if match is None:
            raise ValueError(f"a cue must begin with a letter: {phrase}")
        firsts.append(match.group().lower())
    return frozenset(firsts)


class Openings:
    """Patterns by the one word that each opens with: of many hundred names only those are tried
    that begin like a word of the text.
    """

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        """The words are in lower case; each pattern matches at its own word only."""
        self._patterns = patterns
        self._words = frozenset(patterns)

    def find(self, text: str) -> list[re.Match[str]]:
        """Matches in order and without overlap."""
        matches: list[re.Match[str]] = []
        for start in _starts(text, self._words):
            if matches and matches[-1].end() > start:
                continue
            word = WORD.match(text, start)
            if word and (match := self._patterns[word.group().lower()].match(text, start)):
                matches.append(match)
        return matches


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


_SET_NUMBERS: dict[frozenset[str], int] = {}
_SETS_WITH: dict[str, list[int]] = {}
"""For each word the numbers of the sets that hold it: so one look at a word serves all sets."""


def _starts(text: str, words: frozenset[str]) -> Sequence[int]:
    """Where a word of the set begins, in order."""
    number = _SET_NUMBERS.get(words)
    if number is None:  # the sets are constants: each comes here once
        number = _SET_NUMBERS[words] = len(_SET_NUMBERS)
        for word in words:
            _SETS_WITH.setdefault(word, []).append(number)
        _places.cache_clear()
    return _places(text).get(number, ())


@lru_cache(maxsize=2)
def _places(text: str) -> dict[int, list[int]]:
    """Where each set's words begin, in order; every finder of a note asks for the same text."""
    places: dict[int, list[int]] = {}
    for match in WORD.finditer(text):
        for number in _SETS_WITH.get(match.group().lower(), ()):
            places.setdefault(number, []).append(match.start())
    return places
