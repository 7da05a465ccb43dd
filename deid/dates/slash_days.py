"""Month and day with a slash and no year ("3/4"): told from scores, fractions and levels.

Clinical prose writes far more scores (strength 5/5, pain 7/10, murmur 2/6) than such dates, and
the figures alone seldom tell which it is. Looked at are, in this order: a unit or a finding behind
it, a cue in front ("on 3/4"), its place (alone at the beginning of a line, before a time), its
neighbours (7/8 and 7/9), the figures themselves (03/04, 9/17), and what the sentence speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deid.dates.attacks import of_history
from deid.dates.day_order import day_leads, writes_day_first
from deid.dates.note_days import days_by_note, without_far_courses
from deid.dates.slash_cues import (
    CUE_LENGTH_MAX,
    FIRM,
    IMAGED,
    LAST_WAS,
    LOOSE,
    PLANNED,
    TESTED,
    TIME_BEFORE,
)
from deid.dates.slash_figures import by_figures
from deid.dates.slash_pairs import DAY_FIRST, GRADED, is_span_of_days, may_score, pairs
from deid.dates.slash_scores import (
    BREAK,
    FINDING,
    FINDING_BEHIND,
    is_measured,
    is_mixed_fraction,
    is_told_score,
)

__all__ = ["find_slash_days"]

_LINE = re.compile(r"(?:^|\n)[ \t]*(?:[-•*][ \t]|\d{1,2}[.)][ \t])?$")
_LABEL = re.compile(r"[ \t]*(?:[:–—]|-[ \t]|(?=\n|$)|\(?(?:POD|HD|OR|post-?op|pre-?op)\b)")
_TIME = re.compile(
    r",?\s(?:at\s|@\s?|around\s)?(?:(?:[01]\d|2[0-3])[0-5]\d(?:\s?(?:h|hrs?|hours))?\b(?![-/]\d)(?!\s?(?:mg|ml|cc|%))"
    r"|[012]?\d:[0-5]\d|(?:(?:at|@)\s?)?\d{1,2}\s?(?:[ap]\.?m|[ap])\b)|\s?@\s?\d"
)
# "1/4: bloods. 2/4: scan."
_STOPPED = re.compile(r"[.;]\s$")
_NAMED = re.compile(r":\s[A-Za-z]{2}")
# Readings with their days: "51.2 kg (3/3 53.9, 2/10 57.0)".
_IN_SERIES = re.compile(r"(?:\(|[\d%)][,;]\s)$")
_VALUE = re.compile(r"(?::|\s=)?\s\d{1,3}\.\d{1,2}(?![\d/])(?!\s?(?:mg|mcg|g|ml|cm|mm)\b)")
# "WBC 3.2 (3/2)"
_READ_BEFORE = re.compile(r"\d(?:\.\d{1,2}|[ ]?[Kk%])\s?\($")
_EVENT_BEHIND = re.compile(
    r"[ \t](?i:visit|appointment|appt|note|scan|mri|ct|films?|x-?rays?|labs?|surgery|biopsy"
    r"|admission|discharge|event|episode|consult\w*|clinic|procedure|echo|tte|tee|pet|cxr|ekg|ecg|dexa"
    r"|ultrasound|angio\w*|bx|path(?:ology)?|op note|addendum|dose|infusion)\b"
)
# "last dose was 8/15 pm"; "4/10 am" behind a word for pain is a score of the morning.
_HALF_DAY = re.compile(r"\s(?:[AaPp][Mm])\b")
# "You'd see Dr. Okada 12/12."
_SEEN_BY = re.compile(r"\b(?:Dr|DR|dr)s?\.?\s[A-Z][\w'’\-]{1,24}\s$")
_CLOSED = re.compile(r"\s?(?:[.,;)?!]|\n|$|\s(?:and|at|for|to|@)\b)")
_EQUALS = re.compile(r"=\s?$|\bAM-?PAC\s$")
_JOIN = re.compile(
    r"\s?(?:,\s?(?:and\s|&\s?)?|and|then|&|or|to|through|thru|until|till|-?>|→|-|–|—|\+|;"
    r"|[ \t]+)\s?"
)
_NEXT = re.compile(
    r"\s?[,;]?\s(?i:next|then|f/?u|follow-?up|repeat(?:ed)?|again|recheck(?:ed)?|rtc|due)\s"
    r"(?:(?:on|due|visit)\s)?(?=\d)"
)
_SEEN_BEFORE, _SEEN_BEHIND = 70, 40


def find_slash_days(text: str, dates: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    """Matches with groups m and d, in either order, and for a range ``tail``.

    ``dates`` are the stretches already known as dates, in order.
    """
    tokens = pairs(text, dates)
    starts = {start for start, _ in dates}
    ends = {end for _, end in dates}
    day_first = any(token.re is DAY_FIRST for token in tokens) and writes_day_first(text, dates)
    kept: list[re.Match[str]] = []
    left: list[re.Match[str]] = []
    scored: list[int] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if _is_day(text, token, following, starts, ends, scored, day_first=day_first):
            kept.append(token)
            ends.add(token.end())
        else:
            scored.append(token.start())
            left.append(token)
    kept = without_far_courses(text, kept, dates)
    could = _open(text, left)
    told = {token.start() for token in could if is_told_score(text, token)}
    kept += days_by_note(text, kept, could, told, dates)
    return sorted(kept, key=lambda token: token.start())


def _open(text: str, tokens: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Those of the tokens that could still be days: month first, no range, no amount, no
    attacks of history; also those that are surely scores, for they tell a scale.
    """
    return [
        token
        for token in tokens
        if token.re is not DAY_FIRST
        and not token["tail"]
        and not _EQUALS.search(text, max(token.start() - CUE_LENGTH_MAX, 0), token.start())
        # strength and pain are graded by themselves too: "Distally 5/5.", "3/10."
        and not (may_score(token) and int(token["d"]) in GRADED and not _loosely(text, token))
        and not (token.group() == "9/11" and of_history(text, *token.span()))
    ]


