"""Names that a cue gives away: titles, credentials, labels, "dictated by", relatives, given names.

The grammar reads a cue, then takes the name tokens after (or before) it: capitalised words,
initials, particles (van, de la), "LAST, First". Clinical words end a name, except straight after
a title, where "Dr. Ewing" and "Dr. Young" are people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.span import Span
from deid.vocabulary import fold, given_names, is_word, names_only

__all__ = ["find_names", "name_after"]

_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-.](?=[^\W\d_]))*\.?")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,2}$")
_GAP = re.compile(r"[ \t]{1,3}|[ \t]*\n[ \t]*(?=[^\W\d_])")
_PARTICLES = frozenset(
    "van von der den de del della da dos di du la le el al bin ibn ter ten y e mac st st.".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv jr. sr.".split())
_CREDENTIAL = (
    r"(?:M\.?\s?D\.?|D\.?\s?O\.?|Ph\.?\s?D\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|CRNA|FACS|FAAOS|DPM|D\.?D\.?S"
    r"|MBBS|MBChB|FRCSC?|LPN|CNA|ARNP|APRN|CNP|CNM|LCSW|MSW|BSN|MSN|DPT|PT|OTR(?:/L)?|OT|ATC|PharmD|Pharm\.D\."
    r"|Psy\.?D\.?|DNP|RPh|RT|CST|RNFA|MPH|MS|CCC-SLP|RD|M\.S\.|B\.S\.)"
)
_TITLE = re.compile(
    r"(?<![\w])(?:(?i:drs?|doctor|mr|mrs|ms|miss|mx|prof|professor|sister|rev|nurse|attorney|officer"
    r"|judge|capt|captain|sgt|pastor|father)\.?)(?=[ \t\n])\s{1,3}"
)
_LOWER_TITLES = frozenset({"nurse", "sister", "father", "officer", "miss", "doctor", "judge", "captain"})
_LABEL = re.compile(
    r"(?i:(?<![a-z])(?:patient(?:'s)? ?name|name(?: of patient)?|patient|pt(?:\.|\bname)?|surgeons?|attending"
    r"|assistants?|first assistant|co-?surgeons?|anesthesiologist|anesthetist|circulator|scrub(?: nurse| tech)?"
    r"|referring|referred by|(?:referring|attending|primary care|ordering|consulting|family|admitting|dictating"
    r"|responsible|treating|operating) (?:physician|surgeon|provider|doctor)|physician|provider|doctor|pcp"
    r"|pathologist|radiologist|oncologist|resident|fellow|author|signed|signature|electronically signed"
    r"|dictated|dictator|transcribed|transcriptionist|scribe|re|cc|attn|attention|to|from|dear"
    r"|next of kin|nok|emergency contact|contact(?: person)?|guarantor|subscriber|informant|historian|spouse"
    r"|mother|father|guardian|caregiver|interpreter|consultant|requested by|interpreting|reader|technologist"
    r"|case manager|social worker|nurse|coordinator|therapist|employer)[ \t]*(?:name)?[ \t]*[:#][ \t,]*\n?[ \t]*)"
)
_BY = re.compile(
    r"(?i:\b(?:dictated|signed|authenticated|reviewed|performed|transcribed|interpreted|ordered|requested"
    r"|referred|verified|approved|seen|examined|assisted|prepared|entered|witnessed|co-?signed|attested"
    r"|read|reported|confirmed|documented|scribed|written|accompanied|discussed|spoke|spoken|speaking"
    r"|conferred|followed|evaluated|done|completed|cared for|obtained|given|managed|consulted|called|placed"
    r"|faxed|sent|copy|copied|visit|follow-?up|appointment|collected|released|finalized|edited|cleared)"
    r"(?:,? (?:electronically|today|again|up|scheduled|over the phone|in clinic|and agreed))?"
    r"[ \t]*(?:\bby\b|\bwith\b|\bto\b|\bfrom\b)[ \t]*:?\s{1,2})"
)
_RELATIVE = re.compile(
    r"(?i:\b(?:wife|husband|son|daughter|mother|father|mom|dad|brother|sister|partner|spouse|friend|aunt"
    r"|uncle|niece|nephew|cousin|grandmother|grandfather|grandson|granddaughter|neighbor|neighbour|caregiver"
    r"|fianc[eé]e?|guardian|girlfriend|boyfriend|roommate|stepmother|stepfather|named|name is|nurse"
    r"|therapist|interpreter|coordinator|manager|worker|surrogate|proxy|contact(?:ed)?|informed|notified"
    r"|paged|met|thank you,|sincerely,|regards,)(?: is| was| \(|,)?[ \t\n]{1,2}\(?)"
)
# Weaker cues: they count only before two or more name tokens that are no clinical words.
_WEAK = re.compile(
    r"(?:\b(?i:with|by|per|to|from|and|seeing|for|of|cc|re|regarding|about|saw|patient|pt|pts|evaluating|treating"
    r"|named|dear|hi|hello|thanks|regards|sincerely)\b[.,:]?|,)[ \t\n]{1,2}(?=[^\W\d_])"
)
_NO_NAME = frozenset(
    "the they he she it his her this that these those who will was is are were in on at for and or of to from with has had"
    " have patient patients records follow follow-up followup thereafter then there we i if as no not also please after before"
    " will can may but when".split()
)
# Surnames that are words: taken behind a known given name only.
_WORD_SURNAMES = frozenset(
    "bell bishop black brown burns cook day fields foster gray green little long ray rice rose stone walker ward"
    " white young wood woods wells banks king price hunt hill hall lane park west cross hart fox knight hunter cooper"
    " baker carpenter butler fisher mason turner berry ford dean reed grant brooks rivers waters love short small best"
    " sharp strong swift power powers pool page noble moody moon marsh major lake house holiday head hand frost flood"
    " field early dove cotton church chase case carver bush branch boone block bond birch beard bass ball".split()
)
_ORDINARY_SURNAME = re.compile(r"[ \t](?:[A-Z]\.?[ \t])?([A-Z][a-z]+)(?![\w-])")
# Given names inside the names of firms, stains and places that are not the patient's.
_FIRMS = frozenset({"depuy", "santa", "jude"})
_SLASH = re.compile(r"(?:/s/|--|~)[ \t]*(?=[A-Z])")
_BEFORE = re.compile(rf"(?P<name>[^\n:;()\d]{{2,60}}?)[ \t]*,?[ \t]+(?:{_CREDENTIAL})(?=[\s,.;)\n]|$)")
_CREDENTIAL_AT = re.compile(rf",?[ \t]{{0,2}}{_CREDENTIAL}(?=[\s,.;:)/]|$)")


def _is_name_token(text: str, start: int, end: int, *, trusted: bool) -> bool:
    token = text[start:end].rstrip(".")
    if not token or not token[0].isupper():
        return False
    if fold(token) in _NO_NAME:
        return False
    if trusted or fold(token.removesuffix("'s").removesuffix("’s")) in names_only():
        return True
    return not is_clinical(text, start, start + len(token))


def _token_at(text: str, at: int) -> tuple[int, int] | None:
    match = _TOKEN.match(text, at)
    if match is None:
        return None
    end = match.end()
    token = match.group()
    if token.endswith(".") and not _INITIALS.match(token) and token.lower() not in ("st.", "jr.", "sr."):
        end -= 1
    return match.start(), end


def _gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def name_after(text: str, at: int, *, trusted: bool = False, tokens_max: int = 4) -> int:
    """End of the name that starts at ``at``, or ``at`` if none does.

    ``trusted``: the first full token is a name whatever word it is (after a title).
    """
    end = at
    place = at
    solid = 0
    for _ in range(tokens_max + 2):
        if _CREDENTIAL_AT.match(text, place) and solid:
            break
        token = _token_at(text, place)
        if token is None:
            break
        word = text[token[0] : token[1]]
        if _INITIALS.match(word) and word[0].isupper() and len(word) <= 4:
            if solid or _solid_follows(text, token[1], trusted):
                end = token[1]
            else:
                break
        elif fold(word) in _PARTICLES and _solid_follows(text, token[1], trusted=True):
            pass
        elif solid and fold(word) in _SUFFIXES:
            end = token[1]
        elif _is_name_token(text, *token, trusted=trusted and not solid):
            solid += 1
            end = token[1]
        else:
            break
        if solid >= tokens_max:
            break
        place = _gap(text, token[1])
        if word.endswith(".") and place - token[1] > 1 and solid:
            break
        if "\n" in text[token[1] : place] and solid:
            break
        if place == token[1]:
            place = _comma_first(text, token[1], solid)
            if place < 0:
                break
    return end if solid else at


def _solid_follows(text: str, at: int, trusted: bool) -> bool:
    place = _gap(text, at)
    token = _token_at(text, place)
    if token is None or token[1] - token[0] < 2:
        return False
    word = text[token[0] : token[1]]
    if fold(word) in _PARTICLES or re.match(r"[^\W\d_]\.$", word):
        return _solid_follows(text, token[1], trusted)
    return _is_name_token(text, *token, trusted=trusted)


def _comma_first(text: str, at: int, solid: int) -> int:
    """After "LAST": where "First" starts if ", First" follows, else −1."""
    match = re.compile(r"[ \t]?,[ \t]{0,2}(?=[^\W\d_])").match(text, at)
    if match is None or solid != 1 or _CREDENTIAL_AT.match(text, at):
        return -1
    token = _token_at(text, match.end())
    if token is None or not _is_name_token(text, *token, trusted=False):
        return -1
    return match.end()


_NEXT_NAME = re.compile(r"[ \t]*(?:,|/|&|\band\b|;)[ \t]*(?=[^\W\d_])")


def _chain(text: str, at: int, *, trusted: bool) -> Iterator[tuple[int, int]]:
    """The names after a cue: "A. Smith, MD, Jones and Lee" gives each."""
    for _ in range(6):
        end = name_after(text, at, trusted=trusted)
        if end == at:
            return
        yield at, end
        place = end
        while credential := _CREDENTIAL_AT.match(text, place):
            place = credential.end()
        following = _NEXT_NAME.match(text, place)
        if following is None:
            return
        at = following.end()
        trusted = False


def _after_cues(text: str) -> Iterator[tuple[int, int]]:
    for match in _TITLE.finditer(text):
        cue = match.group().strip().rstrip(".").lower()
        yield from _chain(text, match.end(), trusted=cue not in _LOWER_TITLES)
    for pattern in (_LABEL, _BY, _RELATIVE, _SLASH):
        for match in pattern.finditer(text):
            yield from _chain(text, match.end(), trusted=False)
    for match in _WEAK.finditer(text):
        end = name_after(text, match.end())
        found = text[match.end() : end].split()
        if len(found) >= 2 and sum(not word.isupper() for word in found) >= 2:
            yield match.end(), end


def _before_credentials(text: str) -> Iterator[tuple[int, int]]:
    """ "Jane Q. Doe, MD" — tokens are walked back from the credential."""
    for match in re.finditer(rf"(?<=[^\W_]),?[ \t]{{1,2}}{_CREDENTIAL}(?=[\s,.;:)]|$)", text):
        tokens = [
            (match.start() - len(line) + token.start(), match.start() - len(line) + token.end())
            for line in [re.split(r"[\n:;()|\t\d]", text[max(0, match.start() - 60) : match.start()])[-1]]
            for token in re.finditer(r"[^\W\d_](?:[^\W\d_]|['’\-.](?=[^\W\d_]))*", line)
        ]
        start = end = match.start()
        solid = 0
        bare = text[match.start()] != ","
        for a, b in reversed(tokens[-4:]):
            gap = text[b:start]
            word = text[a:b]
            if not re.fullmatch(r"[ \t]*|\.[ \t]*|[ \t]?,[ \t]+" if solid == 1 else r"[ \t]*|\.[ \t]*", gap):
                break
            if not word[0].isupper() and fold(word) not in _PARTICLES:
                break
            if len(word) > 1 and not _is_name_token(text, a, b, trusted=False):
                if solid or bare or not word[0].isupper() or is_word(word) and len(tokens) < 2:
                    break
            solid += len(word) > 1
            start = a
        if solid and (not bare or any(len(w) > 1 and fold(w) in given_names() for w in text[start:end].split()) or solid > 1):
            yield start, end


def _given_and_surname(text: str) -> Iterator[tuple[int, int]]:
    """A known given name, alone or with what follows it: initial, surname, "Young", "White"."""
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip(".")
        if not token[0].isupper() or fold(token) not in names_only():
            continue
        if token.isupper() and len(token) < 4 or fold(token) in _FIRMS:
            continue
        end = max(name_after(text, match.start(), tokens_max=4), match.start() + len(token))
        surname = _ORDINARY_SURNAME.match(text, end)
        if surname and surname.group(1).lower() in _WORD_SURNAMES:
            end = surname.end()
        yield match.start(), end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """A line that holds nothing but a name: signatures and letter heads."""
    for match in re.finditer(r"(?m)^[ \t>*-]*(?P<name>[^\W\d_][^\n\d:;()]{3,40}?)[ \t]*,?$", text):
        start, end = match.span("name")
        found = text[start:end].split()
        if 2 <= len(found) <= 4 and not any(word.isupper() and len(word) > 2 for word in found):
            if name_after(text, start) == end:
                yield start, end


def find_names(text: str) -> Iterator[Span]:
    """Names by cue, in no order; spans may overlap."""
    for source in (_after_cues, _before_credentials, _given_and_surname, _lines):
        for start, end in source(text):
            if end > start:
                yield Span(start, end, "NAME", "staff")
