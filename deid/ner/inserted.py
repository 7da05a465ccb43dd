"""Training text: people, places and organisations put into real clinical prose.

An example is a short stretch of a note: some of its sentences, mentions of the patient, relatives
and physicians in them replaced by names ("The patient tolerated" → "Garcia tolerated"), sentences
from templates between them, sometimes a header or a signature, in any of the layouts and cases
that notes come in. Every entity's place is known because it was put there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deid.adapter import truecased
from deid.ner.base import Sentence
from deid.ner.fill import Filler, Piece, joined
from deid.ner.pools import Pools
from deid.ner.written import Redrawn, Stretch

__all__ = ["Inserter", "cased", "edited"]

# What in real prose a name can stand for: pattern, templates, share of the places used.
_MENTIONS: tuple[tuple[re.Pattern[str], tuple[str, ...], float], ...] = (
    (
        re.compile(r"\b(?:The|the|This|this) patient(?=['’]s\b| )"),
        ("{last}", "{title_last}", "{first}", "{full}", "{title_last}", "{last}", "patient {full}"),
        0.3,
    ),
    (
        re.compile(r"(?:^|(?<=[.] ))(?:He|She|Patient|Pt)(?= [a-z])"),
        ("{last}", "{first}", "{title_last}", "{full}"),
        0.15,
    ),
    (
        re.compile(r"\b(?:Dr|Drs|DR|Doctor|DOCTOR)\.? +[A-Z][\w'’]*"
            r"(?:[. ]+(?:[A-Z]\b\.?|X+|ABC\w*|XYZ))*"),
        ("Dr. {last}", "Dr. {full}", "{doc}", "Dr. {epolast}", "Dr {last}", "{person}"),
        1.0,
    ),
    (
        re.compile(r"\b(?:Mr|Mrs|Ms|Miss|MR|MRS|MS)\. *(?:[A-Z]{1,4}\b|[A-Z][\w'’]+|_+)"),
        ("{title_last}", "{title_last}", "{title_word}", "{last}"),
        1.0,
    ),
    (
        re.compile(
            r"\b(?:wife|husband|mother|father|daughter|son|sister|brother|girlfriend|boyfriend"
            r"|partner|niece|nephew|aunt|uncle|friend)(?= (?:was|is|has|had|who|and|says|said"
            r"|reports|states|at)\b|[,.])"
        ),
        ("{relation} {first}", "{relation}, {full}", "{relation} {full}", "{relation}, {first}"),
        0.35,
    ),
    (
        re.compile(
            r"\b(?:primary care physician|family doctor|surgeon|oncologist|cardiologist"
            r"|attending|anesthesiologist|pathologist|therapist|social worker)\b(?! [a-z]+ed\b)"
        ),
        ("primary care physician, {doc}", "surgeon {last}", "therapist, {full}",
         "nurse {first}", "attending {last}", "oncologist, {person}", "pathologist ({last})",
         "PCP {person}"),
        0.3,
    ),
    (
        re.compile(r"\b(?:the|this|our) (?:hospital|emergency room|emergency department|clinic)\b"),
        ("{hosp}", "the emergency room at {hosp}", "the clinic in {city}", "{hosp} in {city}"),
        0.35,
    ),
    (
        re.compile(r"\b(?:nursing home|skilled nursing facility|rehab facility)\b"),
        ("nursing home in {city}", "nursing home, {hosp},"),
        0.5,
    ),
    (
        re.compile(r"\b(?:lives|living|resides) (?=with|alone|at|in)"),
        ("lives in {city}, {st} ", "lives near {city} ", "lives "),
        0.4,
    ),
    (
        re.compile(r"\bworks (?:as|in|at|for)\b"),
        ("works for {emp} as", "works at {emp} in {city} as", "works in"),
        0.5,
    ),
)  # fmt: skip


def edited(piece: Piece, edits: Sequence[tuple[int, int, Piece]]) -> Piece:
    """The piece with stretches replaced; edits that touch a mark or another edit are left out."""
    taken = [(start, end) for start, end, _ in piece.marks]
    parts: list[Piece] = []
    at = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < at or any(start < b and a < end for a, b in taken):
            continue
        parts += [_part(piece, at, start), new]
        at = end
    return joined([*parts, _part(piece, at, len(piece.text))])


def _part(piece: Piece, start: int, end: int) -> Piece:
    """A stretch of the piece with the marks that lie wholly in it."""
    return Piece(
        piece.text[start:end],
        tuple(
            (a - start, b - start, label) for a, b, label in piece.marks if start <= a < b <= end
        ),
        tuple((a - start, b - start) for a, b in piece.unknown if start <= a < b <= end),
    )


def cased(piece: Piece, mode: str) -> Piece:
    """The piece in capitals, in small letters, or as the engine calms capitals; same offsets."""
    text = piece.text
    if mode in {"upper", "calmed"}:
        text = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    if mode == "lower":
        text = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return Piece(truecased(text) if mode == "calmed" else text, piece.marks, piece.unknown)


@dataclass(frozen=True)
class Inserter:
    """Makes examples without end. The same notes, pools and seed give the same examples."""

    notes: Sequence[Sequence[Sentence]]
    pools: Pools
    rng: random.Random
    written: Sequence[Sequence[Stretch]] = ()
    """Notes written by hand, in stretches; none: all text is made here."""
    share: float = 0.4
    """Of the examples that come from them."""

    def __iter__(self) -> Iterator[Piece]:
        fill = Filler(self.pools, self.rng)
        by_hand = Redrawn(self.written, self.pools, self.rng, fill)
        while True:
            if self.written and self.rng.random() < self.share:
                yield self._cased(by_hand.example())
            else:
                yield self._example(fill)

    def _cased(self, piece: Piece) -> Piece:
        mode = self.rng.choices(["as is", "upper", "calmed", "lower"], [0.76, 0.08, 0.08, 0.08])[0]
        return cased(piece, mode)

    def _example(self, fill: Filler) -> Piece:
        kind = self.rng.random()
        if kind < 0.16:
            piece = self._general(fill)
        elif kind < 0.22:
            piece = self._templates(fill)
        else:
            piece = self._note(fill)
        return self._cased(piece)

    def _general(self, fill: Filler) -> Piece:
        count = self.rng.choice([1, 1, 1, 2, 3])
        gap = Piece(self.rng.choice([" ", " ", "\n"]))
        pieces = []
        for _ in range(count):
            group = self.rng.choices(["general", "plain"], [0.8, 0.2])[0]
            pieces += [fill.draw(group), gap]
        return joined(pieces[:-1])

    def _templates(self, fill: Filler) -> Piece:
        gap = Piece(self.rng.choice([" ", " ", "\n", ", "]))
        pieces = []
        for _ in range(self.rng.randint(1, 4)):
            pieces += [fill.draw(self._group()), gap]
        return joined(pieces[:-1])

    def _group(self) -> str:
        return self.rng.choices(
            ["clinical", "social", "negative", "mixed"], [0.5, 0.18, 0.2, 0.12]
        )[0]

    def _note(self, fill: Filler) -> Piece:
        note = self.rng.choice(self.notes)
        first = self.rng.randrange(len(note))
        lines = self.rng.random() < 0.5  # the corpus writes commas where notes have new lines
        pieces: list[Piece] = []
        if self.rng.random() < 0.22:
            pieces += [fill.draw("header"), Piece(self.rng.choice(["\n", "\n\n", " "]))]
        for sentence in note[first : first + self.rng.randint(1, 4)]:
            if self.rng.random() < 0.3:
                pieces += [fill.draw(self._group()), Piece(self.rng.choice([" ", " ", "\n"]))]
            pieces.append(self._mentioned(sentence.piece, fill))
            pieces.append(Piece(_laid_out(sentence.gap) if lines else sentence.gap))
        if self.rng.random() < 0.12:
            pieces.append(fill.draw("signature"))
        return joined(pieces)

    def _mentioned(self, piece: Piece, fill: Filler) -> Piece:
        edits = [
            (match.start(), match.end(), fill(self.rng.choice(templates)))
            for pattern, templates, share in _MENTIONS
            for match in pattern.finditer(piece.text)
            if self.rng.random() < share
        ]
        return edited(piece, edits) if edits else piece


def _laid_out(gap: str) -> str:
    """The gap as the original note had it: a new line where the corpus has a comma."""
    if "," not in gap:
        return gap
    return ":\n" if gap.lstrip().startswith(":") else "\n"
