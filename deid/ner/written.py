"""Training text from notes written by hand, their identifiers marked and drawn anew each time.

A note in ``written/`` is marked inline, ``[[NAME|Okafor]]``; what surrounds a name is as people
write it, and the names are only examples. Each time a stretch is drawn, every word of a name
becomes another of its kind (surname, given name, initial) in the same form and case, the same
word the same one throughout the stretch; places and organisations are drawn anew or kept. The
figures of days and numbers are others in the same form. A bare year and a weekday alone are left
unmarked: the engine leaves them too (Safe Harbor allows the year).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from deid.ner.base import cut
from deid.ner.fill import Filler, Label, Piece, joined
from deid.ner.pools import Pools
from deid.vocabulary import fold, given_names, is_word

__all__ = ["Redrawn", "Stretch", "stretches", "written_notes"]

_HEAD = re.compile(r"^=== .*\n", re.MULTILINE)
_MARKED = re.compile(r"\[\[([A-Z]+)\|(.*?)\]\]", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_JOINERS = frozenset(
    re.findall(r"\S+", "van der den de la las los del da di do dos das du le von zu al el bin binti"
                        " ibn abu ap y e san st mac mc o and or")
)  # fmt: skip
_INITIALS = re.compile(r"[^\W\d_]{1,4}|[^\W\d_]{1,2}(?:[./-][^\W\d_]{1,3})+\.?")
_ZIP = re.compile(r"\b\d{5}(?:-\d{4})?\b")
_CODE_END = re.compile(r"\b[A-Z]{2}$")
_STREET = re.compile(r"\d+[A-Za-z]? +\w")
_CARE = re.compile(
    r"hosp|medical|clinic|health|care|surg|patholog|radiolog|imaging|oncolog|ortho", re.IGNORECASE
)
_SCHOOL = re.compile(r"school|college|universit|elementary|academy|\bhigh\b", re.IGNORECASE)


_BARE = re.compile(
    r"(?:\d\d|(?:19|20|l9|2[oO])[\dOol]{2})(?:[-–]\d{2,4})?"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d+")
_MONTHS_A_YEAR, _DAYS_A_MONTH = 12, 31


_LABELS: dict[str, Label] = {"NAME": "PERSON", "LOCATION": "GPE", "ORG": "ORG"}
_AS_WRITTEN = 0.25


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines or sentences of a note: plain text and marked values in turn."""

    parts: tuple[tuple[str | None, str], ...]
    """(category, text); None for what is no identifier."""


@cache
def written_notes() -> tuple[str, ...]:
    """The notes with their marks, as they stand in ``written/``."""
    folder = resources.files("deid").joinpath("ner", "written")
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".txt"))
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in files)
    return tuple(note.strip("\n") for text in texts for note in _HEAD.split(text) if note.strip())


def stretches(note: str) -> list[Stretch]:
    """A marked note cut where its sentences and lines end, never within a mark."""
    held: list[tuple[str, str]] = []

    def hidden(mark: re.Match[str]) -> str:
        held.append((mark[1], mark[2]))
        # Stands for the mark while the text is cut, and has the shape of a name.
        return f"X\ue000{len(held) - 1}\ue001"

    text = _MARKED.sub(hidden, note)
    found = []
    for sentence, gap in cut(text):
        parts: list[tuple[str | None, str]] = []
        pieces = re.split(r"X\ue000(\d+)\ue001", sentence + gap)
        for i, piece in enumerate(pieces):
            if i % 2:
                parts.append(held[int(piece)])
            elif piece:
                parts.append((None, piece))
        if parts:
            found.append(Stretch(tuple(parts)))
    return found


