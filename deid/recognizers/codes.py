"""What a code looks like: a record, order or band number, and not a vertebra, a dose or a gene.

Used behind labels (``labelled.py``) and, more strictly, where no label stands (``bare_codes.py``).
"""

from __future__ import annotations

import re

from deid.eponyms import lexicon

__all__ = ["BEHIND", "CODE", "are_hours", "is_code", "is_product", "is_public"]

_NO_PREFIX = (
    r"(?!(?:A|I|AT|OF|IN|TO|IS|NO|ON|BY|OR|AS|FOR|AND|THE|WAS|FROM|WITH|CALL|DR|MR|MS|MRS|PT|X|Q"
    r"|PO|IV|AGE|DOB|DOS|TEL|PH|FAX|EXT|RM|ROOM|BP|HR|WT|HT|BMI|WBC|HGB|PLT)[ ])"
)
CODE = (
    rf"(?P<core>{_NO_PREFIX}(?:[A-Z]{{2,5}}[ ](?=\d?[A-Za-z]{{0,4}}\d{{3}}|\d\d[ ]\d\d)"
    r"|[A-Z][ ](?=\d{2,4}[ ]\d{2,4}|\d{5}))?(?=[A-Za-z\-/.]{0,12}\d)[A-Za-z0-9]{1,30}"
    r"(?:[\-/.][A-Za-z0-9]{1,30}){0,6})"
)
"""A code with letters of its own before a blank ("PHX 90277"); further groups are the caller's."""
_UNIT = (
    r"mg|mcg|[µu]g|g|kg|gm|grams?|lbs?|oz|ml|cc|l|dl|cm|mm|m|in|inch(?:es)?|ft|feet|c?gy|iu"
    r"|u|units?"
    r"|meq|mmol|fr|french|g|(?-i:ga)|gauge|h|hrs?|hours?|mins?|minutes?|s|sec|seconds?|d|days?"
    r"|wks?|weeks?|mos?|months?"
    r"|y|yrs?|years?|y/?o|kvp?|mas?|hz|k|w|v|j|x|am|pm|a|p|times|holes?|pairs?|pts?"
    r"|patients|cases|cells"
    r"|copies|steps|pack|tabs?|tablets?|caps?|doses?|degrees?|percent|bpm|mmhg|beats"
    r"|calories|k?cal|pounds"
)
BEHIND = (
    rf"(?![\w\-/%°+]|[.,:]\d|,\d{{3}}|[ ]?[x×][ ]?\d|[ ]?[-–][ ]?\d|[ ]?%|[ ]{{0,2}}"
    rf"(?i:{_UNIT})(?![\w'’]))"
)
"""What may not stand behind a code: more of a number, or a unit."""

