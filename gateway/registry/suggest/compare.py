"""How well a column suits an element: by name, label, form, and what its values are."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gateway.registry.sitemap import EPIC_DAYS
from gateway.registry.sources.labels import same_label
from gateway.registry.suggest.choices import Matcher, Recode
from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.numbers import Scale, scale
from gateway.registry.suggest.persons import identifies
from gateway.registry.suggest.words import Weights, alike, likeness, squashed, tokens
from policies.dictionary import Dictionary, Element

__all__ = ["Comparer", "Match"]

_NAME_PART, _VALUE_PART = 0.65, 0.35
_UNTOLD = 0.5
"""What values count that say neither yes nor no."""
_MISMATCH = 0.15
_NAMED = 0.8
_ASKED_BY_CHOICES_MAX = 4
_TELLING_MIN = 2
_SEPARATORS = (";", "|", ",", "/")
_LINES = "\n"
_LONG_TEXT = 60
_DISTINCT_MAX = 300
"""A column with more distinct values is no category; one with several choices may come near."""


@dataclass(frozen=True)
class Match:
    """``score`` from 0 to 1; ``name`` and ``values`` are its parts (values None: nothing to see).
    ``why`` are the reasons in words.
    """

    score: float
    name: float
    values: float | None
    why: tuple[str, ...] = ()
    scale: Scale | None = None
    recode: Recode | None = None
    split: str | None = None
    doubt: str | None = field(default=None)


class Comparer:
    """Compares columns with the elements of one dictionary."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.words = {name: self._words(name, e) for name, e in dictionary.elements.items()}
        self.weights = Weights([*words[0], *words[1]] for words in self.words.values())
        self._matchers = {
            name: Matcher(e.choices) for name, e in dictionary.elements.items() if e.choices
        }
        self._likeness = cache(self._name_likeness)
        self._holding = cache(self._holders)
        self._persons: dict[str, str | None] = {}
        # An export of labels calls forms by theirs.
        self._forms = {same_label(f.label): name for name, f in dictionary.instruments.items()}

    def _words(self, name: str, element: Element) -> tuple[tuple[str, ...], ...]:
        form = tokens(self.dictionary.instruments[element.instrument].label)
        named, label = tokens(name), tokens(re.sub(r"\(.*?\)", " ", element.label))
        found = [named, label, (*form, *named), (*form, *label)]
        if 0 < len(element.choices) <= _ASKED_BY_CHOICES_MAX:
            # "alive_dead" asks by its choices.
            found.append(tuple(w for text in element.choices.values() for w in tokens(text)[:1]))
        return tuple(found)

    def name(self, column: Column, element: str) -> float:
        """How alike names and labels are: 1 where the name is the element's."""
        return max(
            self._likeness(text, element)
            for text in (column.name, column.label)
            if text is not None
        )

    def _holders(self, word: str) -> frozenset[str]:
        """Elements with a word like this one: most columns are like few of them."""
        return frozenset(
            name
            for name, lists in self.words.items()
            if any(alike(word, other) for words in lists for other in words)
        )

    def _person(self, column: Column) -> str | None:
        if column.name not in self._persons:
            self._persons[column.name] = identifies(column)
        return self._persons[column.name]

    def _name_likeness(self, text: str, element: str) -> float:
        mine, theirs = squashed(text), squashed(element)
        if mine == theirs:
            return 1.0
        label = squashed(self.dictionary.elements[element].label)
        if mine == label:
            return 0.97
        words = tokens(text)
        best = 0.0
        if any(element in self._holding(word) for word in words):
            best = max(likeness(words, of, self.weights) for of in self.words[element])
        if min(len(mine), len(theirs)) >= 5 and mine[0] == theirs[0]:
            ratio = difflib.SequenceMatcher(None, mine, theirs).ratio()
            best = max(best, 0.9 * ratio if ratio >= 0.82 else 0.0)
        return min(best, 0.95)

    def compare(self, column: Column, name: str) -> Match:
        """The match of one column with one element."""
        element = self.dictionary.elements[name]
        if self._elsewhere(column, element):
            return Match(0.0, 0.0, None)
        likeness = self.name(column, name)
        seen: dict[str, Any] = {}
        values, why = self._values(column, name, seen)
        score = _NAME_PART * likeness + _VALUE_PART * (_UNTOLD if values is None else values)
        told = seen.get("recode")
        if told is not None and told.telling >= _TELLING_MIN and told.matched >= 0.8:
            # Words that are choices of this element alone say it without the column's name.
            score = max(score, 0.5 + 0.2 * told.matched + 0.2 * likeness)
        if likeness < _NAMED and not element.identifier and self._person(column) is not None:
            # What looks like a person's name or number goes nowhere on slight grounds.
            score *= 0.5
        doubt = None
        if values is not None and values < _MISMATCH:
            score, doubt = score * 0.4, why
            if likeness == 1.0:
                score = max(score, 0.55)
        reasons = tuple(text for text in (_named(likeness), why) if text)
        return Match(score, likeness, values, reasons, doubt=doubt, **seen)

    def _values(self, column: Column, name: str, seen: dict[str, Any]) -> tuple[float | None, str]:
        """How well the values suit, and why; what a map must say of them goes to ``seen``."""
        element = self.dictionary.elements[name]
        if column.boxes:
            return _boxes(column, element)
        if not column.values:
            return None, "no values"
        if name == self.dictionary.key:
            if column.unique:
                return 0.95, "every row has one of its own"
            return (0.8, "every row has one") if column.always else (0.05, "rows are without it")
        match element.type:
            case "date":
                if column.dates is None:
                    return 0.0, "values are no dates"
                if column.dates.format == EPIC_DAYS:
                    return 0.85, "values are day numbers of Epic"
                return 0.85, "values are dates"
            case "integer" | "number":
                return _numbers(column, name, element, seen)
            case "category" | "multi":
                return _choices(column, element, self._matchers[name], seen)
            case "note":
                return (0.85, "long texts") if column.length >= _LONG_TEXT else (0.3, "short texts")
            case _:
                return _texts(column, element)

    def _elsewhere(self, column: Column, element: Element) -> bool:
        """Is it filled in rows of other forms only? Rows without a form hold those that do not
        repeat.
        """
        known = self.dictionary.instruments
        named = {form and self._forms.get(same_label(form), form) for form in column.forms}
        forms = {form for form in named if form is None or form in known}
        if not forms:
            return False
        own = element.instrument if known[element.instrument].repeats else None
        return own not in forms and element is not self.dictionary.elements[self.dictionary.key]