@dataclass(frozen=True)
class Redrawn:
    """Draws examples from hand-written notes without end."""

    notes: Sequence[Sequence[Stretch]]
    pools: Pools
    rng: random.Random
    fill: Filler
    _same: dict[str, str] = field(default_factory=dict, init=False)
    _keep: list[bool] = field(default_factory=lambda: [False], init=False)

    def __iter__(self) -> Iterator[Piece]:
        while True:
            yield self.example()

    def example(self) -> Piece:
        """One to five stretches of a note that follow one another."""
        note = self.rng.choice(self.notes)
        first = self.rng.randrange(len(note))
        self._same.clear()
        # Now and then as it was written: names that are words or eponyms were chosen with care.
        self._keep[0] = self.rng.random() < _AS_WRITTEN
        taken = note[first : first + self.rng.randint(1, 5)]
        return joined([self._drawn(*part) for one in taken for part in one.parts])

    def _drawn(self, category: str | None, text: str) -> Piece:
        draw: dict[str, Callable[[str], Piece]] = {
            "NAME": self._name,
            "LOCATION": self._place,
            "ORG": self._organisation,
            "DATE": self._day,
            "ID": self._number,
            "CONTACT": self._number,
        }
        if category is None:
            return Piece(text)
        if self._keep[0] and category in ("NAME", "ORG"):
            return self._as_written(category, text)
        if category in draw:
            return draw[category](text)
        return Piece(text)

    def _number(self, text: str) -> Piece:
        return _all_of(self._figures(text), "NUMBER")

    def _figures(self, text: str) -> str:
        return re.sub(r"\d", lambda _: self.rng.choice("0123456789"), text)

    def _day(self, text: str) -> Piece:
        if _BARE.fullmatch(text):
            return Piece(text)
        return _all_of(_FIGURES.sub(lambda one: self._figure(one[0]), text), "DAY")

    def _figure(self, old: str) -> str:
        """Another month for what can be one, another day, another year."""
        value, width = int(old), len(old)
        if width > 2:  # a year, or a whole day such as 20210304
            return old
        if value <= _MONTHS_A_YEAR:
            new = self.rng.randint(1, _MONTHS_A_YEAR)
        elif value <= _DAYS_A_MONTH:
            new = self.rng.randint(1, _DAYS_A_MONTH)
        else:
            new = self.rng.randint(_DAYS_A_MONTH + 1, 99)
        return f"{new:0{width}d}" if old[0] == "0" else str(new)

    def _as_written(self, category: str, text: str) -> Piece:
        unsure = category == "NAME" and (_is_code(text) or _is_initials(text))
        return _nobody_knows(text) if unsure else _all_of(text, _LABELS[category])

    def _name(self, text: str) -> Piece:
        if _is_code(text):
            return _nobody_knows(text)
        if _is_initials(text):
            return _nobody_knows(self._letters(text))
        return _all_of(self._person(text), "PERSON")

    def _letters(self, text: str) -> str:
        return _WORD.sub(
            lambda word: "".join(
                _in_case(self.rng.choice("ABCDEFGHJKLMNOPRSTVWY"), letter) for letter in word[0]
            ),
            text,
        )

    def _person(self, text: str) -> str:
        words = list(_WORD.finditer(text))
        comma = text.find(",")
        done, at = "", 0
        given, surname = self.pools.name(self.rng)
        for i, word in enumerate(words):
            if text[word.end() : word.end() + 1] in {"'", "’"} and len(word[0]) == 1:
                continue  # the O of an O'Brien
            if comma > 0:
                first = word.start() > comma
            elif len(words) == 1:
                first = fold(word[0]) in given_names()
            else:
                first = i < len(words) - 1
            done += text[at : word.start()] + self._other(
                word[0], given if first else surname, first
            )
            at = word.end()
        return done + text[at:]

    def _other(self, word: str, drawn: str, given: bool) -> str:
        """What a word of a name becomes."""
        key = fold(word)
        if key in _SUFFIXES or (key in _JOINERS and not word[0].isupper()):
            return word
        if len(word) == 1:
            return self._letters(word)
        if key not in self._same:
            taken = drawn in self._same.values()
            if taken or self.rng.random() < 0.3:
                drawn = self.pools.name(self.rng)[0 if given else 1]
            self._same[key] = drawn
        return _in_case(self._same[key], word)

    def _place(self, text: str) -> Piece:
        pieces = []
        at = 0
        for part in re.finditer(r"[^,\n]+", text):
            pieces.append(Piece(text[at : part.start()]))
            pieces.append(self._part_of_place(part[0]))
            at = part.end()
        return joined([*pieces, Piece(text[at:])])

    def _part_of_place(self, part: str) -> Piece:
        core = part.strip()
        before = Piece(part[: len(part) - len(part.lstrip())])
        after = Piece(part[len(part.rstrip()) :])
        if not any(map(str.isalpha, core)):
            return joined([before, Piece(self._figures(core)), after])
        code = _ZIP.search(core)
        if code is not None and code.start() > 0:
            head = core[: code.start()].rstrip()
            between = core[len(head) : code.start()]
            tail = Piece(core[code.end() :])
            return joined(
                [
                    before,
                    self._part_of_place(head),
                    Piece(between),
                    Piece(self._figures(code[0])),
                    tail,
                    after,
                ]
            )
        return joined([before, self._town_or_street(core), after])

    def _town_or_street(self, core: str) -> Piece:
        if self.rng.random() < 0.35:
            return _all_of(core, "GPE")
        if _CODE_END.fullmatch(core):
            return self.fill("{st}")
        if _STREET.match(core):
            return self.fill("{street}") if self.rng.random() < 0.6 else _all_of(core, "GPE")
        words = core.split()
        if len(words) <= 2 and all(word[:1].isupper() for word in words):
            drawn = self.fill("{city}")
            if core.isupper() and len(core) > 3:
                return _all_of(drawn.text.upper(), "GPE")
            return _all_of(drawn.text.lower(), "GPE") if core.islower() else drawn
        return _all_of(core, "GPE")

    def _organisation(self, text: str) -> Piece:
        words = text.split()
        kind = self.rng.random()
        if kind < 0.3 and len(words) > 1 and "\n" not in text:
            slot = "hosp" if _CARE.search(text) else "school" if _SCHOOL.search(text) else "emp"
            drawn = self.fill("{" + slot + "}").text.removeprefix("the ")
            return _all_of(drawn.upper() if text.isupper() else drawn, "ORG")
        if kind < 0.7:
            return _all_of(_WORD.sub(lambda word: self._proper(word[0]), text), "ORG")
        return _all_of(text, "ORG")

    def _proper(self, word: str) -> str:
        """Another proper name for one within an organisation's; words of a language stay."""
        if len(word) < 3 or not word[0].isupper() or is_word(word.lower()):
            return word
        key = fold(word)
        if key not in self._same:
            self._same[key] = self.rng.choice([self.pools.coined, self.pools.frequent])(self.rng)
        return _in_case(self._same[key], word)


def _is_code(text: str) -> bool:
    """A user's name, or an address: other layers find these."""
    return "@" in text or any(map(str.isdigit, text))


def _is_initials(text: str) -> bool:
    return _INITIALS.fullmatch(text) is not None and (text.isupper() or len(text) <= 2)


def _all_of(text: str, label: Label) -> Piece:
    return Piece(text, ((0, len(text), label),))


def _nobody_knows(text: str) -> Piece:
    return Piece(text, unknown=((0, len(text)),))


def _in_case(new: str, old: str) -> str:
    if old.isupper() and (len(old) > 1 or len(new) == 1):
        return new.upper()
    return new.lower() if old.islower() else new
