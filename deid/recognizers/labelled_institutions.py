"""Institutions by a label or by the word for their kind before the name, and as a dictation writes
them.

"Payer: Regency", "Ins Amberline U77", "Work: sewing line, Colltrex", "restaurant Little Pamir",
"KTLR transport", "from bayou imaging".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.scan import AtWords, Group, at_words, beside, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["find_labelled_institutions"]

_CAPITAL = r"[A-ZÀ-ÖØ-Þ](?:[^\W\d_]|['’ʻ&\-]|[015](?=[a-z])){1,30}(?!\w)"
_RUN = rf"{_CAPITAL}(?:[ \t](?:(?:of|the|&|and)[ \t]){{0,2}}{_CAPITAL}){{0,3}}"
_LABELLED = re.compile(
    rf"(?i:{any_cue('payer_labels')}|ins)(?P<sure>[ \t]?:[ \t]{{1,4}}|[ \t]\(|(?<=[Ii]ns)\.?[ \t])?"
    rf"(?(sure)|[ \t])(?P<core>{_RUN})"
)
_WORK_LABEL = re.compile(
    r"(?i:(?:work|job|occupation|employment)[ \t]?:[ \t]{1,3})[a-z][a-z \-/]{2,30},[ \t]"
    rf"(?P<sure>)(?P<core>{_RUN})"
)
_KIND_BEFORE = re.compile(
    rf"{any_cue('kinds_before')}[ \t](?:called[ \t]|named[ \t])?(?P<sure>)(?P<core>{_RUN})"
)
_TRANSPORT = re.compile(
    r"(?<![\w/-])(?P<core>[A-Z]{4,6})[ \t](?:transport|ambulance|van|shuttle|EMS|ED)(?![\w-])"
)
_SMALL = r"[a-zà-ÿ]{4,}(?:['’\-][a-zà-ÿ]+)?"
_DICTATED = re.compile(
    r"(?:from|at|through|via)[ \t](?:the[ \t])?"
    rf"(?P<core>(?P<one>{_SMALL})(?:[ \t]{_SMALL})?[ \t](?:imaging|radiology|clinic|hospital"
    r"|regional|orthop(?:a)?edics|pharmacy|memorial|diagnostics|labs?|rehab|prosthetics"
    r"|health[ \t]system|(?:medical|surgery|imaging|cancer)[ \t]center))(?![\w-])"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (opening_words(cues("payer_labels")) | {"ins"}, _LABELLED),
    (frozenset({"work", "job", "occupation", "employment"}), _WORK_LABEL),
    (opening_words(cues("kinds_before")), _KIND_BEFORE),
)
_DICTATIONS: tuple[AtWords, ...] = ((frozenset({"from", "at", "through", "via"}), _DICTATED),)
_GROUPS: tuple[Group, ...] = (
    (frozenset({"transport", "ambulance", "van", "shuttle", "ems", "ed"}), 10, 12, (_TRANSPORT,)),
)
_GENERIC = cues("generic_institution_words", "care_units")


def find_labelled_institutions(text: str) -> Iterator[Span]:
    """Institutions; spans may overlap those of other finders."""
    for found in at_words(text, _AT_WORDS):
        for match in found:
            if _is_name(text, match):
                yield Span(*match.span("core"), "ORG", "hospital")
    for match in beside(text, _GROUPS):
        empty = _GENERIC | cues("no_institutions")
        if not is_clinical(text, *match.span("core")) and fold(match["core"]) not in empty:
            yield Span(*match.span("core"), "ORG", "hospital")
    for match in at_words(text, _DICTATIONS)[0]:
        one = match["one"]
        if not (is_word(one) or is_clinical(text, *match.span("one"))):
            yield Span(*match.span("core"), "ORG", "hospital")


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether one of the words behind the label is neither clinical nor generic, or the last is a
    word for an institution ("Pharmacy: Hometown Drug"). Without a colon,
    capitals alone are rather an abbreviation.
    """
    base = match.start("core")
    words = list(re.finditer(r"\S+", match["core"]))
    if fold(words[0].group()).strip(".") in cues("no_institutions"):
        return False
    if match["sure"] is None and match["core"].isupper():
        return False
    if all(fold(one.group()) in cues("no_initials") for one in words):
        return False  # "DME: FWW"
    last = words[-1].group()
    if match["sure"] and len(words) > 1 and last in cues("name_closers", "trades"):
        return not all(fold(one.group()) in _GENERIC for one in words[:-1])
    return any(
        fold(one.group()) not in _GENERIC
        and not is_clinical(text, base + one.start(), base + one.end())
        for one in words
    )
