"""A note cleaned with what a person marked in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deid.span import CATEGORIES, Category, Span

if TYPE_CHECKING:
    from deid.notes import CleanNote, NoteEngine
    from deid.own.patient import Patient

__all__ = ["cleaned", "marked_spans"]


def cleaned(
    engine: NoteEngine,
    text: str,
    patient: Patient,
    *,
    marks: Sequence[tuple[str, str]] = (),
    read: bool = False,
) -> CleanNote:
    """The note as the engine cleans it, withheld by the name of the error where it raises one.
    ``read``: a person's reading overrules doubt, never the residual check.
    """
    from deid.notes import CleanNote

    try:
        return engine.clean(text, patient, marked=marked_spans(text, marks), read=read)
    except Exception as error:  # noqa: BLE001 - one odd note must not end a load or a review
        return CleanNote(None, (), f"failed_{type(error).__name__}")


def marked_spans(text: str, marks: Sequence[tuple[str, str]]) -> list[Span]:
    """Every place of the marked words, in any case and with any blanks between them: as words of
    their own, or inside others where they stand nowhere alone.
    """
    spans: list[Span] = []
    for category, words in marks:
        inner = r"\s+".join(re.escape(word) for word in words.split())
        if not any(char.isalnum() for char in words):
            continue
        places: list[re.Match[str]] = []
        for pattern in (rf"(?<![^\W_]){inner}(?![^\W_])", inner):
            places = places or list(re.finditer(pattern, text, re.IGNORECASE))
        kind: Category = next(one for one in CATEGORIES if one == category)
        spans += [Span(*match.span(), kind, "review") for match in places]
    return spans
