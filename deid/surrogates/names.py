"""Surrogates of people's names: word by word, so that every order and form of a name agrees.

A word of a patient always becomes the same word, whether it stands alone, in capitals, behind a
comma or with a hyphen. It is drawn from the pool of its origin, kind and gender, near in length,
and drawn again until it is allowed: not a name of the patient, no family name of the site's
people, and not like the original. Where lists are exhausted, names are coined; where even that
fails, the caller writes a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from deid.own.patient import Patient
from deid.surrogates.draw import Draw
from deid.surrogates.name_words import Word, joined_words, words_of
from deid.surrogates.origin import gender_of, kind_of, origins_of
from deid.surrogates.own_words import (
    SEPARATORS,
    others_words,
    own_words,
    undivided,
    whole_names,
    with_particles,
)
from deid.surrogates.pools import (
    GENERAL,
    Gender,
    Kind,
    coined,
    known,
    name_key,
    plain_letters,
    pool,
    reads_as_name,
)
from deid.surrogates.real import RealPeople
from deid.vocabulary import cues, one_slip

__all__ = ["Names"]

_LETTERS = "ABCDEFGHJKLMNPRSTW"
_NEAR_POOL = 48  # names of the nearest lengths: few enough to be alike, enough to differ
_TRIES = (16, 32, 32)  # among the nearest, in the whole pool, coined
_HELD_WORDS_MAX = 2048
_SEX = re.compile(r"^(?:sex|gender)$", re.IGNORECASE)
_SLIP_LETTERS_MIN = 6
_MISREAD = str.maketrans("0135", "oles")


class Names:
    """The names of one patient's notes. ``own`` are folded names that the matcher looks for.

    What is drawn depends on keys, patient id, first and last name, sex and the site's people: not
    on who else stands in the patient's row, which may differ from note to note.
    """

    def __init__(
        self, draw: Draw, people: RealPeople, patient: Patient, own: frozenset[str]
    ) -> None:
        patient = undivided(patient)
        self._draw = draw
        self._people = people
        self._patient = patient
        self._held: dict[str, str | None] = {}
        self._columns = own_words(patient)
        self.own = own | {name_key(name) for name in own} | frozenset(self._columns)
        self._whole = whole_names(patient, self._columns)
        self._with_particles = frozenset(with_particles(patient))
        self._avoided = (self.own - others_words(patient)) | frozenset(self._columns)

    def all_own(self, value: str) -> bool:
        """Whether a "place" is made of the patient's names only: "St. James", "Ji-woo Park"."""
        keys = [name_key(word) for word in SEPARATORS.split(value) if name_key(word)]
        small = cues("particles", "name_suffixes", "titles")
        return any(key in self._columns for key in keys) and all(
            key in self.own or key in small for key in keys
        )

    def __call__(self, value: str) -> str | None:
        """What stands for ``value``; None if no surrogate was found."""
        out: list[str] = []
        at = 0
        words = words_of(value, self.own | self._with_particles)
        words = joined_words(value, words, self._whole)
        beside = {name_key(word.text) for word in words}
        for word in words:
            new = word.text if word.kept else self._word(word, value, beside)
            if new is None:
                return None
            out += [value[at : word.start], new]
            at = word.end
        return "".join([*out, value[at:]])

    def _word(self, word: Word, value: str, beside: set[str]) -> str | None:
        text = word.text
        if self._is_initials(text, value):
            return "".join(self._initial(char) for char in text)
        key, plural = self._singular(name_key(text))
        key = self._meant(key)
        made = self._surrogate(key, text)
        if made is not None and name_key(made) in beside:
            # "Min Jun" must not become "Jun Ho": here alone the word gets another one.
            made = self._drawn(key, text, self._own_surrogates | beside)
        if made is None:
            return None
        if text.isascii():
            made = plain_letters(made)
        return _cased(made + plural, text)

    def _is_initials(self, text: str, value: str) -> bool:
        """One letter, or two or three that are no known name ("JR", "kls" of a typist)."""
        if len(text) == 1:
            return True
        key = name_key(text)
        if len(text) > 3 or not text.isascii() or key in self.own or _listed(key):
            return False
        alone = re.fullmatch(r"[a-z]{2,3}", value) or "/" in value or ":" in value
        return (text.isupper() and not value.isupper()) or bool(alone) or value == text.upper()

    def _initial(self, char: str) -> str:
        plain = plain_letters(char).upper()
        made = self._own_initials.get(plain)
        if made is None:
            number = self._draw("initial", plain)
            choices = _LETTERS.replace(plain, "")
            made = choices[number % len(choices)]
        return made.lower() if char.islower() else made

    @cached_property
    def _own_initials(self) -> dict[str, str]:
        """Initials of the patient's names go with the surrogates of these names."""
        made: dict[str, str] = {}
        for key, (_, word) in self._columns.items():
            new = self._surrogate(key, word)
            if new is not None:
                made.setdefault(key[0].upper(), plain_letters(new)[0].upper())
        return made

    def _meant(self, key: str) -> str:
        """The patient's own name for one with a slip or misread digits, else the word itself."""
        if key in self.own or _listed(key):
            return key
        if any(char.isdigit() for char in key):
            letters = key.translate(_MISREAD)
            return letters if letters in self.own else key
        if len(key) < _SLIP_LETTERS_MIN - 1:
            return key
        near = (one for one in self._columns if len(one) >= _SLIP_LETTERS_MIN)
        return next((one for one in near if one_slip(one, key)), key)

    def _singular(self, key: str) -> tuple[str, str]:
        """The name within a plural ("the Smiths") and the ending it takes."""
        stem = key[:-1]
        if not key.endswith("s") or len(key) < 4 or key in self.own or _listed(key):
            return key, ""
        return (stem, "s") if stem in self.own or known(stem).family else (key, "")

    def _surrogate(self, key: str, word: str) -> str | None:
        others = self._own_surrogates  # first: the patient's own words come before all others
        if key in self._held:
            return self._held[key]
        made = self._together(key) or self._drawn(key, word, others)
        if len(self._held) < _HELD_WORDS_MAX:
            self._held[key] = made
        return made

    def _together(self, key: str) -> str | None:
        """Of the patient's words run together, what stands for these words: "Vanderlinden"."""
        parts = self._whole.get(key, ())
        if len(parts) < 2:
            return None
        made = [self._own_word(part) for part in parts]
        return "".join(filter(None, made)).capitalize() if all(made) else None

    def _own_word(self, key: str) -> str | None:
        return self._surrogate(key, key) if key in self._columns else key

    @cached_property
    def _own_surrogates(self) -> set[str]:
        """What stands for the patient's own names stands for nobody else's."""
        made: set[str] = set()
        for key, (_, word) in self._columns.items():
            new = self._held[key] = self._drawn(key, word, made)
            if new is not None:
                made.add(name_key(new))
        return made

    def _drawn(self, key: str, word: str, others: set[str]) -> str | None:
        for candidate in self._candidates(key, word):
            plain = name_key(candidate)
            if (
                plain not in self._avoided
                and plain not in others
                and plain[0] != key[0]
                and plain not in key
                and key not in plain
                and not self._people.has_family(candidate)
                and reads_as_name(candidate)
            ):
                return candidate
        return None

    def _candidates(self, key: str, word: str) -> Iterator[str]:
        kind, origin, gender = self._likeness(key, word)
        names = pool(kind, origin, gender, len(key), sibilant=key.endswith(("s", "x", "z")))
        near, far, new = _TRIES
        for attempt in range(near):
            yield names[self._draw(kind, key, attempt) % min(_NEAR_POOL, len(names))]
        for attempt in range(near, near + far):
            yield names[self._draw(kind, key, attempt) % len(names)]
        for attempt in range(near + far, near + far + new):
            made = coined(names, self._draw(kind, key, attempt))
            if len(made) >= min(len(key), 3):
                yield made

    def _likeness(self, key: str, word: str) -> tuple[Kind, str, Gender]:
        """Kind, origin and gender of the name to draw. It depends on the folded word and the
        patient's row alone: with and without its accents a name gets the same surrogate, whichever
        the notes hold first.
        """
        column = self._columns.get(key)
        word = word if column is not None else key
        kind: Kind = column[0] if column is not None else kind_of(key)
        found = origins_of(key, word, kind)
        origin = found[0]
        if key in self._columns and len(found) > 1:
            origin = next((one for one in found if one in self._family_origins), origin)
        gender: Gender = gender_of(key, origin) if kind == "given" else "n"
        if gender == "n" and column is not None and kind == "given":
            gender = self._sex
        return kind, origin, gender

    @cached_property
    def _family_origins(self) -> frozenset[str]:
        """Origins of the patient's family name, which decide where a given name has several."""
        return frozenset(
            origin
            for key, (kind, word) in self._columns.items()
            if kind == "family"
            for origin in origins_of(key, word, "family")[:1]
        ) - {GENERAL}

    @cached_property
    def _sex(self) -> Gender:
        for column, value in self._patient.other:
            if _SEX.match(column) and value[:1].lower() in ("m", "f"):
                return "m" if value[:1].lower() == "m" else "f"
        return "n"


def _listed(key: str) -> bool:
    said = known(key)
    return bool(said.given or said.family)


def _cased(made: str, like: str) -> str:
    letters = [char for char in like if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    if capitals > 1 and 2 * capitals > len(letters):
        return made.upper()
    return made.lower() if like.islower() else made
