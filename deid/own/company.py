"""What stands beside a word and tells that it is one of the patient's or a relative's names.

Mark, Hope and Long are words; "husband: Mark", "Mark drove her", "spoke with hope about it",
"the Longs" are people. Only words of the patient's own row are asked about, so that a little too
much is taken rather than a name left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deid.eponyms import is_clinical, is_clinical_phrase
from deid.own.demographics import Patient, name_parts, relatives_names
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["OwnNames", "acts", "is_person"]

_BEFORE_VERBS = frozenset(["will", "may", "do", "see"])  # "Husband will", "Do family members"
_MODALS = frozenset(["will", "may", "do", "mark", "see", "sue", "rob", "bill", "pat", "art"])
_KIN_WORD = (
    rf"(?:(?:step|grand|half-|ex-)?(?:{any_cue('kin')})s?|parents?|child|children|kids?|relative|companion"
    r"|caregiver|hcp|hcpoa|poa|nok|proxy|(?:emergency[ \t])?contact|next[ \t]of[ \t]kin)"
)
_BEHIND_KIN = re.compile(
    rf"(?i)(?<![^\W_]){_KIN_WORD}(?:['’]s[ \t]name)?(?:[ \t](?:is|was|named|called))?"
    r"(?P<sign>[ \t]{0,2}[:(=\-–,/][ \t]{0,2}[\"'“]?|[ \t]{1,2})$"
)
_BEFORE_KIN = re.compile(
    rf"(?i)(?P<sure>[ \t]?\([ \t]?(?:(?:his|her|their|the|pt['’]?s|patient['’]s)[ \t])?{_KIN_WORD}"
    r"(?![^\W_]))|(?:,[ \t](?:an?|his|her|their|the|pt['’]?s|patient['’]s)[ \t]"
    r"|[ \t]?[,/\-–][ \t]?)"
    rf"{_KIN_WORD}[ \t]*(?:[,;.:)\n]|$|is\b|was\b|who\b|and\b|(?-i:[A-Z]))"
)
_IS_KIN = re.compile(
    r"(?i)[ \t](?:is|was)[ \t](?:the|his|her|their|pt['’]?s|patient['’]s)[ \t]"
    rf"(?:[^\W\d_]+[ \t])?{_KIN_WORD}(?![^\W_])"
)
_BEHIND_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:attn|witness|name|cc|signed(?:[ \t]by)?|informant|historian|visitors?"
    r"|driver|decision[ \t\-]maker|thanks|hi|hello|dear|c/o)"
    r"(?P<sign>[ \t]{0,2}[:,]|[ \t])[ \t]{0,2}$"
)
_OWN_KIN = re.compile(
    r"[ \t](?:pt|patient|husband|wife|mother|father|parents|son|daughter|sister|brother|spouse"
    r"|children)\b"
)
_FAMILY = re.compile(r"(?i)[ \t](?:family|residence|household)\b(?![ \t](?:history|hx|hist))")
_CLOSED = re.compile(
    r"(?i)[ \t]*(?:$|[,;.:)(/&|\"”\n]|\d)|[ \t]+(?:and|at|who|on|by|via|about|regarding|re|today"
    r"|this|yesterday|again|over|from|for|in|is|was|has|that|to|aware|here|present|she|he|they)\b"
    r"|[ \t]+(?-i:[A-Z])"
)
_TALK = (
    r"(?:sp(?:oke|oken|eaking)|talk(?:ed|ing)?|met|meeting|conver(?:sed|sation)|discuss(?:ed|ion))"
    r"[ \t](?:again[ \t])?(?:with|w/|to)|d/w|(?:call|message|text|word)[ \t]from|(?:driven|brought"
    r"|accompanied)[ \t](?:in[ \t])?by"
)
_BEHIND_TALK = re.compile(rf"(?i)(?<![^\W_])(?:{_TALK})[ \t]{{1,2}}$")
_BEHIND_PER = re.compile(
    r"(?i)(?<![^\W_])(?:per|called|phoned|texted|told|asked|informed|notified|thanked|with|and"
    r"|by|from)[ \t]{1,2}$"
)
_BEHIND_CALL = re.compile(
    r"(?i)(?<![^\W_])(?:per|called|phoned|texted|emailed|told|asked|informed|notified|thanked"
    r"|(?:here|live[sd]?|comes?|came|seen|home)[ \t]with|w/|married[ \t]to|(?:wife|husband)[ \t]of"
    r"|(?:message|vm|voicemail|msg)[ \t](?:left[ \t])?for|signed[ \t]by)[ \t]{1,2}$"
)
_BEHIND_WITH = re.compile(r"(?i)(?<![^\W_])with[ \t]{1,2}$")
_STOP = re.compile(r"[ \t]*(?:$|[,;.)\n])")
_CLOSED_SMALL = re.compile(
    r"(?i)[ \t]*(?:$|[,;.:)\n])|[ \t]+(?:today|yesterday|about|regarding|re|who|again|at[ \t]home"
    r"|by[ \t]phone|present|here|aware|she|he|they|and)\b|[ \t]+(?-i:[A-Z])"
)
_WILL_HELP = r"(?:drive|call|bring|pick|visit|help|stay|come)(?!\w)"
_TO_HELP = re.compile(rf"[ \t]to[ \t]{_WILL_HELP}")
# In small letters too: no other word stands before them.
_ACTS = re.compile(
    r"(?i)(?:[ \t](?:and|&)[ \t][A-Z][^\W\d_]+)?[ \t\n]{1,2}(?:(?:also|then|later|now)[ \t])?"
    r"(?:accompanied|admit(?:s|ted)|agree[sd]|answer(?:s|ed)|arrive[sd]|ask(?:s|ed)|attended"
    r"|believe[sd]|brought|brings|called|came|cares|cried|decided|declined?s?|den(?:ies|ied)"
    r"|describe[sd]|drank|drives|drove|eats|endorse[sd]|enjoy(?:s|ed)|express(?:es|ed)|feels|felt"
    r"|forgot|gave|goes|got|helps|helped|hopes|insist(?:s|ed)|joined|knew|knows|learned|likes|lived"
    r"|lives|loves|married|mention(?:s|ed)|met|moved|offer(?:s|ed)|phoned"
    r"|picked[ \t](?:\w+[ \t])?up"
    r"|prefer(?:s|red)|presented|ran|rang|refused|refuses|report(?:s|ed)|request(?:s|ed)|rode|said"
    r"|sat|saw|says|slept|sleeps|smoked|smokes|spoke|speaks|states|stated|stayed|stood|takes|talked"
    r"|tells|texted|thinks|thought|told|took|travel(?:l)?ed|tried|understands|understood"
    r"|verbali[sz]e[sd]|visits|visited|waited|walks|walked|wants|wanted|wears|went|wishes|woke"
    r"|wore|works|worked|worries|worried|wrote)(?!\w)"
    rf"|(?i:[ \t]will[ \t]{_WILL_HELP})"
)
_IS = re.compile(
    r"[ \t](?:aware|updated|notified|informed|agreeable|seen|doing[ \t]well"
    r"|(?:is|was|has|seems|appears|looks)\b)"
)
_BEDSIDE = re.compile(r"(?i)[ \t](?:at[ \t](?:the[ \t])?bedside|in[ \t](?:the[ \t])?room\b)")
_IS_SO = re.compile(
    r"(?i)(?:,|[ \t][\-–])?[ \t](?:stable|doing[ \t]|resting[ \t]comf|comfortable|afebrile"
    r"|ambulating|discharged|admitted|transferred|here\b|present\b)"
)
_WORD_BEFORE = re.compile(r"([^\W_]+)[ \t\-]{1,2}$")
_NO_PERSON_BEHIND = frozenset(
    [
        *("of", "by", "on", "for", "to", "her", "his", "my", "our", "their", "your", "no", "any"),
        *("some", "very", "so", "too", "not", "how", "more", "less", "and", "or", "with", "is"),
        *("was", "were", "are", "be", "been", "he", "she", "they", "we", "i", "you", "it", "who"),
    ]
)
_OPENING = re.compile(r"(?:^|[\n.;])[ \t•*\-]{0,4}$")
_COLON = re.compile(r"[ \t]?:(?![ \t]?[\d<>])")
_ALONE = re.compile(r"[ \t]*(?:\n|$)")
_AGED = re.compile(r"(?i),[ \t]\d{1,3}(?:,|[ \t]?[mf]\b|[ \t]?y)")
_TITLE = re.compile(r"(?i)(?<![^\W_])(?:(?:mr|mrs|mx)\.?|miss)[ \t]{1,2}$")
_MS = re.compile(r"(?i)(?<![^\W_])ms\.?[ \t]{1,2}$")
_MEETING = re.compile(
    r"(?i)[ \t]*(?:$|[,;.:)\n])|[ \t](?:meeting|here|called|updated|notified|aware|is|was|has)\b"
)
_PLURAL = re.compile(r"(?:s|es)['’]?(?![^\W_])")
_THE = re.compile(r"(?i)(?<![^\W_])the[ \t]{1,2}$")
_SHORT = 2  # letters
_NO_PERSON = frozenset(["day", "max", "min", "may"])  # "per Day", "from May"


@dataclass(frozen=True)
class OwnNames:
    """The names of one row, folded: the patient's family names, and all with the relatives'."""

    family: frozenset[str] = field(repr=False)
    people: frozenset[str] = field(repr=False)
    beside: re.Pattern[str] | None = field(repr=False)

    @classmethod
    def of(cls, patient: Patient) -> OwnNames:
        """Of a row of the patients file."""
        family = frozenset(name_parts(patient.last_name))
        people = family | frozenset(name_parts(patient.first_name)) | relatives_names(patient)
        bodies = "|".join(map(re.escape, sorted(people, key=lambda one: (-len(one), one))))
        sign = r"(?:[ \t](?:and|&|\+)[ \t]|[ \t]?&[ \t]?)"
        beside = re.compile(rf"(?:{bodies}){sign}$|^{sign}(?:{bodies})(?![^\W_])")
        return cls(family, people, beside if bodies else None)


def acts(text: str, start: int, end: int) -> bool:
    """What only people do follows, and nothing before makes the word a thing ("the mark went")."""
    if _ACTS.match(text, end) is None:
        return False
    return not _is_thing(text, start)


def _is_thing(text: str, start: int) -> bool:
    before = _WORD_BEFORE.search(text[max(0, start - 24) : start])
    if before is None:
        return False
    word = fold(before[1])
    return word in cues("no_name_behind") or word in _NO_PERSON_BEHIND


def is_person(text: str, start: int, end: int, own: OwnNames, *, shouted: bool) -> bool:
    """Whether a word that is a name of ``own`` means the person, told from its neighbours.

    ``shouted``: the whole text has no case to go by.
    """
    source = text[start:end]
    plain = fold(source)
    if plain not in own.people:
        return False
    before, behind = text[max(0, start - 48) : start], text[end : end + 48]
    capital = source[0].isupper() and (shouted or len(source) < 2 or not source.isupper())
    if _titled(before, behind):
        return True
    if plain in own.family and _of_a_family(text, start, end, capital=capital):
        return True
    if acts(text, start, end) and (len(plain) > 2 or capital or not is_word(source)):
        return not is_clinical_phrase(text, start, end)
    if _with_another(before, behind, own, capital=capital):
        return True
    if _IS_KIN.match(behind) and not _is_thing(text, start):
        return True
    if _beside_kin(before, behind, plain, own, capital=capital):
        return True
    if _talked_to(before, behind, plain, own, capital=capital):
        return True
    if _BEDSIDE.match(behind) and (capital or _OPENING.search(before)):
        return not _is_thing(text, start)
    if not is_word(source) and not is_clinical(text, start, end) and not source.isupper():
        return _IS.match(behind) is not None or _starts_line(before, behind)
    if not capital or is_clinical_phrase(text, start, end):
        return False
    return _opens(before, behind, plain, own)


def _opens(before: str, behind: str, plain: str, own: OwnNames) -> bool:
    """At the start of a sentence or line: "Hope: HCP", "Mark aware", "Long stable overnight"."""
    if not _OPENING.search(before) or (len(plain) <= _SHORT and plain not in own.family):
        return False
    if _COLON.match(behind) or _IS.match(behind) or _ALONE.match(behind):
        return True
    if plain != "may" and _AGED.match(behind):
        return True
    if plain != "hope" and _TO_HELP.match(behind):
        return True
    return plain not in _BEFORE_VERBS and _IS_SO.match(behind) is not None


def _starts_line(before: str, behind: str) -> bool:
    return _OPENING.search(before) is not None and _COLON.match(behind) is not None


def _titled(before: str, behind: str) -> bool:
    """Behind a title, in any case and of any length: "mr do"; "ms" may be a disease or a time."""
    if _TITLE.search(before):
        return True
    said = _ACTS.match(behind) or _IS.match(behind)
    return said is not None and _MS.search(before) is not None


def _of_a_family(text: str, start: int, end: int, *, capital: bool) -> bool:
    """What is said of the patient by the family name: "the Longs", "Long family"."""
    before, behind = text[max(0, start - 24) : start], text[end : end + 48]
    source, plain = text[start:end], fold(text[start:end])
    if not capital and is_word(source):
        return False
    if _PLURAL.match(behind):
        return capital and _THE.search(before) is not None
    if _starts_line(before, behind):
        return True
    if home := _FAMILY.match(behind):
        return plain not in _BEFORE_VERBS or _MEETING.match(behind, home.end()) is not None
    return plain not in _MODALS and _OWN_KIN.match(behind) is not None


def _with_another(before: str, behind: str, own: OwnNames, *, capital: bool) -> bool:
    """Beside another of the names: "Mark and Rose", "mark and hope visited"."""
    if own.beside is None:
        return False
    left = own.beside.search(fold(before[-24:]))
    right = own.beside.search(fold(behind[:24]))
    if left is None and right is None:
        return False
    if capital:
        return True
    if left and any(
        one.search(before[-24:][: left.start()])
        for one in (_BEHIND_TALK, _BEHIND_CALL, _BEHIND_WITH)
    ):
        return True
    rest = behind[right.end() :] if right else behind
    return any(pattern.match(rest) for pattern in (_ACTS, _IS, _IS_SO))


def _beside_kin(before: str, behind: str, plain: str, own: OwnNames, *, capital: bool) -> bool:
    """Beside a relative: "Husband: Mark", "daughter Rose", "Hope (sister)"."""
    said = _BEHIND_KIN.search(before)
    if said is not None and not re.match(r"-[a-z]", behind):
        closed = _CLOSED.match(behind) is not None
        if capital:
            return closed or plain not in _BEFORE_VERBS
        # "Husband will, daughter may", "mother rose at six": small letters need a sign there.
        if said["sign"].strip() not in {"", ","}:
            return closed
        return _CLOSED_SMALL.match(behind) is not None and plain not in own.family | _BEFORE_VERBS
    label = _BEHIND_LABEL.search(before)
    if label is not None and _CLOSED.match(behind):
        return capital or (":" in label["sign"] and plain not in own.family)
    behind_kin = _BEFORE_KIN.match(behind)
    if behind_kin is None:
        return False
    if behind_kin["sure"]:
        return True
    return capital and not re.search(r"(?i)\b(?:in|since|last|of|by|until|this)[ \t]$", before)


def _talked_to(before: str, behind: str, plain: str, own: OwnNames, *, capital: bool) -> bool:
    """Somebody is spoken with: "spoke with hope about her sister", "per Mark"."""
    if plain in _NO_PERSON:
        return _CLOSED.match(behind) is not None and _BEHIND_TALK.search(before) is not None
    if _CLOSED.match(behind) and (
        _BEHIND_TALK.search(before) or (capital and _BEHIND_PER.search(before))
    ):
        return True
    if plain in own.family and is_word(plain):
        return False
    if _BEHIND_WITH.search(before) and _STOP.match(behind):
        return True
    return _BEHIND_CALL.search(before) is not None and _CLOSED_SMALL.match(behind) is not None
