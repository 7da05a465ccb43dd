"""The forms in which notes and forms write an age over 89, as patterns.

Each pattern names ``age`` (a number, still to be compared with the cap), ``words`` (surely over
89) or ``list`` (several numbers). A number alone is an age only beside a word that says so: an
age, years, a sex, a birth or death, a person who "is 94".
"""

from __future__ import annotations

import re

__all__ = [
    "AGE_MAX",
    "AMOUNT",
    "BESIDE_SEX",
    "FORMS",
    "IN_LIST",
    "LANDMARK",
    "LISTS",
    "NO_AGE_BEFORE",
    "NO_AGE_BEHIND",
    "NUMBER_ENDS",
    "OVER_89",
    "READING_BEFORE",
    "READING_BEHIND",
    "RELATIVE",
    "SENTENCES",
    "SENTENCE_GOES_ON",
    "WORD",
    "all_of",
]

AGE_MAX = 125
# Ages are rare among numbers: the patterns are run only around a number or word that can be one.
# The digit or first letter stands before the rest: re finds it fast.
LANDMARK = re.compile(
    r"[\dNnHhCc](?:(?<=\d)(?<!\d\d)\d{1,2}(?!\d)"
    r"|(?i:(?<=n)inet|(?<=h)undred|(?<=n)onagenarian|(?<=c)entenarian))"
)
# What makes a number a reading at once: "120/94" and "94/60", "98.6" but not "94.5 years", "95 %".
READING_BEFORE = re.compile(r"\d[./]$")
READING_BEHIND = re.compile(r"/\d|\.\d+(?!\d|[ \t-]{0,3}y)|[ \t]?(?:%|m[gLlm]\b|mcg|kg|lbs?\b|bpm)")

