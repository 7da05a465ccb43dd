"""Ages in which letters stand for digits, as typists and scanners write them: "9O-year-old".

Only a number beside a word for age is read so, and only one that has a digit: "lO" is none.
"""

from __future__ import annotations

import re

from deid.dates.misread import AS_DIGITS

__all__ = ["with_digits"]

_FIGURES = r"(?=[OoIl|]*\d)(?=\d*[OoIl|])[\dOoIl|]{2,3}"
_FIGURES_BESIDE_AGE = re.compile(
    rf"(?<![\w.|])(?:{_FIGURES}"
    r"(?=[ \t]{0,2}[-‐‑–—]?[ \t]{0,2}(?:(?i:years?|yrs?|y/?o|y\.o)\b|(?i:yo)[MFmf]\b|[MF]/))"
    rf"|(?:(?<=(?i:\bage[ :]))|(?<=(?i:\bage: ))|(?<=(?i:\baged )))(?:{_FIGURES})(?![\w|]))"
)
_LETTERED = re.compile(r"\d[OoIl|]|[OoIl|]\d")


def with_digits(text: str) -> str:
    """The text with such ages in digits, same length."""
    if _LETTERED.search(text) is None:
        return text
    return _FIGURES_BESIDE_AGE.sub(lambda match: match.group().translate(AS_DIGITS), text)
