"""Whose page it is: "LAST, First" or "First Last" behind a label or before what identifies.

"Pt: HIP, ROSA (F, 47)", "field, rod  mrn 1234", "EWING, H. D.  #31877", "Requesting: Ani Roe".
Where a record number, an age with its sex or a bed follows, words are names that elsewhere are a
joint or a verb; one part at least must be a name that nothing else explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_explained, lexicon
from deid.recognizers.name_grammar import is_word_name
from deid.scan import at_words, opening_words
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, is_known_name, is_word

__all__ = ["page_heads"]

_WORD = r"[^\W\d_](?:[^\W\d_]|['’ʻ\-](?=[^\W\d_])|[01358](?=[a-z\s,]))*"
_TITLED = r"[^\W\d_a-z](?:[^\W\d_A-Z]|['’ʻ\-](?=[^\W\d_])|(?<=[-'’c])[A-Z]|[01358](?=[a-z\s,]))+"
_INITIAL = r"[^\W\d_a-z]\.?(?![\w'’])"
_COMMA_NAME = (
    rf"(?P<last>{_WORD}(?:[ ]{_WORD}){{0,2}}),[ \t]?"
    rf"(?P<first>(?:{_INITIAL}|{_WORD})(?:[ ](?:{_INITIAL}|{_TITLED}|[A-Z]{{3,}}))?)(?![^\W_])"
)
# What tells that the words before are somebody.
_TELLS = (
    r"[ \t]*(?:[-–|/;,][ \t]*)?(?:(?<=[ \t]{2})[MF]\b|\([MFmf][,)/ ]|[MFmf][,/ \t]{1,3}\d{1,3}\b"
    r"|\(?\d{1,3}[ \t-]?(?:y(?:rs?|/?o|\.o)?\b|[MFmf]\b)|#[ \t]?\d{4,}|[A-Z]{0,2}\d{6,}\b"
    r"|\d{1,2}[A-Z]{1,2}-\d{1,3}\b|(?i:mrn|mr[ \t]?#|dob|d\.o\.b|med[ \t]?rec|acct|rm"
    r"|room|bed|chart|hosp)\b"
    r"|\d{1,2}/\d{1,2}/\d{2,4}[ \t]+[MF]\b|→|->)"
)
_HEAD = re.compile(
    rf"(?:^[ \t>*•\-]*(?:\d{{1,3}}[.)][ \t]*)?"
    rf"|[ \t][-–—][ \t]+|[ \t]{{2,}})(?:(?i:pt|patient|name)[ \t])?{_COMMA_NAME}(?={_TELLS})",
    re.MULTILINE,
)
_LINE_OPENS = re.compile(r"^[^\n]{6,140}", re.MULTILINE)  # a head is not deep in a paragraph
_LABEL = rf"(?i:{any_cue('person_labels')})[ \t]{{0,3}}[:#][ \t]{{0,4}}"
_LABELLED = re.compile(
    rf"{_LABEL}(?:{_COMMA_NAME}|(?P<name>{_TITLED}(?:[ \t](?:{_TITLED}|{_INITIAL})){{1,3}})"
    r"|(?P<one>[A-Z]{3,}|[A-Z][a-z]{2,})"
    rf"(?=[ \t]*/[ \t]|[ \t]{{2,}}|[ \t]*$|[ \t]*\(|,[ \t](?:MD|DO|RN|(?i:{any_cue('kin')}))\b))",
    re.MULTILINE,
)
# Pt April May Roe, 24,
_PATIENT_AGED = re.compile(
    rf"(?i:pt|patient|re)[.:]?[ \t]{{1,2}}(?P<name>{_TITLED}(?:[ \t](?:{_TITLED}"
    rf"|{_INITIAL})){{1,3}})"
    r"(?=,?[ \t]\(?\d{1,3}(?:[,;)]|[ \t]?(?:y|[MF]\b))|[ \t]{2,}(?i:b|dob|mrn|chart)\b)"
)
_AT_WORDS = (
    (opening_words(cues("person_labels")), _LABELLED),
    (frozenset({"pt", "patient", "re"}), _PATIENT_AGED),
)
_SPLIT = re.compile(_WORD)
_NO_PARTS = cues("no_names") - {"her", "will", "may"}


def page_heads(text: str) -> Iterator[Place]:
    """Names of whom a page is about, and of staff in its head, in no order."""
    labelled, aged = at_words(text, _AT_WORDS)
    for line in _LINE_OPENS.finditer(text):
        for match in _HEAD.finditer(text, *line.span()):
            if _listed_so(text, match, told=True):
                yield match.start("last"), _end(match)
    for match in labelled:
        if match["last"]:
            if _listed_so(text, match, told=False):
                yield match.start("last"), _end(match)
        elif match["name"]:
            if _in_order(text, *match.span("name")):
                yield match.span("name")
        elif is_word_name(match["one"]):
            yield match.span("one")
    for match in aged:
        if _in_order(text, *match.span("name")):
            yield match.span("name")


def _end(match: re.Match[str]) -> int:
    """The end of the name; "Roe, Baby Girl" ends before what a newborn is called."""
    return match.end("last") if match["first"].lower().startswith("baby") else match.end("first")


def _listed_so(text: str, match: re.Match[str], *, told: bool) -> bool:
    """Whether "LAST, First" is a name; ``told`` by what follows."""
    last, first = match["last"], match["first"]
    words = [one.group() for one in _SPLIT.finditer(f"{last} {first}")]
    shouted = {fold(word) for word in words if word.isupper()}
    if {*map(fold, words)} & (_NO_PARTS | cues("titles")) or shouted & cues("credential_words"):
        return False
    small = last.islower() or first.islower()
    if not small and any(word.islower() for word in last.split()[1:]):
        return False
    if small and not (last.islower() and first.islower() and told):
        return False
    initials = re.fullmatch(r"(?:[A-Z]\.?[ ]?){1,2}", first) is not None
    if initials:
        named = told or _SPLIT.fullmatch(last) is not None
        plain = told and is_word(last) and not is_word_name(last)
        return named and last[0].isupper() and not plain
    sure = [_sure(text, *place) for place in _words(text, match.start("last"), match.end("first"))]
    if small:
        return all(sure)
    return any(sure)


def _words(text: str, start: int, end: int) -> list[Place]:
    return [(start + one.start(), start + one.end()) for one in _SPLIT.finditer(text[start:end])]


def _in_order(text: str, start: int, end: int) -> bool:
    """Whether "First Last" is a name: one part nothing explains, or a given name that is a word
    before a surname that is one.
    """
    places = _words(text, start, end)
    words = [fold(text[slice(*place)]) for place in places]
    if any(word in _NO_PARTS | cues("generic_institution_words") for word in words[:-1]):
        return False
    given = words[0] in cues("word_given_names")
    return (
        any(_unexplained(text, *place) for place in places)
        or (given and words[-1] in cues("word_surnames") | lexicon().eponyms)
        or (given and words[1] in cues("word_given_names"))
    )


def _sure(text: str, start: int, end: int) -> bool:
    return is_word_name(text[start:end]) or _unexplained(text, start, end)


def _unexplained(text: str, start: int, end: int) -> bool:
    """A listed name, or a word that is neither ordinary nor clinical."""
    if is_known_name(text[start:end]):
        return True
    return end - start > 2 and not is_explained(text, start, end)
