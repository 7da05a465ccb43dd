"""The forms in which clinical prose writes dates, as one table of patterns.

Order matters: earlier forms win over later ones where they overlap. Named groups: ``y`` year
(``yw`` in words), ``m`` month number, ``mon`` month name (``fmon`` in another language), ``rom``
Roman month, ``d`` day (``dw`` in words), ``w`` weekday, ``doy`` day of the year, ``wk`` and ``wd``
ISO week and its day, ``d2``/``m2``/``mon2`` end of a range, ``core`` the part that is the date
where the pattern needs a cue around it. Month and day with a slash and no year are no form of this
table: :mod:`deid.dates.slash_days` tells them from scores. ``JOINED`` is for what the table leaves:
dates that run into each other or into other words, and forms that are rare.
"""

from __future__ import annotations

import re
from typing import Literal

from deid.dates.words import FOREIGN_MONTH, MISSPELT, MISSPELT_MONTH, ORDINAL, ROMAN, SPOKEN_YEAR

__all__ = ["FORMS", "JOINED", "MONTH_WORDS", "NUMBER", "OTHER_WORDS", "WEEKDAY", "Beside"]

# "may" and "march" are verbs: they need their capital. The other months do not.
_MON = (
    r"(?P<mon>(?i:jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rf"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|{MISSPELT_MONTH})|[Mm]ar|MAR(?:CH)?|March|May|MAY)\b\.?"
)
_MON2 = _MON.replace("<mon>", "<mon2>")
_MON_ANY = (
    r"(?P<mon>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    rf"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|{MISSPELT_MONTH}))(?![A-Za-z])"
)
_DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_DAY2 = _DAY.replace("<d>", "<d2>")
_M = r"(?P<m>0?[1-9]|1[0-2])"
_M2 = _M.replace("<m>", "<m2>")
_M_00 = r"(?P<m>0[1-9]|1[0-2])"
_D_00 = r"(?P<d>0[1-9]|[12]\d|3[01])"
_D_LATE = r"(?P<d>1[3-9]|2\d|3[01])"
_TH = r"(?:\s?(?i:st|nd|rd|th))?"
_TH_END = r"(?:\s?(?i:st|nd|rd|th)\b)?"
_YYYY = r"(?P<y>(?:1[89]|20|21)\d\d)"
_SHORT_YEAR = r"['’‘`]\d\d"
# Two digits before a colon are the hour: "13 Sep 10:30".
_YEAR = rf"(?P<y>(?:1[89]|20|21)\d\d|{_SHORT_YEAR}|\d\d(?!:\d))"
_YEAR_CLEAR = rf"(?P<y>(?:1[89]|20|21)\d\d|{_SHORT_YEAR})"
_YEAR_SAID = rf"(?:{_YEAR_CLEAR}|(?P<yw>{SPOKEN_YEAR}))"
WEEKDAY = r"(?i:mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?i:day)?"
_WEEK = rf"(?:(?P<w>{WEEKDAY})\b\.?,?\s+)?"
# An underscore bounds a date, and so does the hyphen behind a date: March 4, 2021-March 9, 2021.
_GO = r"(?<![A-Za-z0-9/])(?:(?<!\d[.\-])|(?<=[12]\d\d\d-)|(?<=\d[/.]\d\d-)|(?<=[12]\d{7}-))"
_STOP = r"(?![A-Za-z0-9/])(?!\.\d)"
_TO = r"\s?(?:-|–|—|to|through|thru|until|till|and|&|or)\s?"
_NO_UNIT = (
    r"(?!\s?(?:mg|mcg|m[lL]|cc|mm|cm|kg|g\b|units?\b|%|percent|tablets?|doses?|times|years?"
    r"|hours?))"
)
_MONTH_CUE = (
    r"(?i:in|since|until|till|last|this|next|by|during|early|late|mid|around|from|through|of|to"
    r"|for|before|after|due|on|visit|recheck|encounter|follow-?up|appointment|comparison:?)"
)
_NO_VERB = r"(?!\s(?:be|have|need|require|not|also|cause|benefit|help)\b)"
# Of the other feasts see deid.dates.feasts; this one has a month in it.
_FEAST = r"\b(?P<core>(?i:fourth|4th)\sof\s(?:July|JULY|july)(?:\s(?i:weekend|week|wk))?)\b"
_MON_RUN = (
    r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
)
_CUE_RUN = (
    r"\b(?i:dated?(?:\sof\s(?:birth|service|surgery|visit|admission|discharge|exam|procedure))?"
    r"|dob|dos|doa|born)\W{1,3}(?:(?:is|was|on)\s)?"
)
_BIRTH = (
    r"\b(?i:dob|bday|birth(?:day|\s?date)|date\sof\sbirth)\W{1,3}(?:(?i:is|was|on|in)\s)?(?<![-/.])"
)
_FILE_RUN = (
    r"(?<!\d)(?:(?<=[A-Za-z]_)|"
    r"(?=\d{8}\.(?i:pdf|dcm|docx?|jpe?g|png|tiff?|txt|rtf|xml|zip|avi|mp4)\b))"
)
_MON_YEAR_RUN = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d\d"
)
# Another ordinal behind one makes both count ribs, cycles or vertebrae.
_NTH = r"(?:and\s|or\s)?\d{1,2}(?:st|nd|rd|th)\b"
# Of these short names no capital, cue or day is asked for: they are no other words.
_MON_SURE = r"(?P<mon>(?i:feb|aug|sept|nov)|[Jj]un|[Jj]ul|[Oo]ct)"
_MON_SHORT = r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_MONTH_NAME = (
    r"January|February|April|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
)

