"""The pools that surrogate names are drawn from: by origin, kind and gender, close lengths first.

Nothing is read at import; the file ``names.txt`` is read once per process, at the first name.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from deid.eponyms import is_clinical, lexicon
from deid.vocabulary import fold, given_names, is_word, read_list

__all__ = [
    "GENERAL",
    "Gender",
    "Kind",
    "Known",
    "by_length",
    "coined",
    "is_given",
    "known",
    "name_key",
    "plain_letters",
    "pool",
    "reads_as_name",
]

Kind = Literal["given", "family"]
Gender = Literal["m", "f", "n"]
GENERAL = "anglo"
"""The origin of names whose origin is unknown, and its pool."""

_POOL_MIN = 12
_VOWELS = "aeiouy"
_GROUPS = re.compile(rf"[{_VOWELS}]+")
_SIBILANT = ("s", "x", "z")


@dataclass(frozen=True, slots=True)
class Known:
    """What the lists say of a word: (origin, gender) as a given name, origins as a family name."""

    given: tuple[tuple[str, Gender], ...] = ()
    family: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def name_key(word: str) -> str:
    """Letters and digits of a name, folded: how names are compared ("O’Brien" → "obrien")."""
    return "".join(char for char in fold(word) if char.isalnum())


@cache
def _names() -> dict[str, dict[str, tuple[str, ...]]]:
    """Names by origin and part; a heading like ``[anglo m]`` opens each list."""
    source = resources.files("deid.surrogates").joinpath("names.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for section in source.split("\n[")[1:]:
        heading, _, names = section.partition("]")
        origin, part = heading.split()
        found.setdefault(origin, {})[part] = tuple(dict.fromkeys(names.split()))
    return found


@cache
def _index() -> dict[str, Known]:
    given: dict[str, list[tuple[str, Gender]]] = {}
    family: dict[str, list[str]] = {}
    for origin, parts in _names().items():
        genders: tuple[Gender, ...] = ("n", "m", "f")
        for gender in genders:
            for name in parts[gender]:
                given.setdefault(name_key(name), []).append((origin, gender))
        for name in parts["s"]:
            family.setdefault(name_key(name), []).append(origin)
    for name in read_list("surnames"):
        family.setdefault(name_key(name), []).append(GENERAL)
    return {
        key: Known(tuple(given.get(key, ())), tuple(family.get(key, ())))
        for key in {*given, *family}
    }


def known(key: str) -> Known:
    """What the lists say of a folded word."""
    return _index().get(key, Known())


def is_given(key: str) -> bool:
    """Whether the word is a given name in any list."""
    return bool(known(key).given) or key in given_names()


@cache
def pool(
    kind: Kind, origin: str, gender: Gender, length: int, *, sibilant: bool
) -> tuple[str, ...]:
    """Names that may be drawn, those of the nearest length first.

    ``sibilant``: names that end like the original in s, x or z, where there are enough; else
    none of these, so that a plural or genitive ending behind the name still fits.
    """
    names = _names_of(kind, origin, gender)
    alike = [name for name in names if name_key(name).endswith(_SIBILANT) is sibilant]
    if len(alike) < _POOL_MIN:
        alike = list(names)
    return by_length(alike, length)


def by_length(names: Iterable[str], length: int) -> tuple[str, ...]:
    """The names, those of the nearest length first; those of one length in no telling order."""

    def place(name: str) -> tuple[int, int]:
        letters, untold = _measures(name)
        return abs(letters - length), untold

    return tuple(sorted(names, key=place))


@cache
def _measures(name: str) -> tuple[int, int]:
    plain = name.isascii() and name.isalpha()
    return len(name) if plain else len(name_key(name)), zlib.crc32(name.encode("utf-8"))


@cache
def _names_of(kind: Kind, origin: str, gender: Gender) -> tuple[str, ...]:
    parts = _names()[origin]
    if kind == "family":
        names = parts["s"] + (read_list("surnames") if origin == GENERAL else ())
    else:
        names = parts[gender]
    found = tuple(dict.fromkeys(names))
    if len(found) < _POOL_MIN and origin != GENERAL:
        found += tuple(n for n in _names_of(kind, GENERAL, gender) if n not in found)
    return found


@lru_cache(maxsize=8192)
def reads_as_name(name: str) -> bool:
    """Not also an ordinary word, a clinical one or an eponym: "Mark", "Foley", "Page".

    Asked of what was drawn and not of the pools: so a word that joins the lexicon changes the
    surrogates that it takes away, and no others.
    """
    plain = plain_letters(name)
    return (
        len(plain) > 1
        and not is_word(plain)
        and not is_clinical(plain, 0, len(plain))
        and name_key(name) not in lexicon().eponyms | lexicon().ambiguous
    )


def coined(names: Sequence[str], number: int) -> str:
    """A name that no list holds: the head of one name, the tail of another."""
    count = len(names)
    head = plain_letters(names[number % count])
    tail = plain_letters(names[number // count % count]).lower()
    return _head(head) + _tail(tail)


def _head(name: str) -> str:
    groups = [match.span() for match in _GROUPS.finditer(name.lower())]
    if not groups:
        return name
    start, end = groups[0]
    return name[: end + 1] if len(groups) > 1 else name[:start] or name[:1]


def _tail(name: str) -> str:
    groups = [match.span() for match in _GROUPS.finditer(name)]
    if not groups:
        return name
    return name[groups[1][0] :] if len(groups) > 1 else name[groups[0][0] :]


_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "ı": "i", "ß": "ss"}
    | {"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "’": "'"}
)


def plain_letters(name: str) -> str:
    """The name without diacritics, case kept: "Đorđević" → "Dordevic"."""
    if name.isascii():
        return name
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join(char for char in plain if not unicodedata.combining(char))
