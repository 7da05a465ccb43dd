"""Numbers that name a person, an episode or a specimen: MRN, account, accession, SSN, licences.

Most stand behind a cue; a few shapes speak for themselves (S23-10442, 123-45-6789, eight digits
alone). Values need a digit, so that "MRN: pending" stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import lexicon
from deid.recognizers.codes import are_hours, is_public
from deid.recognizers.number_forms import NUMBER_FORMS
from deid.scan import Group, at_words, beside
from deid.span import Span

__all__ = ["GROUPS", "find_identifiers"]

_VALUE = (
    r"(?P<core>(?:[A-Z]{2,4}[ ](?=\d{2}))?(?=[A-Za-z0-9\-/.]{0,40}\d)[A-Za-z0-9]{1,40}"
    r"(?:[\-/.][A-Za-z0-9]{1,40}){0,8})"
)
_LINK = (
    r"(?:[ \t]{0,5}(?:number|num|no|nr|id|identifier|code|is|was|of|ends(?: in)?"
    r"|ending(?: in)?|last four|last 4)\b\.?)*"
    r"[ \t]{0,5}[:#=(|]*[ \t]{0,5}#?[ \t]{0,5}"
    # a value on the next line must look like one: "Case:" before a numbered list is none
    r"(?:\n[ \t]{0,5}(?=[A-Z0-9\-/.]{5,}\b))?"
)
# A number written in groups: "SN 4471 220 18", "plate 7KLM 442".
GROUPS = re.compile(
    r"(?:[ ](?:\d{2,6}|[A-Z]{1,3}\d{2,6}|\d{1,4}[A-Z]{1,3}\d{0,4})(?![\w/%\-]|\.\d|[ ]?"
    r"(?:mg|ml|mL|mm|cm|cc|kg|g|mcg|units?|days?|weeks?|months?|years?|times|x|of"
    r"|patients?)\b)){1,6}"
)
_NUMBERED = r"(?: no\.?| number| nr| num| id|[ \t]{0,2}#|(?=[ \t]{0,5}[:#]))"
_CUES = "|".join(
    (
        # enough alone: the number may follow at once
        r"mrn|m\.r\.n\.?|umrn|emrn|mr ?#|med(?:ical)?\.? rec(?:ord)?\.?|patient record|unit record",
        r"account|acct|encounter|csn|fin|har|accession|policy|claim|beneficiary|nhs|npi|dea|upin|mbi",
        r"hicn?|licen[sc]e(?: plate)?|driver'?s? licen[sc]e|vin|passport|badge|barcode",
        r"ticket|ssn|s\.s\.n\.?|social security|soc\.? sec\.?|ein|tax id|pid|transaction|invoice",
        r"confirmation|surgical path(?:ology)?|requisition|certificate|member|subscriber",
        r"medicare(?=[ \t]{1,3}(?:\d{3}-?\d\d-?\d{4}|[a-z]{1,3}\d{6}))",
        r"chart(?=[ \t]{1,2}[a-z]?\d{4,12}(?![\w./-]))",
        r"auth(?:orization)?(?=[ \t]{1,2}(?:[a-z]{1,3}\d{3,}|\d{4,})(?![\w./-]))",
        r"clia|cdl|emp(?:loyee)?(?=[ \t]{1,2}\d{4,})|subject(?=[ \t]{1,2}\d{3,})",
        r"last (?:four|4)(?=[ \t]?\()|(?-i:ID)(?=[ \t]{1,2}(?-i:[A-Z]{2,4})\d{4,})",
        (
            r"(?:rpt|report|incident|event|tag|ref(?:erence)?)"
            r"(?=[ \t]{1,2}(?!\d{1,3}-\d{1,3}(?![\w\-]))"
            r"(?-i:[A-Z]{0,4}-?\d[A-Z0-9]*-[A-Z0-9]*\d{3}))"
        ),
        # ordinary words: only before "number", "id", "#" or a colon
        (
            rf"(?:mr|hosp(?:ital|\.)?|record|chart|unit|history|visit|case|specimen|path(?:ology)?"
            rf"|surgical|slide|block|order|group|insurance|medicare|medicaid|employee"
            rf"|subject|study|patient|pt\.?|person|document|doc|job|dictation|reference|ref"
            rf"|req|file|registry|trial|student|auth(?:orization)?"
            rf"|cert|acc){_NUMBERED}"
        ),
        r"health (?:plan|card|insurance)(?: beneficiary)?",
        r"(?:id|identity|identification) card|id(?=[ \t]{0,5}[#:])|identification",
    )
)
_CUE_WORDS = frozenset(
    {"mrn", "m", "umrn", "emrn", "mr", "med", "medical", "patient", "unit", "account", "acct"}
    | {"encounter", "csn", "fin", "har", "accession", "policy", "claim", "beneficiary", "nhs"}
    | {"npi", "dea", "upin", "mbi", "hicn", "license", "licence", "driver", "drivers", "plate"}
    | {"vin", "passport", "badge", "barcode", "ticket", "ssn", "s", "social", "soc", "ein", "tax"}
    | {"pid", "transaction", "invoice", "confirmation", "surgical", "requisition", "certificate"}
    | {"member", "subscriber", "hosp", "hospital", "record", "chart", "history", "visit", "case"}
    | {"specimen", "path", "pathology", "slide", "block", "order", "group", "insurance"}
    | {"medicare", "medicaid", "employee", "subject", "study", "pt", "person", "document", "doc"}
    | {"job", "dictation", "reference", "ref", "req", "file", "registry", "trial", "cert", "acc"}
    | {"emp", "last", "clia", "cdl", "rpt", "report", "incident", "event", "tag"}
    | {"hic", "auth", "authorization", "student", "health", "id", "identity", "identification"}
)
"""The first words of all cues."""
_CUED = re.compile(rf"(?i:(?<![a-z0-9])(?:{_CUES})(?![a-z]){_LINK}){_VALUE}")
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        # SSN, also written with spaces after a cue; groups of zeros are not issued
        r"(?<![\w\-])(?!000|666)\d{3}[ ]?[-–][ ]?\d{2}[ ]?[-–][ ]?\d{4}(?:[A-Z]\d?)?(?![\w\-])",
        # and with one other sign, where no further figures stand beside
        (
            r"(?<![\w.,:/\-+$])(?<!\d[ ])(?!000|666|9)\d{3}(?P<sign>[ ./_])(?!00)\d{2}(?P=sign)"
            r"(?!0000)\d{4}(?![\w/\-%]|[.,:]\d|[ ]?\d)"
        ),
        # letters that a scanner made of figures: "l23-45-6789"
        (
            r"(?<![\w\-])(?=(?:[lIOo\-–]*\d){6})"
            r"[\dlIOo]{3}[-–][\dlIOo]{2}[-–][\dlIOo]{4}(?![\w\-])"
        ),
        (
            r"(?i:(?<![a-z0-9])(?:ssn|ss[ ]?#|s\.s\.n\.?|social(?: sec(?:urity)?)?|soc\.? sec\.?)"
            r"(?: (?:number|no\.?|num|nr))?[ \t:#/_=(\-–.…]{0,6}"
            r"(?:(?:is|was|of|ends?|in|ending|last (?:four|4)(?: digits)?)[ \t:().#]{1,4}){0,3})"
            r"(?P<core>\d{3}[ .\-–]{0,3}\d{2}[ .\-–]{0,3}\d{4}|[xX*]{3}[- ][xX*]{2}[- ]\d{4}"
            r"|\d{4})(?!\w)"
        ),
        # accession numbers of pathology and laboratories: S23-10442, SP-21-12345, 23-SU-00123
        # behind a blank, three figures are rather a range ("HR 60-100")
        (
            r"(?<![\w\-])(?:[A-Z]{1,4}-?"
            r"|(?!(?:MRN?|ID|NO|SSN|CSN|FIN|HAR|LOT|REF|CASE|ACCT)[ ])"
            r"[A-Z]{1,4}[ ](?!\d\d[-–]\d{3}(?!\d))"
            r"|(?:SP?|SU|CY|NG)[ ])"
            r"(?:19|20)?\d{2}[-–:]\d{3,8}(?:[-.][A-Z0-9]{1,3})?(?![\w\-])"
        ),
        r"(?<![\w\-])(?:19|20)?\d{2}[-–][A-Z]{1,4}[-–]?\d{3,8}(?![\w\-])",
        r"(?<![\w:./\-])(?:(?:19|20)\d{2}:\d{4,7}|\d{2}:[A-Z]{1,3}\d{3,7})(?![\w:])",
        # letters and groups of digits: TDS-2312-5581, D4471-9902-1830
        r"(?<![\w\-])[A-Z]{2,4}-(?:\d{3,7}-\d{2,7}|\d{2}-\d{3,7})(?![\w\-])",
        r"(?<![\w\-])[A-Z]{1,3}\d{3,6}(?:-\d{3,6}){1,3}(?![\w\-])",
        # hyphens, letters and five digits on: RI-77260914-02, MN-E-44170; no day (04-MAR-2021)
        (
            r"(?<![\w\-])(?!\d{1,2}-[A-Z]{3}-\d{2,4}\b)(?=[A-Z0-9\-]*[A-Z])(?=(?:[A-Z\-]*\d){5})"
            r"(?=[A-Z0-9\-]*(?:\d{4}|[A-Z\-]\d{3}))"
            r"[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,9}){1,4}(?![\w\-])"
        ),
        r"(?<![\w.,$/\-+:])\d{2}-\d{5,6}(?![\w/\-]|[.,:]\d)",
        r"(?<![\w.,$/\-+:])(?:3[2-9]|[4-9]\d)-\d{2}-\d{4}(?![\w/\-]|[.,:]\d)",
        # of an Australian Medicare card: 2951 44817 3 / 1
        r"(?<![\w.,$/\-+:])[2-6]\d{3}[ ]\d{5}[ ]\d(?:[ ]?[/\-][ ]?\d)?(?![\w/\-]|[.,:]\d)",
        # behind the patient's age and sex: "51F  0 4418 2297", "67 M   4471-220"
        (
            r"\b(?:\d{1,3}[ ]?(?:y\.?(?:/?o\.?)?|yrs?)?[ ]?[MF]|[MF][ ]?\d{1,3})[ \t]{1,4}"
            r"(?P<core>(?=(?:[ \-]?\d){7})(?:\d{1,5}(?:[ \-]\d{2,5}){1,3}|\d{7,12}))"
            r"(?=[ \t]{2}|[ \t]*(?:$|[\n,;|]))"
        ),
        # three groups: 0441-7823-6
        r"(?<![\w.,$/\-+:])\d{4,5}-\d{3,5}-\d{1,3}(?![\w/\-]|[.,:]\d)",
        # a unit of blood (ISBT 128)
        r"(?<![\w\-])[A-Z]\d{4}[ ]?\d{2}[ ]?\d{6}(?:[ ]?[A-Z0-9])?(?![\w\-])",
        # eight and more digits alone, nine with one hyphen, letters with many digits
        r"(?<![\w.,$/\-+:])\d{7,19}(?![\w/\-]|[.,:]\d)",
        # cards and bank accounts
        r"(?<![\w.,$/\-+:])\d{4}(?:[ \-]\d{4}){2,3}(?:[ \-]\d{1,4})?(?![\w/\-]|[.,:]\d)",
        r"(?<![\w.,$/\-])\d{4,8}-\d{1,8}(?![\w/\-]|[.,:]\d)(?<!\d{4}-\d{4})(?<!\d{4}-\d{2})",
        r"(?<![\w.,/\-])(?=[A-Z]{1,6}-?\d{5,})[A-Z]{1,6}-?\d{5,14}(?![\w/\-])",
        r"(?<![\w.,/\-])#[ ]?(?P<core>[A-Z]{0,4}\d{5,})(?![\w/])",
    )
)
# Of these the groups of digits are shorter.
_SHORT_GROUPS = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"(?<![\w\-])(?i:[a-z]{2}\d{2}(?:[ ]?(?=[a-z]{0,3}\d)[a-z0-9]{4}){2,7}"
            r"(?:[ ]?[a-z0-9]{1,4})?)(?![\w\-])"
        ),
        r"(?<![\w.,$/\-+:])\d{2,3}-\d{2,3}-\d{2,3}(?![\w/\-]|[.,:]\d)",
        r"(?<=\()\d{3}-\d{3}-\d(?=\))",
    )
)
_UUID = re.compile(r"(?<![\w\-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![\w\-])")
_GROUPS: tuple[Group, ...] = (
    # four digits in a row, or three behind a letter, hyphen or colon
    (re.compile(r"\d\d{2}(?:\d|(?<=[-–:A-Z]\d{3}))"), 110, 80, _SHAPES),
    (re.compile(r"\d\d(?:-\d{2,3}-\d|(?<=[^\W\d_]{2}\d\d))"), 20, 80, _SHORT_GROUPS),
    (re.compile(r"-[0-9a-fA-F]{4}-"), 20, 40, (_UUID,)),
)


def find_identifiers(text: str) -> Iterator[Span]:
    """Identifying numbers; spans may overlap."""
    (cued,) = at_words(text, ((_CUE_WORDS, _CUED),))
    for match in cued:
        if _NO_NUMBER_BEFORE.search(text, max(match.start() - 30, 0), match.start("core")):
            continue
        yield from _several(text, *match.span("core"))
    for match in beside(text, (*_GROUPS, *NUMBER_FORMS)):
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        value = text[start:end]
        if not is_public(value) and not (" " in value and are_hours(value.split(" ")[-1])):
            yield Span(start, end, "ID", "identifier")


# "age at visit: 12"; how a registry counts its cases.
_NO_NUMBER_BEFORE = re.compile(
    r"(?i:\bclass[ \t]of[ \t]case[ \t.:#]{0,20}$"
    r"|\bage[ \t](?:at[ \t](?:[a-z]+[ \t]){0,2})?(?:group|visit)[: \t]{0,3}$)"
)
# "HISTORY: 28-year-old", "visit # 6": an age or a count, no number of anybody.
_SPAN = re.compile(r"(?i:\d{1,3}-(?:year|yr|month|mo|week|wk|day)s?(?:-old)?|\d{1,3}\.\d{1,2})")
# "HISTORY: 48 F", "Pathology: 12 cm", "Cell block: S100+": whom or how much is spoken of.
_AGE_OR_AMOUNT = re.compile(
    r"(?i:[ ]?(?:[mf]\b|y(?:/?o|rs?|ears?)?\b|-?year|[cm]m\b|m[lg]\b|cc\b|kg\b|g\b|%"
    r"|x[ ]?\d|days?\b|weeks?\b|months?\b|cores?\b|nodes?\b|slides?\b|blocks?\b|fragments?\b"
    r"|pieces?\b))"
)
_SHORT_NUMBER = re.compile(r"\d{1,2}|1[01]\d")
_STAINED = re.compile(
    r"(?i:[ ]?[+]|[ ](?:(?:and|&|,)[ ][A-Z][\w-]{1,9}[ ])?"
    r"(?:(?:diffuse|strong|focal|patch|weak)\w*[ ])*(?:pos|neg|stain|immun|retained|lost|express))"
)
_MARKER = re.compile(r"[A-Z][A-Za-z]{0,6}-?\d{1,3}[A-Z]?")
_ANOTHER = re.compile(
    r"[ \t]{0,5}(?:,|and|&|/|;|or)[ \t]{0,5}(?P<core>(?:[A-Z]{2,5}[ ](?=\d{4}))?(?=[A-Z\-]*\d)"
    r"[A-Z0-9\-]{4,})(?![\w])"
)


def _several(text: str, start: int, end: int) -> Iterator[Span]:
    """The value behind a cue and further ones listed after it ("MRN 1234567 and 7654321")."""
    value = text[start:end]
    if _SHORT_NUMBER.fullmatch(value) and _AGE_OR_AMOUNT.match(text, end):
        return
    if _MARKER.fullmatch(value) and (value.lower() in lexicon().terms or _STAINED.match(text, end)):
        return
    if (end - start < 3 and not value.isdigit()) or end - start < 2 or _SPAN.fullmatch(value):
        return
    if groups := GROUPS.match(text, end):
        end = groups.end()
    yield Span(start, end, "ID", "identifier")
    if following := _ANOTHER.match(text, end):
        yield Span(*following.span("core"), "ID", "identifier")
