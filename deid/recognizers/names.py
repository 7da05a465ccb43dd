"""Names that a cue gives away: titles, credentials, labels, "dictated by", relatives, signatures.

The cue words are in ``lexicon/cues.yaml``; what a name looks like is in
:mod:`deid.recognizers.name_grammar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import in_phrase, is_clinical, is_clinical_phrase
from deid.recognizers.acting_words import acting_words
from deid.recognizers.initials import initials
from deid.recognizers.kin_names import kin_names
from deid.recognizers.listed import particled
from deid.recognizers.logins import logins
from deid.recognizers.name_before import names_before
from deid.recognizers.name_grammar import (
    CAPITALISED,
    CREDENTIAL,
    Trust,
    chain,
    name_after,
)
from deid.recognizers.nicknames import nicknames
from deid.recognizers.page_heads import page_heads
from deid.recognizers.rosters import rosters
from deid.recognizers.small_names import small_names
from deid.recognizers.subjects import subjects
from deid.scan import AtWords, at_words, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word, known_names, names_only

__all__ = ["find_names"]

_TITLE = re.compile(rf"(?<!\w)(?i:{any_cue('titles')})(?:\.?(?=[ \t\n])\s{{1,3}}|\.(?=[A-Z]))")
_WEAK_TITLE = re.compile(rf"(?<!\w)(?:(?i:{any_cue('weak_titles')})\.?)(?=[ \t\n])\s{{1,3}}")
_LABEL = re.compile(
    rf"(?<![A-Za-z])(?i:{any_cue('labels')})\.?[ \t]{{0,5}}[:#][ \t,]*\n?[ \t]{{0,5}}(?=[^\W\d_])"
)
_BY = re.compile(
    rf"\b(?i:{any_cue('verbs')}"
    r"(?:,? (?:electronically|today|again|up|scheduled|over the phone|in clinic|and agreed))?"
    r"[ \t]{0,5}\b(?P<by>by|with|to|from)\b)[ \t]{0,5}:?\s{1,2}"
)
_RELATIVE = re.compile(rf"\b(?i:{any_cue('relatives')}(?: is| was| \(|,)?)[ \t\n]{{1,2}}\(?")
_WEAK = re.compile(rf"\b(?i:{any_cue('weak')})\b[.,:]?[ \t\n]{{1,2}}(?=[^\W\d_])")
_COMMA = re.compile(r",[ \t\n]{1,2}(?=[^\W\d_])")
_SIGNED = re.compile(r"(?:/e?s/|--|~)[ \t]{0,5}(?=[A-Z])")
_ALIAS = re.compile(
    r"\b(?i:aka|a\.k\.a\.|alias|goes by|nicknamed?|prefers(?: to be called)?|initials)[ \t:]{1,3}"
    r"(?P<quote>[\"“'‘])?(?P<name>[A-Z][\w.\-]{1,20}[\w\-])"
)
_AT_ALIAS: tuple[AtWords, ...] = (
    (
        frozenset({"aka", "a", "alias", "goes", "nickname", "nicknamed", "prefers", "initials"}),
        _ALIAS,
    ),
)
_SIGNER = re.compile(
    r"\b(?i:(?:co-?)?signed|covering|on call)[ \t]{1,2}"
    rf"(?=[^\n,.;:]{{2,40}},[ \t]{{1,2}}{any_cue('roles')}\b)"
)
_TYPIST = re.compile(
    r"(?i:\b(?:transcribed|typed)(?: by)?[ \t]{0,3}:[ \t]{0,3})(?P<name>[^\W\d_]{2,3})(?=\s|$)"
)
_LINE = re.compile(r"(?m)^[ \t>*-]*(?P<name>[^\W\d_][^\n\d:;()]{3,40}?)[ \t]{0,5},?$")
# "IHC.", but not "NG, MD", "ROE, JANE" and "ROE RN"
_CAPITALS = re.compile(
    rf"(?P<word>[A-Z]{{2,5}})(?![\w'’-]|\.\w|,?[ \t]{{0,2}}{CREDENTIAL}(?![\w-])"
    r"|,?[ \t][A-Z][^\W\d_]{2,})"
)
_WORD_NAME = re.compile(
    r"(?P<first>[A-Z][a-z]{2,}|[A-Z]{3,})"
    r"(?:(?:(?P<comma>,)[ \t]?|[ \t])(?P<last>[A-Z][a-z]{2,}|[A-Z]\.|[A-Z]{3,}))?"
    r"(?=[\s.,:;!()]|$)"
)
_ONE_WORD_AND_STOP = re.compile(r"[A-Z][a-z]+(?:[.,;)]|[ \t][a-z])")
_GREETINGS = frozenset({"dear", "hi", "hello"})
_NO_INITIALS = re.compile(rf"{CREDENTIAL}|[IVX]+|[ONP]OS")
# The last words of a line or note: "-MG", "thanks, mg", "kjm".
_DASHED = re.compile(
    r"[-–—~/]{1,2}[ \t]?(?P<name>[A-Z]{2,3}|(?:(?<=--[ ])|(?<=[–—]))[a-z]{2,3})[ \t]*$",
    re.MULTILINE,
)
# not the second gene of a fusion: "EWSR1-ERG"
_BEFORE_DASH = re.compile(
    r"(?:^|(?:(?<=[.!?)])|(?<=\d)(?<![A-Z]\d)(?<![A-Z]\d\d))[ \t]{0,3})\Z", re.MULTILINE
)
_THANKED = re.compile(
    r"(?i:thx|thanks|thank[ ]you|ty|tnx|cheers)[,!. ]{1,3}"
    r"(?P<name>[a-z]{2,3}|[A-Z]{2,3})[ \t]*$",
    re.MULTILINE,
)
_BEFORE_THANKS = re.compile(r"(?:^|(?<=[.!?,\n])[ \t]{0,3})\Z", re.MULTILINE)
_AT_THANKS: tuple[AtWords, ...] = (
    (frozenset({"thx", "thanks", "thank", "ty", "tnx", "cheers"}), _THANKED),
)
_LAST = re.compile(r"(?P<name>[a-z]{2,3}|[A-Z]{1,3})\s*\Z")
_BEFORE_SIGN_OFF_MAX = 4
# Given names inside the names of firms and places that are not the patient's.
_FIRMS = frozenset({"depuy", "santa", "jude"})


_CUES = (
    (opening_words(cues("titles")), _TITLE),
    (opening_words(cues("weak_titles")), _WEAK_TITLE),
    (opening_words(cues("labels")), _LABEL),
    (opening_words(cues("verbs")), _BY),
    (opening_words(cues("relatives")), _RELATIVE),
    (opening_words(cues("weak")), _WEAK),
)


def _after_cues(text: str) -> Iterator[tuple[int, int]]:
    titles, weak_titles, labels, verbs, relatives, weak = at_words(text, _CUES)
    for match in titles:
        if in_phrase(text, match.start(), match.start() + 2):
            continue  # "MS Contin"
        plural = match.group().lower().startswith("drs")
        following = Trust.TITLE if plural else Trust.WEAK
        yield from chain(text, match.end(), Trust.TITLE, following_min=following)
    for match in _SIGNER.finditer(text):
        yield from chain(text, match.end(), Trust.TITLE)
    for match in (*weak_titles, *labels, *_SIGNED.finditer(text)):
        yield from chain(text, match.end(), Trust.CUED)
        yield from _words_as_name(
            text, match.end(), alone=match.group().strip(" .,\t\n").lower() in _GREETINGS
        )
    for match in verbs:
        # "Dictated by Codman" is a person, "done with Foley in place" is not.
        talk = match.group().split(maxsplit=1)[0].lower() in cues("talk_verbs")
        trust = Trust.CUED if talk or match["by"].lower() == "by" else Trust.WEAK
        if not _is_abbreviation(text, match):
            yield from chain(text, match.end(), trust)
        yield from _words_as_name(text, match.end(), alone=trust is Trust.CUED)
    for match in relatives:
        yield from chain(text, match.end(), Trust.WEAK)
        alone = _ONE_WORD_AND_STOP.match(text, match.end()) is not None
        yield from _words_as_name(text, match.end(), alone=alone)
    for match in (*weak, *_COMMA.finditer(text)):
        end = name_after(text, match.end())
        # Two words in normal case at least: capitals alone are mostly abbreviations.
        if sum(not word.isupper() for word in text[match.end() : end].split()) >= 2:
            yield match.end(), end


def _is_abbreviation(text: str, cue: re.Match[str]) -> bool:
    """Capitals alone behind a verb written small: "confirmed by IHC", "seen by NSGY". A name there
    has credentials or more of the name behind it, or the verb is what only a writer does.
    """
    verb = cue.group().split(maxsplit=1)[0]
    if verb.isupper() or verb.lower() in cues("writing_verbs"):
        return False
    match = _CAPITALS.match(text, cue.end())
    return match is not None and fold(match["word"]) not in known_names()


def _words_as_name(text: str, at: int, *, alone: bool) -> Iterator[tuple[int, int]]:
    """Words that are names too, behind a cue: "Called to Chance Page", "arranged by Banks."."""
    match = _WORD_NAME.match(text, at)
    if match is None:
        return
    first, last = match["first"].lower(), (match["last"] or "").lower()
    if match["comma"]:  # "Sharp, Chance"
        first, last = last, first
    given, surnames = cues("word_given_names", "clinical_given_names"), cues("word_surnames")
    if match["first"].isupper():
        given -= cues("clinical_given_names")
    full = last in surnames or (last and first in given)
    if full or (alone and not last and (first in given or first in surnames)):
        yield match.span()


def _typists(text: str) -> Iterator[tuple[int, int]]:
    for match in _TYPIST.finditer(text):
        yield match.span("name")


def _aliases(text: str) -> Iterator[tuple[int, int]]:
    """What else somebody is called: AKA "T-Bone", initials P-W."""
    for match in at_words(text, _AT_ALIAS)[0]:
        name = match["name"]
        if match["quote"] or not is_word(name) or name.lower() in cues("word_given_names"):
            yield match.span("name")


def _sign_offs(text: str) -> Iterator[tuple[int, int]]:
    """Initials under a note."""
    for match in _signed(text):
        clinical = match.re is not _DASHED and is_clinical(text, *match.span("name"))
        if not (clinical or _NO_INITIALS.fullmatch(match["name"])):
            yield match.span("name")


def _signed(text: str) -> Iterator[re.Match[str]]:
    thanked = at_words(text, _AT_THANKS)[0]
    for matches, before in ((_DASHED.finditer(text), _BEFORE_DASH), (thanked, _BEFORE_THANKS)):
        for match in matches:
            start = match.start()
            if before.search(text, max(0, start - _BEFORE_SIGN_OFF_MAX), start):
                yield match
    last_line = text.rfind("\n", 0, len(text.rstrip())) + 1
    if last := _LAST.match(text, last_line):
        yield last


def _given_names(text: str) -> Iterator[tuple[int, int]]:
    """A known given name, alone or with what follows it: initial, surname, "Young", "White"."""
    for match in CAPITALISED.finditer(text):
        if not text[match.start()].isupper():
            continue
        token = match.group().rstrip(".")
        if fold(token) not in names_only():
            continue
        if (token.isupper() and len(token) < 4) or fold(token) in _FIRMS:
            continue
        if is_clinical_phrase(text, match.start(), match.start() + len(token)):
            continue
        end = max(name_after(text, match.start()), match.start() + len(token))
        yield match.start(), end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """A line that holds nothing but a name: signatures and letter heads."""
    for match in _LINE.finditer(text):
        start, end = match.span("name")
        found = text[start:end].split()
        shouted = any(word.isupper() and len(word) > 2 for word in found)
        if 2 <= len(found) <= 4 and not shouted and name_after(text, start) == end:
            yield start, end


def find_names(text: str) -> Iterator[Span]:
    """Names by cue, in no order; spans may overlap."""
    for source in (
        _after_cues,
        names_before,
        subjects,
        _typists,
        _sign_offs,
        initials,
        logins,
        acting_words,
        page_heads,
        kin_names,
        rosters,
        nicknames,
        small_names,
        _aliases,
        _given_names,
        particled,
        _lines,
    ):
        for start, end in source(text):
            if end > start:
                yield Span(start, end, "NAME", "staff")
