"""Words in another alphabet: in an English note they are nearly always somebody's name.

Greek letters are ordinary in medicine one or two at a time (β-catenin, TNF-α, Δx, µg); three in a
word are a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from deid.span import Span

__all__ = ["find_foreign"]

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f])*")
_GAP = re.compile(r"[ \t\-·・'’.]{1,2}")


def find_foreign(text: str) -> Iterator[Span]:
    """Runs of words in another alphabet than Latin, one span each."""
    if text.isascii():
        return
    run: tuple[int, int] | None = None
    for word in _WORD.finditer(text):
        if word.group().isascii() or not _is_foreign(word.group()):
            continue
        if run is not None and _GAP.fullmatch(text, run[1], word.start()):
            run = run[0], word.end()
            continue
        if run is not None:
            yield Span(*run, "NAME", "staff")
        run = word.span()
    if run is not None:
        yield Span(*run, "NAME", "staff")


def _is_foreign(word: str) -> bool:
    names = [unicodedata.name(char, "") for char in word if char.isalpha()]
    greek = sum(name.startswith("GREEK") for name in names)
    known = ("LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE", "MODIFIER", "KELVIN", "ANGSTROM")
    return greek > 2 or any(not name.startswith(known) for name in names)
