"""A note as a reader sees it, with the way back to the note as it is stored.

Layers look at :attr:`Plain.text`; what they find is mapped to the source by :meth:`Plain.origin`.
Undone are: markup (``markup``, ``rtf``), escapes (``escapes``), unseen characters and look-alikes
(``characters``), letters and digits set apart ("J o h n", "1 2 3 - 4 5 - 6 7 8 9"), words and
numbers divided at a line's end, and lines broken at a fixed width (``wrapped``). One disguise may
hide another, so it is read again until nothing changes.

What is left out, and what only a careless reader would see, is in :attr:`Plain.unread`: text for
the residual check, which withholds a note that names its patient there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from deid.reading.characters import character_edits
from deid.reading.escapes import escape_edits, without_escapes
from deid.reading.markup import Edit, markup_edits, without_markup
from deid.reading.rtf import rtf_edits, rtf_start, without_control_words
from deid.reading.wrapped import unwrapped

__all__ = ["Plain"]

_ROUNDS_MAX = 8
"""RTF around HTML with escapes of letters set apart takes five."""

_LETTER = r"[^\W\d_]"
_SPACED = rf"(?:(?: | ?[-'’] ?){_LETTER}(?![^\W_]))"
_LETTERS_APART = re.compile(
    rf"(?<![^\W_]){_LETTER}(?=[ \-'’])(?:"
    # Short words are read together in company only: "V e r a  R o e", or as three capitals.
    rf"{_SPACED}{{1,30}}(?:[ ]{{2,4}}{_LETTER}{_SPACED}{{1,30}}){{1,8}}"
    rf"|{_SPACED}{{3,}}"
    r"|(?<=[A-Z])(?<!\b\w [A-Z]) [A-Z] [A-Z](?![^\W_])(?! \w\b))"
)
_EVENLY_APART = re.compile(
    rf"(?<![^\W_]){_LETTER}(?P<gap>[ ]{{2,4}}|[._*·|~/]){_LETTER}(?:(?P=gap){_LETTER}){{3,}}"
    r"(?![^\W_])"
)
# The sign comes first: re finds it fast.
_DIGITS_APART = re.compile(r"\d(?<![\w.]\d)(?: ?[-–./] ?\d| \d){6,}(?![\w])")
_BREAK = "[-\u00ad\u2010]"
_DIVIDED = re.compile(rf"{_BREAK}(?<={_LETTER}{_BREAK})[ \t]*(?:\r?\n[ \t\f]*){{1,2}}(?={_LETTER})")
# "704-731-" and "8842": the hyphen is the number's own; no date begins the next line.
_BROKEN_NUMBER = re.compile(
    r"[-–](?<=\d\d[-–])(?P<break>[ \t]*\r?\n[ \t]{0,8})(?=\d{2,12}(?!\d|[/.]\d))"
)
_TELLING = re.compile(r"[^\W_]")
_BACKWARDS = "\u202e\u2067"  # from here on, text runs from right to left
_MASK = "\ue000"  # the residual check's, in place of what was put in
_ANY_APART = re.compile(rf"(?<![^\W_])[^\W_](?:[^\w{_MASK}]{{1,4}}[^\W_](?![^\W_])|_[^\W_]){{4,}}")
_SIGN_IN_WORD = re.compile(rf"(?<=[^\W_])(?:_|[^\w\s{_MASK}.,;:'’\"“”()\[\]/\-])(?=[^\W_])")


class Plain:
    """``text`` is what a reader sees. For most notes it keeps the source's offsets, at no cost."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rounds: list[_Round] = []
        text = source
        while len(self._rounds) < _ROUNDS_MAX and (edits := _in_order(text, _edits(text))):
            self._rounds.append(_Round(text, edits))
            text = self._rounds[-1].text
        self.text = unwrapped(text)

    @property
    def in_place(self) -> bool:
        """True where offsets in the text are offsets in the source."""
        return not self._rounds

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The shortest stretch of the source that holds ``text[start:end]`` (not empty)."""
        for one in reversed(self._rounds):
            start, end = one.origin(start, end)
        return start, end

    def seen(self, start: int, end: int) -> tuple[int, int] | None:
        """The other way: where ``source[start:end]`` is read; None if a reader sees none of it."""
        for one in self._rounds:
            start, end = one.seen(start, end)
        return (start, end) if start < end else None

    @cached_property
    def careless(self) -> str | None:
        """The note as a careless reader takes it, whom comments and unknown marks inside a word do
        not stop; None where that is :attr:`text`.
        """
        source = without_escapes(without_control_words(without_markup(self._source)))
        return None if source == self._source else Plain(source).text

    @cached_property
    def unread(self) -> str:
        """What ``text`` does not tell: stretches with letters or digits that it leaves out, and
        the note as a careless reader takes it, where that differs. Without a way back: it can be
        searched, not rewritten.
        """
        pieces = [piece for one in self._rounds for piece in one.hidden]
        text = self.text if self.careless is None else self.careless
        if self.careless is not None:
            pieces.append(text)
        if any(sign in self._source for sign in _BACKWARDS):
            pieces.append(text[::-1])
        joined = _SIGN_IN_WORD.sub("", _ANY_APART.sub(_joined, text))
        if joined != text:
            pieces.append(joined)
        return "\n".join(pieces)


class _Round:
    """A text with edits made, and the way back to the text before."""

    def __init__(self, source: str, edits: list[Edit]) -> None:
        pieces: list[str] = []
        # Where each piece begins in the text and in the source, kept pieces and new ones in turn.
        self._places: list[int] = []
        self._sources: list[tuple[int, int]] = []
        self._kept: list[bool] = []
        self.hidden: list[str] = []
        at = length = 0
        for start, end, new in [*edits, (len(source), len(source), "")]:
            for piece, place, kept in ((source[at:start], at, True), (new, start, False)):
                if piece:
                    self._places.append(length)
                    self._sources.append((place, start if kept else end))
                    self._kept.append(kept)
                    pieces.append(piece)
                    length += len(piece)
            if not _tells(new) and _tells(source[start:end]):
                self.hidden.append(source[start:end])
            at = end
        self.text = "".join(pieces)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        first, last = (bisect_right(self._places, at) - 1 for at in (start, end - 1))
        a, b = self._sources[first][0], self._sources[last][1]
        if self._kept[first]:
            a += start - self._places[first]
        if self._kept[last]:
            b = self._sources[last][0] + end - self._places[last]
        return a, b

    def seen(self, start: int, end: int) -> tuple[int, int]:
        """Empty where all is left out: what is around it may still be one for the next round."""
        first = last = None
        behind = len(self.text)
        for i, (at, (a, b), kept) in enumerate(
            zip(self._places, self._sources, self._kept, strict=True), start=1
        ):
            until = self._places[i] if i < len(self._places) else len(self.text)
            if b <= start or a >= end:
                behind = min(behind, at) if a >= end else behind
                continue
            first = first if first is not None else at + (max(start - a, 0) if kept else 0)
            last = at + min(end - a, b - a) if kept else until
        return (behind, behind) if first is None or last is None else (first, last)


def _tells(piece: str) -> bool:
    return _TELLING.search(piece) is not None


def _edits(source: str) -> Iterator[Edit]:
    if rtf_start(source) >= 0:
        yield from rtf_edits(source)
        return
    yield from markup_edits(source)
    yield from escape_edits(source)
    for match in _LETTERS_APART.finditer(source):
        yield from _without(match, " ")
    for match in _EVENLY_APART.finditer(source):
        yield from _without(match, match["gap"])
    for match in _DIGITS_APART.finditer(source):
        yield from _without(match, " ")
    for match in _BROKEN_NUMBER.finditer(source):
        yield *match.span("break"), ""
    for match in _DIVIDED.finditer(source):
        if _one_word(
            source[max(0, match.start() - 2) : match.start()],
            source[match.end() : match.end() + 2],
        ):
            yield match.start(), match.end(), ""
    yield from character_edits(source)


def _without(match: re.Match[str], gap: str) -> Iterator[Edit]:
    """Edits that take the single gaps out; wider ones are between words."""
    for one in re.finditer(r"[ ]{2,}" + f"|{re.escape(gap)}", match.group()):
        if one.group() == gap:
            yield match.start() + one.start(), match.start() + one.end(), ""


def _one_word(before: str, after: str) -> bool:
    """Whether a word goes on behind the hyphen at a line's end: small letters, or capitals."""
    if before[-1].islower() and after[0].islower():
        return True
    return len(before + after) == 4 and (before + after).isupper() and (before + after).isalpha()


def _joined(apart: re.Match[str]) -> str:
    return "".join(filter(str.isalnum, apart.group()))


def _in_order(source: str, edits: Iterable[Edit]) -> list[Edit]:
    """Sorted, without those that change nothing and without overlap: of two that overlap, the one
    that begins first counts. Neighbours that only leave out are one.
    """
    kept: list[Edit] = []
    until = 0
    for edit in sorted(edits, key=_place):
        start, end, new = edit
        if start < until or source[start:end] == new:
            continue
        if kept and start == until and not new and not kept[-1][2]:
            kept[-1] = (kept[-1][0], end, "")
        else:
            kept.append(edit)
        until = end
    return kept


def _place(edit: Edit) -> tuple[int, int]:
    return edit[0], -edit[1]