def _named(likeness: float) -> str:
    if likeness == 1.0:
        return "same name"
    if likeness >= 0.97:
        return "named like its label"
    return "name alike" if likeness >= 0.6 else "name a little alike" if likeness >= 0.35 else ""


def _boxes(column: Column, element: Element) -> tuple[float, str]:
    if element.type != "multi":
        return 0.0, "ticked boxes, for an element with one answer"
    known = {code.lower().replace("-", "_") for code in element.choices}
    shared = [code for code in column.boxes if code in element.choices or code.lower() in known]
    share = len(shared) / max(len(column.boxes), len(element.choices))
    return share, f"{len(shared)} of {len(column.boxes)} boxes are choices"


def _numbers(
    column: Column, name: str, element: Element, seen: dict[str, Any]
) -> tuple[float, str]:
    if not column.numbers or (column.dates is not None and len(column.values) > 1):
        return 0.0, "values are no numbers"
    found = scale(column, name, element)
    seen["scale"] = found
    whole = all(number.is_integer() for number in column.numbers)
    if element.type == "integer" and not whole and found.unit is None:
        return 0.1, "values are no whole numbers"
    if found.inside < 0.5:
        return 0.05, "values are mostly outside its bounds"
    bounded = element.bounds != (None, None)
    if not bounded:
        return 0.6, "values are numbers"
    return 0.5 + 0.35 * found.inside, "values are numbers within its bounds"


def _choices(
    column: Column, element: Element, matcher: Matcher, seen: dict[str, Any]
) -> tuple[float, str]:
    if column.distinct > _DISTINCT_MAX or column.dates is not None:
        return 0.0, "values are too many for choices"
    if element.type == "multi" and column.smartdata:
        lines: dict[str, int] = {}
        for value, rows in column.values.items():
            for part in map(str.strip, value.split(_LINES)):
                lines[part] = lines.get(part, 0) + rows
        found, seen["split"] = matcher.recode(lines), _LINES
    else:
        found = matcher.recode(column.values)
    if element.type == "multi" and "split" not in seen:
        for mark in _SEPARATORS:
            if sum(mark in value for value in column.values) >= 2 or (
                any(mark in value for value in column.values) and found.matched < 0.5
            ):
                parts: dict[str, int] = {}
                for value, rows in column.values.items():
                    for part in value.split(mark):
                        parts[part.strip()] = parts.get(part.strip(), 0) + rows
                cut = matcher.recode(parts)
                if cut.matched > found.matched:
                    found, seen["split"] = cut, mark
        if "split" not in seen:
            seen["split"] = ";"
    seen["recode"] = found
    if found.matched < 0.3:
        return 0.0, "few values are choices"
    bare = found.telling == 0
    share = f"{100 * found.matched:.0f} % of rows"
    if bare and found.direct:
        # Two digits at most are codes of nearly every element.
        worth = 0.7 if len(column.values) > 2 else 0.5
        return worth * found.matched, f"{share} hold a choice code"
    return found.matched, f"{share} hold a choice code or label"


def _texts(column: Column, element: Element) -> tuple[float | None, str]:
    if element.pattern is not None:
        fit = sum(re.search(element.pattern, value) is not None for value in column.values)
        share = fit / len(column.values)
        why = "values have its pattern" if share >= 0.5 else "values do not have its pattern"
        return share, why
    if column.dates is not None and column.dates.format != EPIC_DAYS:  # five digits may be a ZIP
        return 0.1, "values are dates, not texts"
    if column.length >= 3 * _LONG_TEXT:
        return 0.3, "long texts"
    return None, ""
