"""Hard-wrapped lines read as the sentences that they are.

Many hospital systems break a note's lines at a fixed width, in the middle of a name or number.
A line end is such a break where the next line's first word would not have fitted into the width
that the note keeps to; it is then read as a blank. Line ends that mean something (headings,
lists, "Label: value") stay. The text keeps its length, so offsets do not change.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from deid.vocabulary import cues, fold, given_names, is_word, known_names

__all__ = ["opens_sentence", "unwrapped"]

_WIDTH_MIN, _WIDTH_MAX = 50, 132
# What opens a line of its own: a bullet, a number with a stop, a label with its colon.
_OPENING = re.compile(r"[-*•>|+]|\d{1,2}[.)]\s|\s|$")
_LABEL = re.compile(r"[A-Z][\w /&'()-]{0,30}:(?!\w)")
_PROSE = re.compile(r"[a-z\d)][.;,] [A-Za-z]")
_SENTENCE = re.compile(r"([A-Z][a-z]{2,}) [a-z]")
_FIRST_WORD = re.compile(r"\S+")


def unwrapped(text: str) -> str:
    """``text`` with a blank for each line end that only the width of the page made."""
    lines = text.split("\n")
    width = max(map(len, lines))
    if len(lines) < 2 or not _WIDTH_MIN <= width <= _WIDTH_MAX:
        return text
    ends = [_broken(line, after, width) for line, after in pairwise(lines)]
    # The longest line always seems to be full. Where no other is, nothing tells of a page.
    alone = sum(ends) == 1
    pieces = [lines[0]]
    for broken, after in zip(ends, lines[1:], strict=True):
        pieces += [" " if broken and not (alone and opens_sentence(after)) else "\n", after]
    return "".join(pieces)


def opens_sentence(line: str) -> bool:
    """Whether a line begins like a sentence: an ordinary word with a capital, which is no name,
    and then one without: "Wound is".
    """
    opening = _SENTENCE.match(line)
    return opening is not None and is_word(opening[1]) and fold(opening[1]) not in _names()


@cache
def _names() -> frozenset[str]:
    return known_names() | given_names() | cues("word_surnames") | cues("word_given_names")


def _broken(line: str, after: str, width: int) -> bool:
    first = _FIRST_WORD.match(after)
    if first is None or not line or line[-1] == "-" or _OPENING.match(after):
        return False
    # A label can be cut as well: "… Serial" and "Number: 4446".
    if _LABEL.match(after) and not (line[-1].isalnum() and _PROSE.search(line)):
        return False
    return len(line) + 1 + len(first.group()) > width