def _loosely(text: str, token: re.Match[str]) -> bool:
    """Whether a word that can lead to a day stands before the pair."""
    before = text[max(0, token.start() - CUE_LENGTH_MAX) : token.start()]
    return LOOSE.search(before) is not None and before[-2].isalpha()


def _is_day(
    text: str,
    token: re.Match[str],
    following: re.Match[str] | None,
    starts: set[int],
    ends: set[int],
    scored: list[int],
    *,
    day_first: bool,
) -> bool:
    start, end = token.span()
    before = text[max(0, start - _SEEN_BEFORE) : start]
    behind = text[end : end + _SEEN_BEHIND]
    if FINDING_BEHIND.match(behind):
        return False
    if token.group() == "9/11" and of_history(text, start, end):
        return False
    if _EQUALS.search(before):
        return False
    cue = before[-CUE_LENGTH_MAX:]
    if is_measured(token, before, behind):
        return False
    if FIRM.search(cue) or TESTED.search(cue):
        return True
    sentence = BREAK.split(before)[-1]
    named = FINDING.search(sentence) is not None
    if token.re is DAY_FIRST:
        padded = token["m"].startswith("0")  # "typed 22/03"
        return padded or (day_first and not named and day_leads(token, before, behind))
    joined = _near_date(text, start, ends)
    if is_mixed_fraction(token, before) and not joined:
        return False
    if (
        _is_led(before, behind)
        or (not _is_graded(token) and _is_told(before, behind))
        or (not named and _is_timed(token, before, behind))
    ):
        return True
    of_score = named or any(at >= start - len(sentence) for at in scored[-3:])
    if of_score and may_score(token):
        return False
    if joined or _leads_to_date(text, token, following, starts):
        return True
    return by_figures(token, before, behind, of_score=of_score)


def _is_led(before: str, behind: str) -> bool:
    """Whether what stands around a pair makes it a day, whatever its sentence speaks of."""
    return (
        _TIME.match(behind) is not None
        or _EVENT_BEHIND.match(behind) is not None
        or (_LINE.search(before) is not None and _LABEL.match(behind) is not None)
        or (_IN_SERIES.search(before) is not None and _VALUE.match(behind) is not None)
        or (_SEEN_BY.search(before) is not None and _CLOSED.match(behind) is not None)
    )


def _is_graded(token: re.Match[str]) -> bool:
    """Whether the figures could be a strength or a pain."""
    return may_score(token) and int(token["d"]) in GRADED


def _is_told(before: str, behind: str) -> bool:
    """Whether what could be no such grade is the day of a reading, an entry or an image."""
    return (
        (behind.startswith(")") and _READ_BEFORE.search(before) is not None)
        or (_STOPPED.search(before) is not None and _NAMED.match(behind) is not None)
        or IMAGED.search(before) is not None
    )


def _is_timed(token: re.Match[str], before: str, behind: str) -> bool:
    """The same in a sentence that speaks of no score."""
    return (
        LAST_WAS.search(before) is not None
        or PLANNED.search(before) is not None
        or _HALF_DAY.match(behind) is not None
        or is_span_of_days(token)
        or TIME_BEFORE.search(before) is not None
    )


def _near_date(text: str, start: int, ends: set[int]) -> bool:
    """Whether a known date is joined to what starts here: "7/8 and 7/9"."""
    return any(
        end in ends and _JOIN.fullmatch(text, end, start) is not None
        for end in range(max(0, start - 9), start)
    )


def _leads_to_date(
    text: str, token: re.Match[str], following: re.Match[str] | None, starts: set[int]
) -> bool:
    """Whether a date is joined behind: a known one, or a later day of this month or the next."""
    join = _NEXT.match(text, token.end()) or _JOIN.match(text, token.end())
    if join is None:
        return False
    if join.end() in starts:
        return True
    if following is None or following.start() != join.end() or following.re is DAY_FIRST:
        return False
    if FINDING_BEHIND.match(text[following.end() : following.end() + _SEEN_BEHIND]):
        return False
    m, d = int(token["m"]), int(token["d"])
    m2, d2 = int(following["m"]), int(following["d"])
    return (m2 == m and d2 > d) or (m2 == m % 12 + 1 and d - d2 > 14)
