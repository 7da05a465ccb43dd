"""Bodies whose names have a form of their own: units of the forces, ships, posts, schools by
number, hospitals called the Romance way, institutions by letters before a unit of theirs.

"3rd Cavalry Regiment", "USS Halyard", "VFW Post 1188", "P.S. 214", "Hospital Pediátrico San Telmo",
"Centre médical du Vallon", "(Cedar Bluff High)", "MVH Oncology".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical, lexicon
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Span
from deid.vocabulary import cues, fold, is_word

__all__ = ["find_named_bodies"]

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’\-]{1,30}"
_SMALL_LINK = r"(?:(?:de|del|di|do|da|dos|du|des|la|las|los|le|les|y|e|et)[ ]|d['’]|l['’])"
_FORCES = (
    r"(?:Battalion|Regiment|Brigade|Squadron|Infantry|Cavalry|Airborne|Artillery|Marines|Fleet|Bn|Rgt"
    r"|Regt|Bde|Infantry[ ]Division|Armou?red[ ]Division|Mountain[ ]Division|Fighter[ ]Wing"
    r"|Air[ ]Wing"
    r"|Precinct|Marine[ ]Division|Security[ ]Forces|BCT|ESB|MEU)"
)
_UNIT = re.compile(
    rf"(?<![\w/.-])\d{{1,4}}(?:st|nd|rd|th|d|ST|ND|RD|TH)[ ](?:{_CAPITAL}[ ]){{0,3}}?"
    rf"(?:{_FORCES}|(?i:{_FORCES})(?<=[A-Z]))(?:[ ](?:Division|Regiment|Battalion|Brigade"
    rf"|Squadron|Wing))?"
    r"(?![\w-])"
)
_SHIP = re.compile(
    rf"(?:USS|USNS|USCGC|HMS|HMCS|HMAS"
    rf"|HMNZS)[ ]{_CAPITAL}(?:[ ](?:[A-Z]\.[ ])?{_CAPITAL})?(?![\w-])"
)
_BASE = re.compile(
    rf"(?:Fort|FORT|Ft\.|Joint[ ]Base|NAS|MCAS|NAVSTA|Naval[ ](?:Base|Station)|Camp)[ ]{_CAPITAL}"
    r"(?:[ ](?:[A-Z]\.[ ])?(?:AFB|Barracks))?(?![\w-])"
)
_POST = re.compile(
    r"(?:VFW|V\.F\.W\.|American[ ]Legion|AMVETS|AmVets|DAV|Elks|BPOE|Moose"
    r"|Knights[ ]of[ ]Columbus|K[ ]of[ ]C"
    r"|Masonic|Rotary|Lions|Kiwanis|Eagles)(?:[ ](?:Post|Lodge|Chapter|Council|Aerie|Club|Hall))?"
    r"(?:[ ](?:No\.?[ ]?|#[ ]?)?\d{1,5}(?![\w/%]|\.\d))?(?![\w-])"
)
_POST_TELLS = re.compile(r"\d|Post|Lodge|Council|Club|Hall|Chapter|VFW|Legion|AMVETS|AmVets")
# "PS 12" is a pressure of support: with full stops, two kinds, or a word for a school beside it.
_NUMBERED = re.compile(
    r"(?<![\w./-])(?:(?:PS|P\.S\.|IS|I\.S\.|MS|M\.S\.|JHS|J\.H\.S\.|HS|H\.S\.)/(?:IS|MS|HS|JHS)"
    r"|P\.S\.|I\.S\.|J\.?H\.?S\.?|PS|IS|MS)[ ]?#?[ ]?\d{1,3}(?![\w/%-]|\.\d)"
)
_SCHOOL_BESIDE = re.compile(
    r"(?i:\b(?:schools?|grade|grader|kindergarten|pre-?k|teach(?:er|es)|student|attends|principal|class"
    r"|para)\b)"
)
_SURE_NUMBERED = re.compile(r"[./]|J")
_ROMANCE = re.compile(
    r"(?<![\w-])(?:(?:Hospital|HOSPITAL|Cl[ií]nica|CL[IÍ]NICA|Sanatorio|Policl[ií]nica|Instituto|Centro"
    r"[ ]M[eé]dico|Escuela|Colegio|Iglesia|Farmacia|Laboratorio|Cooperativa)[ ]"
    rf"(?P<own>(?:{_SMALL_LINK})?{_CAPITAL}(?:[ ](?:{_SMALL_LINK}){{0,2}}{_CAPITAL}){{0,4}})"
    r"|(?:Centre|Clinique|H[oô]pital|Institut|Polyclinique|Universit[eé]|[EÉ]cole|Pharmacie|CHU|CLSC|CISSS)"
    r"(?:[ ](?:m[eé]dica(?:l|ux)|hospitalier|universitaire|dentaire|secondaire|priv[eé]e"
    r"|de[ ]sant[eé]|de[ ]"
    rf"r[eé]adaptation)){{0,2}}[ ](?:{_SMALL_LINK}){{1,2}}{_CAPITAL}"
    rf"(?:[ -](?:{_SMALL_LINK}){{0,2}}{_CAPITAL}){{0,3}})(?!\w)"
)
_LATIN = re.compile(
    r"[^\x00-\x7f]|^(?:de|del|do|da|dos|la|las|los)[ ]|(?i:^(?:san|santa|santo|s[aã]o|nuestra"
    r"|sagrado|sagrada"
    r"|universitario|pedi[aá]trico|municipal|oncol[oó]gico|cl[ií]nico|nacional|metropolitano|militar)\b)"
)
# "Grade High." is no school: one stands in brackets, behind "at" or before who goes there.
_PUPIL_BEFORE = re.compile(r"(?:[(]|\b(?:at|from|for|to|attends|attended|with|and))[ ]?\Z")
_HIGH = re.compile(
    rf"(?<![\w-])(?P<own>(?:{_CAPITAL}[ ]){{1,3}})High(?=[),.;]|[ ](?:student|junior|senior"
    r"|sophomore|freshman|football|band|team|class|coach|teacher|track|soccer|volleyball|wrestling)\b)"
)
# Letters for an institution before a unit of it: "MVH Oncology", "GBH ED".
_LETTERS = re.compile(
    r"(?<![\w/.-])(?P<own>[A-Z]{3,5})[ ](?:ED|ER|A&E|MDT|(?i:emergency|oncology"
    r"|ortho(?:p(?:a)?edics?)?|onc"
    r"|path(?:ology)?|radiology|pharmacy|tumou?r[ ]board|campus|hospital|hosp))(?![\w/-])"
)
# "MRI Oncology" and "MSK radiology" are no places; see also the abbreviations of notes.
_NO_LETTERS = cues("no_initials", "teams", "services", "care_units", "two_letters")
_STATE_UNIVERSITY = re.compile(r"U\.?[ ]of[ ][A-Z]{1,2}(?![\w-]|\.\w)")
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"uss", "usns", "uscgc", "hms", "hmcs", "hmas", "hmnzs"}), _SHIP),
    (frozenset({"fort", "ft", "joint", "nas", "mcas", "navsta", "naval", "camp"}), _BASE),
    (
        frozenset(
            {"vfw", "v", "american", "amvets", "dav", "elks", "bpoe", "moose", "knights", "k"}
        )
        | {"masonic", "rotary", "lions", "kiwanis", "eagles"},
        _POST,
    ),
    (frozenset({"ps", "p", "is", "i", "ms", "m", "jhs", "j", "hs", "h"}), _NUMBERED),
    (
        frozenset({"hospital", "cl", "clinica", "sanatorio", "policlinica", "policl", "instituto"})
        | {"centro", "escuela", "colegio", "iglesia", "farmacia", "laboratorio", "cooperativa"}
        | {
            "centre",
            "clinique",
            "h",
            "hopital",
            "institut",
            "polyclinique",
            "universit",
            "universite",
        }
        | {"cole", "ecole", "pharmacie", "chu", "clsc", "cisss"},
        _ROMANCE,
    ),
    (frozenset({"u"}), _STATE_UNIVERSITY),
)
_UNIT_AT = re.compile(r"\d(?:st|nd|rd|th|d|ST|ND|RD|TH)[ ][A-Z]")
_UNITS_OF_CARE = frozenset(
    {
        "ed",
        "er",
        "a",
        "emergency",
        "oncology",
        "ortho",
        "orthopedics",
        "orthopaedics",
        "onc",
        "hosp",
    }
    | {"path", "pathology", "radiology", "pharmacy", "tumor", "tumour", "mdt", "campus", "hospital"}
)
_GROUPS: tuple[Group, ...] = (
    (_UNIT_AT, 8, 70, (_UNIT,)),
    (frozenset({"high"}), 70, 20, (_HIGH,)),
    (_UNITS_OF_CARE, 8, 20, (_LETTERS,)),
)
_NEAR = 60  # characters in which a word for a school stands


def find_named_bodies(text: str) -> Iterator[Span]:
    """Institutions; spans may overlap those of other finders."""
    ships, bases, posts, numbered, romance, universities = at_words(text, _AT_WORDS)
    places = [match.span() for match in (*ships, *universities)]
    places += [match.span() for match in bases if _named(match)]
    places += [match.span() for match in posts if _POST_TELLS.search(match.group())]
    places += [match.span() for match in numbered if _is_school(text, match)]
    places += [
        match.span() for match in romance if match["own"] is None or _LATIN.search(match["own"])
    ]
    for match in beside(text, _GROUPS):
        if match.re is _UNIT or _owned(text, match):
            places.append(match.span("own") if match.re is _LETTERS else match.span())
    for start, end in places:
        yield Span(start, end, "ORG", "hospital")


def _named(match: re.Match[str]) -> bool:
    """A base is called after somebody: not "Camp walker", "Fort Inn"."""
    word = match.group().split()[-1]
    return len(word) > 2 and fold(word) not in lexicon().terms


def _is_school(text: str, match: re.Match[str]) -> bool:
    if _SURE_NUMBERED.search(match.group()):
        return True
    near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
    return _SCHOOL_BESIDE.search(near) is not None


def _owned(text: str, match: re.Match[str]) -> bool:
    """Whether what stands before the kind is a name: letters with no other meaning, or words
    of which none is a clinical term or generic.
    """
    start, end = match.span("own")
    if match.re is _LETTERS:
        plain = fold(match["own"])
        return not (plain in _NO_LETTERS or is_clinical(text, start, end) or is_word(match["own"]))
    before = _PUPIL_BEFORE.search(text, max(0, start - 12), start)
    if match.re is _HIGH and before is None and not text.startswith(" ", match.end()):
        return False
    words = fold(match["own"]).split()
    return not any(
        word in lexicon().terms | cues("generic_institution_words", "no_names", "titles")
        for word in words
    )
