"""Which choice each value of a column means: drafts the ``recode`` of a map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.registry.suggest.words import Weights, likeness, squashed, tokens, vocabulary

__all__ = ["Matcher", "Recode"]

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_COUNTED = ("g", "grade", "stage", "level", "class", "score", "type")
_ALIKE_MIN, _APART_MIN = 0.72, 0.08
_DIGITS_MAX = 2
_SHORT_MAX = 4
_VALUE_LENGTH_MAX = 150
_EVEN = Weights(())


@dataclass(frozen=True)
class Recode:
    """``to`` holds the values that are no code themselves, ``direct`` the share of rows whose value
    is a code, ``matched`` that of rows with any choice, ``telling`` how many distinct values said
    so by more than a bare digit. ``open`` are values without a choice; ``unsure`` those of ``to``
    that were only alike, ``labels`` those that hold nothing but the dictionary's own words: all
    others may name a person, however many rows have them, and are not to be shown.
    """

    to: Mapping[str, str] = field(default_factory=dict)
    direct: float = 0.0
    matched: float = 0.0
    telling: int = 0
    open: tuple[str, ...] = ()
    unsure: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


class Matcher:
    """Finds the choice of one element that a value means, the surest way first."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self.choices = choices
        self.labels = _unique({code: squashed(label) for code, label in choices.items()})
        self.labels |= _unique(
            {code: squashed(re.sub(r"\(.*?\)|,.*", "", label)) for code, label in choices.items()}
        )
        self.folded = _unique({code: squashed(code) for code in choices})
        self.words = {code: tokens(label) for code, label in choices.items()}
        self.numbers = _unique({code: _number(label) for code, label in choices.items()})
        self.answers = _unique({code: _answer(label) for code, label in choices.items()})
        # As tokens, and as they are written: a stop word of a value is a word too.
        texts = [*choices.values(), *choices, *_answer_words()]
        self.said = {word for text in texts for word in (*tokens(text), *_parts(text))}
        starts: dict[str, set[str]] = {}
        for code, label in choices.items():
            for length in (1, 2, 3, 4):
                starts.setdefault(squashed(label)[:length], set()).add(code)
        self.starts = {start: min(codes) for start, codes in starts.items() if len(codes) == 1}
        self._found: dict[str, tuple[str | None, str]] = {}

    def recode(self, values: Mapping[str, int]) -> Recode:
        """Match every value with a choice; ``values`` say how often each was seen."""
        total = sum(values.values())
        if not total:
            return Recode()
        to: dict[str, str] = {}
        left: list[str] = []
        direct = matched = telling = 0
        unsure: set[str] = set()
        labels: set[str] = set()
        for value, rows in values.items():
            if self.is_code(value):
                direct += rows
                telling += not re.fullmatch(r"\d{1,2}(\.0+)?", value)
                continue
            if value not in self._found:
                self._found[value] = self.find(value)
            code, kind = self._found[value]
            if code is None:
                left.append(value)
                continue
            to[value] = code
            matched += rows
            telling += kind == "label" and _answer(value) is None
            if kind == "alike":
                unsure.add(value)
            if kind == "label" or self.says_no_more(value):
                labels.add(value)
        shares = direct / total, (direct + matched) / total
        return Recode(to, *shares, telling, tuple(left), frozenset(unsure), frozenset(labels))

    def says_no_more(self, value: str) -> bool:
        """Does the value hold no word beside those of the choices and of plain answers?"""
        short = squashed(value)
        if len(short) <= _SHORT_MAX and short in self.starts:
            return True
        known = self.said | set(_ROMAN) | set(_COUNTED)
        return all(
            word in known or (word.isdigit() and len(word) <= _DIGITS_MAX)
            for word in (*tokens(value), *_parts(value))
        )

    def is_code(self, value: str) -> bool:
        """Does the load take the value as it is? Data frames write the code 2 as 2.0."""
        return value in self.choices or re.sub(r"\.0+$", "", value) in self.choices

    def find(self, value: str) -> tuple[str | None, str]:
        """The code and how it was found: ``label``, ``short`` or ``alike``."""
        text = squashed(value)
        if not text or len(value) > _VALUE_LENGTH_MAX:
            return None, ""
        if text in self.labels:
            return self.labels[text], "label"
        if len(text) > 1 and text in self.folded:
            return self.folded[text], "label"
        answer = _answer(value)
        if answer and answer in self.answers:
            return self.answers[answer], "short"
        if len(text) <= _SHORT_MAX and text in self.starts:
            return self.starts[text], "short"
        code = self.numbers.get(_number(value) or "")
        if code is not None and self._counts(value, code):
            return code, "short"
        return (None, "") if text.isdigit() else self._alike(value)

    def _counts(self, value: str, code: str) -> bool:
        """Is the value's number one of a grade or stage, or of the label itself (not user2)?"""
        label = squashed(self.choices[code])
        rest = [part for part in _parts(value) if part not in _ROMAN and not part.isdigit()]
        return all(part in _COUNTED or (len(part) > 1 and part in label) for part in rest)

    def _alike(self, value: str) -> tuple[str | None, str]:
        words = tokens(value)
        scored = sorted(
            ((likeness(words, theirs, _EVEN), code) for code, theirs in self.words.items()),
            reverse=True,
        )
        if not scored or scored[0][0] < _ALIKE_MIN:
            return None, ""
        if len(scored) > 1 and scored[0][0] - scored[1][0] < _APART_MIN:
            return None, ""
        return scored[0][1], "alike"


def _unique(of: Mapping[str, str | None]) -> dict[str, str]:
    """The code by text, for texts that one choice alone has."""
    found: dict[str, str] = {}
    twice = set()
    for code, text in of.items():
        if text is not None and text in found:
            twice.add(text)
        elif text:
            found[text] = code
    return {text: code for text, code in found.items() if text not in twice}


def _answer(text: str) -> str | None:
    lowered = text.strip().lower()
    first = re.split(r"[\s(,/]", lowered)[0] if lowered else ""
    for meaning, words in vocabulary()["answers"].items():
        if lowered in words or (len(first) > 1 and first == meaning):
            return str(meaning)
    return None


def _answer_words() -> list[str]:
    return [word for words in vocabulary()["answers"].values() for word in words]


def _number(text: str) -> str | None:
    """The one number of a grade or stage: 2 of ``G2``, ``Grade 2``, ``II``, ``High (2)``."""
    parts = _parts(text)
    found = {_ROMAN.get(part, part) for part in parts if part in _ROMAN or part.isdigit()}
    return found.pop() if len(found) == 1 else None


def _parts(text: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+", text.lower())
