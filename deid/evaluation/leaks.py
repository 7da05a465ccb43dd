"""The one output that holds text of notes: what was missed, for the privacy officer's eyes.

A new file that its owner alone may read (mode 0600). It holds identifiers of patients: keep it at
the site, and delete it when the misses are understood.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deid.errors import InputError
from deid.evaluation.gold import GoldNote
from deid.evaluation.score import Leak

__all__ = ["CONTEXT_CHARACTERS", "leaks_file"]

CONTEXT_CHARACTERS = 30


@contextmanager
def leaks_file(path: Path) -> Iterator[Callable[[GoldNote, Leak, str | None], None]]:
    """A function that writes one line of JSON per leak to ``path``, which must not exist yet."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        hint = "it may hold identifiers: delete it or name another"
        raise InputError("exists already", file=str(path), hint=hint) from error
    except FileNotFoundError as error:
        raise InputError("its folder does not exist", file=str(path)) from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:

        def write(note: GoldNote, leak: Leak, withheld: str | None) -> None:
            span, text = leak.span, note.text
            line = {
                "id": note.note_id,
                "line": note.line,
                "category": span.category,
                "start": span.start,
                "end": span.end,
                "missed": "whole" if leak.wholly else "year only" if leak.only_year else "part",
                "before": text[max(0, span.start - CONTEXT_CHARACTERS) : span.start],
                "text": text[span.start : span.end],
                "after": text[span.end : span.end + CONTEXT_CHARACTERS],
                "withheld": withheld,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

        try:
            yield write
        except BaseException:
            if file.tell() == 0:  # a fault before the first leak: the same command may be repeated
                path.unlink()
            raise
