"""The real people of a site, as far as a surrogate must not equal them: keyed fingerprints only.

Of every person the words of the family name are kept, and the numbers (record number, patient id,
telephone, account …). No surrogate name word may be a family name of the site and no surrogate
number one of its numbers. That is stricter than "no full name of a person of the site", and
simpler to check: a full name contains a family name, so whatever words stand side by side in an
output, in whatever order, they are not the name of a person of the site.

A fingerprint is the first 8 bytes of an HMAC-SHA256 under a key that follows from the site's
surrogate key: whoever sees the set without the key learns how many entries it has.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deid.own.demographics import NAME_COLUMN, Patient, squashed
from deid.pseudonym import Keys, keyed
from deid.surrogates.pools import is_given, name_key
from deid.vocabulary import cues

__all__ = [
    "RealPeople",
    "family_words",
    "number_keys",
    "patient_family_words",
    "patient_numbers",
]

_PRINT_BYTES = 8
_FAMILY_COLUMN = re.compile(r"last|family|surname|maiden", re.IGNORECASE)
_DIGITS_MIN = 4
_NUMBER_WORDS_MAX = 3


def _words(name: str) -> list[str]:
    """The folded words of a name; of one with a hyphen its parts and the whole."""
    words: list[str] = []
    for word in re.split(r"[\s,.;/()]+", name):
        parts = [name_key(part) for part in word.split("-")]
        words += [*parts, *([name_key(word)] if len(parts) > 1 else [])]
    words = [word for word in words if len(word) > 1]
    words = [word for word in words if word not in cues("name_suffixes")]
    # The last word is a name even where it is a particle otherwise ("Minh Le").
    return [w for i, w in enumerate(words) if i == len(words) - 1 or w not in cues("particles")]


def family_words(name: str) -> list[str]:
    """Family words of a name written as "Jane Q. Roe, MD", "Roe, Jane", "Roe" or "Ana Roe Paz".

    Middle names that are not known as given names count as family names: too many rather than
    too few.
    """
    plain = re.sub(r"\b[A-Z]\.", " ", name)
    before, comma, _ = plain.partition(",")
    words = [w for w in _words(before) if w not in cues("titles")]
    family = words if comma or len(words) < 2 else words[1:]
    return [w for i, w in enumerate(family) if i == len(family) - 1 or not is_given(w)]


def patient_family_words(patient: Patient) -> Iterator[str]:
    """Family words of a patient and of the people named in the further columns."""
    yield from _words(patient.last_name)
    for column, value in patient.other:
        if not NAME_COLUMN.search(column) or any(char.isdigit() for char in value):
            continue
        yield from _words(value) if _FAMILY_COLUMN.search(column) else family_words(value)


def patient_numbers(patient: Patient) -> Iterator[str]:
    """Numbers of a patient, as :func:`number_keys` compares them."""
    for value in (patient.mrn, patient.patient_id, *(value for _, value in patient.other)):
        if sum(char.isdigit() for char in value) < _DIGITS_MIN or "@" in value:
            continue
        if len(value.split()) <= _NUMBER_WORDS_MAX:
            yield from number_keys(value)


def number_keys(value: str) -> Iterator[str]:
    """A number without separators and leading zeros; of a North American telephone number also
    the local part.
    """
    plain = squashed(value).lstrip("0")
    yield plain
    if plain.isdigit() and (len(plain) == 10 or (len(plain) == 11 and plain[0] == "1")):
        yield plain[-10:]
        yield plain[-7:]


@dataclass(frozen=True)
class RealPeople:
    """What surrogates of a site must avoid. ``prints`` are the fingerprints, one behind another in
    order; they travel to worker processes as they are.
    """

    key: bytes = field(repr=False)
    prints: bytes = field(repr=False, default=b"")

    @classmethod
    def of(
        cls,
        keys: Keys,
        patients: Iterable[Patient] = (),
        staff: Iterable[str] = (),
        *,
        known: bytes = b"",
    ) -> RealPeople:
        """The people of a patients file and a staff list, and the prints ``known`` from before."""
        key = keyed(keys.surrogate_key, "real people")
        families = {word for name in staff for word in family_words(name)}
        numbers: set[str] = set()
        for patient in patients:
            families.update(patient_family_words(patient))
            numbers.update(patient_numbers(patient))
        found = {_print(key, b"family", word) for word in families}
        found.update(_print(key, b"number", number) for number in numbers)
        return cls(key, b"".join(sorted(found))).joined(known)

    def joined(self, prints: bytes) -> RealPeople:
        """These people and those of other ``prints`` made with the same keys."""
        found = {*self.each(), *RealPeople(self.key, prints).each()}
        return RealPeople(self.key, b"".join(sorted(found)))

    def has_family(self, name: str) -> bool:
        """Whether the name, or a part of it between hyphens, is a family name of the site."""
        parts = name.split("-")
        whole = [name] if len(parts) > 1 else []
        return any(self._holds(b"family", name_key(part)) for part in (*parts, *whole))

    def has_number(self, value: str) -> bool:
        """Whether the number, whatever its separators and leading zeros, is one of the site's."""
        return self._holds(b"number", squashed(value).lstrip("0"))

    def each(self) -> Iterator[bytes]:
        """The fingerprints one by one, in order."""
        return map(self._at, range(len(self.prints) // _PRINT_BYTES))

    @property
    def digest(self) -> str:
        """SHA-256: two runs with the same digest (and keys) avoid the same people."""
        return hashlib.sha256(self.prints).hexdigest()

    def _holds(self, kind: bytes, plain: str) -> bool:
        wanted = _print(self.key, kind, plain)
        at = bisect_left(range(len(self.prints) // _PRINT_BYTES), wanted, key=self._at)
        return self._at(at) == wanted

    def _at(self, index: int) -> bytes:
        return self.prints[_PRINT_BYTES * index : _PRINT_BYTES * (index + 1)]


def _print(key: bytes, kind: bytes, plain: str) -> bytes:
    message = kind + b"\0" + plain.encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, "sha256")[:_PRINT_BYTES]
