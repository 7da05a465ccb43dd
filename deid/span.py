"""A span of text to be replaced, with its provenance, and how overlapping spans become one layer.

Spans index the input text in Python characters (code points), end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from deid.vocabulary import cues

__all__ = ["CATEGORIES", "Category", "Place", "Span", "flatten", "joined"]

Place = tuple[int, int]
"""Where something stands in a text: its first character and the one behind its last."""
Category = Literal["NAME", "DATE", "AGE", "LOCATION", "ORG", "ID", "CONTACT", "OTHER"]
CATEGORIES: tuple[Category, ...] = (
    "NAME",
    "DATE",
    "AGE",
    "LOCATION",
    "ORG",
    "ID",
    "CONTACT",
    "OTHER",
)

# What belongs to a name that was found without it: an initial, a particle with its surname.
_REST_OF_NAME = re.compile(
    r"[ \t](?:[^\W\d_]\.(?=[\s,;)])|[A-Z](?=[ \t]{2}|[ \t]*[\n,;)]|$))"
    r"|[ \t](?:(?:ap|bin|ibn|ben|von|van|der|den|de|del|della|da|dos|di|du|la|le|ter"
    r"|van[ \t]['’]t)[ \t]|(?:al|el|d)[\-'’])"
    r"[^\W\d_a-z][^\W\d_]+(?:-[^\W\d_]+)*"
)
_NAME_GAP = re.compile(
    r"\.?[ \t]{0,2}|[ \t]?,[ \t]{0,2}"
    r"|[ \t][\"“‘](?:[A-ZÀ-ÖØ-Þ][\w.'’\-]{1,15}[\"”’][ \t])?|[\"”’][ \t]"  # Ambrose "Buddy" Roe
)
_WORD_BEFORE = re.compile(r"(?<![^\W_])([A-Z][a-z]{2,})[ \t]$")
_TIME_WORD = re.compile(
    r"(?i:\b(?:in|since|by|until|till|from|of|last|this|next|early|late|mid|during"
    r"|through|for|on|to)[ \n-])$"
)
# A particle between two halves of the patient's name, as it is misspelt.
_OWN_GAP = re.compile(r"[ \t][^\W\d_]{1,3}[ \t]")

_LINK_LEFT = re.compile(r"(?:[ \t](?:in|at|of|the|near)){1,2}[ \t]*\Z")

# Who decides the category where layers overlap: an e-mail address that holds the patient's name
# is a contact, a street named after somebody is a place. Coverage never depends on this order.
_RANK = {
    "patient:birth": 0,
    "contact": 1,
    "review": 1,
    "address": 2,
    "identifier": 3,
    "device": 3,
    "date": 4,
    "month": 4,  # without day and year: it can be part of a name
    "hospital": 5,
    "patient": 6,
    "staff": 7,
    "site": 7,
    "age": 8,
    "listed": 9,
    "model": 10,
    "echo": 11,
}


@dataclass(frozen=True, slots=True)
class Span:
    """``source`` says which layer found it; ``score`` is 1 for rules, the model's otherwise."""

    start: int
    end: int
    category: Category
    source: str
    score: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a span must have a positive length")


def _rank(span: Span) -> tuple[int, int, int, str, str, float]:
    """A whole order: spans alike in all but their category must not be in that of a set, which
    differs from process to process.
    """
    place = span.start - span.end, span.start
    return _RANK[span.source], *place, span.source, span.category, span.score


def flatten(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without overlap, in order, covering every letter and digit the input spans cover.

    The higher-ranked (then longer) span keeps its extent; what remains of the others is kept
    where it still holds a letter or digit.
    """
    covered = bytearray(len(text))
    kept: list[Span] = []
    for span in sorted(set(spans), key=_rank):
        start = span.start
        while start < span.end:
            if covered[start]:
                start += 1
                continue
            end = covered.find(1, start, span.end)
            end = span.end if end < 0 else end
            piece = _trimmed(text, span, start, end)
            if piece is not None:
                kept.append(piece)
            start = end
        covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    return sorted(kept, key=lambda span: span.start)


def joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Neighbouring names with only a blank or comma between become one ("ROE, JANE"), and a town
    with the rest of an institution's name behind it.
    """
    out: list[Span] = []
    limits = (*(span.start for span in spans[1:]), len(text))
    for found, limit in zip(spans, limits, strict=False):
        span = _with_given_name(text, found, out[-1].end if out else 0)
        if span.category == "NAME" and (rest := _REST_OF_NAME.match(text, span.end, limit)):
            span = replace(span, end=rest.end())
        last = out[-1] if out else None
        if (
            last is not None
            and last.category == span.category == "NAME"
            and (
                _NAME_GAP.fullmatch(text, last.end, span.start)
                or (last.source == span.source == "patient" and _own_gap(text, last, span))
            )
        ):
            out[-1] = replace(last, end=span.end, score=max(last.score, span.score))
        elif last is not None and _month_in_name(text, last, span):
            out[-1] = replace(
                last if last.category == "NAME" else span, start=last.start, end=span.end
            )
        elif last is not None and _one_institution(text, last, span):
            out[-1] = replace(span, start=last.start)
        else:
            out.append(span)
    return out


def _one_institution(text: str, place: Span, rest: Span) -> bool:
    """A town straight before the rest of an institution's name: "Riverbend General Hospital"."""
    return (
        place.category == "LOCATION"
        and rest.category == "ORG"
        and rest.source == "hospital"
        and text[place.end : rest.start] == " "
        and text[place.start : place.end].replace(" ", "").isalpha()
    )


def _month_in_name(text: str, first: Span, second: Span) -> bool:
    """A month that is somebody's name: "Dominic March", "June Carter", "ADEYEMI,JUNE"; "in June
    Carter was seen" has one that is none.
    """
    gap = text[first.end : second.start]
    if not text[first.start].isupper() or not text[second.start].isupper():
        return False
    if first.category == "NAME" and second.source == "month":
        return gap == "," or (
            gap == " "
            and text[first.start : first.end].isupper() == text[second.start : second.end].isupper()
        )
    return (
        first.source == "month"
        and second.category == "NAME"
        and gap == " "
        and _TIME_WORD.search(text, max(0, first.start - 12), first.start) is None
    )


def _with_given_name(text: str, span: Span, at: int) -> Span:
    """With a given name straight before that is a word too: "Page Hollister"."""
    if span.category != "NAME" or not text[span.start].isupper():
        return span
    before = _WORD_BEFORE.search(text, max(at, span.start - 20), span.start)
    if before is None or before[1].lower() not in cues("word_given_names"):
        return span
    return replace(span, start=before.start(1))


def _own_gap(text: str, last: Span, span: Span) -> bool:
    gap = _OWN_GAP.fullmatch(text, last.end, span.start)
    return gap is not None and gap.group().strip().lower() not in {"and", "or", "to", "is", "was"}


def _trimmed(text: str, span: Span, start: int, end: int) -> Span | None:
    """The part of ``span`` from start to end, without the punctuation left at a cut."""
    while start < end and start != span.start and not text[start].isalnum():
        start += 1
    if end != span.end and span.category == "ORG" and (link := _LINK_LEFT.search(text, start, end)):
        end = link.start()  # "Riverbend Hospital in", of which the town is a place of its own
    while start < end and end != span.end and not text[end - 1].isalnum():
        end -= 1
    if not any(char.isalnum() for char in text[start:end]):
        return None
    return replace(span, start=start, end=end)
