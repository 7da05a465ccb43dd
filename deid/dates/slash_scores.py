"""Words about a pair such as 3/4 that make it a score, a strength, a pressure or a fraction."""

from __future__ import annotations

import re

from deid.dates.slash_cues import CUE_LENGTH_MAX, FIRM, TESTED, TIME_BEFORE
from deid.dates.slash_pairs import MONTH_FIRST

__all__ = [
    "BREAK",
    "FINDING",
    "FINDING_BEHIND",
    "is_measured",
    "is_mixed_fraction",
    "is_told_score",
]

# Pressures of a ventilator, and scores and shares that are named just before the figures.
_MEASURED = re.compile(
    r"\b(?=[A-Za-z])"
    r"(?:PSV?|SINS|Constant|(?i:(?:bi|c|i|e)-?pap|niv|avaps|pressure support|bps|blocks|stairs"
    r"|mirels?|constant[- ]murley|beighton|allred|lysholm|tegner|womac|koos|hoos|oxford|harris|ases"
    r"|tokuhashi|tomita|braden|barthel|tinetti|berg|epworth|ciwa|cows|am-?pac|q?sofa|meld|apache))"
    r"\s(?i:(?:scores?|of|at|was|is|to|x|=)\s){0,2}$"
)
_GREW = re.compile(r"\b(?i:[bwu]?cx|cultures?|bottles?)\b")
# "C. acnes 2/6", "MSSA 3/4" and "BCx 1/2 GPC": so many of the samples
_GERM = (
    r"(?:[A-Z]\.\s[a-z]{4,}|MSSA|MRSA|MSSE|MRSE|CoNS|VRE|GPCs?|GNRs?|GPRs?|[Gg]ram|[Yy]east|[Ss]taph\w*|[Ss]trep\w*"
    r"|[Ee]nteroc\w*|[Pp]seudomonas|[Cc]utibacterium|[Cc]andida)"
)
_GERM_BEFORE = re.compile(rf"\b{_GERM}\s(?:in\s)?$")
_GERM_BEHIND = re.compile(rf"\s(?:\+\s?)?{_GERM}\b")
FINDING_BEHIND = re.compile(
    r"\s*-?(?:(?i:strength|motor|power|pain|tablets?|tabs?|pills?|of\b(?!\s(?:this|last|next))"
    r"|scale|score|points?|m[gm]\b|ml|cc|cm|inch|in\.|bilat|throughout|positive|negative|nodes?"
    r"|lymph|cores?|margins|words?|recall|objects?|registration|(?:\w+\s){0,2}murmur|(?:holo)?systolic"
    r"|diastolic|needle|trocar|cannula|weeks?|months|circumference|reflex|pulses?|"
    r"mixture|mm ?hg|(?:flex )?coils?|intensity|severity|normal|lbs?\b"
    r"|pounds?|cups?|bottles?|fib|cracker|filled|full"
    r"|proximal|distal|upper|lower|BUE|BLE|[LR][UL]E|patell|achill|biceps|triceps|ankles?|knees?"
    r"|hips?|elbows?|wrists?|grip|flexion|extension|dorsi|plantar|abduct|adduct|decreasing"
    r"|(?:with|at|during|after)\s(?:rest|best|worst|activity|movement|weight|motion|ambulation"
    r"|walking|night|exertion|minimal|light|\w+ minutes?)"
    r"|(?:in|on|to|for|with|at)\s(?:the\s|all\s|his\s|her\s|both\s)?(?:all|upper|lower|left|right"
    r"|both|hips?|knees?|ankles?|elbows?|shoulders?|wrists?|hands?|(?:dorsi|plantar)?\s?flexion"
    r"|extension|abduction|brachial|balance|gait|exposure|intensity|severity|MMSE|BUE|BLE"
    r"|[LR][UL]E|UE|LE|testing|the MRC)"
    r"|[A-Za-z]+\s(?:strength|murmur|pulses?|reflexes))"
    r"|(?i:cycles?|doses|fractions|sessions|sets|treatments|criteria|present|lumens)\b"
    r"|[LM]\b|NS\b|x\s?\d|x\s\d?\d/)"
)
FINDING = re.compile(
    r"\b(?=[A-Za-z])(?i:strength|motor|power|pain(?:ful)?|reflex(?:es)?|pupils?|dtrs?|pulses?|murmur|grade[ds]?"
    r"|scores?|scored|scale|nodes?|margins?|mrc|mmt|(?:dorsi|plantar)?flexion|flexors?|extension"
    r"|extensors?|abduct\w*|adduct\w*|rotation|biceps|triceps|deltoids?|quad\w*|hamstrings?"
    r"|iliopsoas|[EF]HL|EDL|tibialis|gastroc\w*|peroneals?|grip|grasp|recall(?:ed)?|rat(?:ed?|ing|es)"
    r"|mallampati|gleason|cores|levels?|discs?|vas|nrs|intensity|severity|stage|apgars?|gcs|mmse"
    r"|msts|ecog|fncl\w*|moca|phq\S*|gad\S*|lymph|circumference|sensation|strong|weak(?:ness)?|patell\w*|achilles|regular"
    r"|extremit(?:y|ies)|[LR]?[UL]E|B[UL]E|S[1-4]|recalls?|wbc|oxygen|worst|gait|balance|tone"
    r"|biophysical|BPP|prostate|edema|contractions?"
    r"|effort|staples?|needle|gauge|tear|scar|wound measur\w*)\b"
)
BREAK = re.compile(r"[.;!?](?=\s|,|$)|\n")
_CLAUSE = re.compile(rf"{BREAK.pattern}|[ ][–—-][ ]")
# No whole number: a cycle ("C1 11/14"), a decimal ("60.0 3/15").
_MIXED_FRACTION = re.compile(r"(?:(?<![A-Za-z.])(?<![A-Za-z.]\d)(?<!\.\d\d)\d|\bx|#)\s?$")
_SEEN_BEFORE, _SEEN_BEHIND = 70, 40
_HALVES_MAX = 4
_SAMPLES_MAX = 6
_PART_MAX = 16  # of an inch


