"""Which sentences the language model must read: those that can hold a finding that counts.

The veto (:func:`deid.veto.prune`) drops every finding of the model without a word that may
be a name, so a sentence without such a word needs no model; most of a clinical note has none.
The gate asks with the veto's own predicate and is therefore never narrower than the veto. Words
that a rule or the patient's own data have found need no second finder. The model takes nearly
all of a note's time, so this is what makes notes fast.

A note that names many is read whole (:func:`names_many`), and what the model finds there stands
against the veto unless it is a clinical term: handoffs, calls and letters name people in small
letters and by words, without cue, and the model must see the sentences around to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.eponyms import CAPITALISED
from deid.span import Span
from deid.veto import calls_for_model

__all__ = ["all_sentences", "name_sentences", "names_many", "number_sentences"]

# A full stop ends a sentence before a capital or digit; a title or an initial does not end one.
# The sign comes first: re passes over all other characters fast.
_END = re.compile(
    r"[\n.!?](?:(?<=\n)\n*"
    r"|(?<!\n)(?<![A-Z].)(?<!\bDr.)(?<!\bMr.)(?<!\bMrs.)(?<!\bMs.)(?<!\bSt.)(?<!\bvs.)"
    r"\s+(?=[A-Z0-9\"'(]))"
)
_CAPITAL = re.compile(r"(?<![^\W_])[^\W\d_a-z]")
_NUMBER = re.compile(r"(?:\d[^\d\n]{0,3}){7}|@")
_RUN_MIN = 20
_NUMBER_OR_RUN = re.compile(rf"{_NUMBER.pattern}|[A-Za-z0-9]{{{_RUN_MIN}}}")
_NAMES_MIN = 2  # one name in a line of text says nothing of the next
_CHARACTERS_A_NAME = 250
"""With a name known for each of so many characters a note names many. Half of the hand-written
notes (``deid_written``) have one for fewer than 100, half of localscrub_mts for more than 560; of
every tenth of MTSamples' transcriptions, which name hardly anybody, none is read whole.
"""


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if match.start() > start:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def names_many(text: str, known: Sequence[Span]) -> bool:
    """Whether the people, places and organisations already ``known`` stand so close that further
    ones are to be expected where no rule looks.
    """
    named = {span.start for span in known if span.category in ("NAME", "LOCATION", "ORG")}
    return len(named) >= _NAMES_MIN and len(named) * _CHARACTERS_A_NAME >= len(text)


def all_sentences(text: str) -> list[tuple[int, int]]:
    """The whole text in sentences, in order, as (start, end)."""
    return list(_sentences(text))


def name_sentences(
    text: str, lower_words: frozenset[str], known: Sequence[Span]
) -> list[tuple[int, int]]:
    """Sentences with at least one word that may be a name and that no span of ``known`` covers,
    in order, as (start, end).
    """
    left = _without(text, known)
    return [
        (start, end)
        for start, end in _sentences(text)
        if _CAPITAL.search(left, start, end) and _may_hold_name(text, left, start, end, lower_words)
    ]


def number_sentences(text: str, known: Sequence[Span]) -> list[tuple[int, int]]:
    """Sentences with enough digits for a number of international format, or with an e-mail
    address, outside the spans of ``known``.
    """
    left = _without(text, known)
    # Few notes have a word so long; looking for one at every letter is slow.
    wanted = _NUMBER_OR_RUN if any(len(one) >= _RUN_MIN for one in left.split()) else _NUMBER
    return [(start, end) for start, end in _sentences(text) if wanted.search(left, start, end)]


def _without(text: str, known: Sequence[Span]) -> str:
    """The text with what is found already blanked out, same length."""
    pieces, at = [], 0
    for span in sorted(known, key=lambda span: span.start):
        if span.end > at:
            start = max(span.start, at)
            pieces += [text[at:start], " " * (span.end - start)]
            at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def _may_hold_name(text: str, left: str, start: int, end: int, lower_words: frozenset[str]) -> bool:
    return any(
        calls_for_model(text, match.start(), match.end(), lower_words)
        for match in CAPITALISED.finditer(left, start, end)
        if match.group()[0].isupper()
    )
