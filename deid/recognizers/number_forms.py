"""Numbers told by a form of their own or as the end of one: plates, licences, cards, specimens.

Beside the general shapes of :mod:`deid.recognizers.identifiers`, each of these is run at a word or
at figures that only it holds.
"""

from __future__ import annotations

import re

from deid.scan import Group

__all__ = ["NUMBER_FORMS"]

# Of laboratories abroad: H23/55190, MB 24/07718; no "AUG 24/2024".
_SLASHED = (
    re.compile(
        r"(?<![\w.,/+\-])(?!(?:BP|NIBP|HR|RR|ABG|VBG)[ ])(?![A-Z]{3,4}[ ]\d\d/(?:19|20)\d\d(?!\d))"
        r"[A-Z]{1,4}[ ]?\d{2}/\d{4,7}(?![\w/%\-]|\.\d)"
    ),
)
# Of a pathology with a blank: "S24 1187"; no vertebra has such a number.
_PARTED = (
    re.compile(
        r"(?<![\w.,/+\-])(?:SP?|SU|SS|SC|CY|NG|NC|FN|FS|HP|HS|BX|PS|US|UP|MP)(?:1\d|2\d)[ ]\d{4,6}"
        r"(?![\w/%\-]|[.,:]\d|[ ]?(?:m[lg]|mcg|cc|units?)\b)"
    ),
)
# Letters that a scanner made of figures: BX22-7O19.
_SCANNED = (
    re.compile(r"(?<![\w\-])[A-Z]{1,4}-?\d[\dO][-–](?=[OIl]*\d)(?=\d*[OIl])[\dOIl]{4,8}(?![\w\-])"),
)
# Of a car, not of a bone: "plate 4.5 mm", "plate 10 HOLE".
_PLATE = re.compile(
    r"(?i:\bplates?(?:[ \t](?:no\.?|number|nr))?[ \t:#]{1,3})(?!\d+[ -]?(?:HOLES?|MM|CM|SLOTS?)\b)"
    r"(?=[A-Z]*\d|[A-Z0-9]+[ -][A-Z0-9]*\d)(?=\d*[A-Z]|\d+[ -][A-Z0-9]*[A-Z])"
    r"(?P<core>[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,4}(?:[ -][A-Z0-9]{1,4})?)"
    r"(?![\w\-]|\.\d|[ ]?(?i:holes?|mm|cm|slots?)\b)"
)
# With its state: "plate TX KLV-8812".
_STATE_PLATE = re.compile(
    r"(?i:\bplates?(?:[ \t](?:is|was|no\.?|number|nr))?[ \t:#(]{1,3})"
    r"(?P<core>[A-Z]{2}[ -]"
    r"(?=[A-Z\- ]{0,5}\d|\d+[- ]?[A-Z])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,5})"
    r"(?![\w\-]|\.\d|[ ]?(?i:holes?|mm|cm|slots?)\b)"
)
# In Britain and Australia: "reg AB12 CDE", "rego 1AB-2CD"
_REGISTRATION = re.compile(
    r"(?i:\b(?:rego?|registration|vrm|number plate|plate)"
    r"(?:[ \t](?:is|was|no\.?|number|plate))?[ \t:#(]{1,3})"
    r"(?P<core>[A-Z]{2}\d{2}[ ]?[A-Z]{3}|\d[A-Z]{2}[ -]?\d[A-Z]{2}|[A-Z]{3}[ -]?\d{2}[A-Z]"
    r"|[A-Z]{3}[ -]\d{3})(?![\w\-])"
)
# "lic PT 298814": letters of a profession before the figures
_LICENCE = re.compile(
    r"(?i:\blic(?:en[sc]e)?\b\.?(?:[ \t](?:no\.?|number|nr))?[ \t:#]{1,4})"
    r"(?P<core>[A-Z]{2,5}[ -]?\d{3,10}(?:-\d{1,6})?)(?![\w\-])"
)
# The end of a number: "last4 3390", "ClinCard ending 4471", "acct ends in 0092"
_LAST_FOUR = re.compile(
    r"(?i:\blast[ \t-]?(?:4|four)"
    r"(?:[ \t](?:digits?|of|ssn|ss|social|sn|is|are|the|her|his)){0,5}[ \t:#=(]{0,4})"
    r"(?P<core>\d{4})(?![\w/\-]|[.,:]\d)"
)
# Of a portal or a card; what holds a bone is no capital word before four figures.
_PIN = re.compile(
    r"\bPIN(?:[ ](?:is|code|no\.?|number)){0,2}[ :#]{1,3}(?P<core>\d{4,8})"
    r"(?![\w/\-]|\.\d|[ ]?(?:[mc]m|x)\b)"
)
_ENDING = re.compile(
    r"(?i:\b(?:\w{0,20}card|cc|acc(?:oun)?t|number|no\.|num|visa|amex|mastercard|policy|mrn|ssn|social"
    r"|phone|cell|id|member|device|serial|lot|chip|vin|iban|check|cheque|licen[sc]e|plate|tracking|claim"
    r"|order|rx)[ \t]{1,2}(?:no\.?[ ]|number[ ])?(?:ends|ending)(?:[ ](?:in|with))?"
    r"[ \t:#.*x…-]{1,6})"
    r"(?P<core>(?=[A-Z]{0,4}\d)[A-Z0-9]{2,6})(?![\w/\-]|[.,:]\d)"
)
# Of a Medicare beneficiary (Centers for Medicare & Medicaid Services, format of 2018): some
# letters are never used, so that few other things look so.
_L = "[AC-HJKMNP-RT-Y]"
_MBI = re.compile(
    rf"(?<![\w\-])[1-9]{_L}(?:{_L}|\d)\d[- ]?{_L}(?:{_L}|\d)\d[- ]?{_L}{{2}}\d\d(?![\w\-])"
)
NUMBER_FORMS: tuple[Group, ...] = (
    (frozenset({"plate", "plates"}), 0, 30, (_PLATE, _STATE_PLATE)),
    (frozenset({"reg", "rego", "registration", "vrm", "plate"}), 0, 36, (_REGISTRATION,)),
    (frozenset({"lic", "license", "licence"}), 0, 40, (_LICENCE,)),
    (frozenset({"pin"}), 0, 36, (_PIN,)),
    (frozenset({"last"}), 0, 60, (_LAST_FOUR,)),
    (frozenset({"ends", "ending"}), 40, 24, (_ENDING,)),
    (re.compile(r"\d/\d{4}"), 10, 10, _SLASHED),
    (re.compile(r"[12]\d[ ]\d{4}"), 4, 12, _PARTED),
    (re.compile(r"[\dO][-–]\d{0,7}[OIl]"), 8, 10, _SCANNED),
    (re.compile(rf"\d[- ]?{_L}{{2}}\d\d(?!\w)"), 20, 10, (_MBI,)),
)
