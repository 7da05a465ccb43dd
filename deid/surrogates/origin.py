"""Where a name comes from and whose it may be: guessed from lists first, then from its letters.

The guess only makes surrogates look alike; nothing depends on its being right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources

from deid.surrogates.pools import GENERAL, Gender, Kind, is_given, known
from policies.decode import parse_yaml

__all__ = ["gender_of", "kind_of", "origins_of"]

# A word that is both is mostly the family name in these: "Li", "Yang", "Kim".
_FAMILY_FIRST = frozenset({"chinese", "vietnamese", "korean"})
_LETTERS_MIN = 5  # of a word whose ending says something
_FEMININE_A = frozenset(
    {"hispanic", "portuguese", "italian", "slavic", "scandinavian", "greek", "german", "dutch"}
    | {"hungarian", GENERAL, "gaelic", "south_asian", "arabic"}
)
_MASCULINE_O = frozenset({"hispanic", "portuguese", "italian", "finnish"})
_GIVEN = ("a", "ette", "elle", "lyn", "lynn", "isha", "issa")
_FEMININE = re.compile(r"(?:ette|elle|ine|lyn|lynn|lynne|leen|anne|ene|isha|issa|ie)$")


def kind_of(key: str) -> Kind:
    """Given or family name, for a folded word; unknown words count as family names, but for those
    that end like a woman's name and like nothing else ("Quionia", "Robinette").
    """
    said = known(key)
    if not is_given(key):
        as_given = not said.family and key.endswith(_GIVEN) and _by_letters(key, key) == GENERAL
        return "given" if as_given else "family"
    if said.family:
        neutral = bool(said.given) and said.given[0][1] == "n"
        if neutral or _FAMILY_FIRST.intersection(said.family):
            return "family"
    return "given"


@cache
def _signs() -> dict[str, dict[str, str]]:
    source = resources.files("deid.surrogates").joinpath("origins.yaml").read_text(encoding="utf-8")
    data: dict[str, dict[str, str]] = parse_yaml(source, where="origins.yaml")
    return data


@cache
def _affixes(kind: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple((tuple(text.split()), origin) for origin, text in _signs()[kind].items())


@lru_cache(maxsize=4096)
def _by_letters(key: str, word: str) -> str:
    special = [
        char
        for char in unicodedata.normalize("NFC", word.lower())
        if char.isalpha() and not char.isascii()
    ]
    telling = (
        _with_letters(special, "letters"),
        next(filter(None, map(_script, special)), None),
        _with_affix(key, "beginnings", str.startswith),
        _with_affix(key, "endings", str.endswith),
        _with_letters(special, "weak_letters"),
    )
    return next((origin for origin in telling if origin is not None), GENERAL)


def _with_letters(special: list[str], part: str) -> str | None:
    signs = _signs()[part].items()
    return next((origin for origin, letters in signs if set(letters) & set(special)), None)


def _script(char: str) -> str | None:
    return _signs()["scripts"].get(unicodedata.name(char, "").split(" ")[0])


def _with_affix(key: str, part: str, stands: Callable[[str, tuple[str, ...]], bool]) -> str | None:
    if len(key) < _LETTERS_MIN:
        return None
    return next((origin for affixes, origin in _affixes(part) if stands(key, affixes)), None)


def origins_of(key: str, word: str, kind: Kind) -> tuple[str, ...]:
    """Origins the name may have, the likeliest first; never empty."""
    said = known(key)
    listed = [origin for origin, _ in said.given] if kind == "given" else list(said.family)
    if not listed:
        listed = list(said.family) if kind == "given" else [origin for origin, _ in said.given]
    return tuple(dict.fromkeys(listed)) or (_by_letters(key, word),)


def gender_of(key: str, origin: str) -> Gender:
    """Whether a given name is a man's, a woman's, or either's ("n": also where nobody knows)."""
    said = known(key).given
    listed = [g for o, g in said if o == origin] or [g for _, g in said]
    if listed:
        distinct = set(listed)
        return listed[0] if len(distinct) == 1 else "n"
    if key.endswith("o") and origin in _MASCULINE_O:
        return "m"
    if (key.endswith("a") and origin in _FEMININE_A) or (
        origin == GENERAL and _FEMININE.search(key)
    ):
        return "f"
    return "n"
