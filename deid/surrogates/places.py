"""Surrogates of places and institutions: invented towns in the structure of the original.

"4556 Spooner Street, Nashua, NH 03060" keeps that it is a house in a street in a town in a state
with a ZIP code; the number, the street, the town and the state change, and the ZIP code is cut as
the profile says. A town starts with a vowel where the original does ("an Oakland clinic").
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from deid.surrogates.draw import Draw
from deid.surrogates.pools import by_length, name_key, plain_letters
from deid.surrogates.real import RealPeople
from deid.vocabulary import cues, fold, is_word
from policies.decode import parse_yaml
from policies.profile import Profile

__all__ = ["Places", "zip3_text"]

_TRIES = 32
_NONE_LEFT = "\0"  # stands in the output until the caller notices
_NEAR_TOWNS = 128
_VOWELS = tuple("aeiou")
_ZIP = re.compile(r"\d{5}(?:[-–]\d{4})?")
_PIECE = re.compile(r"\s*[,;\n]\s*")
_NUMBERED = re.compile(
    r"(?i)\W*(?:\d|(?:p\.?\s?o\.?\s?box|post office box|rural route|rr|highway|hwy|route"
    r"|county road|cr|state road)\b)"
)
_ENDING = re.compile(r"(?:['’][sS])?\.?$")
_RUN_GAP = re.compile(r"[\s\-.&/'’]*")
_NUMBERED_WORD = re.compile(r"[^\W_]*\d[^\W_]*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\.?")
_UNITS = frozenset(
    {"apt", "apartment", "unit", "suite", "ste", "floor", "fl", "room", "rm", "bldg", "building"}
    | {"lot", "box", "po", "p", "o", "post", "office", "rural", "rr", "county", "cr", "usa", "us"}
    | {"n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west", "state"}
)
_COUNTRY_WORDS = frozenset({"usa", "us", "unitedstates", "u", "s", "a", "united", "states"})
# Words that open the names of towns and say little alone.
_OPENINGS = frozenset(
    {"san", "santa", "st", "saint", "fort", "ft", "mount", "mt", "lake", "port", "new", "north"}
    | {"south", "east", "west", "los", "las", "el", "la", "point", "cape", "glen", "upper", "the"}
)
_FIRM = frozenset(
    {"inc", "llc", "ltd", "co", "corp", "company", "corporation", "group", "of"}
    | {"st", "saint", "and", "sons"}
)
_ORDINAL = re.compile(r"(?i)\d+(?:st|nd|rd|th)")


def zip3_text(digits: str, profile: Profile) -> str:
    """What the profile leaves of a five-digit ZIP code, as text."""
    rule = profile.zip
    if rule.keep == "all":
        return digits
    if rule.keep == "none" or len(digits) < 5:
        return ""
    return rule.area(digits[:5])


@cache
def _data() -> dict[str, tuple[str, ...]]:
    source = resources.files("deid.surrogates").joinpath("places.yaml").read_text(encoding="utf-8")
    return {k: tuple(v.split()) for k, v in parse_yaml(source, where="places.yaml").items()}


@cache
def _states() -> dict[str, str]:
    """Names of states by their codes."""
    pairs = (entry.split("=") for entry in _data()["states"])
    return {code: name.replace("_", " ") for code, name in pairs}


@cache
def _state_codes() -> dict[str, str]:
    return {fold(name): code for code, name in _states().items()}


@cache
def _all_towns() -> tuple[str, ...]:
    return tuple(
        head + tail
        for head in _data()["heads"]
        for tail in _data()["tails"]
        if head[-1] != tail[0] and head.lower() not in tail and tail not in head.lower()
    )


@cache
def _alike(*, vowel: bool) -> dict[int, tuple[str, ...]]:
    """Invented towns that begin with a vowel, or those that do not, by their length."""
    towns: dict[int, list[str]] = {}
    for town in _all_towns():
        if town.lower().startswith(_VOWELS) is vowel:
            towns.setdefault(len(town), []).append(town)
    return {length: tuple(alike) for length, alike in towns.items()}


@cache
def _towns(length: int, *, vowel: bool) -> tuple[str, ...]:
    """Some hundred invented towns of the nearest lengths."""
    alike = _alike(vowel=vowel)
    near: list[str] = []
    # Only as many as are kept need to be put in order: all of a length, then the next lengths.
    for reach in sorted({abs(one - length) for one in alike}):
        for one in sorted({length - reach, length + reach}):
            near += alike.get(one, ())
        if len(near) >= _NEAR_TOWNS:
            break
    return by_length(near, length)[:_NEAR_TOWNS]


class Places:
    """The places of one patient's notes. ``own`` are the patient's folded names."""

    def __init__(
        self, draw: Draw, people: RealPeople, profile: Profile, own: frozenset[str]
    ) -> None:
        self._draw = draw
        self._people = people
        self._profile = profile
        self._own = own

    def location(self, value: str) -> str | None:
        """An address, a town, a state, a country or a ZIP code; None if no town is left."""
        out: list[str] = []
        at = 0
        for end in [*(match.start() for match in _PIECE.finditer(value)), len(value)]:
            gap = _PIECE.match(value, at)
            start = gap.end() if gap and gap.end() <= end else at
            out += [value[at:start], self._piece(value[start:end])]
            at = end
        return _found(re.sub(r"[,;\s]+$", "", "".join(out)))

    def _piece(self, piece: str) -> str:
        """One part between commas; a ZIP code and a state may stand at its end."""
        match = re.search(rf"(?:^|\s)({_ZIP.pattern})$", piece)
        if match:
            left = zip3_text(match[1][:5], self._profile)
            left = match[1] if self._profile.zip.keep == "all" else left
            before = piece[: match.start()]
            capitals = re.search(r"\s([A-Z]{2})$", before)
            if capitals and (state := self._state(capitals[1])):
                return f"{self._piece(before[: capitals.start()])} {state} {left}".rstrip()
            return f"{self._piece(before)} {left}".strip() if before.strip() else left
        if state := self._state(piece):
            return state
        ending = re.search(r"\s([A-Z]{2})$", piece)
        if ending and not piece.isupper() and (state := self._state(ending[1])):
            return f"{self._piece(piece[: ending.start()])} {state}"
        if _NUMBERED.match(piece) or re.search(r"\d", piece):
            return self._street(piece)
        return self._town(piece, _OPENINGS | _COUNTRY_WORDS)

    def _state(self, piece: str) -> str | None:
        """Another state, as a code or a name like the original; None if it is no state."""
        plain = _undotted(piece)
        states = _states()
        code = plain if plain in states else _state_codes().get(fold(piece).strip())
        if code is None:
            return None
        others = [one for one in states if one != code]
        made = others[self._draw("state", code) % len(others)]
        if plain not in states:
            return states[made].upper() if piece.isupper() else states[made]
        return f"{made[0]}.{made[1]}." if "." in piece else made

    def _street(self, piece: str) -> str:
        """A house, box, road or unit with its number; suffixes and directions stay."""
        return self._runs(piece, cues("street_suffixes") | _UNITS)

    def _town(self, piece: str, kept: frozenset[str]) -> str:
        """A town or country of one or several words; "San", "Fort", "New" open others too."""
        words = [match.group() for match in _WORD.finditer(piece)]
        if piece.title() in _data()["countries"]:
            choices = [one for one in _data()["countries"] if one != piece.title()]
            made = choices[self._draw("country", fold(piece)) % len(choices)]
            return made.upper() if piece.isupper() and len(piece) > 2 else made
        # An opening word is kept before another one only: alone it is the name.
        keep = kept if len(words) > 1 else frozenset()
        if words and name_key(words[-1]) in keep - _COUNTRY_WORDS:
            keep = frozenset()
        return self._runs(piece, keep)

    def organisation(self, value: str) -> str | None:
        """An institution: what names its kind stays ("General Hospital"), its name changes.
        None if no town is left.
        """
        kinds = {word for kind in cues("institution_kinds") for word in fold(kind).split()}
        kept = frozenset(kinds) | cues("generic_institution_words") | _FIRM
        if re.fullmatch(r"[A-Z]{2,6}", value):
            return _found(self._acronym(value))
        names = [w for w in _WORD.findall(value) if name_key(w) not in kept]
        if not names:
            return _found(self._runs(value, _FIRM))
        return _found(self._runs(value, kept))

    def _acronym(self, value: str) -> str:
        numbers = self._draw.digits("acronym", value, 0, len(value))
        made = "".join("ABCDEFGHKLMNPRSTVW"[number % 18] for number in numbers)
        return made if made != value else self._new_town(value)

    def _runs(self, piece: str, kept: frozenset[str]) -> str:
        """``piece`` with one town for every run of words that are not ``kept``, and other digits
        in every word that has some.
        """
        out: list[str] = []
        at = 0
        for start, end in _runs_of_names(piece, kept):
            out += [self._renumbered(piece[at:start]), self._new_town(piece[start:end])]
            at = end
        return "".join([*out, self._renumbered(piece[at:])])

    def _renumbered(self, between: str) -> str:
        return _NUMBERED_WORD.sub(lambda match: self._numbered(match.group()), between)

    def _numbered(self, word: str) -> str:
        """A house number, a unit, an ordinal: other digits, letters only where they are mixed."""
        ordinal = _ORDINAL.fullmatch(word)
        digits = self._draw.digits("place number", fold(word), 0, len(word))
        out = ""
        for i, (char, number) in enumerate(zip(word, digits, strict=True)):
            if char.isdigit():
                other = number % 9 + 1 if i == 0 else number % 10
                out += str(other if str(other) != char else other % 9 + 1)
            elif char.isalpha() and not ordinal:
                out += "ABCDEFGH"[number % 8] if char.isupper() else "abcdefgh"[number % 8]
            else:
                out += char
        return _ordinal(out) if ordinal else out

    def _new_town(self, words: str) -> str:
        key = name_key(words) or fold(words)
        plain = plain_letters(words)
        towns = _towns(min(max(len(plain), 6), 12), vowel=plain[:1].lower() in _VOWELS)
        for attempt in range(_TRIES):
            made = towns[self._draw("town", key, attempt) % len(towns)]
            if self._allowed(name_key(made), key):
                break
        else:
            return _NONE_LEFT
        letters = [char for char in words if char.isalpha()]
        if len(letters) > 1 and words.isupper():
            return made.upper()
        return made.lower() if words.islower() else made

    def _allowed(self, made: str, key: str) -> bool:
        return (
            made not in self._own
            and not is_word(made)
            and made not in key
            and (len(key) < 4 or key not in made)
            and not self._people.has_family(made)
        )


def _runs_of_names(piece: str, kept: frozenset[str]) -> list[tuple[int, int]]:
    """Where neighbouring words stand that are neither kept nor numbers."""
    runs: list[tuple[int, int]] = []
    for match in _WORD.finditer(piece):
        word = match.group()
        if name_key(word) in kept or any(char.isdigit() for char in word):
            continue
        start, end = match.start(), match.start() + len(_ENDING.sub("", word))
        if runs and _RUN_GAP.fullmatch(piece, runs[-1][1], start):
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    return runs


def _undotted(piece: str) -> str:
    return re.sub(r"[.\s]", "", piece)


def _ordinal(digits: str) -> str:
    """The number with the ending it takes: 1st, 22nd, 13th."""
    number = int(re.sub(r"\D", "", digits) or "1")
    ending = (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def _found(made: str) -> str | None:
    return None if _NONE_LEFT in made else made
