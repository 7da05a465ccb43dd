"""Month and day with a slash and no year ("3/4"): told from scores, fractions and levels.

Clinical prose writes far more scores (strength 5/5, pain 7/10, murmur 2/6) than such dates, and
the figures alone seldom tell which it is. Looked at are, in this order: a unit or a finding behind
it, a cue in front ("on 3/4"), its place (alone at the beginning of a line, before a time), its
neighbours (7/8 and 7/9), the figures themselves (03/04, 9/17), and what the sentence speaks of.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from deid.dates.forms import WEEKDAY
from deid.dates.note_days import days_by_note, without_far_courses

__all__ = ["find_slash_days", "of_history"]

_SLASH = re.compile(r"(?<=\d)/(?=\d)")
_GO = r"(?<![\w/+])(?<!\d[.\-])"
_STOP = r"(?![\w/+%\"”])(?!\.\d)(?!-(?![\s\d]))"
_TOKEN = re.compile(
    rf"{_GO}(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])"
    rf"(?P<tail>\s?[-–]\s?(?:(?P<m2>0?[1-9]|1[0-2])/)?(?P<d2>0?[1-9]|[12]\d|3[01])(?!/))?{_STOP}"
)
_DAY_FIRST = re.compile(rf"{_GO}(?P<d>1[3-9]|2\d|3[01])/(?P<m>0?[1-9]|1[0-2]){_STOP}")
_FIRM = re.compile(
    rf"(?:\b(?=[A-Za-z])(?i:on|since|until|till|dated?|visit|scheduled|appointment|appt|admit(?:ted)?"
    r"|admission|discharged?|due|performed|done|given|review|elos|eta|your|cx|cultures?|tte|ekg|ecg|bloods|collected|drawn|seen|reviewed|signed|last|next"
    r"|start(?:ing|ed)?|beginning|surgery|biopsy|bx|scan|films?|labs?|mri|ct|note|clinic|received"
    r"|comparison|filled|refilled?|dispensed|expires?|recheck|called|returned|returns?|re|dos|f/u"
    r"|rtc|addend(?:um|a|ed)|amended|thru|uds|utox|tomorrow|tmrw|yest(?:erday)?|eff(?:ective)?\.?|exp\.?|hosp(?:itali[sz]ed)?"
    r"|rx['’]?d?|inj(?:ect(?:ion|ed))?|surg|c\d{1,2}d\d{1,2}|(?:pod|hd)\s?#?\d{1,2}|extubated|intubated|transferred"
    r"|bled|sim|relapsed?|progressed|follow-?up|d/c(?:['’]?d)?|dc['’]?d|x-?rays?|cxr|echo|egd|colonoscopy|exploration"
    r"|died|deceased|(?:death|birthday|bday|dob|birth(?:\s?date)?|lmp|edd|edc)(?:\s(?:is|was))?|born"
    r"|(?:last|first|next|final)\s(?:cycle|dose|treatment|chemo|period|menses|bm|use|drink)"
    r"|(?:start(?:ed)?|began|begun|begin|re(?:sume|start)d?(?:ed)?|completed?|finish(?:ed)?|stop(?:ped)?|ended)\s(?:chemo(?:therapy)?|x?rt"
    r"|radiation|radiotherapy|abx|antibiotics|treatment|therapy|\w{3,}(?:mab|nib|cin|platin))"
    rf"|(?:week|wk|night|morning|evening|afternoon|end) of)(?:\s?[:(])?"
    rf"|{WEEKDAY}\b\.?,?|\b(?:Mo|Tu|We|Th|Fr|Sa|Su)|~)\s?$"
)
_TESTED = re.compile(
    r"\b(?=[A-Za-z])(?i:ppd|tst|hiv|hcv|hbv|hep\s?[bc]|covid(?:-19)?|mrsa|vre|quantiferon|qft|rpr|hcg|uhcg|preg"
    r"|pcr|ua|esr|crp|tsh|a1c|psa|inr)(?:\s(?:test|swab|screen|ab|ag|pcr))?"
    r"(?:\s(?i:was\s)?(?i:neg(?:ative)?|pos(?:itive)?|nr|non-?reactive|reactive|sent|wnl|normal|\d{1,3}(?:\.\d)?))?\s\(?$"
)
# Pressures of a ventilator, and scores and shares that are named just before the figures.
_MEASURED = re.compile(
    r"\b(?=[A-Za-z])"
    r"(?:PSV?|SINS|Constant|(?i:(?:bi|c|i|e)-?pap|niv|avaps|pressure support|bps|blocks|stairs"
    r"|mirels?|constant[- ]murley|beighton|allred|lysholm|tegner|womac|koos|hoos|oxford|harris|ases"
    r"|tokuhashi|tomita|braden|barthel|tinetti|berg|epworth|ciwa|cows|am-?pac|q?sofa|meld|apache))"
    r"\s(?i:(?:scores?|of|at|was|is|to|x|=)\s){0,2}$"
)
_GREW = re.compile(r"\b(?i:bcx|cx|cultures?|bottles?)\b")
_OPERATED = re.compile(
    r"\b(?=[A-Za-z])(?i:s/p(?:\s[a-z]{2,12})?|resect(?:ion|ed)|excision|amputation|replacement|revision|fusion|repair"
    r"|debridement|reconstruction|\w+(?:ectomy|plasty|otomy|desis))\s?$"
)
_LOOSE = re.compile(
    r"(?:\b(?=[A-Za-z])(?i:from|by|before|after|between|and|to|of|for|again|through|thru|around|about|at|in"
    r"|out|off|removal|placement|check|fell|came|went|began|\w{3,}ed)"
    r"(?:\s?:)?|[-–,])\s$"
)
# Of time and of nothing else: "letter by 9/9", where month and day may be the same number.
_TIME_WORD = re.compile(r"\b(?=[A-Za-z])(?i:by|before|after|until|thru|through)\s$")
_WEAKEST = re.compile(r"(?i:\b(?:and|to|about|at|in)|[-–,])\s$")
_FINDING_BEHIND = re.compile(
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
_FINDING = re.compile(
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
_LIMB = re.compile(
    r"\b(?=[A-Za-z])(?i:left|right|hips?|knees?|ankles?|elbows?|shoulders?|wrists?|hands?|foot|toes?|arms?"
    r"|legs?|bilateral|heart|tongue)\b"
)
_PROCEDURE = re.compile(
    r"(?i:\b(?=[A-Za-z])"
    r"(?:s/p|status post|orif|surgery|resect\w*|excision|biops\w*|replacement|arthroplasty"
    r"|revision|fusion|repair|amputation|\w+(?:ectomy|otomy|oscopy|desis|plasty)|mri|ct|scan|x-?rays?"
    r"|films?|echo|labs?|visit|clinic|admi\w+|discharge\w*|i&d|debridement|injection|chemo\w*"
    r"|cycle \d+|transfus\w+|culture\w*)\b[^.;\n()]{0,40}\($)"
)
_BREAK = re.compile(r"[.;!?](?=\s|,|$)|\n")
_CLAUSE = re.compile(rf"{_BREAK.pattern}|[ ][–—-][ ]")
_LINE = re.compile(r"(?:^|\n)[ \t]*(?:[-•*][ \t]|\d{1,2}[.)][ \t])?$")
_LABEL = re.compile(r"[ \t]*(?:[:–—]|-[ \t]|(?=\n|$)|\(?(?:POD|HD|OR|post-?op|pre-?op)\b)")
_TIME = re.compile(
    r",?\s(?:at\s|@\s?|around\s)?(?:(?:[01]\d|2[0-3])[0-5]\d(?:\s?(?:h|hrs?|hours))?\b(?![-/]\d)(?!\s?(?:mg|ml|cc|%))"
    r"|[012]?\d:[0-5]\d|(?:(?:at|@)\s?)?\d{1,2}\s?(?:[ap]\.?m|[ap])\b)|\s?@\s?\d"
)
_TIME_BEFORE = re.compile(
    r"(?<![\w:/.])(?:(?:[01]\d|2[0-3])[0-5]\d(?:\s?h(?:rs?)?)?|[012]?\d:[0-5]\d(?:\s?[apAP]\.?[mM]?\.?)?)"
    r"[ ,]{1,2}$"
)
# Readings with their days: "51.2 kg (3/3 53.9, 2/10 57.0)".
_IN_SERIES = re.compile(r"(?:\(|[\d%)][,;]\s)$")
_VALUE = re.compile(r"(?::|\s=)?\s\d{1,3}\.\d{1,2}(?![\d/])(?!\s?(?:mg|mcg|g|ml|cm|mm)\b)")
_EVENT_BEHIND = re.compile(
    r"[ \t](?i:visit|appointment|appt|note|scan|mri|ct|films?|x-?rays?|labs?|surgery|biopsy"
    r"|admission|discharge|event|episode|consult\w*|clinic|procedure)\b"
)
_HEADING = re.compile(r"(?:^|\n)[A-Z][A-Za-z /]{2,40}[ \t]$")
_READ_BEFORE = re.compile(r"\d(?:\.\d{1,2}|[ ]?[Kk%])\s?\($")
_EQUALS = re.compile(r"=\s?$|\bAM-?PAC\s$")
_LINE_END = re.compile(r"[ \t]*(?:\n|$)")
_END = re.compile(r"[ \t]*(?:[.,;)\n]|$)")
_JOIN = re.compile(
    r"\s?(?:,\s?(?:and\s|&\s?)?|and|then|&|or|to|through|thru|until|till|-|–|—|\+|;|[ \t]+)\s?"
)
_NEXT = re.compile(
    r"\s?[,;]?\s(?i:next|then|f/?u|follow-?up|repeat(?:ed)?|again|recheck(?:ed)?|rtc|due)\s"
    r"(?:(?:on|due|visit)\s)?(?=\d)"
)
_MIXED_FRACTION = re.compile(r"(?:\d|\bx|#)\s?$")
# The attacks of 9/11, whose date tells nothing of the patient. A heart attack on 9/11 does.
_PLACE = "#"
_HISTORY = re.compile(
    r"(?i:#(?:['’]s)?\s(?:attacks?|survivors?|victims?|(?:first\s)?responders?|memorial)\b"
    r"|(?<!night )terror|\bthe\sattacks\s(?:of|on)\s#|world\strade|\bwtc\b"
    r"|twin\stowers|ground\szero)"
)
_SEEN_BEFORE, _SEEN_BEHIND = 70, 40
_CUE_LENGTH_MAX = 24
_SCALES = frozenset([2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 25, 30])
_GRADED = frozenset([5, 10])
_COMMON_SCALES = frozenset([5, 6, 10])
_HALVES_MAX = 4
_PART_MAX = 16  # of an inch
_NO_SCALES = frozenset([13, 14, 17, 18, 19, 22, 23, 26, 27, 28, 29, 31])


def of_history(text: str, start: int, end: int) -> bool:
    """Whether the September 11 that stands there is the one of the attacks."""
    before = text[max(0, start - _SEEN_BEHIND) : start]
    return _HISTORY.search(before + _PLACE + text[end : end + _SEEN_BEHIND]) is not None


def find_slash_days(text: str, dates: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    """Matches with groups m and d, in either order, and for a range ``tail``.

    ``dates`` are the stretches already known as dates, in order.
    """
    tokens = _tokens(text, dates)
    starts = {start for start, _ in dates}
    ends = {end for _, end in dates}
    kept: list[re.Match[str]] = []
    left: list[re.Match[str]] = []
    scored: list[int] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if _is_day(text, token, following, starts, ends, scored):
            kept.append(token)
            ends.add(token.end())
        else:
            scored.append(token.start())
            left.append(token)
    kept = without_far_courses(text, kept, dates)
    could = _open(text, left)
    told = {token.start() for token in could if _is_told_score(text, token)}
    kept += days_by_note(text, kept, could, told, dates)
    return sorted(kept, key=lambda token: token.start())


def _open(text: str, tokens: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Those of the tokens that could still be days: month first, no range, no amount, no
    attacks of history; also those that are surely scores, for they tell a scale.
    """
    return [
        token
        for token in tokens
        if token.re is not _DAY_FIRST
        and not token["tail"]
        and not _EQUALS.search(text, max(token.start() - _CUE_LENGTH_MAX, 0), token.start())
        # strength and pain are graded by themselves too: "Distally 5/5.", "3/10."
        and not (_may_score(token) and int(token["d"]) in _GRADED and not _loosely(text, token))
        and not (token.group() == "9/11" and of_history(text, *token.span()))
    ]