_RANGES: tuple[tuple[str, str], ...] = (
    # 3/4-3/9/2021 · 3/4-9/2021 (3/4/21-3/9/21 is two dates)
    ("range", rf"{_GO}{_M}/{_DAY}{_TO}{_M2}/{_DAY2}/{_YEAR}{_STOP}"),
    ("range", rf"{_GO}{_M}/{_DAY}\s?[-–]\s?{_DAY2}/{_YEAR_CLEAR}{_STOP}"),
    ("range", rf"{_GO}{_M}/{_DAY}\s?[-–]\s?(?P<d2>1[3-9]|2\d|3[01])/(?P<y>\d\d){_STOP}"),
    # March 3-5, 2021 · March 30 to April 2, 2021 · 3-5 March 2021
    (
        "range",
        (
            rf"{_GO}{_MON}\s?{_DAY}{_TH}{_TO}(?:{_MON2}\s?)?{_DAY2}{_TH}(?:,?\s+"
            rf"|,){_YEAR_CLEAR}{_STOP}"
        ),
    ),
    (
        "range",
        rf"{_GO}(?<![A-Za-z\d]-){_DAY}{_TH}{_TO}{_DAY2}{_TH}\s+{_MON},?\s+{_YEAR_CLEAR}{_STOP}",
    ),
    # March 4, 5 and 6, 2021
    (
        "loose",
        (
            rf"{_GO}{_MON}\s?{_DAY}{_TH}(?:\s?,\s?(?:[12]\d|3[01]|0?[1-9])(?!\d){_TH}){{1,6}}"
            rf"\s?,?\s?(?:and|&|or)\s?{_DAY2}{_TH}(?:,?\s+{_YEAR_CLEAR})?{_STOP}{_NO_UNIT}"
        ),
    ),
)
_FULL: tuple[tuple[str, str], ...] = (
    # 2021-03-04 · 20210304 (also before a time)
    ("full", rf"{_GO}{_WEEK}{_YYYY}(?P<s>[-/.])\s?{_M}(?P=s)\s?{_DAY}(?:(?=T\d)|{_STOP})"),
    # HL7 and file stamps, time and zone included: 20210304102233.123-0600
    (
        "full",
        (
            rf"{_GO}(?P<core>{_YYYY}{_M_00}{_D_00}(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
            r"(?:\.\d{1,6})?(?:[+-]\d{4})?)(?![A-Za-z0-9/])"
        ),
    ),
    ("full", rf"{_GO}{_YYYY}{_M_00}{_D_00}(?=\d{{4}}(?:\d\d)?\b|T\d|\b)"),
    # 3/4/2021 · 13/4/21 (day first where it must be)
    ("full", rf"{_GO}{_WEEK}{_M}\s?(?P<s>[-/.])\s?{_DAY}\s?(?P=s)\s?{_YEAR}{_STOP}"),
    ("full", rf"{_GO}{_WEEK}{_D_LATE}\s?(?P<s>[-/.])\s?{_M}\s?(?P=s)\s?{_YEAR}{_STOP}"),
    # a slip of the year: 3/4/021
    ("full", rf"{_GO}{_WEEK}{_M}/{_DAY}/(?P<y>0[0-3]\d)(?![\w/-])(?!\.\d)"),
    # 2021-Mar-04
    ("full", rf"{_GO}{_YYYY}(?P<s>[-/.]){_MON}(?P=s){_DAY}{_STOP}"),
    ("full", rf"{_GO}{_YYYY}[ ]{_MON}[ ]{_DAY}{_STOP}(?!,?\s?(?:1[89]|20|21)\d\d)"),
    # 03 04 2021 · 25 12 2020 · 2021 03 04
    ("full", rf"{_GO}(?<!\d\s){_M}\s{_DAY}\s{_YYYY}{_STOP}(?!\s\d)"),
    ("full", rf"{_GO}(?<!\d\s){_D_LATE}\s{_M}\s{_YYYY}{_STOP}(?!\s\d)"),
    ("full", rf"{_GO}(?<!\d\s){_YYYY}\s{_M_00}\s{_D_00}{_STOP}(?!\s\d)"),
    # 4 March 2021 · 04-MAR-21 · 4th of March, 2021
    (
        "full",
        (
            rf"{_GO}{_WEEK}(?:the\s)?{_DAY}{_TH}(?:[-/.,\s]\s?|\s?of\s|\s+day\s+of\s){_MON}(?:[-/.,]\s?|,?\s+)"
            rf"(?:{_YEAR}|(?P<yw>{SPOKEN_YEAR})){_STOP}"
        ),
    ),
    # 12MAR2021 · 12Mar21
    ("full", rf"{_GO}{_DAY}{_MON_RUN}(?P<y>(?:19|20)\d\d|\d\d){_STOP}"),
    # 4/III/2021 · 4-iii-21
    ("full", rf"{_GO}{_DAY}\s?(?P<s>[-/.\s])\s?(?P<rom>{ROMAN})(?P=s)\s?{_YYYY}{_STOP}"),
    ("full", rf"{_GO}{_DAY}(?P<s>[-/.])(?P<rom>{ROMAN})(?P=s){_YEAR}{_STOP}"),
    # March 4th, 2021 · Mar 4 '21 · March 4, 21 · March, 4 2021 · March the 4th, 2021 · Mar/04/2021
    (
        "full",
        (
            rf"{_GO}{_WEEK}(?:the\s)?{_MON}\s?[,/-]?\s?(?:the\s)?{_DAY}{_TH}(?:\s?,\s?|\s+of\s+|\s+|[-/])"
            rf"{_YEAR_SAID}{_STOP}"
        ),
    ),
    ("full", rf"{_GO}{_WEEK}{_MON}\s?{_DAY}{_TH},\s?(?P<y>\d\d){_STOP}(?!:)"),
    # March fourth, 2021 · the fourth of March, twenty twenty-one
    (
        "full",
        rf"{_GO}{_WEEK}{_MON},?\s(?:the\s)?(?P<dw>{ORDINAL})(?:,?\s(?:of\s)?){_YEAR_SAID}{_STOP}",
    ),
    (
        "full",
        (
            rf"{_GO}{_WEEK}(?:the\s)?(?P<dw>{ORDINAL})\s(?:day\s)?(?:of\s)?{_MON}(?:,?\s(?:of\s)?)"
            rf"{_YEAR_SAID}{_STOP}"
        ),
    ),
    # DOB 03041961 · date 210304 · scan_03042021.dcm
    ("full", rf"{_CUE_RUN}(?P<core>{_M_00}{_D_00}(?P<y>(?:19|20)\d\d|\d\d)){_STOP}"),
    ("full", rf"{_CUE_RUN}(?P<core>{_D_LATE}{_M_00}(?P<y>(?:19|20)\d\d)){_STOP}"),
    ("full", rf"{_CUE_RUN}(?P<core>(?P<y>\d\d){_M_00}{_D_00}){_STOP}"),
    ("full", rf"{_FILE_RUN}(?P<core>{_M_00}{_D_00}(?P<y>(?:19|20)\d\d))(?!\d)"),
    ("full", rf"{_FILE_RUN}(?P<core>{_D_LATE}{_M_00}(?P<y>(?:19|20)\d\d))(?!\d)"),
)
_PARTIAL: tuple[tuple[str, str], ...] = (
    # March to May 2021 · Jan-Mar '21 · March and April
    ("months", rf"{_GO}{_MON}{_TO}{_MON2}(?:\s?,\s?|\s+of\s+|\s+){_YEAR_CLEAR}{_STOP}"),
    ("months", rf"{_GO}{_MON}{_TO}{_MON2}(?![\w-])(?!\s\d)"),
    # March 2021 · Jan-21 · 03/2021 · 2021-03
    ("month", rf"{_GO}{_MON}(?:\s?,\s?|\s+of\s+|\s+|-|/|(?<=\.)|(?=['’‘`])){_YEAR_SAID}{_STOP}"),
    ("month", rf"{_GO}{_MON_SHORT}-(?P<y>\d\d){_STOP}"),
    ("month", rf"{_GO}{_M}[/-](?P<y>(?:19|20)\d\d){_STOP}"),
    ("month", rf"{_GO}{_M}/(?P<y>{_SHORT_YEAR}){_STOP}"),
    ("month", rf"{_GO}(?P<y>(?:19|20)\d\d)[-/]{_M_00}(?![\w/-])(?!\.\d)"),
    ("month", rf"{_GO}(?P<y>(?:19|20)\d\d)[-/]{_MON}(?![\w/-])(?!,?\s?(?:the\s)?\d)"),
    # visit in 11/07: a month and a year
    ("month", rf"\b[Ii]n\s(?P<core>{_M}/(?P<y>0\d|9\d)){_STOP}"),
    # DOB 3/58 · birthday 3-4
    ("month", rf"{_BIRTH}(?P<core>{_M}[/-](?P<y>3[2-9]|[4-9]\d)){_STOP}(?!-\d)"),
    ("day", rf"{_BIRTH}(?P<core>{_M}-{_DAY}){_STOP}(?!-\d)(?!\s(?:weeks?|days?|months?|years?)\b)"),
    # March 3 to 5 · Friday the 3rd: no day can be told without the year or month
    ("loose", rf"{_GO}{_MON}\s?{_DAY}{_TH}{_TO}(?:{_MON2}\s?)?{_DAY2}{_TH}{_STOP}{_NO_UNIT}"),
    ("loose", rf"{_GO}{WEEKDAY}\.?,?\s+the\s+(?P<d>0?[1-9]|[12]\d|3[01])(?i:st|nd|rd|th){_STOP}"),
    ("loose", rf"{_GO}(?i:{WEEKDAY})\.?,?\s+the\s+(?P<dw>{ORDINAL}){_STOP}"),
    (
        "loose",
        (
            r"\b(?i:on|by|until|till?|before|after|since|through|thru|meeting|not|due|visit|for|from"
            r"|around|about|starting|between|again)\s"
            r"(?P<core>the\s(?P<d>[6-9]|[12]\d|3[01])(?:th|st|nd|rd))"
            rf"(?!(?:,|\s(?:and|or|to))\s{_NTH})"
            r"(?=\s?[.,;)(\n](?!\d)|\s(?:at|by|for|and|with|to|when|after|before|s?he|we|they|per)\b"
            r"|\s(?:but|because|so|if|I|unless|until|which|since|or|instead|my|his|her|pt|patient)\b"
            r"|\sof\s(?:this|last|next|the)\s(?:same\s)?month)"
        ),
    ),
    # 4-9 March · MAR21
    (
        "loose",
        rf"{_GO}(?<![A-Za-z\d]-){_DAY}{_TH}{_TO}{_DAY2}{_TH}\s(?:of\s)?{_MON}(?![\w-]){_NO_VERB}",
    ),
    ("loose", rf"{_GO}{_MON_YEAR_RUN}{_STOP}"),
    # March 4 · March the 4th · the 4th of March · the nineteenth of May · 04MAR · on march 4
    (
        "day",
        rf"{_GO}{_WEEK}(?:the\s)?{_MON}\s?,?\s?(?:the\s)?{_DAY}{_TH}(?!:\d\d){_STOP}{_NO_UNIT}",
    ),
    ("day", rf"{_GO}{_WEEK}(?:the\s)?{_DAY}{_TH}(?:\s|\s?of\s|-){_MON}(?!\w)"),
    ("day", rf"{_GO}{_WEEK}{_MON},?\s(?:the\s)?(?P<dw>{ORDINAL})"),
    ("day", rf"{_GO}{_WEEK}(?:the\s)?(?P<dw>{ORDINAL})\s(?:day\s)?of\s{_MON}(?!\w)"),
    ("day", rf"{_GO}{_DAY}{_MON_RUN}{_STOP}"),
    ("day", rf"{_GO}(?P<mon>march|may)\s(?:the\s)?{_DAY}(?i:st|nd|rd|th){_STOP}"),
    (
        "day",
        (
            r"\b(?i:on|since|until|till|dated|from|seen|by|for|due|visit|before|after|through|of)\s"
            rf"(?P<core>(?P<mon>march|may)\s{_DAY}){_STOP}{_NO_UNIT}(?!\s(?:more|days?|weeks?|months?)\b)"
        ),
    ),
    ("day", rf"{_GO}(?P<w>{WEEKDAY})\b\.?,?\s+{_M}/{_DAY}{_STOP}"),
    # spring of 2021 · Q3 2021 · third quarter of 2021 · in March · Christmas · '98
    (
        "quarter",
        (
            rf"{_GO}(?:(?i:early|mid|late)[\s-])?(?i:spring|summer|fall|autumn|winter)(?:\s+of)?,?\s+"
            rf"{_YEAR_CLEAR}{_STOP}"
        ),
    ),
    ("quarter", rf"{_GO}Q[1-4][\s/-]?{_YEAR_CLEAR}{_STOP}"),
    ("quarter", rf"{_GO}(?i:first|second|third|fourth)\squarter\s(?:of\s)?{_YYYY}{_STOP}"),
    ("feast", _FEAST),
    ("alone", rf"\b{_MONTH_CUE}[\s-](?P<core>{_MON})(?![\w-])(?!\s\d)"),
    ("alone", rf"{_GO}(?P<mon>{_MONTH_NAME}|(?i:{MISSPELT_MONTH}))(?![\w-])(?!\s\d(?!\d{{3}}\b))"),
    (
        "alone",
        (
            r"\b(?i:in|since|until|early|late|mid|by|last)[\s-](?P<core>(?P<mon>march|may))(?![\w-])"
            rf"(?!\s\d){_NO_VERB}"
        ),
    ),
    # fell on the icy curb feb, no harm / base film sept. Then
    (
        "alone",
        rf"(?<=[a-z),;:] ){_MON_SURE}(?![\w-])\.?(?=[ \t]*(?:[,;).\n]|$)|\s[a-z])(?!\s\d)",
    ),
    # Social Work March / last filled May.  / NURSING NOTE May 0730
    (
        "alone",
        (
            r"(?<=[A-Za-z)] )(?P<mon>March|May|MARCH|MAY)(?=[ \t]*(?:\n|$)|\s?[.;,)](?!\w)"
            r"|[ \t]\d{4}\b)(?!\s(?:1[89]|20|21)\d\d)"
        ),
    ),
    # A year of birth is found so that one which tells an age over 89 can go; see deid.notes.
    (
        "born",
        (
            r"\b(?:(?i:born|birth|dob|d\.o\.b\.|yob)\b|b\.|[Bb]day)"
            r"(?P<between>[^.;\n\d]{0,45}?[\s:(])(?P<core>(?P<y>(?:18|19|20)\d\d|['’‘`]\d\d))"
            r"(?![\w’'/-])(?!\.\d)"
        ),
    ),
    ("year", r"(?<!\w)(?P<y>['’‘`]\d\d)(?![\w'’])"),
)
# Dates that touch each other or a word ("3/4/2021/3/9/2021", "x_2021-03-04.pdf", "march 4 2021"):
# only digits bound them, so a year of four digits is asked for.
_WORD_START = r"(?:(?<![A-Za-z])|(?<=\dto))"
_APART = r"[^\w\n]{0,3}"
_JOINED: tuple[tuple[str, str], ...] = (
    ("full", rf"(?<!\d){_YYYY}{_M_00}{_D_00}(?!\d)"),
    ("full", rf"(?<!\d){_YYYY}(?P<s>[-/._\s]){_M}(?P=s){_DAY}(?!\d)"),
    ("full", rf"(?<!\d){_M}\s?(?P<s>[-/._\s])\s?{_DAY}\s?(?P=s)\s?{_YYYY}(?!\d)"),
    ("full", rf"(?<!\d){_D_LATE}\s?(?P<s>[-/._\s])\s?{_M}\s?(?P=s)\s?{_YYYY}(?!\d)"),
    ("full", rf"(?<!\d){_M}[-/.]{_DAY}[-/.]{_YYYY}(?!\d)"),
    ("full", rf"(?<!\d){_DAY}{_TH}(?:{_APART}|\sof\s){_MON_ANY}{_APART}{_YYYY}(?!\d)"),
    (
        "full",
        (
            rf"{_WORD_START}(?:(?P<w>{WEEKDAY})\b\.?,?\s)?{_MON_ANY}"
            rf"{_APART}(?:the\s)?{_DAY}{_TH}(?:[^\w\n]{{1,3}}|\sof\s)"
            rf"{_YYYY}(?!\d)"
        ),
    ),
    (
        "full",
        (
            rf"(?<!\d){_YYYY}{_APART}{_MON_ANY}{_APART}(?:the\s)?{_DAY}{_TH_END}(?!\d)"
            r"(?!,?\s?(?:1[89]|20|21)\d\d)"
        ),
    ),
    ("full", rf"(?<!\d){_DAY}\s?[-/.\s]\s?(?P<rom>{ROMAN})\s?[-/.\s]\s?{_YYYY}(?!\d)"),
    # 4 mars 2021 · 4 de marzo de 2021
    (
        "full",
        (
            rf"(?<!\d){_DAY}(?:[.ºª]|er)?(?:\s(?:de\s|di\s)?|{_APART})(?P<fmon>{FOREIGN_MONTH})"
            rf"\.?(?:\s(?:de\s|del\s)?|{_APART}){_YYYY}(?!\d)"
        ),
    ),
    # 3/4 2021; 2000 and from 2030 on may be a time of day
    ("full", rf"{_GO}{_M}/{_DAY},?\s\(?(?!2000|20[3-5]\d){_YYYY}(?![\w/:-])(?!\.\d){_NO_UNIT}"),
    # 3,4,2021 · 2021:03:04 (pictures) · day 063 of 2021 · 2021-W09-4
    ("full", rf"{_GO}(?<![\d,],){_M},{_DAY},{_YYYY}(?![\w,])"),
    ("full", rf"(?<![\d:]){_YYYY}:{_M_00}:{_D_00}(?![\d:])"),
    ("full", rf"\b[Dd]ay\s(?P<doy>\d{{1,3}})(?:\sof|,)\s{_YYYY}(?!\d)"),
    ("full", rf"(?<!\d){_YYYY}-?W(?P<wk>[0-5]\d)-?(?P<wd>[1-7])(?!\w)"),
    ("quarter", rf"(?<!\d){_YYYY}-?W[0-5]\d(?![\w-])"),
    # week 9 of 2021 · wk 09, 2021 · W09/2021
    (
        "quarter",
        (
            r"(?<![^\W_])(?:(?i:(?:week|wk|kw)\.?\s(?:no\.?\s|#\s?)?)|W)[0-5]?\d"
            rf"(?:\sof\s|,\s|/|-|\s){_YYYY}(?![\w-])"
        ),
    ),
    # 03.2021 · III/2021
    ("month", rf"{_GO}(?<![$€£]){_M_00}\.{_YYYY}(?!\d)(?!\.\d){_NO_UNIT}"),
    ("month", rf"{_GO}(?<!ade )(?<!age )(?<!ype )(?P<rom>{ROMAN})/{_YYYY}{_STOP}"),
    ("month", rf"{_WORD_START}{_MON_ANY}(?:{_APART}|\sof\s){_YYYY}(?!\d)"),
    ("month", rf"(?<!\d){_M}[/-]{_YYYY}(?!\d)"),
    ("month", rf"(?<!\d){_YYYY}[/-]{_M_00}(?!\d)(?![/-]\d\d?(?!\d))"),
)

