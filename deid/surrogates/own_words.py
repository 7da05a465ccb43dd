"""The words of the patient's own name, and how they may be divided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from deid.own.demographics import NAME_COLUMN
from deid.own.patient import Patient
from deid.surrogates.pools import Kind, name_key
from deid.vocabulary import cues

__all__ = [
    "SEPARATORS",
    "others_words",
    "own_words",
    "undivided",
    "whole_names",
    "with_particles",
]

SEPARATORS = re.compile(r"[\s\-,.;/()]+")
_WHOLE_MIN = 4  # letters of a name that may be written apart
# "Mc Donald" and "O Shaughnessy" are one word, as they are without the blank.
_GAELIC = re.compile(r"(?i)(?<![^\W_])(ma?c|o)[ '’`]{1,2}(?=[^\W\d_]{3})")


def undivided(patient: Patient) -> Patient:
    """The patient with a surname like "Mc Donald" written without the blank."""
    return replace(patient, last_name=_GAELIC.sub(r"\1", patient.last_name))


def own_words(patient: Patient) -> dict[str, tuple[Kind, str]]:
    """Folded words of the patient's name with their kind, given names first."""
    columns: tuple[tuple[Kind, str], ...] = (
        ("given", patient.first_name),
        ("family", patient.last_name),
    )
    found: dict[str, tuple[Kind, str]] = {}
    for kind, name in columns:
        parts = {name_key(part): part for part in SEPARATORS.split(name)}
        names = [key for key in parts if key not in cues("particles", "name_suffixes")]
        for key in names or parts:
            if len(key) > 1:
                found.setdefault(key, (kind, parts[key]))
    return found


def whole_names(patient: Patient, columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded words of the patient's name, and its columns run together, with their parts."""
    found: dict[str, tuple[str, ...]] = {key: (key,) for key in columns}
    for name in (patient.first_name, patient.last_name):
        parts = tuple(name_key(part) for part in SEPARATORS.split(name) if name_key(part))
        found["".join(parts)] = parts
    return {key: parts for key, parts in found.items() if len(key) >= _WHOLE_MIN}


def with_particles(patient: Patient) -> Iterator[str]:
    """Folded words of the patient's name behind their particle: "al rashid"."""
    for name in (patient.first_name, patient.last_name):
        keys = [name_key(part) for part in SEPARATORS.split(name)]
        for particle, key in pairwise(keys):
            if particle in cues("particles"):
                yield f"{particle} {key}"


def others_words(patient: Patient) -> frozenset[str]:
    """Folded words of the other people in the patient's row."""
    names = (value for column, value in patient.other if NAME_COLUMN.search(column))
    return frozenset(name_key(part) for name in names for part in SEPARATORS.split(name))
