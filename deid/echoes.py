"""Names found once stand again: the same words elsewhere in a note.

A word that nothing else explains counts wherever it has a capital. One that is an ordinary word
too ("Hope", "Page", "Tell") counts where a person does something, owns something or stands inside
a sentence, and in small letters only behind a title, where the note wrote the name small before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.eponyms import CAPITALISED, TOKEN, is_clinical_phrase, is_explained, lexicon
from deid.own.context import does_something, inside_sentence
from deid.span import Span
from deid.vocabulary import cues, fold, names_only, without_genitive

__all__ = ["echoes"]

_CLOSED = frozenset().union(*map(cues, ("no_names", "titles", "weak_titles", "roles", "relatives")))
_ECHO_MIN = 3  # letters
_BY_RULE = frozenset({"staff", "listed"})
_SMALL_AGAIN = re.compile(
    r"(?<![^\W_])(?i:dr|mr|mrs|ms|nurse|np|pa|md"
    r"|rn)\.?[ \t](?P<name>[a-z][a-z'’-]{2,15})(?![\w'’-])"
)
_GENITIVE_BEHIND = re.compile(r"['’]s[ \t][a-z]")
_CAPITAL_BEHIND = re.compile(r"[ \t\-][A-Z]")


def echoes(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Other places of the note where a word of a name found in ``spans`` stands again."""
    tokens = {
        (span.start + match.start(), span.start + match.end()): span.source
        for span in spans
        if span.category == "NAME"
        for match in _echoing(text[span.start : span.end], span)
        if len(match.group()) >= _ECHO_MIN
    }
    again = {fold(text[slice(*place)]) for place in tokens if text[place[0]].isupper()}
    sure = {
        fold(text[slice(*place)])
        for place, source in tokens.items()
        if source in _BY_RULE and _may_echo(text, *place)
    }
    if again:
        yield from _capitalised(text, again, sure)
    small = {word for word in sure if any(text[a:b] == word for a, b in tokens)}
    if small:
        for match in _SMALL_AGAIN.finditer(text):
            if match["name"] in small:
                yield Span(*match.span("name"), "NAME", "echo")


def _may_echo(text: str, start: int, end: int) -> bool:
    """A word that stands again as a name: not a clinical term or a common verb."""
    word = fold(text[start:end])
    known = lexicon()
    explained = (known.terms, known.heads, known.eponyms, _CLOSED)
    return not any(word in words for words in explained)


def _capitalised(text: str, again: set[str], sure: set[str]) -> Iterator[Span]:
    for match in CAPITALISED.finditer(text):
        if not text[match.start()].isupper():
            continue
        token = without_genitive(match.group())
        start, end = match.start(), match.start() + len(token)
        plain = fold(token)
        if plain not in again or is_clinical_phrase(text, start, end):
            continue
        if not is_explained(text, start, end) or (plain in sure and _as_person(text, start, end)):
            yield Span(start, end, "NAME", "echo")


def _as_person(text: str, start: int, end: int) -> bool:
    """Whether a word that is a name in this note is the name here."""
    if text[start + 1 : end].isupper() or _CAPITAL_BEHIND.match(text, end):
        return False
    if _GENITIVE_BEHIND.match(text, end) or does_something(text, start, end):
        return True
    return inside_sentence(text, start, end)


def _echoing(found: str, span: Span) -> list[re.Match[str]]:
    """Words worth looking for again: the model alone must have seen a full name."""
    tokens = list(TOKEN.finditer(found))
    if span.source == "model" and len(tokens) < 2 and fold(found) not in names_only():
        return []
    return tokens