Beside = Literal["month", "word", "number"]
"""What a form is run beside: the name of a month, one of ``OTHER_WORDS``, or a ``NUMBER``."""

MONTH_WORDS = frozenset(
    {"jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june"}
    | {"jul", "july", "aug", "august", "sep", "sept", "september", "oct", "october"}
    | {"nov", "november", "dec", "december"}
    | MISSPELT.keys()
)
"""All that the forms take for a month's name, in lower case."""
OTHER_WORDS = frozenset(
    {"march", "may", "fourth", "th", "dob", "bday", "birth", "birthday", "birthdate", "date"}
    | {
        day + end
        for day in [
            "mon",
            "tue",
            "tues",
            "wed",
            "weds",
            "wednes",
            "thu",
            "thur",
            "thurs",
            "fri",
            "sat",
            "satur",
            "sun",
        ]
        for end in ("", "day")
    }
)
"""The fourth of July, words for birth, weekdays (before "the third"), months that are verbs."""
# The digit or apostrophe comes first: re finds it fast. Doses, sizes and blood pressures are none.
NUMBER = re.compile(
    r"[\d'’‘`](?:(?<=\d)(?:\d{5}|(?<=1)[89]\d\d|(?<=2)[01]\d\d|(?<!\d\d\d)/\d"
    r"|\s?[-/.]\s?\d\d?\s?[-/.]\s?[\d'’‘`]"
    r"|[JFMASOND][A-Za-z]{2}|[-/.][IVXivx]|st|nd|rd|th)|(?<!\d)\d\d)"
)


def _beside(pattern: str) -> Beside:
    if pattern == _FEAST or "(?P<mon>march|may)" in pattern or r",?\s+the\s+" in pattern:
        return "word"
    if pattern.startswith(_BIRTH):
        return "word"
    if _MON_YEAR_RUN in pattern:
        return "month"
    # A month run into its day ("12MAR2021") is no word of its own.
    return "month" if "(?P<mon>" in pattern and _MON_RUN not in pattern else "number"


FORMS = tuple(
    (kind, re.compile(pattern), _beside(pattern)) for kind, pattern in (*_RANGES, *_FULL, *_PARTIAL)
)
JOINED = tuple((kind, re.compile(pattern)) for kind, pattern in _JOINED)
