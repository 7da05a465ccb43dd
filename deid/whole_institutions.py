"""What belongs to the name of an institution on either side of the words that were found.

"The Alder Clinic", "Mercy Medical Center Glenmoor", "Sacred Heart of Dunmore", "ASSOClATES".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.eponyms import is_clinical
from deid.span import Span
from deid.vocabulary import cues, fold

__all__ = ["widened"]

# Behind an institution: its campus ("Mercy Medical Center Glenmoor"), a word that a
# scanner damaged ("ASSOClATES").
_CAMPUS = re.compile(
    r"[ ](?P<campus>[A-Z][a-z]{4,20})(?=[ ]{2}|[ ]*\n|[ ]*\Z)|[ ][A-Z]{2,}[l1][A-Z]{2,}(?!\w)"
)
_OF_PLACE = re.compile(r"[ ](?:of|at|in)[ ](?:the[ ])?")
_ARTICLE = re.compile(
    r"(?:^|(?<=[(\n])|(?:^|[,;(–—-]|[ \t](?:at|to|from|of|for|by))[ \t])[ \t]*(?P<the>The[ ])$"
)


def widened(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Institutions with what belongs to their names on either side: the article of a name ("The
    Larkspur Hospital"), a campus, the place behind "of".
    """
    for at, span in enumerate(spans):
        if span.category != "ORG":
            continue
        start, end = span.start, span.end
        article = _ARTICLE.search(text, max(0, start - 10), start)
        if article:
            start = article.start("the")
        campus = _CAMPUS.match(text, end)
        following = spans[at + 1] if at + 1 < len(spans) else None
        if campus and (
            campus["campus"] is None or not _is_explained_word(text, *campus.span("campus"))
        ):
            end = campus.end()
        elif (
            following is not None
            and following.category in ("LOCATION", "NAME")
            and _OF_PLACE.fullmatch(text, end, following.start)
            and text[end : end + 3] == " of"
        ):
            end = following.end
        if (start, end) != (span.start, span.end):
            yield Span(start, end, "ORG", "hospital")


def _is_explained_word(text: str, start: int, end: int) -> bool:
    return is_clinical(text, start, end) or fold(text[start:end]) in cues(
        "walk_stops", "generic_institution_words", "care_units", "no_names"
    )
