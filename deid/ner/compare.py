"""Compares name recognisers on annotated corpora: ``python -m deid.ner.compare CORPORA MODEL...``.

CORPORA is a folder with ``localscrub_mts``, ``localscrub_synth``, ``presidio_synth`` (annotated)
and ``mtsamples`` (its orthopaedic notes hold no names: what is marked there is lost text), each
``.jsonl.gz``. ``uncued.txt`` beside this file adds sentences whose names have no cue. A MODEL is an
installed package, ``osteon_ner``, or a folder. Rows per model: the model alone, the whole engine
with it. Characters are letters and digits; a span is found when all of them are covered.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from deid.adapter import Model, truecased
from deid.ner.base import read_notes
from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.pseudonym import Keys
from policies.profile import profile

__all__ = ["Score", "compared", "score", "uncued"]

_SETS = ("localscrub_mts", "localscrub_synth", "presidio_synth")
_CATEGORIES = ("NAME", "LOCATION", "ORG")
_NER = {"PERSON": "NAME", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORG"}
_BRACKETS = {"[": "NAME", "{": "LOCATION", "<": "ORG"}
_BRACKETED = re.compile(r"(\[[^\]]*\]|\{[^}]*\}|<[^>]*>)")
Found = tuple[int, int, str]


@dataclass
class Score:
    """Counts of one model on one set, by category; characters are letters and digits."""

    gold: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    covered: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    spans: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    whole: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    said: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CATEGORIES, 0))
    chars: int = 0
    marked: int = 0
    seconds: float = 0.0

    def rows(self) -> dict[str, float | None]:
        """Recall of spans and characters, precision of characters, per category."""
        table: dict[str, float | None] = {}
        for one in _CATEGORIES:
            table[f"{one} spans"] = _ratio(self.whole[one], self.spans[one])
            table[f"{one} chars"] = _ratio(self.covered[one], self.gold[one])
            table[f"{one} precision"] = _ratio(self.right[one], self.said[one])
        table["marked"] = _ratio(self.marked, self.chars)
        table["chars/s"] = _ratio(self.chars, self.seconds)
        return table


def _ratio(part: float, of: float) -> float | None:
    return round(part / of, 4) if of else None


def score(texts: Sequence[dict[str, Any]], find: Callable[[str], list[Found]]) -> Score:
    """How ``find`` does on annotated texts. A character counts as covered whatever its category;
    it is rightly marked where the gold standard has anything at all.
    """
    total = Score()
    for note in texts:
        text = str(note["text"])
        began = time.process_time()
        found = find(text)
        total.seconds += time.process_time() - began
        gold = [(s["start"], s["end"], s["category"]) for s in note.get("spans", ())]
        _count(total, text, gold, found)
    return total


def _count(total: Score, text: str, gold: list[Found], found: list[Found]) -> None:
    covered = {at for start, end, _ in found for at in range(start, end)}
    true = {at for start, end, _ in gold for at in range(start, end)}
    total.chars += sum(map(str.isalnum, text))
    total.marked += sum(text[at].isalnum() for at in covered)
    for start, end, category in gold:
        if category not in _CATEGORIES:
            continue
        places = [at for at in range(start, end) if text[at].isalnum()]
        hit = sum(at in covered for at in places)
        total.gold[category] += len(places)
        total.covered[category] += hit
        total.spans[category] += 1
        total.whole[category] += hit == len(places)
    for start, end, category in found:
        if category in _CATEGORIES:
            places = [at for at in range(start, end) if text[at].isalnum()]
            total.said[category] += len(places)
            total.right[category] += sum(at in true for at in places)


def _alone(name: str) -> Callable[[str], list[Found]]:
    """The model's entities, on the text with capitals calmed as the engine does it."""
    nlp = Model(name)._nlp  # the same pipeline, without Presidio around it

    def find(text: str) -> list[Found]:
        doc = nlp(truecased(text))
        return [(e.start_char, e.end_char, _NER[e.label_]) for e in doc.ents if e.label_ in _NER]

    return find


def _engine(name: str) -> Callable[[str], list[Found]]:
    """The shipped profile with this model, and a patient of whom nothing is known."""
    keys = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
    engine = NoteEngine(profile("safe_harbor"), keys, model=Model(name))
    nobody = Patient("nobody")
    return lambda text: [(s.start, s.end, s.category) for s in engine.clean(text, nobody).spans]


def uncued() -> Iterator[dict[str, Any]]:
    """The sentences of ``uncued.txt`` as annotated notes."""
    source = resources.files("deid").joinpath("ner", "uncued.txt")
    for line in source.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, spans = "", []
        for part in _BRACKETED.split(line):
            category = _BRACKETS.get(part[:1])
            plain = part[1:-1] if category else part
            if category:
                end = len(text) + len(plain)
                spans.append({"start": len(text), "end": end, "category": category})
            text += plain
        yield {"text": text, "spans": spans}


def compared(corpora: Path, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One row per model, way (alone, engine) and set."""
    sets = {name: read_notes(corpora / f"{name}.jsonl.gz") for name in _SETS}
    sets["uncued"] = list(uncued())
    sets["orthopaedic"] = [
        note
        for note in read_notes(corpora / "mtsamples.jsonl.gz")
        if note.get("specialty") == "Orthopedic"
    ]
    for name in names:
        for way, make in (("alone", _alone), ("engine", _engine)):
            find = make(name)
            for title, notes in sets.items():
                yield {"model": Path(name).name, "way": way, "set": title} | score(
                    notes, find
                ).rows()


def main() -> None:
    """The command: a table, or JSON lines with ``--json``."""
    parser = argparse.ArgumentParser(prog="python -m deid.ner.compare", description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    titles: list[str] = []
    for row in compared(args.corpora, args.models):
        if args.json:
            print(json.dumps(row), flush=True)
            continue
        if not titles:
            titles = list(row)
            print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
        print("| " + " | ".join(_shown(row[title]) for title in titles) + " |", flush=True)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value < 10 else f"{value:,.0f}"
    return "–" if value is None else str(value)


if __name__ == "__main__":
    main()
