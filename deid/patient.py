"""Every trace of one patient in a text.

Names match in any case, without diacritics, with or without hyphen, reversed with a comma, with
initials, as nicknames and with one typing error; numbers with any separators and with leading
zeros dropped; the birth date in every form that :mod:`deid.dates` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from deid.dates import DateMatch
from deid.demographics import Patient, name_parts, name_tokens, number_forms, squashed
from deid.eponyms import is_clinical, is_clinical_phrase, is_firm_term
from deid.own_places import OwnPlaces, alternation
from deid.span import Span
from deid.vocabulary import Folded, cues, fold, is_word, one_slip

__all__ = ["Patient", "PatientMatcher", "squashed"]

_DIVIDED_MIN = 6  # letters of a name that is looked for with a blank inside
_CAPITALS_MIN = 0.01  # share of letters below which a text has no capitals
_NAME_GAP = re.compile(r"[ \t\n]{1,2}|[ \t]?,[ \t]{0,2}|[ \t][A-Z]\.?[ \t]")
_LETTERS_AND_DIGITS = re.compile(
    r"(?<![^\W_])(?=[^\W_]*\d)(?=(?:\d*[^\W\d_]){3})[^\W_]{4,30}(?![^\W_])"
)
_SCANNED = str.maketrans("01358i", "olesbl")
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|dr|master|patient|pt|name)\b[.:]?\s{1,3}$", re.IGNORECASE
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
        self.tokens = name_tokens(patient)
        parts = (*name_parts(patient.first_name), *name_parts(patient.last_name))
        self.initials = frozenset(part[0] for part in parts)
        self._fuzzy = tuple(token for token in self.tokens if len(token) >= 4 and token.isalpha())
        self._scanned = frozenset(_as_scanned(token) for token in self.tokens if len(token) >= 4)
        self._names = alternation(self.tokens)
        self._spaced = _spaced(token for token in self.tokens if len(token) >= _DIVIDED_MIN)
        self.numbers = number_forms(patient)
        self._numbers = [_number_pattern(value) for value in sorted(self.numbers)]
        self._places = OwnPlaces(patient)
        self._dotted = _dotted_initials(patient.first_name, patient.last_name)

    def find(self, text: str, dates: Sequence[DateMatch] = ()) -> list[Span]:
        """Spans of the patient's own data, sources ``patient`` and ``patient:birth``."""
        folded = Folded(text)
        spans = [Span(*hit, "NAME", "patient") for hit in self._name_hits(text, folded)]
        spans += [
            Span(*folded.origin(*match.span()), "ID", "patient")
            for pattern in self._numbers
            for match in pattern.finditer(folded.text)
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
        hits += self._misread(text)
        hits += self._divided(text, folded)
        shouted = _case_free(text)
        for start, end in hits:
            if self._beside_own(text, start, end, hits) or (
                not is_firm_term(text, start, end)
                and (
                    self._stands_alone(text, start, end)
                    or (shouted and self._may_stand(text, start, end))
                )
            ):
                yield self._with_initials(text, *_with_hyphen(text, start, end))
        if self._dotted is not None:
            for match in self._dotted.finditer(text):
                yield match.span()

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

    def _misread(self, text: str) -> list[tuple[int, int]]:
        """Names in which a scanner read letters as digits or as other letters ("Sm1th")."""
        return [
            match.span()
            for match in _LETTERS_AND_DIGITS.finditer(text)
            if _as_scanned(match.group()) in self._scanned
        ]

    def _divided(self, text: str, folded: Folded) -> list[tuple[int, int]]:
        """Long names with a blank in the wrong place ("D iGiacomo")."""
        if self._spaced is None:
            return []
        found = []
        for match in self._spaced.finditer(folded.text):
            start, end = folded.origin(*match.span(1))
            pieces = text[start:end].split(" ")
            ordinary = any(len(piece) > 2 and is_word(piece) for piece in pieces)
            if len(pieces) > 1 and text[start].isupper() and not ordinary:
                found.append((start, end))
        return found

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Whether a token is the name without help from its neighbours."""
        source = text[start:end]
        plain = fold(source)
        ordinary = is_word(source) or is_clinical(text, start, end)
        if len(plain) >= 3 and not ordinary:
            return True
        if _TITLE.search(text[max(0, start - 12) : start]):
            return source[0].isupper() or not ordinary
        if not source[0].isupper():
            return False
        if source.isupper():
            # An abbreviation ("DO", "LE") or a name in capitals ("YOUNG").
            return len(plain) > 3 and not is_clinical_phrase(text, start, end)
        if len(plain) <= 3 and is_word(source):
            return False
        if plain in cues("sentence_starters"):
            return re.search(r"[^\s.:!?\-•*\n]\s$", text[max(0, start - 3) : start]) is not None
        return True

    def _may_stand(self, text: str, start: int, end: int) -> bool:
        """The same in a text without capitals, where a name that is a word looks like the word:
        all but the commonest words count as the name.
        """
        plain = fold(text[start:end])
        return (
            len(plain) > 3
            and plain not in cues("sentence_starters")
            and not is_clinical_phrase(text, start, end)
        )

    def _beside_own(self, text: str, start: int, end: int, hits: list[tuple[int, int]]) -> bool:
        """Another of the patient's names, or an initial with its full stop, is next to it."""
        for a, b in hits:
            gap = text[b:start] if b <= start else text[end:a] if end <= a else None
            if gap is None or not _NAME_GAP.fullmatch(gap):
                continue
            both = text[min(a, start) : max(b, end)]
            if text[start].isupper() or any(len(part) > 3 for part in both.split()):
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
        after = re.match(r",?[ \t][A-Z](?:\.[A-Z]?\.?|(?![\w'’]))", text[end : end + 7])
        shouted = text[start:end].isupper() and end - start > 1
        if after is None:
            return start, end
        initial = fold(after.group().strip(", ")[0])
        if shouted or initial in self.initials or "," in after.group():
            end += after.end()
        return start, end


def _with_hyphen(text: str, start: int, end: int) -> tuple[int, int]:
    """A name found as half of a hyphenated word takes the other half along, as it is spelt."""
    before = re.search(
        r"(?<![^\W_])(?:[^\W\d_a-z][^\W\d_]*-|[A-Z]['’])$", text[max(0, start - 30) : start]
    )
    after = re.match(r"-[^\W\d_a-z][^\W\d_]*", text[end : end + 30])
    return start - len(before.group() if before else ""), end + len(after.group() if after else "")


def _case_free(text: str) -> bool:
    """True for a text in capitals only, or with none."""
    letters = sum(map(str.isalpha, text))
    capitals = sum(map(str.isupper, text))
    return letters > 0 and not _CAPITALS_MIN < capitals / letters < 1 - _CAPITALS_MIN


def _as_scanned(word: str) -> str:
    """The word with what scanners take for each other made equal."""
    return fold(word).replace("rn", "m").replace("vv", "w").translate(_SCANNED)


def _spaced(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the names with at most one blank between any two of its letters."""
    bodies = [" ?".join(map(re.escape, name)) for name in sorted(names) if name.isalpha()]
    return re.compile(rf"(?<![a-z0-9])({'|'.join(bodies)})(?![a-z0-9])") if bodies else None


def _number_pattern(plain: str) -> re.Pattern[str]:
    """The number whatever separates its characters; short ones keep to one line."""
    gap = r"[\W_]{0,3}" if len(plain) > 5 else r"[^\w\n]{0,2}"
    body = gap.join(map(re.escape, plain))
    return re.compile(rf"(?<![a-z0-9])(?:0{gap}){{0,12}}{body}(?![a-z0-9])")


def _dotted_initials(given: str, family: str) -> re.Pattern[str] | None:
    """Initials such as J.R. for Jane Roe: with their full stops, else too much would match. Of
    "van den Broek" any word may give the last one.
    """
    first = _first_letters(given)[:1]
    last = _first_letters(family)
    if not first or not last:
        return None
    return re.compile(
        rf"(?<![\w.])[{first[0]}]\.[ ]?(?:[^\W\d_a-z]\.[ ]?)?[{''.join(last)}]\.(?!\w)"
    )


def _first_letters(name: str) -> list[str]:
    """The capital that begins each word, as written and without its accent."""
    return [
        "".join({word[0].upper(), fold(word)[0].upper()}) for word in re.findall(r"[^\W\d_]+", name)
    ]
