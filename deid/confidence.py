"""Notes that nobody should trust the layers with: unreadable ones, and doubtful results.

The layers read English in Latin letters. A note in another language, a scan's rubble or a file
pasted as letters passes them nearly untouched, and the residual check knows the patient only. So
such notes are withheld. What counts is a share, its limit is in the profile
(:class:`policies.profile.Confidence`), and each share is one that a reader can count.

A finding of the model that the veto took back beside a kept name is no ground for doubt here: of
221 real and half-real transcriptions 3 % had one, and none was a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from deid.span import Span
from deid.vocabulary import is_word
from policies.profile import Confidence

__all__ = ["doubt", "unreadable"]

_REPLACEMENT = "\ufffd"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
# No word is that long, with capitals, small letters and digits: a file written as letters.
_ENCODED = re.compile(r"[A-Za-z0-9+/=_\-]{60,}")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
_RUBBLE_MIN = 20  # characters; fewer are a slip of some program
_LETTERS_MIN = 20  # fewer tell nothing about the script
_WORDS_MIN = 20  # fewer tell nothing about the language
_SHARE_CHARACTERS_MIN = 100  # letters and digits; "Seen by Dr. Roe" is half a name and no doubt


def unreadable(text: str, limits: Confidence) -> bool:
    """Whether too much of the note is no text, or no Latin script."""
    seen = sum(map(len, text.split()))
    beyond = [] if text.isascii() else [char for char in text if char > "\x7f"]
    wrong = len(_CONTROL.findall(text)) + sum(map(_is_rubble, beyond))
    wrong += sum(len(run) for run in _ENCODED.findall(text) if _is_mixed(run))
    if wrong >= _RUBBLE_MIN and wrong > limits.unreadable_share_max * seen:
        return True
    letters = sum(map(str.isalpha, text)) if beyond else 0
    foreign = sum(char.isalpha() and not _is_latin(char) for char in beyond)
    return letters >= _LETTERS_MIN and foreign > limits.unreadable_share_max * letters


def _is_rubble(char: str) -> bool:
    """For characters beyond ASCII; a blank is none."""
    if char.isspace():
        return False
    return char == _REPLACEMENT or unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs")


def _is_mixed(run: str) -> bool:
    return all(re.search(kind, run) for kind in ("[A-Z]", "[a-z]", "[0-9]"))


def _is_latin(char: str) -> bool:
    name = unicodedata.name(char, "")
    return name.startswith(("LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE", "MODIFIER"))


def doubt(text: str, spans: Sequence[Span], limits: Confidence) -> str | None:
    """The reason to doubt a result that left no trace of the patient, or None."""
    lower = Counter(word for word in _WORD.findall(text) if word.islower())
    count = lower.total()
    unfamiliar = sum(often for word, often in lower.items() if not is_word(word))
    if count >= _WORDS_MIN and unfamiliar > limits.unfamiliar_share_max * count:
        return "low_confidence_language"
    every = sum(map(str.isalnum, text))
    replaced = sum(sum(map(str.isalnum, text[span.start : span.end])) for span in spans)
    if every >= _SHARE_CHARACTERS_MIN and replaced > limits.replaced_share_max * every:
        return "low_confidence_share"
    return None
