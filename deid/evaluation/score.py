r"""Scores of found spans against gold spans, counted note by note.

Only letters and digits count: whether a comma or blank is inside a span changes nothing.

- *strict recall*: gold spans of which every letter and digit was found, by gold category. The
  category given to the finding does not matter: what is removed cannot leak.
- *DATE\**: the same for dates, but a bare four-digit year may remain (45 CFR 164.514(b)(2)).
- *precision*: found spans that hold at least one letter or digit of a gold span, by the category
  that was found; *exact* are those with the ends of a gold span.
- *character* recall and precision: letters and digits, PHI or not.
- *clinical text removed*: share of the letters and digits outside every gold span that was found.

A withheld note leaks nothing and gives nothing. So leaks are counted twice: as if every note had
been released with what was found in it (how good the recognisers are), and as written (what left).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from deid.evaluation.gold import GoldNote, GoldSpan

__all__ = ["NONE", "FoundSpan", "Leak", "Precision", "Scores", "Tally"]

_YEAR = re.compile(r"(?<![^\W_])(?:18|19|20)\d\d(?![^\W_])")
NONE = "none"


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """What a de-identifier removed; ``source`` is the layer that found it."""

    start: int
    end: int
    category: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Leak:
    """A gold span of which at least one letter or digit was not found."""

    span: GoldSpan
    wholly: bool
    only_year: bool


@dataclass(slots=True)
class Tally:
    """Gold spans of one category: all, found whole, and touched at all.

    ``stopped`` were not found whole but stood in a note that was withheld.
    """

    spans: int = 0
    whole: int = 0
    touched: int = 0
    stopped: int = 0

    @property
    def recall(self) -> float | None:
        """Strict recall as if every note had been released."""
        return self.whole / self.spans if self.spans else None


@dataclass(slots=True)
class Precision:
    """Found spans of one category: all, overlapping gold, with exactly the ends of a gold span."""

    spans: int = 0
    right: int = 0
    exact: int = 0


@dataclass(slots=True)
class Scores:
    """Sums over notes; every number is a count.

    ``leaking_found`` counts notes with a leak as if all had been released, ``leaking_written``
    those that were. ``phi`` and ``clinical`` count letters and digits inside and outside gold
    spans; ``clinical_lost`` those that were not found but are gone with a withheld note.
    ``layers`` are (source, gold category), ``confusion`` (gold category, found category), with
    ``none`` where the other side has nothing. ``ignored`` gold spans hold no letter or digit.
    """

    notes: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    leaking_found: int = 0
    leaking_written: int = 0
    characters: int = 0
    phi: int = 0
    phi_found: int = 0
    clinical: int = 0
    clinical_found: int = 0
    clinical_lost: int = 0
    recall: dict[str, Tally] = field(default_factory=dict)
    precision: dict[str, Precision] = field(default_factory=dict)
    layers: Counter[tuple[str, str]] = field(default_factory=Counter)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    ignored: int = 0

    def add(
        self, note: GoldNote, found: Sequence[FoundSpan], withheld: str | None = None
    ) -> list[Leak]:
        """Count one note; returns what was not found in it (also where it was withheld)."""
        gold = [span for span in note.spans if _solid(note.text, span.start, span.end)]
        self.ignored += len(note.spans) - len(gold)
        in_gold = _covered(len(note.text), gold)
        in_found = _covered(len(note.text), found)
        leaks = self._count_recall(note.text, gold, in_found, withheld is not None)
        self._count_found(note.text, gold, found)
        self._count_characters(note.text, in_gold, in_found, withheld is not None)
        self._count_confusion(note.text, gold, found)
        self.notes += 1
        if withheld is not None:
            self.withheld[withheld] += 1
        self.leaking_found += bool(leaks)
        self.leaking_written += bool(leaks) and withheld is None
        return leaks

    def _count_recall(
        self, text: str, gold: Sequence[GoldSpan], in_found: bytearray, withheld: bool
    ) -> list[Leak]:
        leaks = []
        for span in gold:
            solid = _solid(text, span.start, span.end)
            left = [at for at in solid if not in_found[at]]
            only_year = span.category == "DATE" and _is_year(text, left)
            for key, whole in _keys(span, left, only_year=only_year):
                tally = self.recall.setdefault(key, Tally())
                tally.spans += 1
                tally.whole += whole
                tally.touched += len(left) < len(solid)
                tally.stopped += withheld and not whole
            if left:
                leaks.append(Leak(span, len(left) == len(solid), only_year))
        return leaks

    def _count_found(self, text: str, gold: Sequence[GoldSpan], found: Sequence[FoundSpan]) -> None:
        edges = {_trimmed(text, span.start, span.end) for span in gold}
        for span in found:
            if not _solid(text, span.start, span.end):
                continue
            kind = _mostly(text, span.start, span.end, gold)
            count = self.precision.setdefault(span.category, Precision())
            count.spans += 1
            count.right += kind != NONE
            count.exact += _trimmed(text, span.start, span.end) in edges
            self.layers[span.source or span.category, kind] += 1
            if kind == NONE:
                self.confusion[NONE, span.category] += 1

    def _count_characters(
        self, text: str, in_gold: bytearray, in_found: bytearray, withheld: bool
    ) -> None:
        for at, char in enumerate(text):
            if not char.isalnum():
                continue
            self.characters += 1
            if in_gold[at]:
                self.phi += 1
                self.phi_found += in_found[at]
            else:
                self.clinical += 1
                self.clinical_found += in_found[at]
                self.clinical_lost += withheld and not in_found[at]

    def _count_confusion(
        self, text: str, gold: Sequence[GoldSpan], found: Sequence[FoundSpan]
    ) -> None:
        for span in gold:
            self.confusion[span.category, _mostly(text, span.start, span.end, found)] += 1


def _keys(span: GoldSpan, left: Sequence[int], *, only_year: bool) -> Iterable[tuple[str, bool]]:
    yield "all", not left
    yield span.category, not left
    if span.category == "DATE":
        yield "DATE*", not left or only_year


def _is_year(text: str, left: Sequence[int]) -> bool:
    """Whether what is left of a date is one year of four digits and nothing else."""
    if len(left) != 4 or left[3] - left[0] != 3:
        return False
    return _YEAR.match(text, left[0]) is not None


def _solid(text: str, start: int, end: int) -> list[int]:
    """Places of the letters and digits."""
    return [at for at in range(start, min(end, len(text))) if text[at].isalnum()]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    solid = _solid(text, start, end)
    return solid[0], solid[-1] + 1


def _covered(length: int, spans: Iterable[GoldSpan | FoundSpan]) -> bytearray:
    marks = bytearray(length)
    for span in spans:
        end = min(span.end, length)
        marks[span.start : end] = b"\x01" * (end - span.start)
    return marks


def _mostly(text: str, start: int, end: int, others: Iterable[GoldSpan | FoundSpan]) -> str:
    """Category of the span that shares most letters and digits with this stretch, or ``none``."""
    best, most = NONE, 0
    for span in others:
        if span.start >= end or span.end <= start:
            continue
        shared = len(_solid(text, max(start, span.start), min(end, span.end)))
        if shared > most:
            best, most = span.category, shared
    return best