def is_told_score(text: str, token: re.Match[str]) -> bool:
    """Whether a word of the sentence or what stands beside the pair makes it an amount."""
    start, end = token.span()
    before = text[max(0, start - _SEEN_BEFORE) : start]
    return (
        FINDING_BEHIND.match(text[end : end + _SEEN_BEHIND]) is not None
        or FINDING.search(_CLAUSE.split(before)[-1]) is not None
        or is_mixed_fraction(token, before)
        or is_measured(token, before, text[end : end + _SEEN_BEHIND])
    )


def is_mixed_fraction(token: re.Match[str], before: str) -> bool:
    """5 1/2, #3/4: what stands before is a whole number, and the pair less than one."""
    match = _MIXED_FRACTION.search(before)
    if match is None:
        return False
    if not match.group()[0].isdigit():
        return True
    no_half = int(token["d"]) > _HALVES_MAX or bool(token.groupdict().get("tail"))
    if token["m"].startswith("0") or (no_half and TIME_BEFORE.search(before)):
        return False
    return int(token["m"]) < int(token["d"]) <= _PART_MAX


def is_measured(token: re.Match[str], before: str, behind: str) -> bool:
    """Whether it is a pressure, a named score or bottles: "BiPAP 12/5", "Cx: MRSA 2/2"."""
    cue = before[-CUE_LENGTH_MAX:]
    if _MEASURED.search(cue):
        return True
    if token.re is not MONTH_FIRST or int(token["m"]) > int(token["d"]):
        return False
    grew = _GREW.search(BREAK.split(before)[-1]) is not None
    if int(token["d"]) <= _SAMPLES_MAX and _GERM_BEFORE.search(cue):
        return True
    told = TESTED.search(cue) or (_GERM_BEHIND.match(behind) and not FIRM.search(cue))
    return int(token["d"]) <= _HALVES_MAX and grew and bool(told)
