"""Initials of staff: under a line or note, typist's behind dictator's, of who took, gave, checked.

"… seen today. XYZ 11/29", "AB/cd T 07/04", "taken by ht", "AB dictated; cde transcribed",
"/s/ AB", "kls rn", "rwk pgy3 p2276", "Dr B says". Two or three letters are mostly an abbreviation:
those of ``no_initials`` in ``lexicon/cues.yaml`` and words are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import lexicon
from deid.recognizers.name_grammar import CREDENTIAL
from deid.scan import at_words, beside, opening_words
from deid.span import Place
from deid.vocabulary import any_cue, cues, is_word

__all__ = ["initials"]

_BOTH = r"(?:[A-Z]{2,3}|[a-z]{2,3})"
_WHEN = (
    r"(?:[ \t]{1,3}(?:@[ \t]?)?(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?"
    r"|\d{1,2}:?\d{2}[ \t]?(?:h|hrs|[ap]m?|[AP]M)?))"
)
# "… as discussed. xyz", "xyz 11/29" on a line of its own
_UNDER = re.compile(
    rf"(?:^|(?<=[.!?])[ \t]{{1,3}})(?:[-–—~/\[(]{{1,2}}[ ]?)?(?P<name>{_BOTH})"
    rf"(?P<when>{_WHEN}{{0,2}})[ \t]*[/\])]{{0,2}}$"
)
# The same where the lines of a paragraph were joined again: "… recheck. tjb Seen with family"
_INSIDE = re.compile(
    rf"[.!?][ \t]{{1,2}}(?P<name>[a-z]{{3}}(?=[ \t]+[A-Z][a-z])"
    rf"|{_BOTH}(?={_WHEN}{{2}}(?:[ \t\n]|$)))"
)
_LINE_MAX = 40  # characters from the end of a line in which initials and time stand
# "AB/cd", "te:pb", behind a full stop or alone, at a line's end or before the day of typing;
# "AB/cd" also behind other words at a line's end
_PAIR = re.compile(
    rf"(?:(?P<own>^)|(?<=[.!?\n])[ \t]{{0,3}}|(?P<done>\b[A-Z][a-z]+ed[ \t]))"
    rf"(?P<one>{_BOTH})(?:[ \t]?/[ \t]?|:)(?P<two>{_BOTH})"
    rf"(?:(?=[ \t]*$|\.?[ \t]*(?:\n|$)|\.[ \t])|(?=[ \t]+"
    rf"(?:[DTdt]{{1,2}}[:\s]|\d{{1,2}}/))(?P<dated>))",
    re.MULTILINE,
)
_MIXED_PAIR = re.compile(
    r"(?<![\w/])(?P<one>[A-Z]{2,3})[/:](?P<two>[a-z]{2,3})"
    r"(?:(?=\s*$)|(?=[ \t]+(?i:job|doc|d:|t:|dd:|dt:|\(voice|\(dictated|\d))(?P<dated>))",
    re.MULTILINE,
)
_LAST_LINE = re.compile(r"\.?[ \t]*(?:\Z|\n[ \t]*(?:\n|\Z|[DTdt]{1,2}:|\d{1,2}/|[Jj]ob\b))")
_BETWEEN_SLASHES = re.compile(rf"(?<![\w/])/(?P<name>{_BOTH})/(?![\w/])")
_SIGNED = re.compile(r"/e?s/[ \t]{0,3}(?P<name>[A-Z]{2,3})(?![\w.])")
# "… MD / kls rn"
_BEHIND_CREDENTIAL = re.compile(
    rf"(?:(?i:{CREDENTIAL})|[A-Z][a-z]+\b|\bI{{2,3}}\b|\bJr\.?)[ \t]{{0,3}}/[ \t]{{0,3}}"
    rf"(?P<name>[a-z]{{2,3}})(?=[ \t]*$|[ \t]+(?i:{CREDENTIAL})\b)",
    re.MULTILINE,
)
# "CRNA (TLB)", "per JLM RN"
_IN_BRACKETS = re.compile(rf"(?i:{any_cue('initialled_roles')})[ \t]\((?P<name>{_BOTH})\)")
_PER = re.compile(
    r"\b(?:[Pp]er|[Bb]y|w/|with|from|to)[ \t](?P<name>[A-Z]{2,3}),?[ \t]"
    r"(?:RN|MD|NP|PA(?:-C)?|CRNA|LPN|PharmD|DPT|PT|OT|RT|MA|CNA)(?![\w-])"
)
# "T: lr 07/09/24"
_TYPED_ON = re.compile(
    r"(?<![\w:])(?:[DT]|DT|DD|TD|TT):[ ]?(?P<name>[a-z]{2,3}|[A-Z]{2,3})(?=[ \t]{1,3}\d{1,2}[/-]\d)"
)
_DONE = re.compile(
    rf"(?<![\w/.-])(?P<name>{_BOTH})[ \t](?=(?i:dictated|transcribed|typed|scribed|cosigned)\b)"
)
_CUED = re.compile(
    rf"(?i:{any_cue('initials_cues')})(?P<sign>[ \t]{{0,3}}[:=]|\.?)[ \t]{{1,3}}"
    rf"(?:\d{{1,2}}:?\d{{2}}[ \t]{{1,2}})?(?:(?i:powerscribe|dragon|dax|fluency|m\*modal|nuance"
    rf"|voice)"
    rf"(?:[ \t]\w{{1,8}})?[,;/][ \t]?)?(?P<name>{_BOTH}"
    rf"|[A-Z]\.[ ]?[A-Z]\.)(?=[ \t]*$|[.,;)/]|[ \t]{{1,3}}(?:→|->)"
    r"|[ \t]{2}|[ \t]{1,3}(?:@|at[ \t])?[ \t]?\d)",
    re.MULTILINE,
)
# "RN: jdk"
_LABELLED = re.compile(
    rf"(?i:{any_cue('initialled_labels')})[ \t]?[:=][ \t]{{0,3}}(?P<name>{_BOTH}"
    rf"|[A-Z]\.[ ]?[A-Z]\.)"
    r"(?=[ \t]*$|[.,;)]|[ \t]{2}|[ \t]{1,3}(?:@|at[ \t])?[ \t]?\d)",
    re.MULTILINE,
)
# "… by Nguyen L RN, + BR"
_SECOND = re.compile(
    rf"(?i:\b{CREDENTIAL}),?[ \t]?(?:\+|&|w/)[ \t]?(?P<name>[A-Z]{{2,3}})(?=[ \t]*$|[.,;)])",
    re.MULTILINE,
)
_TIMED = re.compile(r"[ \t]{1,3}(?:@|at[ \t])?[ \t]?\d")
_LETTERED = re.compile(
    r"(?i:initials?|initial+ed(?:[ \t](?:by|the[ \t]\w+|it))?)[ \t]{0,2}:?[ \t]{1,2}"
    r"(?P<name>[A-Z](?:[.\-][ ]?[A-Z]){1,2}\.?|(?<=s[ :])[A-Z]{2,3}|(?<=by[ ])[A-Z]{2,3})(?![\w-])"
)
_CREDENTIALED = re.compile(
    rf"(?:^|(?<=[.;/(])[ \t]{{0,2}})(?P<name>{_BOTH})[ \t](?:(?i:pgy)[- ]?\d|(?:rn|md"
    rf"|np|pa-c|do|lpn)"
    r"(?=[ \t]*$|[.,;)]))",
    re.MULTILINE,
)
_PAGED = re.compile(
    rf"(?:^|(?<=[.;/(])[ \t]{{0,2}})(?P<name>{_BOTH}|[A-Z][a-z]{{2,14}})[ \t]"
    r"(?:(?i:pgy)[- ]?\d[ \t]{1,2})?(?i:p|pgr|pager|pg)[ .#:]{0,2}\d{3,5}\b",
    re.MULTILINE,
)
# X, Y and Z stand for somebody who is not named.
_ONE_LETTER = re.compile(
    r"(?i:dr|drs|mr|mrs|ms|mx|miss)\.?[ \t]{1,2}(?P<name>[A-W])(?![\w-]|\.\w|['’](?!s\b))"
)
# "J.J. finished", "B.T." in quotation marks, "Y. A-K.'s"
_DOTTED = re.compile(
    r"[A-Z](?<![\w.][A-Z])\.[ ]?(?:[A-Z]\.[ ]?)?(?:[A-Z]-)?[A-Z]\.?"
    rf"(?:(?=['’]s\b)|(?=[\"”])|(?<=\.)(?=[ \t](?:{any_cue('person_verbs')}|finished|initialed)\b))"
)
_NOT_DOTTED = re.compile(
    r"(?:[PA]\.?M|[IO]\.?[VDR]|E\.?[RD]|U\.?S|[MD]\.?[DO]|R\.?N|P\.?[OATC])\.?"
)
_AT_WORDS = (
    (opening_words(cues("initials_cues")), _CUED),
    (opening_words(cues("initials_labels")), _LETTERED),
    (opening_words(cues("one_letter_titles")), _ONE_LETTER),
    (opening_words(cues("initialled_roles")), _IN_BRACKETS),
    (opening_words(cues("initialled_labels")), _LABELLED),
    (frozenset({"per", "by", "w", "with", "from", "to"}), _PER),
)
_TYPED = frozenset({"dictated", "transcribed", "typed", "scribed", "cosigned"})
_NEAR_SLASH = (_BETWEEN_SLASHES, _SIGNED, _BEHIND_CREDENTIAL)
_GROUPS = (
    (_TYPED, 6, 12, (_DONE,)),
    (re.compile(r"[DT]:[ ]?[A-Za-z]{2,3}[ \t]"), 6, 12, (_TYPED_ON,)),
    (re.compile(r"/(?=[ \t]{0,3}[A-Za-z]{2,3}(?![A-Za-z]))"), 12, 12, _NEAR_SLASH),
    (re.compile(r"[+&/](?=[ \t]?[A-Z]{2})"), 12, 8, (_SECOND,)),
    (frozenset({"rn", "md", "np", "lpn", "pgy", "pa", "do"}), 12, 8, (_CREDENTIALED,)),
    (frozenset({"pgy", "p", "pgr", "pager", "pg"}), 24, 12, (_PAGED,)),
)


_PAIRS = (
    (
        re.compile(r"[/:](?<=[A-Za-z ][/:])[ \t]?[A-Za-z]{2,3}(?![A-Za-z])"),
        20,
        16,
        (_PAIR, _MIXED_PAIR),
    ),
)


def initials(text: str) -> Iterator[Place]:
    """Where initials of staff stand, in no order; they may overlap."""
    cued, lettered, one_letter, bracketed, labelled, per = at_words(text, _AT_WORDS)
    for match in (*lettered, *one_letter):
        if not (match["name"].isalpha() and is_word(match["name"])) or len(match["name"]) == 1:
            yield match.span("name")
    for match in cued:
        if _cued(match):
            yield match.span("name")
    for match in (*bracketed, *labelled, *per):
        if _may_be(match["name"], sure=False):
            yield match.span("name")
    for match in beside(text, _GROUPS):
        name = match["name"]
        if match.re is _PAGED and len(name) > 3 and is_word(name):
            continue
        typed = match.re is _TYPED_ON and not is_word(name)
        if typed or _may_be(name, sure=match.re in _NEAR_SLASH):
            yield match.span("name")
    for match in _INSIDE.finditer(text):
        if _may_be(match["name"], sure=False):
            yield match.span("name")
    yield from _pairs(text)
    yield from _under_lines(text)
    for match in _DOTTED.finditer(text):
        if not _NOT_DOTTED.fullmatch(match.group()):
            yield match.span()


def _cued(match: re.Match[str]) -> bool:
    """Whether the cue makes the letters somebody: "Recorder: ht" and "typed by ht" do, "consent
    LN" and "confirmed by IHC" may not: tests, teams and procedures are written in capitals.
    """
    name = match["name"]
    cue = match.group()[: match.start("name") - match.start()].lower()
    signed = bool(match["sign"].strip(". \t"))
    by = " by" in cue
    writes = cue.split()[0] in cues("writing_verbs")
    if by and not (signed or writes) and name.isupper():
        timed = _TIMED.match(match.string, match.end("name")) is not None
        # who sees a patient is a person or a team, and no test
        seen = cue.split()[0] == "seen" and name.lower() not in cues("teams")
        return (timed or seen) and _may_be(name, sure=False)
    return _may_be(name, sure=signed or (by and (writes or name.islower())))


def _pairs(text: str) -> Iterator[Place]:
    for match in beside(text, _PAIRS):
        if _is_typed(text, match):
            yield match.start("one"), match.end("two")


def _is_typed(text: str, match: re.Match[str]) -> bool:
    """Whether two abbreviations are who dictated and who typed. Small letters stand behind
    capitals or alone; capitals in both halves close a clinical sentence as well ("Imaging.
    CT/MR"), so that they count on the last line, or before the day of typing, only.
    """
    one, two = match["one"], match["two"]
    free = [half for half in (one, two) if _may_be(half, sure=True)]
    both = len(free) == 2 and any(_may_be(half, sure=False) for half in (one, two))
    if match["dated"] is not None:
        return bool(free)
    if match.re is _MIXED_PAIR:
        return both
    if one.isupper() and two.isupper() and not match["done"]:
        last = match["own"] is not None and _LAST_LINE.match(text, match.end("two")) is not None
        return both and last
    if one.isupper() or match["done"]:
        return one in free or (two in free and not is_word(one))
    return bool(free)


def _under_lines(text: str) -> Iterator[Place]:
    """Initials that end a line or stand on one of their own."""
    start, before = 0, ""
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip())
        tail = max(start, end - _LINE_MAX)
        match = _UNDER.search(text[tail:end] if tail > start else "\n" + text[start:end])
        alone = match is None and _UNDER.match(text[start:end])
        shift = tail if tail > start else start - 1
        if alone:
            match, shift = alone, start
        following = text[start + len(line) :].partition("\n")[0].strip()
        if match is not None and _signs(match, before, following):
            at, to = match.span("name")
            yield shift + at, shift + to
        start += len(line)
        before = line.strip()


def _signs(match: re.Match[str], before: str, following: str) -> bool:
    """Capitals close a paragraph or have their time behind; else they head what follows."""
    name = match["name"]
    own_line = match.start("name") == 0 or match.string[: match.start("name")].strip() == ""
    last = not following
    if name.isupper() and not (last or match["when"]):
        return False
    if own_line and not (before and (last or match["when"] or name.islower())):
        return False
    return _may_be(name, sure=last and name.islower())


def _may_be(name: str, *, sure: bool) -> bool:
    """Whether two or three letters may be initials; where ``sure``, also some that mean more."""
    plain = name.lower()
    if (
        is_word(name)
        or plain in cues("no_initials")
        or (len(plain) > 2 and plain in lexicon().terms)
    ):
        return False
    return sure or plain not in cues("two_letters")
