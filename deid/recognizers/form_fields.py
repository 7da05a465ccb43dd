"""Names and places in fields of exports, registries and messages: "MIDDLE|E", "SURNAME: ROE",
"ABSTRACTOR......: KJB", "|ROE,JANE T|", "ROE^JANE^T", "12 ELM ST^^OAKLEY^CA^94606".

The label or the form of the field says what stands there, so that words, one letter and eponyms are
taken as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_explained, lexicon
from deid.recognizers.name_grammar import CREDENTIAL
from deid.scan import AtWords, at_words, opening_words
from deid.span import Category, Span
from deid.vocabulary import any_cue, cues, fold, is_known_name

__all__ = ["find_form_fields"]

_SEPARATOR = r"[ \t]{0,3}(?P<sep>\||\.{3,}[ \t]?:|:)[ \t]{0,3}"
_END = r"(?=[ \t]*(?:\||\n|\Z|[ \t]{2}|[;,/(]|\d))"
_VALUE = r"(?P<value>[^\W\d_][^\W\d_'’.\-]*(?:[ '’.\-][^\W\d_]+|[ ][^\W\d_]\.?){0,4}\.?)"
_NAME_FIELD = re.compile(
    rf"(?i:{any_cue('name_fields')}){_SEPARATOR}{_VALUE}(?:[ ]?/[ ]?(?P<second>[^\W\d_]+))?{_END}"
)
_PLACE_FIELD = re.compile(
    rf"(?i:{any_cue('place_fields')}){_SEPARATOR}(?P<value>[^\W\d_][^|\n;:]{{1,60}}?)"
    r"(?=[ \t]*(?:\||\n|\Z|[ \t]{2}|;))"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (opening_words(cues("name_fields")), _NAME_FIELD),
    (opening_words(cues("place_fields")), _PLACE_FIELD),
)
_PIPED = re.compile(
    r"(?<=\|)[ ]?(?P<name>[A-Z][A-Za-z'’\-]+(?:[ ][A-Z][A-Za-z'’\-]+)?,[ ]?[A-Z][A-Za-z'’\-]*"
    r"(?:[ ][A-Z][A-Za-z'’\-]*\.?){0,2})[ ]?(?=\||\n|\Z)"
)
_CARETS = re.compile(
    r"(?<![\w^])(?P<name>[A-Z][A-Za-z'’\- ]+\^[A-Z][A-Za-z'’\-]*"
    r"(?:\^[A-Z][A-Za-z'’.\-]*){0,2})(?![\w])"
)
_CARET_ADDRESS = re.compile(
    r"(?<=\|)(?P<address>\d[^|^\n]{2,60}\^[^|^\n]{0,30}\^[A-Z][^|^\n]{1,30}\^[A-Z]{2}\^\d{5}(?:-\d{4})?)"
)
# A piped state between a town and its code: "OAKLEY|CA|94606"
_PIPED_STATE = re.compile(
    rf"(?<=\|)(?P<state>{any_cue('state_codes')})\|(?P<zip>\d{{5}})(?=\||-|\n|\Z)"
)
_CREDENTIAL_END = re.compile(rf",?[ ](?:{CREDENTIAL}|CTR|ODS(?:-C)?|MD|DO)$")


def find_form_fields(text: str) -> Iterator[Span]:
    """Names and places in fields; spans may overlap those of other finders."""
    names, places = at_words(text, _AT_WORDS)
    for match in names:
        small = match["value"].islower() and (match["sep"] == ":" and len(match["value"]) > 3)
        if _is_value(match["value"]) and not small:
            yield _trimmed(text, *match.span("value"), "NAME", "staff")
            if match["second"]:
                yield Span(*match.span("second"), "NAME", "staff")
    for match in places:
        if _is_value(match["value"]) and match["value"][0].isupper():
            yield Span(*match.span("value"), "LOCATION", "address")
    if "|" not in text:
        return
    for match in (*_PIPED.finditer(text), *_CARETS.finditer(text)):
        if _holds_name(text, *match.span("name")):
            yield Span(*match.span("name"), "NAME", "staff")
    for match in _CARET_ADDRESS.finditer(text):
        yield Span(*match.span("address"), "LOCATION", "address")
    for match in _PIPED_STATE.finditer(text):
        yield Span(*match.span(), "LOCATION", "address")


def _is_value(value: str) -> bool:
    """Whether something stands in the field that is no word for nothing, and no further label."""
    words = [fold(word).strip(".") for word in re.findall(r"[^\W\d_]+", value)]
    return bool(words) and not any(word in cues("no_values") for word in words[:1])


def _trimmed(text: str, start: int, end: int, category: Category, source: str) -> Span:
    credential = _CREDENTIAL_END.search(text[start:end])
    return Span(start, start + credential.start() if credential else end, category, source)


def _holds_name(text: str, start: int, end: int) -> bool:
    """One part at least is a listed name or nothing else explains it; none is a clinical term."""
    parts = [
        (start + one.start(), start + one.end())
        for one in re.finditer(r"[^\W\d_]{2,}(?:['’\-][^\W\d_]+)*", text[start:end])
    ]
    words = [fold(text[a:b]) for a, b in parts]
    if not parts or any(word in lexicon().terms for word in words):
        return False
    return any(
        is_known_name(word) or not is_explained(text, a, b)
        for word, (a, b) in zip(words, parts, strict=True)
    )
