"""One patient's demographics, and every trace of them in a text.

Names match in any case, without diacritics, with or without hyphen, reversed with a comma, with
initials, as nicknames and with one typing error; numbers with any separators and with leading
zeros dropped; the birth date in every form that :mod:`deid.dates` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from deid.dates import DateMatch, parse_date
from deid.eponyms import is_clinical, is_clinical_phrase
from deid.span import Span
from deid.vocabulary import Folded, cues, fold, is_word, read_list

__all__ = ["Patient", "PatientMatcher", "squashed"]

_NAME_COLUMN = re.compile(
    r"name|kin|alias|maiden|guardian|spouse|mother|father|contact|relative", re.IGNORECASE
)
_REQUIRED = ("patient_id", "first_name", "last_name", "mrn", "birth_date")
_LETTERS_AND_DIGITS = re.compile(
    r"(?<![^\W_])(?=[^\W_]*\d)(?=(?:\d*[^\W\d_]){3})[^\W_]{4,30}(?![^\W_])"
)
_SCANNED = str.maketrans("01358i", "olesbl")
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|dr|master|patient|pt|name)\b[.:]?\s{1,3}$", re.IGNORECASE
)


def squashed(value: str) -> str:
    """Letters and digits only, folded: "AB-12 3" → "ab123"."""
    return "".join(char for char in fold(value) if char.isalnum())


@dataclass(frozen=True)
class Patient:
    """A row of the patients file. Never printed; ``other`` holds (column, value) of the rest."""

    patient_id: str = field(repr=False)
    first_name: str = field(repr=False, default="")
    last_name: str = field(repr=False, default="")
    mrn: str = field(repr=False, default="")
    birth_date: date | None = field(repr=False, default=None)
    anchor: date | None = field(repr=False, default=None)
    other: tuple[tuple[str, str], ...] = field(repr=False, default=())

    @classmethod
    def from_row(cls, row: Mapping[str, str], anchor_columns: Sequence[str] = ()) -> Patient:
        """Read a row; columns beyond the five known ones are identifiers to look for.

        The first of ``anchor_columns`` that holds a date gives the anchor. Dates must already be
        checked: one that does not parse counts as unknown.
        """
        values = {key: (value or "").strip() for key, value in row.items() if key}
        anchors = (parse_date(values.get(column, "")) for column in anchor_columns)
        skipped = {*_REQUIRED, *anchor_columns}
        return cls(
            patient_id=values["patient_id"],
            first_name=values.get("first_name", ""),
            last_name=values.get("last_name", ""),
            mrn=values.get("mrn", ""),
            birth_date=parse_date(values.get("birth_date", "")),
            anchor=next((day for day in anchors if day is not None), None),
            other=tuple((k, v) for k, v in values.items() if k not in skipped and v),
        )


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for entry in read_list("nicknames"):
        formal, short = entry.split("=")
        for name in short.split(","):
            table.setdefault(formal, set()).add(name)
            table.setdefault(name, set()).add(formal)
    return {name: frozenset(others) for name, others in table.items()}


def _parts(name: str) -> list[str]:
    return [
        part
        for part in re.split(r"[\s\-,.'’]+", fold(name))
        if part and part not in cues("particles") | cues("name_suffixes")
    ]


def _near(one: str, two: str) -> bool:
    """At most one insertion, deletion, substitution or swap of neighbours apart."""
    if one == two:
        return True
    if abs(len(one) - len(two)) > 1:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    a, b = one[start:], two[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


class PatientMatcher:
    """Finds one patient in texts. Built once per patient; holds compiled patterns."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        given = _parts(patient.first_name)
        names = [patient.first_name, patient.last_name]
        names += [v for k, v in patient.other if _NAME_COLUMN.search(k) and not re.search(r"\d", v)]
        tokens = {part for name in names for part in _parts(name) if len(part) > 1}
        tokens |= {fold(name) for name in names if name}
        tokens |= {
            squashed(name) for name in (patient.first_name, patient.last_name) if len(name) > 4
        }
        for part in given:
            tokens |= _nicknames().get(part, frozenset())
        self.tokens = frozenset(token for token in tokens if len(token) > 1)
        self.initials = frozenset(part[0] for part in (*given, *_parts(patient.last_name)))
        self._fuzzy = tuple(token for token in self.tokens if len(token) >= 6 and token.isalpha())
        self._scanned = frozenset(_as_scanned(token) for token in self.tokens if len(token) >= 4)
        self._names = _alternation(self.tokens)
        self.numbers = frozenset(self._number_values())
        self._numbers = [_number_pattern(value) for value in sorted(self.numbers)]
        self._phrases = _alternation({fold(value) for value in self._phrase_values()})
        self._dotted = _dotted_initials(given, _parts(patient.last_name))

    def _number_values(self) -> Iterator[str]:
        """Numbers to look for, squashed: MRN, patient id and further columns."""
        values = [self.patient.mrn, self.patient.patient_id, *(v for _, v in self.patient.other)]
        for value in values:
            if not re.search(r"\d", value) or parse_date(value) is not None:
                continue
            plain = squashed(value)
            if len(value.split()) > 3 or "@" in value:
                continue
            if len(plain.lstrip("0")) >= 4:
                yield plain.lstrip("0")
            if plain.isdigit() and len(plain) == 11 and plain[0] == "1":
                yield plain[1:]
            if plain.isdigit() and len(plain) in (10, 11):
                yield plain[-7:]

    def _phrase_values(self) -> Iterator[str]:
        """Addresses, towns, e-mail addresses: the whole value and its comma-separated parts."""
        for column, value in self.patient.other:
            if _NAME_COLUMN.search(column) and not re.search(r"\d|@", value):
                continue
            for phrase in {value, *re.split(r"\s*[,;\n]\s*", value)}:
                plain = phrase.strip()
                words = re.findall(r"[^\W\d_]+", plain)
                if len(plain) < 4 or not words or all(is_word(word) for word in words):
                    continue
                yield plain

    def find(self, text: str, dates: Sequence[DateMatch] = ()) -> list[Span]:
        """Spans of the patient's own data, sources ``patient`` and ``patient:birth``."""
        folded = Folded(text)
        spans = [Span(*hit, "NAME", "patient") for hit in self._name_hits(text, folded)]
        spans += [
            Span(*folded.origin(*match.span()), "ID", "patient")
            for pattern in self._numbers
            for match in pattern.finditer(folded.text)
        ]
        if self._phrases is not None:
            spans += [
                Span(*folded.origin(*match.span()), "LOCATION", "patient")
                for match in self._phrases.finditer(folded.text)
            ]
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
        for start, end in hits:
            if is_clinical_phrase(text, start, end):
                continue
            if self._beside_own(text, start, end, hits) or self._stands_alone(text, start, end):
                yield self._with_initials(text, start, end)
        if self._dotted is not None:
            for match in self._dotted.finditer(text):
                yield match.span()

    def _misspelt(self, text: str) -> list[tuple[int, int]]:
        if not self._fuzzy:
            return []
        found = []
        for match in re.finditer(r"[^\W\d_]{5,}", text):
            word = match.group()
            if not word[0].isupper():
                continue
            plain = fold(word)
            if plain in self.tokens or not any(_near(plain, token) for token in self._fuzzy):
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

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Whether a token is the name without help from its neighbours."""
        source = text[start:end]
        plain = fold(source)
        ordinary = is_word(source) or is_clinical(text, start, end)
        if len(plain) >= 4 and not ordinary:
            return True
        if _TITLE.search(text[max(0, start - 12) : start]):
            return source[0].isupper()
        if not source[0].isupper():
            return False
        if len(plain) <= 3:
            return not source.isupper() and not is_word(source)
        if source.isupper():
            return not is_word(source)
        if plain in cues("sentence_starters"):
            return re.search(r"[^\s.:!?\-•*\n]\s$", text[max(0, start - 3) : start]) is not None
        return True

    def _beside_own(self, text: str, start: int, end: int, hits: list[tuple[int, int]]) -> bool:
        """Another of the patient's names, or an initial with its full stop, is next to it."""
        if not text[start].isupper():
            return False
        for a, b in hits:
            gap = text[b:start] if b <= start else text[end:a] if end <= a else None
            if gap is not None and re.fullmatch(
                r"[ \t]{1,2}|[ \t]?,[ \t]{0,2}|(?:[ \t][A-Z]\.?)?[ \t]", gap
            ):
                return (a, b) != (start, end)
        return re.match(r",[ \t]?[A-Z]\.", text[end : end + 5]) is not None

    def _with_initials(self, text: str, start: int, end: int) -> tuple[int, int]:
        before = re.search(
            r"(?<![\w.])((?:[A-Z]\.[ \t]?|[A-Z][ \t]){1,2})$", text[max(0, start - 8) : start]
        )
        if before and fold(before.group(1)[0]) in self.initials:
            start -= len(before.group(1))
        after = re.match(r",?[ \t][A-Z](?:\.[A-Z]?\.?|(?![\w'’]))", text[end : end + 7])
        if after and (fold(after.group().strip(", ")[0]) in self.initials or "," in after.group()):
            end += after.end()
        return start, end