_N = r"(?P<age>\d{2,3})"
OVER_89 = r"(?-i:(?P<age>9\d|1[01]\d))"
# "94-year-old" with any dash, blanks or line end between
_GAP = r"[ \t]{0,3}(?:[-‐‑‒–—―][ \t]{0,2})?\n?[ \t]{0,3}"
_PART = r"(?:\.\d{1,2}|,\d(?!\d)|[ \t]?\+|[ \t-]plus|[ \t]?[½¼¾]|[ \t]1/2|[ \t]and[ \t]a[ \t]half)?"
_NO_TIME = (
    r"(?![ \t-]?(?:months?|mos?|weeks?|wks?|days?|h(?:ou)?rs?|min(?:ute)?s?|sec(?:ond)?s?)\b)"
)
_NO_UNIT = (
    rf"(?![\w%°])(?!\.\d){_NO_TIME}(?![ \t]?(?:kg|lbs?\b|pounds|cm|mm|mg|ml|cc|degrees?|beats|bpm"
    r"|percent|k?cal|units?\b|feet|ft\b|inches|meters?|metres?))"
)
NUMBER_ENDS = rf"{_NO_UNIT}(?!/)(?![-–:]\d)"
_EVENT = (
    r"(?:the[ \t]time|diagnosis|dx|presentation|onset|surgery|operation|death|admission|visit"
    r"|enrol?lment|consent|biopsy|treatment|menopause|registration|scan|exam(?:ination)?)"
)
# What may follow an age in a sentence; an amount goes on otherwise ("94 on room air").
SENTENCE_GOES_ON = (
    r"(?=\s*(?:[.;)\]]|,(?!\s?\d)|\n|$)|[ \t]+(?:(?:and|but|who|when|with|now|years?|yrs?"
    rf"|yo?|h(?:im|er)self|themsel(?:f|ves)|too(?=[ \t]*[.,;)\n])|as[ \t]well"
    rf"|(?:this|next)[ \t](?:year|month|week)|at[ \t]{_EVENT})\b|&|\((?:DOB|born|b\.)))"
    r"(?!,?[ \t](?:and[ \t])?a?febrile)"
)
_ABOUT = r"(?:(?:~|≈|[<>≤≥]=?|about|approximately|approx\.?|around|nearly|almost|over)[ \t]?)?"
_OLD = (
    r"(?:[\s-]y(?:ea)?rs?[,\s]{1,2}(?:and[\s-])?\d{1,2}[\s-](?:months?|mos?|weeks?)[\s-]"
    r"(?:old|of age)"
    rf"|{_GAP}(?:years?|yrs?|ys?|yers?|yeras?|yaers?)\.?{_GAP}(?:old\b|young\b|o\.?\b|of[\s-]age\b)"
    rf"|{_GAP}y\.?{_GAP}(?:old\b|of[\s-]age\b)|[\s-]?y\.?[/-]?\s?o\.?\b"
    r"|[\s-]?yo(?:[wbh]|aa)?[mf]?\b)"
)
_YEARS = (
    r"(?:[ \t]?[-‐‑–—]?[ \t]?(?:years?|yrs?|ys)\b"
    r"|[ \t]?y(?:rs?)?[ \t,]{0,2}\d{1,2}[ \t]?(?:m|mos?|months?|w|wks?|d)\b"
    r"|[ \t]?y\b(?![ \t]?[=:.,]?[ \t]?\d)(?![ \t-]axis))"
)
_SMALL = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TEENS = r"(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty)"
_WORD_GAP = r"[ \t]{0,2}[-‐‑–—\s][ \t]{0,2}"
WORD = (
    rf"(?P<words>ninety(?:(?:{_WORD_GAP})?{_SMALL})?"
    rf"|(?:(?:a|one){_WORD_GAP})?hundred(?:{_WORD_GAP}(?:and{_WORD_GAP})?(?:{_SMALL}|{_TEENS}))?)"
)
AMOUNT = rf"(?:{_N}|{WORD})"
_SEX = r"(?:males?|females?|man|woman|gentleman|lady)"
_AGE = (
    r"(?:\b(?:age|aged|ages)|(?-i:(?<=[a-z])Age)|\baet(?:at(?:is)?)?\.?)"
    r"(?:[ \t]?[/&][ \t]?(?:sex|gender))?"
    r"(?:[ \t]?[(\[](?:in[ \t])?(?:years?|yrs?|y)[)\]]|[ \t]?\([a-z \t]{1,25}\)"
    r"|[ \t](?:now|currently|today)"
    rf"|[ \t](?:at|of)[ \t](?:the[ \t]time[ \t]of[ \t])?{_EVENT}"
    r"|[ \t]at[ \t](?:[a-z]+[ \t]){0,3}[a-z]+(?=:))?[*_\"']{0,3}"
    r"[ \t]{0,5}(?:[:=|/(]|[-–;](?=[ \t])|of|(?:is|was)(?:[ \t](?:now|already))?|\.{2,30})?"
    r"[*_\"']{0,3}[ \t]{0,5}(?:\n[ \t]{0,5}){0,2}[\"']?"
)
RELATIVE = (
    r"\b(?:(?:grand|step)?-?(?:mother|father|ma|pa|parents?)|moms?|dads?|mum|brothers?|bro|sisters?"
    r"|siblings?|(?:great[ \t-])?aunts?|uncles?|cousins?|twin|husband|wife|spouse|widow(?:er)?"
    r"|partner|(?-i:[MP]G[MF]))(?:-in-law)?"
)
_LIVED = (
    r"(?:(?:is|was|are|were|still|alive|living|lived|lives|until|died|dies|dead|deceased|dec"
    r"|d|passed|away|expired|death|turn(?:ed|s|ing)|now|currently|healthy|well|ages?|aged|about)\b\.?"
    r"|(?:to(?:[ \t]be)?|at)\b|and[ \t]well\b|in[ \t]good[ \t]health\b|[:,;(†~–-])"
)
_TITLED = r"M(?:rs?|s|iss)\.?(?:[ \t][A-Z][\w'’\-]{0,30}){1,3}"
_WHO = (
    r"\b(?:(?:s?he|who|pt\.?|patient|lady|gentleman|woman|man"
    rf"|(?-i:{_TITLED}))(?:[ \t](?:is|was)|['’]s))"
)
_BEHIND_SEX = (
    r"(?=[\s,]*(?:with|who|s/p|h/o|presents|presenting|here|status|admitted|seen|patient|pt))"
)
_CLOSED = r"(?=\s*(?:[.,;)\n]|$))"


