"""Recipe of ``lexicon/known_names.txt``, given names and surnames of many countries, and of
``lexicon/names_as_words.txt``, those of them that are English words too when written small.

Sources: the frequent surnames and all given names of the United States census of 1990 (package
*names*, public domain) and the names of Faker's locales (MIT). Left out: ordinary words, words of
the clinical lexicon, months, days, states, and whatever MTSamples writes in small letters, since
a listed word counts as a name wherever it stands with a capital. Written small it counts unless the
English spelling dictionary of Hunspell (in package *spylls*) knows it so.

    pip install faker==40.63.0 names==0.3.0 spylls==0.1.7
    python -m deid.ner.known_names mtsamples.jsonl.gz deid/lexicon
"""

from __future__ import annotations

import calendar
import gzip
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from deid.eponyms import lexicon
from deid.vocabulary import cues, fold, is_word

__all__ = ["chosen", "english", "write"]

SURNAMES_MAX = 20_000  # of the census, by frequency: nine in ten people
_LETTERS_MIN = 3
_SMALL = re.compile(r"(?<![^\W_])[a-z]{3,}(?![^\W_])")
_PARTS = re.compile(r"[a-z]+(?:'[a-z]+)?")
_NAMES = re.compile("first|last|surname")
_HEADS = {
    "known_names": "# Given names and surnames, folded, no ordinary or clinical words",
    "names_as_words": "# Of the known names those that are English words when written small",
    "known_places": "# Places, from GeoNames (geonames.org, CC BY 4.0), folded",
}


def _census() -> Iterator[str]:
    for file, most in (
        ("dist.all.last", SURNAMES_MAX),
        ("dist.female.first", None),
        ("dist.male.first", None),
    ):
        text = resources.files("names").joinpath(file).read_text(encoding="utf-8")
        yield from (line.split()[0] for line in text.splitlines()[:most])


def _faker() -> Iterator[str]:
    package = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if isinstance(values, tuple | list | Mapping) and _NAMES.search(attribute):
                yield from (value for value in values if isinstance(value, str))


def chosen(names: Iterable[str], small: frozenset[str]) -> list[str]:
    """The folded parts of ``names`` that are safe to take for a name, sorted. ``small`` are words
    that clinical text writes without a capital.
    """
    known = lexicon()
    # Frequent surnames among the eponyms stay: a clinical head beside them is looked for.
    clinical = (known.eponyms | known.terms | known.heads) - known.ambiguous
    other = {word for name in ("states", "no_names", "care_units") for word in cues(name)}
    other |= {*calendar.month_name, *calendar.day_name}
    left_out = clinical | small | {part for word in other for part in _PARTS.findall(fold(word))}
    parts = {part for name in names for part in _PARTS.findall(fold(name))}
    return sorted(
        part
        for part in parts
        if len(part) >= _LETTERS_MIN and not is_word(part) and part not in left_out
    )


def english(words: Iterable[str]) -> list[str]:
    """Those of ``words`` that the spelling dictionary knows without a capital."""
    package = importlib.import_module("spylls.hunspell")
    path = resources.files("spylls").joinpath("hunspell/data/en/en_US")
    dictionary = package.Dictionary.from_files(str(path))
    return [word for word in words if dictionary.lookup(word)]


def write(folder: Path, name: str, words: Iterable[str]) -> None:
    """Write one list of the lexicon, many words a line."""
    rows, row = [f"{_HEADS[name]}: see deid/ner"], ""
    for word in words:
        if len(row) + len(word) > 110:
            rows.append(row)
            row = ""
        row = f"{row} {word}".strip()
    (folder / f"{name}.txt").write_text("\n".join([*rows, row]) + "\n", encoding="utf-8")


def main(mtsamples: str, folder: str) -> None:
    """Write the two lists."""
    small: set[str] = set()
    with gzip.open(mtsamples, "rt", encoding="utf-8") as lines:
        for line in lines:
            small.update(_SMALL.findall(json.loads(line)["text"]))
    words = chosen([*_census(), *_faker()], frozenset(small))
    write(Path(folder), "known_names", words)
    write(Path(folder), "names_as_words", english(words))


if __name__ == "__main__":
    main(*sys.argv[1:])
