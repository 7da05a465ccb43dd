"""The parts that the forms of dates are made of: months, days, years, what bounds a date."""

from __future__ import annotations

from deid.dates.words import MISSPELT_MONTH, SPOKEN_YEAR

__all__ = [
    "BIRTH",
    "CUE_RUN",
    "DAY",
    "DAY2",
    "DAY_00",
    "DAY_LATE",
    "FEAST",
    "FILE_RUN",
    "GO",
    "MON",
    "MON2",
    "MONTH",
    "MONTH2",
    "MONTH_00",
    "MONTH_CUE",
    "MONTH_NAME",
    "MON_ANY",
    "MON_RUN",
    "MON_SHORT",
    "MON_SURE",
    "MON_YEAR_RUN",
    "NEXT_MONTH",
    "NO_UNIT",
    "NO_VERB",
    "SHORT_YEAR",
    "STOP",
    "TH",
    "TH_END",
    "TO",
    "WEEK",
    "WEEKDAY",
    "YEAR",
    "YEAR_CLEAR",
    "YEAR_SAID",
    "YYYY",
]

# "may" and "march" are verbs: they need their capital. The other months do not.
MON = (
    r"(?P<mon>(?i:jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rf"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|{MISSPELT_MONTH})|[Mm]ar|MAR(?:CH)?|March|May|MAY)\b\.?"
)
MON2 = MON.replace("<mon>", "<mon2>")
MON_ANY = (
    r"(?P<mon>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    rf"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|{MISSPELT_MONTH}))(?![A-Za-z])"
)
DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])"
DAY2 = DAY.replace("<d>", "<d2>")
MONTH = r"(?P<m>0?[1-9]|1[0-2])"
MONTH2 = MONTH.replace("<m>", "<m2>")
MONTH_00 = r"(?P<m>0[1-9]|1[0-2])"
DAY_00 = r"(?P<d>0[1-9]|[12]\d|3[01])"
DAY_LATE = r"(?P<d>1[3-9]|2\d|3[01])"
TH = r"(?:\s?(?i:st|nd|rd|th))?"
TH_END = r"(?:\s?(?i:st|nd|rd|th)\b)?"
YYYY = r"(?P<y>(?:1[89]|20|21)\d\d)"
SHORT_YEAR = r"['’‘`]\d\d"
# Two digits before a colon are the hour: "13 Sep 10:30".
YEAR = rf"(?P<y>(?:1[89]|20|21)\d\d|{SHORT_YEAR}|\d\d(?!:\d))"
YEAR_CLEAR = rf"(?P<y>(?:1[89]|20|21)\d\d|{SHORT_YEAR})"
YEAR_SAID = rf"(?:{YEAR_CLEAR}|(?P<yw>{SPOKEN_YEAR}))"
NEXT_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
WEEKDAY = r"(?i:mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?i:day)?"
WEEK = rf"(?:(?P<w>{WEEKDAY})\b\.?,?\s+)?"
# An underscore bounds a date, and so does the hyphen behind a date: March 4, 2021-March 9, 2021.
GO = r"(?<![A-Za-z0-9/])(?:(?<!\d[.\-])|(?<=[12]\d\d\d-)|(?<=\d[/.]\d\d-)|(?<=[12]\d{7}-))"
STOP = r"(?![A-Za-z0-9/])(?!\.\d)"
TO = r"\s?(?:-|–|—|to|through|thru|until|till|and|&|or)\s?"
NO_UNIT = (
    r"(?!\s?(?:mg|mcg|m[lL]|cc|mm|cm|kg|g\b|units?\b|%|percent|tablets?|doses?|times|years?"
    r"|hours?))"
)
MONTH_CUE = (
    r"(?i:in|since|until|till|last|this|next|by|during|early|late|mid|around|from|through|of|to"
    r"|for|before|after|due|on|visit|recheck|encounter|follow-?up|appointment|comparison:?)"
)
NO_VERB = r"(?!\s(?:be|have|need|require|not|also|cause|benefit|help)\b)"
# Of the other feasts see deid.dates.feasts; this one has a month in it.
FEAST = r"\b(?P<core>(?i:fourth|4th)\sof\s(?:July|JULY|july)(?:\s(?i:weekend|week|wk))?)\b"
MON_RUN = (
    r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
)
CUE_RUN = (
    r"\b(?i:dated?(?:\sof\s(?:birth|service|surgery|visit|admission|discharge|exam|procedure))?"
    r"|dob|dos|doa|born)\W{1,3}(?:(?:is|was|on)\s)?"
)
BIRTH = (
    r"\b(?i:dob|bday|birth(?:day|\s?date)|date\sof\sbirth)\W{1,3}(?:(?i:is|was|on|in)\s)?(?<![-/.])"
)
FILE_RUN = (
    r"(?<!\d)(?:(?<=[A-Za-z]_)|"
    r"(?=\d{8}\.(?i:pdf|dcm|docx?|jpe?g|png|tiff?|txt|rtf|xml|zip|avi|mp4)\b))"
)
MON_YEAR_RUN = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d\d"
)
# Of these short names no capital, cue or day is asked for: they are no other words.
MON_SURE = r"(?P<mon>(?i:feb|aug|sept|nov)|[Jj]un|[Jj]ul|[Oo]ct)"
MON_SHORT = r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
MONTH_NAME = (
    r"January|February|April|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
)