def all_of(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """The patterns, however their letters are written."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


FORMS = all_of(
    rf"(?<![\w.]){_N}{_PART}{_OLD}",
    # "in 100 years" counts for anybody
    (
        r"(?<![\w.])(?<!\bper[ ])(?!100(?<=\bin[ ]100))(?!100(?<=\bfor[ ]100))"
        rf"(?!100[ ]years?[ ]ago){_N}{_PART}{_YEARS}"
    ),
    (
        rf"{_AGE}{_ABOUT}{_N}(?:[ \t]?(?:y(?:ea)?r?s?|(?-i:[FM]))\b|(?![\w%])(?!\.\d){_NO_TIME})"
        r"(?:[ \t]?/[ \t]?(?-i:[FM])\b)?"
    ),
    rf"{_AGE}{_ABOUT}{WORD}\b",
    rf"\bage,[ \t]{_N}{NUMBER_ENDS}{_CLOSED}",
    (
        rf"\b(?:sex|gender)[ \t]?[/&][ \t]?age[ \t:]{{1,4}}(?:male|female|[mf])[ \t]?/"
        rf"[ \t]?{_N}(?![\w%])"
    ),
    rf"(?<!\d[\s-])(?<!\d)\b(?:y\.?/?o\.?|years[ \t]old)[ \t:]{{1,2}}{_N}(?!/){_NO_UNIT}",
    (
        rf"\b(?:at|turn(?:ed|ing)?)[ \t](?:the[ \t]age[ \t]of[ \t])?{_N}(?=[ \t](?:years"
        r"|yrs)[ \t]of[ \t]age|[ \t]last\b|[ \t]this\b|[ \t]next\b)"
    ),
    (
        rf"\b(?:just|recently|has|had|she|he|who|will|patient|mother|father)[ \t](?:just[ \t])?"
        rf"turn(?:ed|s)?[ \t]{_N}{_NO_UNIT}"
    ),
    rf"\bturning[ \t]{_N}(?!\.\d){_CLOSED}",
    (
        rf"\b(?:died|dies|passed(?:[ \t]away)?|deceased|dead|death)[ \t](?:at|aged?)[ \t]"
        rf"{_ABOUT}(?:{_N}(?!:){_NO_UNIT}|{WORD}\b)"
    ),
    rf"(?<![\w.]){_N}(?:st|nd|rd|th)[ \t](?:birthday|bday|year[ \t]of[ \t]life)\b",
    rf"\bin[ \t](?:his|her|their)[ \t]{_N}(?:st|nd|rd|th)[ \t]year\b",
    r"\b(?P<words>ninetieth|ninety-\w+|(?:one[\s-])?hundredth)[ \t](?:birthday|bday)\b",
    r"\b(?:his|her|their)[ \t](?P<words>ninetieth|ninety-\w+|(?:one[\s-])?hundredth)[ \t]year\b",
    rf"\b{WORD}[\s-]years?[\s-](?=(?:{_SEX})\b)",
    rf"\b{WORD}{_OLD}",
    # "Saturation in the 90s" is none.
    (
        r"\bin(?:to)?[ \t](?:his|her|their)[ \t](?:(?:early|mid|late)"
        r"(?:[ \t-]to[ \t-](?:mid|late))?[\s-])?(?:(?P<words>nineties)|(?P<age>\d0)['’]?s)\b"
    ),
    r"\b(?P<words>nonagenarian|(?:super[\s-]?)?centenarian)s?\b",
    rf"(?<![\w./]){_N}[ \t]?/[ \t]?(?:fe)?male\b",
    r"(?<![\w./])(?-i:(?P<age>9\d|1[01]\d)[ \t]?/[ \t]?[FM])\b",
    r"(?<![\w./])(?P<age>9\d|1[01]\d)[ \t]?[♀♂]",
    r"[♀♂][ \t]?(?P<age>9\d|1[01]\d)(?![\w%/])(?!\.\d)",
    r"(?<![\w./])(?-i:[FM][ \t]?/[ \t]?(?P<age>9\d|1[01]\d))(?![\w%/])(?!\.\d)",
    rf"(?<![\w.]){_N}[\s-]?y(?:(?:ea)?rs?)?\.?[\s/-]?(?:{_SEX}|(?-i:[WBH]?[MF]))\b",
)
# Of these the number alone is taken.
SENTENCES = all_of(
    # "DOB 3/4/1929 (95)", "born in 1929, now 95"
    rf"\b(?:dob|d\.o\.b\.|date[ \t]of[ \t]birth)[ \t:]{{1,4}}[\w/.,\- ]{{6,18}}[ \t]?"
    rf"\([ \t]?{_N}[ \t]?\)",
    rf"\bborn\b[^.;\n]{{1,30}},[ \t](?:now|currently)[ \t]{_N}{NUMBER_ENDS}",
    # "91 y/o... correction, 92"
    (
        rf"(?:y/?o|years?[ \t-]old|yrs?|years?|\baged?[ \t]\d{{2,3}})\b[ \t.,;…–—(-]{{0,6}}"
        r"(?:(?:correction|make[ \t]that|sorry|rather|actually|oops|i[ \t]mean|should[ \t]be)[:,]?"
        rf"[ \t]){{1,2}}{_N}{NUMBER_ENDS}"
    ),
    # a relative's disease: "colon ca at 91"
    (
        r"\b(?:cancer|ca|carcinoma|sarcoma|leuk[ae]?emia|lymphoma|myeloma|melanoma|stroke|cva|mi|dementia"
        rf"|natural[ \t]causes|heart[ \t]attack|old[ \t]age)[ \t]at[ \t]{_N}{NUMBER_ENDS}"
    ),
    (
        r"\b(?:li(?:ved?|ving)|survived)[ \t](?:(?:well|just)[ \t])?(?:to|until|till|past|beyond)"
        rf"[ \t](?:(?:be|see)[ \t])?{_ABOUT}{AMOUNT}"
        rf"{NUMBER_ENDS}"
    ),
    (
        r"\b(?:soon[ \t]to[ \t]be|s?he(?:['’]ll|[ \t]will)[ \t](?:soon[ \t])?be)"
        rf"[ \t]{_N}{NUMBER_ENDS}"
    ),
    rf"\b(?:older|younger)[ \t]than[ \t]{_N}{NUMBER_ENDS}",
    # a person and a number, where nothing makes it a reading
    (
        rf"{_WHO}[ \t](?:(?:now|currently|already|almost|nearly|about|approximately|only|just|over"
        rf"|still)[ \t])?{AMOUNT}{NUMBER_ENDS}{SENTENCE_GOES_ON}"
    ),
    rf"\b(?:s?he|patient|pt\.?)[ \t]?\({_N}\)",
    rf"\b(?:al)?though[ \t]{_N}(?=,)(?!,\d)",
    rf"(?:(?<![^.;,\n][ ])\b|(?:despite|given|of|for)[ \t])being[ \t]{_N}{NUMBER_ENDS}{_CLOSED}",
    rf"\bat[ \t]{AMOUNT},[ \t](?=(?:s?he|th(?:e|is)[ \t]patient|they)\b)",
    rf"(?:(?-i:\bAt)|(?<![^\n])at)[ \t]{AMOUNT}[ \t](?=s?he\b)",
    rf"(?-i:\b{_TITLED})(?:,[ \t]?|[ \t]?\(){_N}(?=[,)])",
    rf"{RELATIVE}(?:[ \t]?{_LIVED}){{0,7}}[ \t]?{AMOUNT}{NUMBER_ENDS}{SENTENCE_GOES_ON}",
    rf"\b{_SEX}(?:,[ \t]?|[ \t]?[(/][ \t]?){_N}{NUMBER_ENDS}{_CLOSED}",
)
# A number and a sex, which can be a temperature or a way walked: see NO_AGE_BEFORE.
BESIDE_SEX = all_of(
    rf"(?<![\w.]){_N}[\s-]?(?:m|f|{_SEX}|(?-i:(?:[WBH]|AA)[MF]))\b{_BEHIND_SEX}",
    rf"(?<![\w.]){OVER_89}(?-i:M)\b(?!\.?\d)",
    rf"(?:\(|\ban?[ \t]){OVER_89}(?-i:[ \t]?(?:[WBH]|AA)?F)\b(?!\.?\d)",
    # of what nobody has as a temperature
    r"\b(?:the|this|is|was)[ \t](?-i:(?P<age>9[0-5]|10[6-9]|1[12]\d)F)\b(?!\.?\d)",
    # "CLINICAL: 101F"
    rf"(?<=(?-i:[A-Z]):[ ]){OVER_89}(?-i:F)(?=[,;.\s])",
    # behind a name and a comma
    rf"(?<=[^\W\d_],)[ \t]{OVER_89}(?-i:[ \t]?[FM])\b{_CLOSED}",
)
NO_AGE_BEFORE = re.compile(
    r"(?i:\b(?:(?:temp(?:erature)?s?|t-?max|fevers?|a?febrile|vitals?|hypothermi[ac]|warm(?:ed)?)\b"
    r"[^;\n]{0,25}|t(?:[cm]|emp)?[ \t:=]{1,3}|(?:walk|ambulat|gait|distance|march|ran|swam)[a-z]*\b"
    r"[^.;\n]{0,30}))$"
)
NO_AGE_BEHIND = re.compile(
    r"(?i:[\s,;]*(?:(?:with|and)[ \t])?(?:HR|heart|pulse|P[ \t:]?\d+|BP|blood[ \t]pressure|RR|resp"
    r"|SpO2|O2|sats?)\b)"
)
_BETWEEN = r"[ \t]?(?:,[ \t]?(?:and[ \t])?|and[ \t]|or[ \t]|to[ \t]|&[ \t]?|[-–][ \t]?)"
_LIST = rf"(?P<list>\d{{1,3}}(?:{_BETWEEN}\d{{1,3}}{_NO_UNIT}){{1,9}})"
LISTS = all_of(
    rf"\b(?:ages?|aged)(?:[ \t](?:group|range|bracket|class|band)s?)?[ \t:]{{1,3}}{_LIST}",
    rf"{RELATIVE}(?:[ \t]?{_LIVED}){{0,7}}[ \t]?{_LIST}",
    # before years the last number has been found: a comma needs an "and" behind it
    (
        r"(?<![\w./])(?P<list>(?:\d{2,3},[ \t]?){0,6}\d{2,3})"
        r"[ \t]?(?:,?[ \t]?(?:and|or|to)[ \t]|[-–][ \t]?)"
        rf"\d{{2,3}}(?:{_OLD}|{_YEARS})"
    ),
    (
        r"(?<![\w./])(?P<list>\d{2,3}[ \t]?(?:[-–]|to)[ \t]?\d{2,3})"
        r"(?=[ \t](?:year[ \t])?age[ \t-](?:group|range|bracket|class|band))"
    ),
)
IN_LIST = re.compile(r"\d{2,3}")
