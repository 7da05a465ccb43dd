"""Text with marks, ``⟦NAME|Jane Roe⟧``, into plain text and spans."""

from __future__ import annotations

import re
from typing import Any

_MARK = re.compile(r"⟦(?P<category>[A-Z]+)\|(?P<value>[^⟦⟧]*)⟧")


def mark(category: str, value: str) -> str:
    return f"⟦{category}|{value}⟧"


def plain(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without marks, and where the marked values stand in it."""
    parts, spans, at, length = [], [], 0, 0
    for match in _MARK.finditer(marked):
        before, value = marked[at : match.start()], match["value"]
        parts += [before, value]
        length += len(before)
        spans.append({"start": length, "end": length + len(value), "category": match["category"]})
        length += len(value)
        at = match.end()
    parts.append(marked[at:])
    text = "".join(parts)
    if "⟦" in text or "⟧" in text:
        raise ValueError("a mark is not closed")
    return text, spans


def wrapped(text: str, width: int) -> str:
    """Lines of at most ``width`` where there are blanks; every character keeps its place."""
    out = list(text)
    line_start, last_blank = 0, -1
    for at, char in enumerate(text):
        if char == "\n":
            line_start, last_blank = at + 1, -1
        elif char == " ":
            last_blank = at
        if at - line_start >= width and last_blank > line_start:
            out[last_blank] = "\n"
            line_start, last_blank = last_blank + 1, -1
    return "".join(out)
