"""Hard-wrapped lines read as the sentences that they are.

Many hospital systems break a note's lines at a fixed width, in the middle of a name or number.
A line end is such a break where the next line's first word would not have fitted into the width
that the note keeps to; it is then read as a blank. Line ends that mean something (headings,
lists, "Label: value") stay. The text keeps its length, so offsets do not change.
"""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = ["unwrapped"]

_WIDTH_MIN, _WIDTH_MAX = 50, 132
# What opens a line of its own: a bullet, a number with a stop, a label with its colon.
_OPENING = re.compile(r"[-*•>|+]|\d{1,2}[.)]\s|\s|$")
_LABEL = re.compile(r"[A-Z][\w /&'()-]{0,30}:(?!\w)")
_PROSE = re.compile(r"[a-z\d)][.;,] [A-Za-z]")
_FIRST_WORD = re.compile(r"\S+")


def unwrapped(text: str) -> str:
    """``text`` with a blank for each line end that only the width of the page made."""
    lines = text.split("\n")
    width = max(map(len, lines))
    if len(lines) < 2 or not _WIDTH_MIN <= width <= _WIDTH_MAX:
        return text
    pieces = [lines[0]]
    for line, after in pairwise(lines):
        pieces += [" " if _broken(line, after, width) else "\n", after]
    return "".join(pieces)


def _broken(line: str, after: str, width: int) -> bool:
    first = _FIRST_WORD.match(after)
    if first is None or not line or line[-1] == "-" or _OPENING.match(after):
        return False
    # A label can be cut as well: "… Serial" and "Number: 4446".
    if _LABEL.match(after) and not (line[-1].isalnum() and _PROSE.search(line)):
        return False
    return len(line) + 1 + len(first.group()) > width