# Medicine that has letters and digits, or digits with hyphens.
_MEDICINE = re.compile(
    r"(?i:[a-z]\d{1,2}(?:[-/–][a-z]?\d{1,2})*|[pcyr]{0,2}t\d[a-d]?n[\dx].*"
    r"|\d+(?:\.\d+)?[x×]\d.*|\d{1,2}[-/]0|(?:bp|hr|rr|wt|ht|spo2?|ef|fio2?|hct|hgb|plt|wbc)\d.*"
    rf"|\d{{1,5}}(?:[.\-]\d{{1,4}})*-?(?:{_UNIT})(?:/\w+)*|\d{{1,2}}(?:st|nd|rd|th)"
    rf"|\d{{1,3}}-[a-z]{{2,}}"
    r"|(?:cd|ck|ca|pd-?l|hla-?[a-z]*|ctcae-?v?|covid-?|sars-?cov-?|h3|g3|p|mir-?)\d{1,3}[a-z+]{0,2}"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[-/.]\d{2,4})?|(?:19"
    r"|20)\d\d-\d\d(?:-\d\d)?|\d{1,2}/\d{4}"
    r"|\d{1,2}-?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-?(?:\d{2,4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-?\d{1,4}"
    r"|\d{1,3}\.\d+|\d{2,3}/\d{2,3}|(?:19|20)\d\d[-/](?:19|20)?\d\d|q\d+h?"
    r"|[acdefghiklmnpqrstvwy]\d{2,4}[acdefghiklmnpqrstvwyx]|[a-z]\d{2}\.\d{1,4}[a-z]?)"
)
_HOURS = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d[-–](?:[01]\d|2[0-4])[0-5]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Words inside, but for what a poor fax makes of figures ("00822l").
_WORDY = re.compile(r"[a-z]{4}|[A-Za-z]{7}|[A-Z][a-z]{2}")
# Trials, drugs before they have a name, genes and papers: known to all, of no one patient.
_PUBLIC = re.compile(
    r"(?:NCT|NSC|PMID|DOI|ISRCTN|UMIN|DRKS|ChiCTR|ACTRN|jRCT|GSE|GSM|COSM|COSV|ENS[GTP]|CVCL|OMIM"
    r"|BMS|GSK|JNJ|INCB|MEDI|AZD|REGN|PLX|LOXO|ARRY|AMG|MK|ABT|LY|EPZ|TAK|DCC|BLU|NVP|CP|BAY|SAR"
    r"|EPR|GDC|BGB|SHR|RO|PF|RG|rs)[- ]?\d{3,12}[A-Z]?"
    r"|SU11248|STI-?571|E7389|LEE011|ET-?743|ONC201"
    r"|SARC\d{3}|[ES]\d{4}|(?:A[A-Z]{3}|EORTC|SWOG|ECOG|NRG|RTOG|POG|CCG|CALGB|NCIC|ISG"
    r"|EURO|GCT|HOVON)-?"
    r"\d{3,5}[A-Z]?\d?"
)


_PRODUCT = re.compile(
    r"(?i:\b(?:part|model|item|product|ndc)\b\.?[ \t]{0,2}"
    r"(?:no\.?|number|num\.?|nr\.?)?[ \t:#]{0,4}$)"
)


def is_product(text: str, start: int) -> bool:
    """Whether the number that starts there is said to be a model's or a part's: it names no
    patient and no single device.
    """
    return _PRODUCT.search(text, max(0, start - 28), start) is not None


def are_hours(value: str) -> bool:
    """True for the two ends of a stretch of a day, "1900-0700"."""
    return _HOURS.fullmatch(value) is not None


def is_public(value: str) -> bool:
    """True for the number of a trial, a drug, a gene or a paper, and nothing behind it."""
    return _PUBLIC.fullmatch(value) is not None


def is_code(value: str, *, marked: bool, sure: bool) -> bool:
    """Whether the words behind a label are a code.

    ``marked``: a colon, ``#`` or "no." stands between; fewer figures are enough then.
    ``sure``: the label names nothing but things with numbers ("voucher", "receipt").
    """
    if _MEDICINE.fullmatch(value) or _WORDY.search(value) or value.lower() in lexicon().terms:
        return False
    digits = sum(char.isdecimal() for char in value)
    if not any(char.isalpha() for char in value):
        return _is_number(value, digits, marked=marked, sure=sure)
    if is_public(value) and not (marked and sure):
        return False
    hyphened = re.match(r"[A-Z]{1,4}[-/]\d{2}", value) is not None
    if sure and digits == 2 and re.fullmatch(r"[A-Z0-9]{6,8}", value):
        return True
    return digits >= 3 or (digits == 2 and (hyphened if not marked else len(value) >= 4))


def _is_number(value: str, digits: int, *, marked: bool, sure: bool) -> bool:
    if not value.isdecimal():
        if (
            "." in value
            or (are_hours(value) and not (marked or sure))
            or (_is_range(value) and not (marked and digits >= 5))
        ):
            return False
        return digits >= (4 if marked else 5)
    if digits >= 4 and value.startswith("0"):
        return True
    if sure or marked:
        return digits >= (3 if marked else 4) and _YEAR.fullmatch(value) is None
    return digits >= 5 and not value.endswith("000")


def _is_range(value: str) -> bool:
    """As "1500-2000" is; "0081-7734" and "9917-7020" are none."""
    first, sign, last = value.partition("-")
    if not sign or not first.isdecimal() or not last.isdecimal():
        return False
    return len(last) - len(first) in (0, 1) and first[0] != "0" and int(first) < int(last)
