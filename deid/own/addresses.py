"""The addresses of a patient's row taken apart: house number, street, flat, town and state.

A note writes one of them in another way than the table ("6516 larkspur avenue, apt 4b" for
"6516 Larkspur Ave Apt 4B"), or a part of it ("99 Main").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.own.columns import TOWN_COLUMN, ZIP_COLUMN, holds
from deid.own.demographics import Patient
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["Streets", "address_towns", "own_states"]

_ADDRESS = re.compile(r"(?i)addr|street|residence|(?<![a-z])home(?![a-z])")
_STATE_COLUMN = re.compile(r"(?i)(?<![a-z])(?:state|province)(?![a-z])")
_SUFFIX_FORMS = tuple(
    frozenset(forms.split())
    for forms in (
        *("st street", "ave av avenue", "rd road", "ln lane", "dr drive", "blvd boulevard"),
        *("ct court", "pl place", "hwy highway", "cir circle", "ter terrace", "pkwy parkway"),
        *("sq square", "trl trail", "hts heights", "cres crescent", "pt point", "plz plaza"),
        *("tpke turnpike", "xing crossing"),
    )
)
_DIRECTION = r"(?:[nsew]|ne|nw|se|sw|north|south|east|west|northeast|northwest|southeast|southwest)"
_UNIT_KINDS = (
    frozenset(["apt", "apartment", "apmt", "#"]),
    frozenset(["suite", "ste"]),
    frozenset(["unit"]),
    frozenset(["flat"]),
)
_UNIT = re.compile(
    r"(?i)[\s,]*(?<![^\W_])(apt|apartment|apmt|suite|ste|unit|flat|#)[.:]?\s*#?\s*"
    r"([a-z]?\d{1,5}[a-z]?|[a-z])(?![^\W_])"
)
_HOUSE = re.compile(r"(?i)^(\d{1,6}[a-z]?(?:[-/]\d{1,5}[a-z]?)?)\s+(.+)$")
_STATE = re.compile(
    rf"(?i)(?:^|[\s,]+)(?P<state>{any_cue('state_codes')}|{any_cue('states')})\.?"
    r"(?:\s+\d{5}(?:-?\d{4})?)?$"
)
_COURT = re.compile(r"(?i)^\d\S*\s+\S+(?:\s+\S+)?\s+ct\.?$")  # no town before Connecticut
_ZIP = re.compile(r"(?:^|\s+)\d{5}(?:-?\d{4})?$")
_ZIP_BEFORE = re.compile(r"^\d{4,5}\s+(?=[^\W\d_])")  # "12 Lindenweg, 55123 Mainz"
_TOWN = re.compile(r"[^\W\d_]+(?:[ \-][^\W\d_]+){0,2}")


def _cells(patient: Patient) -> Iterator[str]:
    for column, value in patient.other:
        if holds(column) == "places" and _ADDRESS.search(column):
            yield value


def _parts(cell: str) -> list[str]:
    """The parts between commas, a town that no comma parts from its street by itself."""
    parts: list[str] = []
    for index, raw in enumerate(re.split(r"\s*[,;\n]\s*", cell.strip())):
        part = _UNIT.sub(" ", raw).strip()
        bare = part if _COURT.match(part) else _STATE.sub("", part)
        bare = _ZIP.sub("", bare).strip(" .")
        bare = _ZIP_BEFORE.sub("", bare) if index else bare
        house = _HOUSE.match(bare)
        words = house[2].split() if house else []
        last = _suffix_at(words)
        if house and last is not None and words[last + 1 :]:
            parts.append(" ".join([house[1], *words[: last + 1]]))
            rest = words[last + 1 :]
            if re.fullmatch(_DIRECTION, fold(rest[0]).strip(".")):
                rest = rest[1:]
            bare = " ".join(rest)
        parts.append(bare)
    return [part for part in parts if part]


def _suffix_at(words: list[str]) -> int | None:
    """Where the street's kind stands ("Road"): the first one behind a name."""
    for index, word in enumerate(words):
        if index and fold(word).strip(".") in cues("street_suffixes"):
            return _later(words, index)
    return None


