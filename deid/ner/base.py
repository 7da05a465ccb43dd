"""The clinical prose into which names are put: real transcriptions, cut into sentences.

The transcriptions are de-identified, but not perfectly. What an existing model takes for a name,
place or institution in them, and the clinical lexicon does not explain, counts as *unknown*: it
neither teaches the new model a name nor a non-name. Days are marked by the engine's own rules.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deid.dates.find import find_dates
from deid.ner.fill import Mark, Piece
from deid.ner.templates import listed
from deid.span import Span
from deid.veto import prune
from deid.vocabulary import fold, names_only

__all__ = [
    "Sentence",
    "cut",
    "marked",
    "overlapping",
    "read_notes",
    "training_notes",
    "with_days",
]

_SHINGLE = 8  # words in a row that two texts must share
_SHARED_MAX = 0.1  # share of a note's shingles; more, and it is taken for the same note
_CUT = re.compile(
    r"((?<=[.!?])\s*,\s*(?=[A-Z0-9])"
    r"|(?<=[.!?])(?<![DM][Rr]\.)(?<!M[Rr][Ss]\.)(?<!M[Ss]\.)(?<!D[Rr][Ss]\.)(?<!\b[A-Z]\.)\s+(?=[A-Z])"
    r"|:\s*,\s*|,(?=[A-Z]{3,})|\n+)"
)
_HELD_OUT_SPECIALTY = "Orthopedic"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of a note and what follows it up to the next one."""

    piece: Piece
    gap: str


def read_notes(path: Path) -> list[dict[str, Any]]:
    """The lines of a gzipped JSON-lines corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def overlapping(notes: Sequence[str], others: Iterable[str]) -> set[int]:
    """Indices of ``notes`` that share a tenth of their eight-word runs with one of ``others``."""
    own = [_shingles(note) for note in notes]
    where: dict[tuple[str, ...], list[int]] = {}
    for index, runs in enumerate(own):
        for run in runs:
            where.setdefault(run, []).append(index)
    found: set[int] = set()
    for other in others:
        shared = Counter(index for run in _shingles(other) for index in where.get(run, ()))
        found |= {index for index, count in shared.items() if count > _SHARED_MAX * len(own[index])}
    return found


def training_notes(corpus: Path, held_out: Sequence[Path]) -> list[str]:
    """Texts of the corpus without its orthopaedic notes and without those of ``held_out``."""
    notes = read_notes(corpus)
    texts = [str(note["text"]) for note in notes]
    apart = [str(note["text"]) for note in notes if note.get("specialty") == _HELD_OUT_SPECIALTY]
    for path in held_out:
        apart += [str(note["text"]) for note in read_notes(path)]
    leave = overlapping(texts, apart)
    return [text for index, text in enumerate(texts) if index not in leave]


def cut(text: str) -> list[tuple[str, str]]:
    """Sentences with what stands between them; together they are the text."""
    parts = [*_CUT.split(text), ""]
    return list(zip(parts[0::2], parts[1::2], strict=True))


def marked(nlp: Any, texts: Iterable[str], places: frozenset[str]) -> Iterator[list[Sentence]]:
    """The notes as sentences, with what the older model ``nlp`` sees in them."""
    for text in texts:
        parts = [(sentence, gap) for sentence, gap in cut(text) if sentence or gap]
        docs = nlp.pipe([sentence for sentence, _ in parts], batch_size=256)
        yield [
            Sentence(with_days(_judged(doc, places)), gap)
            for doc, (_, gap) in zip(docs, parts, strict=True)
        ]


@cache
def _products() -> frozenset[str]:
    """Folded words of drugs, makers and devices: no names, whatever the older model says."""
    lines = (line for kind in ("drugs", "makers", "devices") for line in listed(kind))
    return frozenset(fold(word) for line in lines for word in line.split())


def _judged(doc: Any, places: frozenset[str]) -> Piece:
    marks: list[Mark] = []
    unknown: list[tuple[int, int]] = []
    for found in doc.ents:
        category = {"PERSON": "NAME", "GPE": "LOCATION", "LOC": "LOCATION", "ORG": "ORG"}
        if found.label_ not in category or fold(found.text) in _products():
            continue
        span = Span(found.start_char, found.end_char, category[found.label_], "model")  # type: ignore[arg-type]
        for kept in prune(doc.text, span, frozenset()):
            words = doc.text[kept.start : kept.end]
            if found.label_ == "GPE" and words in places:
                new = doc.text[: kept.start].endswith("New ")  # "New" is a word to the veto
                marks.append((kept.start - 4 * new, kept.end, "GPE"))
            elif found.label_ == "PERSON" and _full_name(words):
                marks.append((kept.start, kept.end, "PERSON"))
            elif found.label_ != "ORG" or len(words.split()) > 1:
                unknown.append((kept.start, kept.end))
    return Piece(doc.text, tuple(marks), tuple(unknown))


def with_days(piece: Piece) -> Piece:
    """The piece with its days marked, where nothing else is."""
    taken = [*((start, end) for start, end, _ in piece.marks), *piece.unknown]
    days = [
        (one.start, one.end, "DAY")
        for one in find_dates(piece.text)
        if one.kind != "born" and not any(a < one.end and one.start < b for a, b in taken)
    ]
    return Piece(piece.text, tuple(sorted([*piece.marks, *days])), piece.unknown)


def _full_name(words: str) -> bool:
    """Two words or more, a known given name among them; one alone may be a "Glenn shunt"."""
    parts = {fold(word) for word in words.split()}
    return len(parts) > 1 and bool(parts & names_only())