def _loosely(text: str, token: re.Match[str]) -> bool:
    """Whether a word that can lead to a day stands before the pair."""
    before = text[max(0, token.start() - _CUE_LENGTH_MAX) : token.start()]
    return _LOOSE.search(before) is not None and before[-2].isalpha()


def _is_told_score(text: str, token: re.Match[str]) -> bool:
    """Whether a word of the sentence or what stands beside the pair makes it an amount."""
    start, end = token.span()
    before = text[max(0, start - _SEEN_BEFORE) : start]
    return (
        _FINDING_BEHIND.match(text[end : end + _SEEN_BEHIND]) is not None
        or _FINDING.search(_CLAUSE.split(before)[-1]) is not None
        or _is_mixed_fraction(token, before)
        or _is_measured(token, before)
    )


def _is_mixed_fraction(token: re.Match[str], before: str) -> bool:
    """5 1/2, #3/4: what stands before is a whole number, and the pair less than one."""
    match = _MIXED_FRACTION.search(before)
    if match is None:
        return False
    if not match.group()[0].isdigit():
        return True
    if token["m"].startswith("0") or (
        int(token["d"]) > _HALVES_MAX and _TIME_BEFORE.search(before)
    ):
        return False
    return int(token["m"]) < int(token["d"]) <= _PART_MAX


