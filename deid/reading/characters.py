"""Single characters that a reader takes for others, or does not see at all.

Beyond ASCII, Unicode's own properties decide: format characters and variation selectors are not
seen; blanks are blanks; digits of any script, letters in circles, small capitals and phonetic
letters are the digit or letter; marks that compose to no letter ("H" struck through) are left out.
Letters of other alphabets count as Latin look-alikes only in words that mix the two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from deid.reading.markup import Edit

__all__ = ["character_edits"]

# \r\n is one line end to every reader.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]+|\r(?=\n)")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_MARKS = (
    r"[\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_MARKED = re.compile(rf"[^\W_]{_MARKS}+|{_MARKS}+")
_WORD = re.compile(r"[^\W\d_]+")
# Blank by definition though they count as letters or marks.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180f")
_HYPHENS = frozenset("\u2010\u2011\u2012\u2212\ufe58\ufe63\uff0d")
_APOSTROPHES = frozenset("\u02b9\u02bb\u02bc\u02c8\u2032\ua78c")
_AS_WRITTEN = frozenset("ªºµ")  # signs of units and ordinals
_LETTER = re.compile(
    r"(?:LATIN|MODIFIER LETTER|REGIONAL INDICATOR|NEGATIVE CIRCLED LATIN|NEGATIVE SQUARED LATIN)\b"
    r".*\b(?:LETTER|CAPITAL)(?: (?:SCRIPT|OPEN|CLOSED|REVERSED|TURNED|DOTLESS|LONG|TAILLESS"
    r"|BARRED|SIDEWAYS|INVERTED|INSULAR|STRETCHED|BLACKLETTER|SMALL|CAPITAL))*"
    r" (?P<letter>ALPHA|IOTA|UPSILON|SCHWA|[A-Z])(?: WITH .*)?$"
)
_GREEK_NAMES = {"ALPHA": "A", "IOTA": "I", "UPSILON": "U", "SCHWA": "E"}
# Cyrillic, Greek and Armenian letters that look like a Latin one, both cases (Unicode
# confusables, the part that renders alike in common fonts).
_ALIKE = dict(
    zip(
        "АВЕКМНОРСТХУІЈЅԚԜҮаеорсухіјѕԛԝүһԁӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρυχιɡıкмтвнгпηκτεωսոհօցՍՕ",
        "ABEKMHOPCTXYIJSQWYaeopcyxijsqwyhdlABEZHIKMNOPTYXaovpuxigikmtbhrnnktewunhogUO",
        strict=True,
    )
)


def character_edits(source: str) -> Iterator[Edit]:
    """Edits that write each character as it is read."""
    for match in _CONTROLS.finditer(source):
        yield match.start(), match.end(), ""
    if source.isascii():
        return
    for run in _BEYOND_ASCII.finditer(source):
        for at, char in enumerate(run.group(), start=run.start()):
            new = _read(char)
            if new is not None:
                yield at, at + 1, new
    for marked in _MARKED.finditer(source):
        composed = unicodedata.normalize("NFC", marked.group())
        yield marked.start(), marked.end(), re.sub(_MARKS, "", composed)
    yield from _look_alikes(source)


@lru_cache(maxsize=4096)
def _read(char: str) -> str | None:
    """What a reader sees of a character beyond ASCII; None if it is what it is."""
    kind = unicodedata.category(char)
    if kind in ("Cf", "Cc") or char in _FILLERS or "VARIATION SELECTOR" in _name(char):
        return "\n" if char == "\x85" else ""
    if kind in ("Zl", "Zp"):
        return "\n"
    if kind == "Zs":
        return " "
    if char in _HYPHENS:
        return "-"
    if char in _APOSTROPHES:
        return "'"
    if (digit := unicodedata.digit(char, None)) is not None:
        return str(digit)
    if char in _AS_WRITTEN or kind[0] == "M":
        return None
    if decomposition := unicodedata.decomposition(char):
        return _styled(char) if decomposition[0] == "<" else None
    return _letter(char) if char > "\u017f" or char in "ħĦŧŦ" else None


def _styled(char: str) -> str | None:
    """The ordinary form of full width, mathematical, superscript letters and ligatures."""
    ordinary = unicodedata.normalize("NFKC", char)
    if "FRACTION" in _name(char) or not any(c.isascii() and c.isalnum() for c in ordinary):
        return None if char < "\uff01" or char > "\uff5e" else ordinary
    return ordinary


def _letter(char: str) -> str | None:
    """The letter that a small capital, a phonetic letter or one in a box is read as."""
    name = _name(char)
    found = _LETTER.match(name)
    if found is None:
        return None
    letter = _GREEK_NAMES.get(found["letter"], found["letter"])
    return letter.lower() if "SMALL LETTER" in name else letter


def _name(char: str) -> str:
    return unicodedata.name(char, "")


def _look_alikes(source: str) -> Iterator[Edit]:
    """In words that mix alphabets. A whole word of another alphabet is no disguise."""
    if _ALIKE.keys().isdisjoint(source):
        return
    for word in _WORD.finditer(source):
        found = word.group()
        if found.isascii() or not any(char in _ALIKE for char in found):
            continue
        if not any(_name(char).startswith("LATIN") for char in found):
            continue
        for at, char in enumerate(found, start=word.start()):
            if char in _ALIKE:
                yield at, at + 1, _ALIKE[char]