def _as_scanned(word: str) -> str:
    """The word with what scanners take for each other made equal."""
    return fold(word).replace("rn", "m").replace("vv", "w").translate(_SCANNED)


def _alternation(values: set[str] | frozenset[str]) -> re.Pattern[str] | None:
    """Any of the folded values between word boundaries, longest first; blanks and hyphens agree."""
    if not values:
        return None
    bodies = [
        r"[\s\-,.']{0,3}".join(re.escape(part) for part in re.findall(r"[^\s\-,.']+", value))
        for value in sorted(values, key=lambda value: (-len(value), value))
    ]
    return re.compile(rf"(?<![a-z0-9])({'|'.join(bodies)})(?='?s?(?![a-z0-9]))")


def _number_pattern(plain: str) -> re.Pattern[str]:
    body = r"[\s\-./()]{0,2}".join(map(re.escape, plain))
    return re.compile(rf"(?<![a-z0-9])(?:0[\s\-./]{{0,2}})*{body}(?![a-z0-9])")


def _dotted_initials(given: list[str], family: list[str]) -> re.Pattern[str] | None:
    """Initials such as J.R. for Jane Roe: with their full stops, else too much would match."""
    if not given or not family:
        return None
    first, last = re.escape(given[0][0].upper()), re.escape(family[-1][0].upper())
    return re.compile(rf"(?<![\w.]){first}\.[ ]?(?:[A-Z]\.[ ]?)?{last}\.(?!\w)")