def _tokens(text: str, dates: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    at = 0
    for slash in _SLASH.finditer(text):
        start = slash.start() - 1
        if start > 0 and text[start - 1].isdigit():
            start -= 1
        if start < at:
            continue
        token = _TOKEN.match(text, start) or _DAY_FIRST.match(text, start)
        if token is None or _overlaps(token, dates):
            continue
        found.append(token)
        at = token.end()
    return found


def _overlaps(token: re.Match[str], dates: Sequence[tuple[int, int]]) -> bool:
    after = bisect_left(dates, (token.end(), 0))
    return after > 0 and dates[after - 1][1] > token.start()


def _is_day(
    text: str,
    token: re.Match[str],
    following: re.Match[str] | None,
    starts: set[int],
    ends: set[int],
    scored: list[int],
) -> bool:
    start, end = token.span()
    before = text[max(0, start - _SEEN_BEFORE) : start]
    behind = text[end : end + _SEEN_BEHIND]
    if _FINDING_BEHIND.match(behind):
        return False
    if token.group() == "9/11" and of_history(text, start, end):
        return False
    if _EQUALS.search(before):
        return False
    cue = before[-_CUE_LENGTH_MAX:]
    if _is_measured(token, before):
        return False
    if _FIRM.search(cue) or _TESTED.search(cue):
        return True
    joined = _near_date(text, start, ends)
    if token.re is _DAY_FIRST or (_is_mixed_fraction(token, before) and not joined):
        return False
    if _TIME.match(behind) or _EVENT_BEHIND.match(behind):
        return True
    if _LINE.search(before) and _LABEL.match(behind):
        return True
    if _IN_SERIES.search(before) and _VALUE.match(behind):
        return True
    sentence = _BREAK.split(before)[-1]
    if _is_span_of_days(token) and not _FINDING.search(sentence):
        return True
    if _TIME_BEFORE.search(before) and not _FINDING.search(sentence):
        return True
    of_score = bool(_FINDING.search(sentence)) or any(
        at >= start - len(sentence) for at in scored[-3:]
    )
    if of_score and _may_score(token):
        return False
    if joined or _leads_to_date(text, token, following, starts):
        return True
    return _by_figures(token, before, behind, of_score=of_score)


def _is_measured(token: re.Match[str], before: str) -> bool:
    """Whether it is a pressure, a named score or bottles: "BiPAP 12/5", "Cx: MRSA 2/2"."""
    cue = before[-_CUE_LENGTH_MAX:]
    if _MEASURED.search(cue):
        return True
    few = token.re is _TOKEN and int(token["m"]) <= int(token["d"]) <= _HALVES_MAX
    return (
        few
        and _TESTED.search(cue) is not None
        and _GREW.search(_BREAK.split(before)[-1]) is not None
    )


def _by_figures(token: re.Match[str], before: str, behind: str, *, of_score: bool) -> bool:
    """What is no score by its figures, or stands where a date would and is no usual score."""
    m, d = int(token["m"]), int(token["d"])
    if token["m"].startswith("0") or token["d"].startswith("0"):
        return True
    if of_score:
        return False
    if _ends(token) == (d, d + 1):  # discs: 3/4-4/5
        return False
    if _is_span_of_days(token):
        return True
    if d in _NO_SCALES or _PROCEDURE.search(before) or (m > d and _END.match(behind)):
        return True
    if before.endswith("(") and behind.startswith("):"):
        return m != d
    if _READ_BEFORE.search(before) and behind.startswith(")"):
        return not (_may_score(token) and d in _GRADED)
    if _HEADING.search(before) and _LINE_END.match(behind):
        return not (_may_score(token) and _LIMB.search(before))
    cue = before[-_CUE_LENGTH_MAX:]
    if _OPERATED.search(cue):
        return not _may_score(token) or d not in _COMMON_SCALES
    if not _may_score(token) and m != d:
        return True
    if _WEAKEST.search(cue):
        return not _may_score(token) or (m not in (1, d) and d not in _COMMON_SCALES)
    if m == d:
        return _TIME_WORD.search(cue) is not None
    return _LOOSE.search(cue) is not None


def _ends(token: re.Match[str]) -> tuple[int, int] | None:
    """Month and day at the end of a range, where both are written."""
    groups = token.groupdict()
    month, day = groups.get("m2"), groups.get("d2")
    return (int(month), int(day)) if month and day else None


def _is_span_of_days(token: re.Match[str]) -> bool:
    """4/12-5/20: the scores and levels of a range (3/10-4/10, 3/4-4/5) share a number."""
    last = _ends(token)
    first = (int(token["m"]), int(token["d"]))
    return last is not None and first < last and first[1] not in last


def _may_score(token: re.Match[str]) -> bool:
    """Whether the figures could be a score on a usual scale."""
    m, d = int(token["m"]), int(token["d"])
    return token["m"][0] != "0" and token["d"][0] != "0" and m <= d and d in _SCALES


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
    if following is None or following.start() != join.end() or following.re is _DAY_FIRST:
        return False
    if _FINDING_BEHIND.match(text[following.end() : following.end() + _SEEN_BEHIND]):
        return False
    m, d = int(token["m"]), int(token["d"])
    m2, d2 = int(following["m"]), int(following["d"])
    return (m2 == m and d2 > d) or (m2 == m % 12 + 1 and d - d2 > 14)
