"""Which de-identification hint suits which element.

A hint that does not suit would let a value pass unread: a text cannot be shifted, so a loader
that took the hint by its word would keep the text. Such a dictionary is refused when it is read.
"""

from __future__ import annotations

import re

__all__ = ["hint_fault", "is_code"]

_SUITS = {
    "shift": ("date",),
    "to_age": ("date", "integer", "number"),
    "zip3": ("text", "integer"),
    "hash": ("text", "integer", "category"),
    "nlp": ("text", "note"),
    "keep": ("text", "integer", "number", "date", "category", "multi"),
}
"""Types by hint; what is dropped or becomes a pseudonym may be of any type."""
_LETTERS_MAX = 3
"""A code may have this many letters of its own choice: too few for a name or a sentence."""
_LETTERS = [chr(code) for code in range(0x250) if chr(code).isalpha()]
_TOKEN = re.compile(
    r"(?P<open>\((?:\?:)?)|(?P<close>\)\??)|(?P<alternative>\|)"
    r"|(?P<one>\[(?!\^)(?:[^\]\\\[]|\\.)+\]|\\d|\\[^\w\s]|[\w /:,;#%&=@!<>~'\"-])"
    r"(?:\?|\{(?:\d+,)?(?P<most>\d+)\})?",
    re.ASCII,
)
_UNCLEAR = re.compile(r"--|&&|~~|\|\|")
"""May come to mean something else within a class."""


def is_code(pattern: str | None) -> bool:
    """Can a text of this pattern hold nothing but a code?

    It is anchored at both ends, bounded in length, made of literal characters, classes, groups
    and alternatives, and leaves at most three letters open. Whatever else a regular expression
    may hold counts as no code.
    """
    if pattern is None or not pattern.isascii():
        return False  # three characters are a whole name in some scripts
    if not (pattern.startswith("^") and pattern.endswith("$")) or _UNCLEAR.search(pattern):
        return False
    body, place, depth, letters = pattern[1:-1], 0, 0, 0
    while place < len(body):
        token = _TOKEN.match(body, place)
        if token is None:
            return False
        depth += (token["open"] is not None) - (token["close"] is not None)
        if depth < 0 or (token["alternative"] is not None and depth == 0):
            return False  # an alternative of its own has only one of the two anchors
        if token["one"] is not None and _holds_letters(token["one"]):
            letters += int(token["most"] or 1)
        place = token.end()
    return depth == 0 and letters <= _LETTERS_MAX


def _holds_letters(one: str) -> bool:
    """Is it a class that has letters to choose from?"""
    return one.startswith("[") and any(re.fullmatch(one, letter) for letter in _LETTERS)


def hint_fault(hint: str | None, kind: str, identifier: bool, pattern: str | None) -> str | None:
    """What is wrong with the hint of an element of that type, flag and pattern, or None."""
    if hint not in _SUITS:
        return None
    if hint == "keep" and identifier:
        return "deid: an identifier cannot be kept; give it deid drop"
    if kind not in _SUITS[hint]:
        return f"deid: {hint} does not suit a {kind}, only {', '.join(_SUITS[hint])}"
    if hint == "keep" and kind == "text" and not is_code(pattern):
        return (
            "deid: keep does not suit free text; give a pattern that only a code fits, such as "
            "^[A-Z][0-9]{2}$, or deid nlp or drop"
        )
    return None
