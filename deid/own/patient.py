"""Every trace of one patient in a text.

Names match in any case, without diacritics, with or without hyphen, reversed with a comma, with
initials, as nicknames and with one typing error; numbers with any separators and with leading
zeros dropped; the birth date in every form that :mod:`deid.dates.find` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from deid.dates.match import DateMatch
from deid.eponyms import is_clinical, is_firm_term, owns_something
from deid.own.company import OwnNames, is_person
from deid.own.context import case_free, may_stand, stands_alone
from deid.own.demographics import Patient, name_parts, name_tokens, number_forms, squashed
from deid.own.forms import (
    Divided,
    Initials,
    Logins,
    as_scanned,
    blurred,
    lost_letters,
    lost_letters_pattern,
    misread_forms,
    run_together,
)
from deid.own.parts import LastDigits, cut_emails
from deid.own.places import OwnPlaces, alternation
from deid.span import Span
from deid.vocabulary import Folded, cues, fold, is_word, one_slip

__all__ = ["Patient", "PatientMatcher", "squashed"]

_SMALL_WORD = re.compile(r"[a-zß-ÿ](?<![^\W_].)[a-zß-ÿ]{5,}+(?![^\W_])")
_SLIP_IN_SMALL_MIN = 7  # letters of a name that is looked for misspelt in small letters
_NAME_GAP = re.compile(r"[ \t\n]{1,2}|[ \t]?,[ \t]{0,2}|[ \t][A-Z]\.?[ \t]")
# In file names and forms: "Grace_Long", "grace.long", "Grace|Long", "Grace (Long)".
_GAP_MAX = 4  # characters that the patterns of a gap match at most
_JOINED = re.compile(r"[ \t]?[_/|(\\][ \t]?|[.\-]")
_LETTERS_AND_DIGITS = re.compile(
    r"(?<![^\W_])(?=[^\W_]*\d)(?=(?:\d*[^\W\d_]){3})[^\W_]{4,30}(?![^\W_])"
)


def _slip(word: str, name: str) -> bool:
    """Whether ``word`` may be ``name`` with a typing error. Short names have too many neighbours
    that are other names: of four letters two must be swapped, of five one must not be another.
    """
    if not one_slip(word, name):
        return False
    if len(name) == 4:
        return sorted(word) == sorted(name)
    return len(name) > 5 or len(word) != len(name) or sorted(word) == sorted(name)


class PatientMatcher:
    """Finds one patient in texts. Built once per patient; holds compiled patterns."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        names = name_tokens(patient)
        self.together = run_together(patient)
        self.tokens = names | self.together | misread_forms(names)
        parts = (*name_parts(patient.first_name), *name_parts(patient.last_name))
        self.initials = frozenset(part[0] for part in parts)
        self.own = OwnNames.of(patient)
        self._fuzzy = tuple(token for token in names if len(token) >= 4 and token.isalpha())
        self._long = tuple(
            token
            for token in self._fuzzy
            if len(token) >= _SLIP_IN_SMALL_MIN and not is_word(token)
        )
        self._long_lengths = {len(name) + more for name in self._long for more in (-1, 0, 1)}
        self._scanned = frozenset(as_scanned(token) for token in self.tokens if len(token) >= 4)
        self._names = alternation(self.tokens)
        self._split = Divided(names)
        self.lost = lost_letters_pattern(patient)
        self._initials = Initials(patient)
        self.logins = Logins(patient)
        self.numbers = number_forms(patient)
        self._numbers = [_number_pattern(value) for value in sorted(self.numbers)]
        self.tails = LastDigits(self.numbers)
        self._emails = cut_emails(patient)
        self._places = OwnPlaces(patient)

    def find(self, text: str, dates: Sequence[DateMatch] = ()) -> list[Span]:
        """Spans of the patient's own data, sources ``patient`` and ``patient:birth``."""
        folded = Folded(text)
        spans = [Span(*hit, "NAME", "patient") for hit in self._name_hits(text, folded)]
        spans += [
            Span(*folded.origin(*match.span()), "ID", "patient")
            for pattern in self._numbers
            for match in pattern.finditer(folded.text)
        ]
        spans += [
            Span(*folded.origin(*hit), "ID", "patient") for hit in self.tails.find(folded.text)
        ]
        if self._emails is not None:
            spans += [
                Span(*folded.origin(*match.span()), "CONTACT", "patient")
                for match in self._emails.finditer(folded.text)
            ]
        spans += self._places.find(text, folded)
        if self.patient.birth_date is not None:
            spans += [
                Span(one.start, one.end, "DATE", "patient:birth")
                for one in dates
                if one.exact() == self.patient.birth_date
            ]
        return spans

    def _name_hits(self, text: str, folded: Folded) -> Iterator[tuple[int, int]]:
        hits: list[tuple[int, int]] = []
        if self._names is not None:
            hits = [folded.origin(*match.span(1)) for match in self._names.finditer(folded.text)]
        hits += self._misspelt(text)
        hits += self._misspelt_in_small(text)
        hits += self._misread(text)
        hits += self._divided(text, folded)
        shouted = case_free(text)
        edges = _edges(hits)
        for start, end in hits:
            if self._beside_own(text, start, end, edges) or self._is_name(
                text, start, end, shouted=shouted
            ):
                yield self._with_initials(text, *_with_hyphen(text, start, end))
        yield from lost_letters(self.lost, text)
        yield from blurred(text, self._long)
        yield from self._initials.find(text)
        for hit in self.logins.find(folded.text):
            yield folded.origin(*hit)

    def _is_name(self, text: str, start: int, end: int, *, shouted: bool) -> bool:
        """Whether a token is the name without another of the patient's names beside it."""
        if fold(text[start:end]) in self.together:
            return True
        if is_firm_term(text, start, end):
            return False
        if owns_something(text, start, end):
            return True
        if stands_alone(text, start, end, self.initials):
            return True
        if is_person(text, start, end, self.own, shouted=shouted):
            return True
        return shouted and may_stand(text, start, end)

    def _misspelt(self, text: str) -> list[tuple[int, int]]:
        if not self._fuzzy:
            return []
        found = []
        for match in re.finditer(r"[^\W\d_a-z][^\W\d_]{2,}", text):
            plain = fold(match.group())
            if plain in self.tokens or not any(_slip(plain, token) for token in self._fuzzy):
                continue
            if not is_clinical(text, match.start(), match.end()):
                found.append(match.span())
        return found

    def _misspelt_in_small(self, text: str) -> list[tuple[int, int]]:
        """Long names with one slip in small letters: neither ordinary nor clinical words."""
        if not self._long:
            return []
        slips = {
            word
            for word in set(_SMALL_WORD.findall(text))
            if len(word) in self._long_lengths
            and any(one_slip(fold(word), name) for name in self._long)
            and not is_word(word)
            and fold(word) not in self.tokens
        }
        if not slips:
            return []
        return [
            match.span()
            for match in _SMALL_WORD.finditer(text)
            if match.group() in slips
            and not text[max(0, match.start() - 1) : match.start()].isalnum()
            and not is_clinical(text, *match.span())
        ]

    def _misread(self, text: str) -> list[tuple[int, int]]:
        """Names in which a scanner read letters as digits or as other letters ("Sm1th")."""
        return [
            match.span()
            for match in _LETTERS_AND_DIGITS.finditer(text)
            if as_scanned(match.group()) in self._scanned
        ]

    def _divided(self, text: str, folded: Folded) -> list[tuple[int, int]]:
        """Long names with a blank or hyphen in the wrong place ("D iGiacomo")."""
        found = []
        for hit in self._split.find(folded.text):
            start, end = folded.origin(*hit)
            pieces = re.split(r"[\W_]+", text[start:end])
            if len(pieces) == 1:
                continue
            ordinary = any(len(piece) > 2 and is_word(piece) for piece in pieces)
            if not ordinary and (text[start].isupper() or _cut_once(pieces)):
                found.append((start, end))
        return found

    def _beside_own(
        self, text: str, start: int, end: int, edges: Mapping[int, Sequence[tuple[int, int]]]
    ) -> bool:
        """Another of the patient's names, or an initial with its full stop, is next to it."""
        for a, b in _beside(start, end, edges):
            gap = text[b:start] if b <= start else text[end:a]
            if _JOINED.fullmatch(gap) and not _verbs_only(text[min(a, start) : max(b, end)]):
                return True
            if not _NAME_GAP.fullmatch(gap):
                continue
            both = text[min(a, start) : max(b, end)]
            if text[start].isupper() or any(
                len(part) > 3 or not is_word(part) for part in re.findall(r"[^\W\d_]+", both)
            ):
                return True
        if not text[start].isupper():
            return False
        return re.match(r",[ \t]?[A-Z]\.", text[end : end + 5]) is not None

    def _with_initials(self, text: str, start: int, end: int) -> tuple[int, int]:
        before = re.search(
            r"(?<![\w.])((?:[A-Z]\.[ \t]?|[A-Z][ \t]){1,2})$", text[max(0, start - 8) : start]
        )
        if before and fold(before.group(1)[0]) in self.initials:
            start -= len(before.group(1))
        if joined := re.search(r"(?<![^\W_.])([^\W\d_])[._]$", text[max(0, start - 3) : start]):
            start -= 2 if fold(joined[1]) in self.initials else 0
        if joined := re.match(r"[._]([^\W\d_])(?![^\W_])", text[end : end + 3]):
            end += 2 if fold(joined[1]) in self.initials else 0
        after = re.match(r",?[ \t][A-Z](?:\.[A-Z]?\.?|(?![\w'’]))", text[end : end + 7])
        shouted = text[start:end].isupper() and end - start > 1
        if after is None:
            return start, end
        initial = fold(after.group().strip(", ")[0])
        if shouted or initial in self.initials or "," in after.group():
            end += after.end()
        return start, end


