"""The attacks of 9/11, whose date tells nothing of the patient. A heart attack on 9/11 does."""

from __future__ import annotations

import re

__all__ = ["of_history"]

_PLACE = "#"
_HISTORY = re.compile(
    r"(?i:#(?:['’]s)?\s(?:attacks?|survivors?|victims?|(?:first\s)?responders?|memorial)\b"
    r"|(?<!night )terror|\bthe\sattacks\s(?:of|on)\s#|world\strade|\bwtc\b"
    r"|twin\stowers|ground\szero)"
)
_SEEN = 40  # characters


def of_history(text: str, start: int, end: int) -> bool:
    """Whether the September 11 that stands there is the one of the attacks."""
    before = text[max(0, start - _SEEN) : start]
    return _HISTORY.search(before + _PLACE + text[end : end + _SEEN]) is not None
