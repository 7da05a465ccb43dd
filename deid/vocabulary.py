"""Word lists of the package and the folding under which names are compared.

Lists live beside the code in ``lexicon/``: ordinary words of clinical English, names, places,
nicknames, cue words. They are read once per process.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from policies.decode import parse_yaml

__all__ = [
    "Folded",
    "any_cue",
    "cues",
    "fold",
    "given_names",
    "is_known_name",
    "is_word",
    "known_names",
    "known_places",
    "names_as_words",
    "names_only",
    "one_slip",
    "read_list",
    "without_genitive",
    "words",
]


_GENITIVE = re.compile(r"['’]s$")


@cache
def read_list(name: str) -> tuple[str, ...]:
    """Words of ``lexicon/<name>.txt`` in the file's order; ``#`` starts a comment line."""
    text = resources.files("deid").joinpath("lexicon", f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(dict.fromkeys(word for line in lines for word in line.split()))


@cache
def _cues() -> dict[str, str]:
    source = resources.files("deid").joinpath("lexicon", "cues.yaml")
    data: dict[str, str] = parse_yaml(source.read_text(encoding="utf-8"), where="cues.yaml")
    return data


@cache
def cues(*names: str) -> frozenset[str]:
    """Closed lists of ``lexicon/cues.yaml``, as written there, as one set."""
    return frozenset(
        word.strip() for name in names for word in _cues()[name].split(",") if word.strip()
    )


@cache
def any_cue(name: str) -> str:
    """A regular expression for any of a list, longest first; a blank matches blanks and tabs."""
    ordered = sorted(cues(name), key=lambda word: (-len(word), word))
    bodies = (r"[ \t]+".join(re.escape(part) for part in word.split()) for word in ordered)
    return "(?:" + "|".join(bodies) + ")"


@cache
def words() -> frozenset[str]:
    """Lower-case words of ordinary clinical English."""
    return frozenset(read_list("words"))


@cache
def given_names() -> frozenset[str]:
    """Folded given names, nicknames included."""
    return frozenset(fold(name) for name in read_list("given_names"))


@cache
def names_only() -> frozenset[str]:
    """Given names that are not also words ("Frank" and "Max" are left out)."""
    return given_names() - words() - {"may", "will", "ray", "ace", "art"}


@cache
def known_names() -> frozenset[str]:
    """Folded given names and surnames of many countries that are neither ordinary nor clinical
    words (recipe: ``deid/ner/known_names.py``).
    """
    return frozenset(read_list("known_names"))


def is_known_name(word: str) -> bool:
    """True for a given name or surname of the lists, unless the lists of words have it too."""
    plain = fold(word)
    return plain in known_names() or plain in names_only()


@cache
def known_places() -> frozenset[str]:
    """Folded towns and counties, their words joined by ``_`` (``deid/ner/known_places.py``)."""
    return frozenset(read_list("known_places"))


@cache
def names_as_words() -> frozenset[str]:
    """Those of the known names that are English words when written small."""
    return frozenset(read_list("names_as_words"))


def is_word(token: str) -> bool:
    """True for a word of ordinary clinical English, possessive and simple plural included."""
    plain = token.lower().replace("’", "'")
    plain = plain.removesuffix("'s").removesuffix("'")
    known = words()
    if plain in known or (plain.endswith("s") and plain[:-1] in known):
        return True
    parts = plain.split("-")
    return len(parts) > 1 and all(part in known or len(part) < 2 for part in parts)


def without_genitive(token: str) -> str:
    """The word that owns: "Roe's" → "Roe"."""
    return _GENITIVE.sub("", token)


def one_slip(one: str, two: str) -> bool:
    """At most one insertion, deletion, substitution or swap of neighbours apart (OSA distance)."""
    if abs(len(one) - len(two)) > 1:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    a, b = one[start:], two[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def fold(text: str) -> str:
    """Case and diacritics removed: "Hänninen" → "hanninen", "Łódź" → "lodz", "ß" → "ss"."""
    return text.lower() if text.isascii() else Folded(text).text


_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}


_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PASSES_MAX = 8


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    plain = "".join(
        _LETTERS.get(part, part)
        for part in unicodedata.normalize("NFKD", char).casefold()
        if not unicodedata.combining(part)
    )
    return plain.replace("’", "'").replace("‘", "'").replace("‐", "-").replace("‑", "-")


def _translated(source: str, table: Mapping[str, str]) -> str:
    """Every character of the table as it says, and capitals of ASCII small."""
    changed = {char: plain for char, plain in table.items() if char != plain}
    apart = changed.keys().isdisjoint(changed.values())
    # A pass for each character costs a tenth of one that looks every character up.
    if len(changed) > _PASSES_MAX or not apart or any(one != one.lower() for one in table.values()):
        return source.translate(_SMALL | {ord(char): ord(to) for char, to in table.items()})
    for char, plain in changed.items():
        source = source.replace(char, plain)
    return source.lower()


class Folded:
    """A text folded for comparison that still knows where each character came from."""

    def __init__(self, source: str) -> None:
        if source.isascii():
            self.text = source.lower()
            self._at: list[int] | None = None
            return
        table = {char: _plain(char) for char in set(source) if not char.isascii()}
        if all(len(plain) == 1 for plain in table.values()):
            self.text = _translated(source, table)
            self._at = None
            return
        pieces = [char.lower() if char.isascii() else table[char] for char in source]
        self.text = "".join(pieces)
        self._at = [index for index, plain in enumerate(pieces) for _ in range(len(plain))]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text lies in the source."""
        if self._at is None:
            return start, end
        return self._at[start], self._at[end - 1] + 1