def _edges(hits: Sequence[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    """The hits by where they begin and by where they end."""
    edges: dict[int, list[tuple[int, int]]] = {}
    for hit in dict.fromkeys(hits):
        for edge in {*hit}:
            edges.setdefault(edge, []).append(hit)
    return edges


def _beside(
    start: int, end: int, edges: Mapping[int, Sequence[tuple[int, int]]]
) -> Iterator[tuple[int, int]]:
    """The hits that begin or end so near that a gap between two names fits: of a note full of
    the name, not all others are looked at for each.
    """
    for gap in range(1, _GAP_MAX + 1):
        yield from (hit for hit in edges.get(start - gap, ()) if hit[1] == start - gap)
        yield from (hit for hit in edges.get(end + gap, ()) if hit[0] == end + gap)


def _verbs_only(both: str) -> bool:
    """Verbs in small letters of a patient who is called so: "will/may"."""
    parts = re.findall(r"[^\W\d_]+", both)
    return all(part.islower() and part in cues("sentence_starters") for part in parts)


def _cut_once(pieces: list[str]) -> bool:
    """A name in small letters in two pieces, none of them a short word: "wrzes-inska"."""
    return len(pieces) == 2 and all(len(piece) > 2 for piece in pieces)


def _with_hyphen(text: str, start: int, end: int) -> tuple[int, int]:
    """A name found as half of a hyphenated word takes the other half along, as it is spelt."""
    before = re.search(
        r"(?<![^\W_])(?:[^\W\d_a-z][^\W\d_]*-|[A-Z]['’])$", text[max(0, start - 30) : start]
    )
    after = re.match(r"-[^\W\d_a-z][^\W\d_]*", text[end : end + 30])
    return start - len(before.group() if before else ""), end + len(after.group() if after else "")


def _number_pattern(plain: str) -> re.Pattern[str]:
    """The number whatever separates its characters; short ones keep to one line."""
    gap = r"[\W_]{0,3}" if len(plain) > 5 else r"[^\w\n]{0,2}"
    body = gap.join(map(re.escape, plain))
    return re.compile(rf"(?<![a-z0-9])(?:0{gap}){{0,12}}{body}(?![a-z0-9])")
