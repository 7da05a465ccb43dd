"""The patient's own addresses, towns and ZIP codes in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deid.eponyms import is_clinical_phrase, is_explained, is_firm_term
from deid.own.addresses import Streets, address_towns, own_states
from deid.own.demographics import Patient, phrases, towns, zip_codes
from deid.span import Span
from deid.vocabulary import Folded, any_cue

__all__ = ["OwnPlaces", "alternation"]

_BEHIND = re.compile(r"(?i)(?<![^\W_])(?:from|in|of|near|at|to)[ \t\n]$")
_LIVES = re.compile(
    r"(?i)(?<![^\W_])(?:live[sd]?|living|resid(?:es|ed|ing)|moved|comes?|came|born|raised|home|house)"
    r"[ \t](?:(?:back|over)[ \t])?(?:in|from|to|near|at)[ \t\n]$"
)
_BEHIND_STREET = re.compile(rf"(?i)(?<![^\W_]){any_cue('street_suffixes')}\.?,[ \t\n]{{0,2}}$")
_STATE_IN_SMALL = re.compile(rf"(?i),?[ \t\n]{{1,2}}{any_cue('states')}(?!\w)")
_BEFORE_OTHER = re.compile(
    rf",[ \t\n]{{0,2}}(?:{any_cue('countries')}|UK|U\.K\.|USA|England|Scotland|Wales)(?!\w)"
    r"|[ \t](?:resident|native)\b"
)
_BEFORE_STATE = re.compile(
    rf",?[ \t\n]{{1,2}}(?:(?:{any_cue('state_codes')})|(?:{any_cue('states')})|\d{{5}})(?!\w)"
    rf"|,[ \t\n]{{0,2}}(?:{any_cue('state_codes')})(?!\w)"
)


class OwnPlaces:
    """Finds the places of one patient's row. Built once per patient."""

    def __init__(self, patient: Patient) -> None:
        self._phrases = alternation(phrases(patient))
        self._towns = alternation(towns(patient, address_towns(patient)))
        self._streets = Streets(patient)
        self._states = _behind(own_states(patient))
        self._zips = _zip_pattern(zip_codes(patient))

    def find(self, text: str, folded: Folded) -> Iterator[Span]:
        """Spans of category LOCATION, source ``patient``. ``folded`` is ``text`` folded."""
        found = [*_hits(self._phrases, folded), *_hits(self._zips, folded)]
        found += [folded.origin(*at) for at in self._streets.find(text, folded.text)]
        for at in _hits(self._towns, folded):
            if _is_town(text, *at) or (self._states and self._states.match(text, at[1])):
                found.append(at)
        for start, end in found:
            if is_firm_term(text, start, end):
                continue  # "Foley catheter": another word in it would tell the town
            yield Span(start, end, "LOCATION", "patient")


def _hits(pattern: re.Pattern[str] | None, folded: Folded) -> Iterator[tuple[int, int]]:
    if pattern is not None:
        for match in pattern.finditer(folded.text):
            yield folded.origin(*match.span())


def _is_town(text: str, start: int, end: int) -> bool:
    """Whether a short town ("Ely") or one that is a word ("Reading") is meant: small letters
    count only behind "from" or "in", words only there or before a state, with a capital.
    """
    word, before = text[start:end], text[max(0, start - 24) : start]
    if _LIVES.search(before) or _STATE_IN_SMALL.match(text, end):
        return True
    ordinary = is_explained(text, start, end)
    led = _BEHIND.search(before) is not None
    placed = led or any(one.match(text, end) for one in (_BEFORE_STATE, _BEFORE_OTHER))
    placed = placed or _BEHIND_STREET.search(before) is not None
    if ordinary:
        return word[0].isupper() and placed and not is_clinical_phrase(text, start, end)
    if not word[0].isupper():
        return led
    return placed or not word.isupper()


def _behind(states: frozenset[str]) -> re.Pattern[str] | None:
    """One of the row's states behind its town, in any case: "bend, or."."""
    bodies = "|".join(map(re.escape, sorted(states)))
    end = r"(?=[ \t]*(?:$|[.,;)\n]|\d{5}))"
    return re.compile(rf"(?i),[ \t\n]{{0,2}}(?:{bodies}){end}") if bodies else None


def alternation(values: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the folded values between word boundaries, longest first; blanks and hyphens agree."""
    bodies = [
        r"[\s\-,.']{0,3}".join(re.escape(part) for part in re.findall(r"[^\s\-,.']+", value))
        for value in sorted(values, key=lambda value: (-len(value), value))
    ]
    if not bodies:
        return None
    return re.compile(rf"(?<![a-z0-9])({'|'.join(bodies)})(?=(?:'?s|(?<=[sxzh])es)?(?![a-z0-9]))")


def _zip_pattern(codes: frozenset[tuple[str, str]]) -> re.Pattern[str] | None:
    """A ZIP code with or without its four further digits, whichever they are."""
    bodies = []
    for five, four in sorted(codes):
        together = f"|{four}" if four else ""
        bodies.append(rf"{five}(?:[-–]\d{{4}}{together})?")
    return re.compile(rf"(?<![\w.])(?:{'|'.join(bodies)})(?!\w|[.,]\d)") if bodies else None
