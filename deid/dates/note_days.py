"""Month and day with a slash and no cue ("bled 2/10"), told by how the whole note writes days.

Where a note writes other days as 3/4 without a year, one more such pair of numbers is a day too,
unless something makes it a score, a strength, a level or a fraction: a word for one in its
sentence, a part of the body, or another number on the same scale elsewhere in the note.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from deid.dates.slash_scores import is_told_score

__all__ = ["days_by_note", "scales_of", "without_far_courses"]

_DAYS_MIN = 2  # other days of the note that are written so
_DAYS_MIN_OF_SCALE = 3  # for figures that are a usual score or fraction
_NEAR_DAYS = 10
_WRITTEN_SO = re.compile(r"(?:[A-Za-z]+\.?,?\s+)?(?P<m>\d{1,2})/(?P<d>\d{1,2})")
_SCORED = re.compile(
    r"\b(?=[A-Za-z])(?i:aches?|aching|headaches?|discomfort|sore(?:ness)?|hurts?|tender(?:ness)?|fatigue|tired"
    r"|nausea|dyspnea|sob|borg|rpe|itch\w*|anxiety|anxious|mood|distress|energy|qol|avg|average|best"
    r"|baseline|rest|activity|nprs|bpi|fncl\w*|grading|differentiation|mitos[ie]s|necrosis|kps|phq\S*"
    r"|gad\S*|moca|mmse|tess|spasms?|jaw|burning|throbbing|cramp\w*|numb\w*|function|quality|burden"
    r"|satisfaction|confidence|importance|readiness|severe|moderate|mild|now|currently|orient\w*|a&o"
    r"|criteria|questions?|items?|vision|acuity|[oO][dsuDSU]|quadrants?|third|bottle|tabs?|pills?"
    r"|cycles?|doses?|fractions?|fx|sets?|meals?|tray|breakfast|lunch|dinner|ate|eats?|eaten|lumbar"
    r"|cervical|thoracic|spine|spinal|stenosis|laminectomy|foramin\w*|facets?|hernia\w*|bulg\w*"
    r"|spondyl\w*|fusion|[LCT]\d|muscles?|strength\w*|tibia\w*|[TP]A|GS|IP|HF|HS|quads?|delts?|tri"
    r"|bi|wrist|wnl|bowel|ratio|odds|mix|dilut\w*|solution|cultures?\sbottles?|bottles|sites?|ports?"
    r"|mirels?|allred|beighton|tokuhashi|tomita|lysholm|tegner|womac|koos|hoos|lefs|ases|(?:quick)?dash|odi"
    r"|tinetti|berg|braden|barthel|fim|epworth|ciwa|cows|rass|apache|q?sofa|meld|curb|chads\S*|ashworth"
    r"|spinal\sinstability|am-?pac)\b|\bSINS\b"
)
# Day or fraction 10 of 25; a day where the note has others within some weeks of it.
_COURSE_BEFORE = re.compile(
    r"\b(?=[A-Za-z])(?i:x?rt|imrt|sbrt|ebrt|radiation|radiotherapy|protons?|taper|steroids?|prednisone"
    r"|dexamethasone|decadron|abx|antibiotics)\s(?:(?:fx|day)\s)?$"
)
_PART_BEFORE = re.compile(
    r"(?:\b(?=[A-Za-z])(?i:the|a|an|upper|lower|middle|mid|distal|proximal|anterior|posterior|medial|lateral"
    r"|about|approx(?:imately)?\.?|roughly|nearly|almost|least|most|over|under|only|than|one|took"
    r"|takes?|is|was|are|were|at|inner|outer|x|no|total|last|superior|inferior|remaining|other)"
    r"|[<>≤≥=~≈#(+×-])\s?$"
)
_PART_BEHIND = re.compile(
    r"\s?(?:[(]|x|×|=|[<>]|\b(?i:full|empty|strong|weak|intact|done|complete[d]?|taken|way|down|up"
    r"|left|right|bilat\w*|symmetric\w*|lungs?|wounds?|cultures?|throughout|times|majority|there"
    r"|present|correct|rule|ns|d5|bedrails?|rails?|present|involved|nl|normal|lps?|hpf|ppd|sem|sm"
    r"|murmurs?)\b)"
)
_LIMB = re.compile(
    r"\b(?=[A-Za-z])(?i:hips?|knees?|ankles?|elbows?|shoulders?|wrists?|hands?|foot|feet|toes?|fingers?|arms?"
    r"|legs?|bilat\w*|neuro|msk|ext(?:remities)?|pulses?|dp|pt|radial|heart|cor|cv|cardiac|rrr)\b"
)
_BREAK = re.compile(r"[.;!?](?=\s|,|$)|\n|[ ][–—-][ ]")
_SEEN_BEFORE, _SEEN_BEHIND = 70, 24
_PARTS = frozenset([2, 3, 4, 8, 16])
_GRADES = frozenset([2, 3, 4, 5, 6, 7])
_SCALES_LONG = frozenset([5, 6, 10])
_COURSES = frozenset([5, 7, 10, 12, 14, 15, 20, 21, 25, 28, 30])
_NEAR_COURSE_DAYS = 60


def days_by_note(
    text: str,
    kept: Sequence[re.Match[str]],
    left: Sequence[re.Match[str]],
    told: AbstractSet[int],
    dates: Sequence[tuple[int, int]],
) -> Iterator[re.Match[str]]:
    """Which of ``left``, the pairs that nothing beside them speaks for, are days.

    ``kept`` are the pairs that have been found to be days, ``told`` where surely a score or an
    amount begins, ``dates`` where other dates stand.
    """
    known = _days_of(text, kept, dates)
    days = len(known)
    if days < _DAYS_MIN:
        return
    scored = {token.start() for token in left if token.start() in told or _of_score(text, token)}
    scales = _scales(left, scored)
    for token in left:
        m, d = int(token["m"]), int(token["d"])
        if d in scales and m <= d:
            continue
        if _is_far_course(text, token, known):
            continue
        usual = m <= d and d in _PARTS | _GRADES | _SCALES_LONG
        least = _DAYS_MIN_OF_SCALE if usual and not _near(token, known) else _DAYS_MIN
        if days >= least and token.start() not in scored:
            yield token


def scales_of(text: str, tokens: Sequence[re.Match[str]]) -> tuple[frozenset[int], frozenset[int]]:
    """Where those of the pairs begin that something beside them makes an amount, and the second
    numbers that the note uses as the top of a scale.
    """
    scored = {
        token.start() for token in tokens if is_told_score(text, token) or _of_score(text, token)
    }
    return frozenset(scored), frozenset(_scales(tokens, scored))


def without_far_courses(
    text: str, kept: Sequence[re.Match[str]], dates: Sequence[tuple[int, int]]
) -> list[re.Match[str]]:
    """``kept`` without what says how much of a course of treatment is done ("Taper 12/14"): far
    from the days of a note that has some.
    """
    known = _days_of(text, kept, dates)
    if len(known) <= _DAYS_MIN:
        return list(kept)
    return [
        token
        for token in kept
        if not _is_course(text, token) or _near(token, _without(known, token), _NEAR_COURSE_DAYS)
    ]


def _without(known: Sequence[int], token: re.Match[str]) -> list[int]:
    own = _in_year(token)
    at = bisect_left(known, own)
    return [*known[:at], *known[at + 1 :]]


def _days_of(
    text: str, kept: Sequence[re.Match[str]], dates: Sequence[tuple[int, int]]
) -> list[int]:
    """Where in a year the days lie that the note writes without one, in order."""
    written = [
        match
        for start, end in dates
        if end - start <= _SEEN_BEHIND and (match := _WRITTEN_SO.fullmatch(text, start, end))
    ]
    return sorted(_in_year(one) for one in (*kept, *written))


def _in_year(token: re.Match[str]) -> int:
    """About which day of a year it is."""
    return 30 * int(token["m"]) + int(token["d"])


def _near(token: re.Match[str], known: Sequence[int], days: int = _NEAR_DAYS) -> bool:
    """Whether it lies within so many days of a known day; ``known`` is in order."""
    day = _in_year(token)
    at = bisect_left(known, day - days)
    return at < len(known) and known[at] <= day + days


def _is_far_course(text: str, token: re.Match[str], known: Sequence[int]) -> bool:
    """Whether it could be a course of treatment and lies far from the days of the note."""
    return _is_course(text, token) and not _near(token, known, _NEAR_COURSE_DAYS)


def _is_course(text: str, token: re.Match[str]) -> bool:
    """Whether it could be how much of a course of treatment is done."""
    if not token["m"] or token.groupdict().get("tail"):
        return False
    m, d = int(token["m"]), int(token["d"])
    start = token.start()
    before = text[max(0, start - _SEEN_BEHIND) : start]
    return m <= d and d in _COURSES and _COURSE_BEFORE.search(before) is not None


def _scales(left: Sequence[re.Match[str]], scored: AbstractSet[int]) -> set[int]:
    """Second numbers that the note uses as the top of a scale: beside a word for one, or under
    two different first ones.
    """
    firsts: dict[int, set[int]] = {}
    told: set[int] = set()
    for token in left:
        m, d = int(token["m"]), int(token["d"])
        firsts.setdefault(d, set()).add(m)
        if token.start() in scored:
            told.add(d)
    return told | {d for d, those in firsts.items() if len(those) > 1}


def _of_score(text: str, token: re.Match[str]) -> bool:
    """Whether something beside the pair makes it a score, a strength, a level or a fraction."""
    start, end = token.span()
    m, d = int(token["m"]), int(token["d"])
    before = _BREAK.split(text[max(0, start - _SEEN_BEFORE) : start])[-1]
    behind = _BREAK.split(text[end : end + _SEEN_BEHIND])[0]
    if _SCORED.search(before) or _SCORED.search(behind):
        return True
    if _PART_BEHIND.match(behind):
        return True
    if m < d and d in _PARTS and _PART_BEFORE.search(before):
        return True
    return m <= d and d in _GRADES and (_LIMB.search(before) or _LIMB.search(behind)) is not None