def _later(words: list[str], index: int) -> int:
    """In "Park Ridge Road" the second of two kinds in a row is the street's."""
    while index + 1 < len(words) and any(
        fold(words[index + 1]).strip(".") in forms for forms in _SUFFIX_FORMS
    ):
        index += 1
    return index


def address_towns(patient: Patient) -> frozenset[str]:
    """Towns in cells that hold whole addresses, folded."""
    found = set()
    others = {fold(state) for state in cues("states", "state_codes")}
    others |= {fold(country) for country in cues("countries")} | {"uk", "usa", "us", "england"}
    for cell in _cells(patient):
        for part in _parts(cell):
            words = fold(part).split()
            street = words[-1] in {form for forms in _SUFFIX_FORMS for form in forms}
            if _TOWN.fullmatch(part) and not street and fold(part) not in others:
                found.add(fold(part))
    return frozenset(found)


def own_states(patient: Patient) -> frozenset[str]:
    """The states of the row's places, folded, as they are written there."""
    found = set()
    for column, value in patient.other:
        if holds(column) != "places" or not (
            _ADDRESS.search(column) or _STATE_COLUMN.search(column) or TOWN_COLUMN.search(column)
        ):
            continue
        for part in re.split(r"\s*[,;\n]\s*", value.strip()):
            said = None if ZIP_COLUMN.search(column) else _STATE.search(part)
            if said:
                found.add(fold(said["state"]))
    return frozenset(found)


class Streets:
    """Finds the streets and flats of one row, whichever of the usual ways they are written."""

    def __init__(self, patient: Patient) -> None:
        bodies: set[str] = set()
        self._bare: set[str] = set()
        for cell in _cells(patient):
            bodies.update(_unit_bodies(cell))
            for part in _parts(cell):
                bodies.update(self._street_bodies(part))
        ordered = sorted(bodies, key=lambda body: (-len(body), body))
        self._pattern = (
            re.compile(rf"(?<![a-z0-9])(?:{'|'.join(ordered)})(?![a-z0-9])") if bodies else None
        )

    def find(self, text: str, folded: str) -> Iterator[tuple[int, int]]:
        """Where they stand in the folded text; ``text`` is as long, or capitals are not asked."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(folded):
            name = re.sub(r"^\S+\s+", "", match.group())
            # "12 long" may be anything, "12 Long" is the street.
            at = match.end() - len(name)
            if name not in self._bare or len(text) != len(folded) or text[at].isupper():
                yield match.span()

    def _street_bodies(self, part: str) -> Iterator[str]:
        house = _HOUSE.match(part)
        if house is None:
            return
        words = [fold(word).strip(".") for word in house[2].split()]
        last = _suffix_at(words)
        names = words[:last] if last is not None else words
        if len(names) > 1 and re.fullmatch(_DIRECTION, names[0]):
            names = names[1:]
        name = r"[\s\-.']{1,3}".join(map(re.escape, names))
        number = re.escape(fold(house[1]))
        lead = rf"(?:{_DIRECTION}\.?\s+)?"
        yield rf"{number},?\s+{lead}{name}(?:\s+{any_cue('street_suffixes')}\b)?"
        if len(names) == 1 and is_word(names[0]):
            self._bare.add(names[0])
        if last is not None:
            forms = next((forms for forms in _SUFFIX_FORMS if words[last] in forms), None)
            kinds = "|".join(map(re.escape, sorted(forms or {words[last]}, reverse=True)))
            yield rf"{lead}{name}\s+(?:{kinds})(?!\s(?:elevation|depression|segment))"


def _unit_bodies(cell: str) -> Iterator[str]:
    for unit in _UNIT.finditer(cell):
        kind = fold(unit[1])
        forms = next(forms for forms in _UNIT_KINDS if kind in forms)
        said = "|".join(map(re.escape, sorted(forms - {"#"}, reverse=True)))
        yield rf"(?:{said})[.:]?\s*#?\s*{re.escape(fold(unit[2]))}"
        if "#" in forms and re.search(r"(?i)\d[a-z]|[a-z]\d", unit[2]):  # "#7 blade"
            yield rf"#\s?{re.escape(fold(unit[2]))}"
