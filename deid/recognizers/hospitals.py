"""Hospitals, clinics and other institutions by the word that closes or opens their name.

"General Hospital" and "Pain Clinic" name no place; a name needs at least one word that is not
such a generic one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.span import Span
from deid.vocabulary import fold, is_word, names_only

__all__ = ["find_hospitals"]

_KIND = (
    r"(?:Hospitals?|Medical (?:Center|Centre|Group|Associates|College|School)|Health ?care(?: System)?|Health (?:System|Center|Centre|Network|Services)|Health"
    r"|Clinics?|Infirmary|Hospice|Cancer (?:Center|Centre|Institute)|Surgery Center|Surgical Center|Institute|Rehabilitation(?: Center)?"
    r"|Nursing Home|Nursing Center|Care Center|Rehab(?: Center)?|Orthop(?:a?)edics|Imaging(?: Center)?|Laborator(?:y|ies)|Pharmacy"
    r"|University|College|High School|Elementary School|Manor|Assisted Living|Sanatorium|Foundation)"
)
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’.&\-]*"
_NAME = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD}[ \t](?:(?:of|and|the|for|&|de)[ \t]){{0,2}}){{1,5}}?){_KIND}(?:[ \t](?:of|at|in)[ \t](?:the[ \t])?(?P<of>{_WORD}(?:[ \t]{_WORD}){{0,2}}))?(?!\w)"
)
_OF = re.compile(rf"(?<![\w-])(?:University|College|Hospital|Children['’]s Hospital)[ \t]of[ \t](?:the[ \t])?{_WORD}(?:[ \t]{_WORD}){{0,2}}")
_KNOWN = re.compile(
    r"\b(?:Mayo Clinic|MD Anderson|M\.\s?D\. Anderson|Memorial Sloan[ -]Kettering|Sloan[ -]Kettering|MSKCC|Cleveland Clinic|Johns Hopkins"
    r"|Mass General|Massachusetts General|Dana[ -]Farber|Cedars[ -]Sinai|Mount Sinai|UCSF|UCLA|Kaiser(?: Permanente)?|Stanford|Moffitt|City of Hope"
    r"|St\. Jude|Intermountain|Geisinger|Scripps|Brigham and Women['’]s)\b"
)
_GENERIC = frozenset(
    fold(
        "the a an our your this that at to from in of and for general community county state city local regional area district"
        " university children childrens children's women womens women's veterans va military army navy private public teaching"
        " outside other another emergency outpatient inpatient ambulatory day walk in urgent care primary family internal medicine"
        " medical surgical surgery orthopaedic orthopedic orthopaedics orthopedics oncology cancer tumor sarcoma pain wound"
        " spine hand foot ankle joint sports physical therapy occupational rehabilitation rehab cardiology neurology urology"
        " dermatology dental eye ear nose throat psychiatry psychiatric mental behavioral health pediatric pediatrics geriatric"
        " women fertility prenatal well baby coumadin anticoagulation diabetes endocrine pulmonary sleep allergy immunology infusion"
        " radiation radiology imaging nuclear pathology clinical reference national american international association academy board"
        " dr mr mrs ms patient pt he she it his her their acute long term skilled nursing home hospice bone fracture cast follow up"
        " new old main north south east west central memorial admission admitted date location facility name hospital clinic center course"
    ).split()
)


def _identifying(name: str) -> bool:
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", name)
    shouted = name.isupper()
    for token in tokens:
        plain = fold(token)
        if plain in _GENERIC or plain.removesuffix("'s") in _GENERIC:
            continue
        if shouted and is_word(token) and plain not in names_only():
            continue
        return True
    return False


def find_hospitals(text: str) -> Iterator[Span]:
    """Names of institutions; spans may overlap."""
    for match in _NAME.finditer(text):
        start = match.start()
        # "The", "At", "From" before the name are not part of it.
        while lead := re.match(r"(?:The|At|From|To|In|And|Of|For|A|Our|This|Dr\.?)\s", text[start : match.end()]):
            start += lead.end()
        named = match.group("name")[start - match.start() :] + " " + (match.group("of") or "")
        if start < match.end() and _identifying(named):
            yield Span(start, match.end(), "ORG", "hospital")
    for pattern in (_OF, _KNOWN):
        for match in pattern.finditer(text):
            yield Span(match.start(), match.end(), "ORG", "hospital")
