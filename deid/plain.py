"""A note as a reader sees it, with the way back to the note as it is stored.

Layers look at :attr:`Plain.text`; what they find is mapped to the source by :meth:`Plain.origin`.
Undone are: characters that cannot be seen (zero width, soft hyphens, text direction, control
characters), look-alikes of Latin letters in other alphabets, full-width and mathematical letters,
letters and digits with a blank between each ("J o h n", "1 2 3 - 4 5 - 6 7 8 9"), words divided
at a line's end, lines broken at a fixed width (:mod:`deid.wrapped`) and markup
(:mod:`deid.markup`). Nothing is guessed: an unknown character stays.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from deid.markup import Edit, markup_edits
from deid.wrapped import unwrapped

__all__ = ["Plain"]

_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufe00-\ufe0f\ufeff"
)
_HIDDEN = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_UNSEEN}]+|\r(?=\n)")
_BLANK = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_HYPHEN = re.compile(r"[\u2010\u2011\u2212\ufe58\ufe63\uff0d]")
# Letters and digits with an ordinary form: full width, mathematical, superscript, ligatures.
_STYLED = re.compile(
    r"[\u00b2\u00b3\u00b9\u2070-\u209c\u2100-\u214f\u2460-\u24ff\ufb00-\ufb06\uff01-\uff0c\uff0e-\uff5e"
    r"\U0001d400-\U0001d7ff]"
)
_COMBINED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS_APART = re.compile(r"(?<![^\W_])[^\W\d_](?:(?: | ?[-'’] ?)[^\W\d_](?![^\W_])){3,}")
_DIGITS_APART = re.compile(r"(?<![\w.])\d(?: ?[-–./] ?\d| \d){6,}(?![\w])")
_DIVIDED = re.compile(r"(?<=[a-z])[-\u00ad][ \t]*\r?\n[ \t]*(?=[a-z])")
# Cyrillic and Greek letters that look like a Latin one, both cases (Unicode confusables, the part
# that renders alike in common fonts).
_ALIKE = dict(
    zip(
        "АВЕКМНОРСТХУІЈЅԚԜҮаеорсухіјѕԛԝүһԁӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρυχιɡıΙ",
        "ABEKMHOPCTXYIJSQWYaeopcyxijsqwyhdlABEZHIKMNOPTYXaovpuxigiI",
        strict=True,
    )
)


class Plain:
    """``text`` is what a reader sees. For most notes it keeps the source's offsets, at no cost."""

    def __init__(self, source: str) -> None:
        edits = _in_order(_edits(source))
        if not edits:
            self.text = unwrapped(source)
            self._places: list[int] = []
            return
        pieces: list[str] = []
        # Where each piece begins in the text and in the source, kept pieces and new ones in turn.
        self._places, self._sources, self._kept = [], [], []
        at = length = 0
        for start, end, new in [*edits, (len(source), len(source), "")]:
            for piece, place, kept in ((source[at:start], at, True), (new, start, False)):
                if piece:
                    self._places.append(length)
                    self._sources.append((place, end if not kept else start))
                    self._kept.append(kept)
                    pieces.append(piece)
                    length += len(piece)
            at = end
        self.text = unwrapped("".join(pieces))

    @property
    def in_place(self) -> bool:
        """True where offsets in the text are offsets in the source."""
        return not self._places

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The shortest stretch of the source that holds ``text[start:end]`` (not empty)."""
        if not self._places:
            return start, end
        first, last = (bisect_right(self._places, at) - 1 for at in (start, end - 1))
        a, b = self._sources[first][0], self._sources[last][1]
        if self._kept[first]:
            a += start - self._places[first]
        if self._kept[last]:
            b = self._sources[last][0] + end - self._places[last]
        return a, b

    def seen(self, start: int, end: int) -> tuple[int, int] | None:
        """The other way: where ``source[start:end]`` is read; None if a reader sees none of it."""
        if not self._places:
            return start, end
        ends = (*self._places[1:], len(self.text))
        first = last = None
        for at, until, (a, b), kept in zip(
            self._places, ends, self._sources, self._kept, strict=True
        ):
            if b <= start or a >= end:
                continue
            first = first if first is not None else at + (max(start - a, 0) if kept else 0)
            last = at + min(end - a, b - a) if kept else until
        return None if first is None or last is None else (first, last)


def _edits(source: str) -> Iterator[Edit]:
    yield from markup_edits(source)
    for match in _LETTERS_APART.finditer(source):
        yield from _without_blanks(match)
    for match in _DIGITS_APART.finditer(source):
        yield from _without_blanks(match)
    for match in _DIVIDED.finditer(source):
        yield match.start(), match.end(), ""
    for match in _HIDDEN.finditer(source):
        yield match.start(), match.end(), ""
    if source.isascii():
        return
    for pattern, new in ((_BLANK, " "), (_HYPHEN, "-")):
        for match in pattern.finditer(source):
            yield match.start(), match.end(), new
    for match in _STYLED.finditer(source):
        yield match.start(), match.end(), unicodedata.normalize("NFKC", match.group())
    for match in _COMBINED.finditer(source):
        yield match.start(), match.end(), unicodedata.normalize("NFC", match.group())
    yield from _look_alikes(source)


def _without_blanks(match: re.Match[str]) -> Iterator[Edit]:
    for at, char in enumerate(match.group(), start=match.start()):
        if char == " ":
            yield at, at + 1, ""


def _look_alikes(source: str) -> Iterator[Edit]:
    """In words that mix alphabets. A whole word of another alphabet is no disguise."""
    for word in _WORD.finditer(re.sub(f"[{_UNSEEN}]", "\ue000", source)):
        found = word.group()
        if found.isascii() or not any("LATIN" in unicodedata.name(char, "") for char in found):
            continue
        for at, char in enumerate(found, start=word.start()):
            if char in _ALIKE:
                yield at, at + 1, _ALIKE[char]


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Sorted and without overlap: of two that overlap, the one that begins first counts."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept
