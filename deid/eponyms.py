"""Clinical words that look like names, and the veto they cast (DESIGN D15).

The veto applies to findings of the language model only. Rules with a name cue ("Dr. Ewing",
"Ewing, MD") and the patient's own name are not vetoed, with one exception: an eponym inside its
clinical term ("Ewing sarcoma") stays even when the patient is called Ewing. Replacing it would
tell every reader who knows the disease what the patient's name is.
"""

from __future__ import annotations

import re
from functools import cache

from deid.clinical_words import Lexicon, bare, lexicon
from deid.graded import TITLE_BEFORE, WORD_BEFORE, is_graded
from deid.span import Span
from deid.vocabulary import (
    cues,
    fold,
    given_names,
    is_word,
    known_names,
    names_only,
    words,
)

__all__ = [
    "CAPITALISED",
    "TOKEN",
    "Lexicon",
    "beside_head",
    "calls_for_model",
    "in_phrase",
    "is_clinical",
    "is_clinical_phrase",
    "is_explained",
    "is_firm_term",
    "lexicon",
    "owns_something",
    "prune",
]

TOKEN = re.compile(r"[^\W_](?:[^\W_]|['’.\-/](?=[^\W_]))*")
# What TOKEN finds that begins with a capital, or a letter beyond ASCII: a fifth of the words.
CAPITALISED = re.compile(rf"(?<![^\W_])(?<![^\W_]['’.\-/])(?=[^\W\d_a-z]){TOKEN.pattern}")
_PERSON_BEFORE = re.compile(
    r"\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|nurse|sister|rev|patient|pt|name)\b[.:]?"
    r"\s{0,3}$",
    re.IGNORECASE,
)
_GENITIVE = re.compile(r"['’][sS](?=[ \t\n])")
_HEAD_BEHIND = re.compile(rf"({_GENITIVE.pattern})?[ \t\n](?:bone[ \t])?([^\W\d_]+)")
_TITLES = frozenset(
    [
        "dr",
        "drs",
        "doctor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "prof",
        "professor",
        "md",
        "rn",
        "np",
        "pa",
        "phd",
        "jr",
        "sr",
    ]
)
# Endings that clinical nouns and adjectives have and surnames of that length hardly ever.
_SUFFIX = re.compile(
    r"(?:ectomy|ectomies|itis|osis|oses|omas?|plasty|plasties|scopy|scopic|tomy|tomies|gram|graphy"
    r"|graphic|emia|uria|opathy|algia|esis|tions?|sions?|ally|eal|ial|ular|otic|ology"
    r"|ologist|ologic"
    r"|cillin|mycin|azole|sartan|statin|olol|mab|tinib|parin|caine|dronate|platin|rubicin"
    r"|taxel|ated"
    r"|ized|ness|able|ible|ical|ous|ium|ing|ism|tive)$"
)
# "Line: Hickman", "Approach: Henry"
_LABEL_BEFORE = re.compile(
    r"\b(?:devices?|lines?|catheters?|drains?|approach|implants?|stains?|tests?|position|incision"
    r"|clamps?|retractors?|dressing|splint|brace|sutures?|hardware|classification|signs?)"
    r"[ \t]?:[ \t]{0,3}$",
    re.IGNORECASE,
)
# "Kaplan-Meier, Cox", "Hoffa; Baxter; Kager"
_LISTING_BEFORE = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?)([,;])[ ]$")
_LISTING_BEHIND = re.compile(r"[ ]?[,;][ ]([^\W\d_]+(?:-[^\W\d_]+)?)")
_NEPHEW = re.compile(r"[ ]?(?:&|and)[ ]Nephew\b")
# Between an eponym and its head: "Weber B ankle fracture".
_BETWEEN = frozenset(
    {"and", "or", "type", "grade", "s", "bone", "soft", "ankle", "hip", "knee"}
    | {"a", "b", "c", "i", "ii", "iii", "iv"}
)
_ABBREVIATION = 4  # letters
_AMID = re.compile(r"(?:[a-z]|w/|&) $")
# A sentence without its full stop: "is stable The patient".
_CLOSED = frozenset(
    re.findall(
        r"\S+",
        "the she he they this that these those his her its it there we you your our at with of"
        " and but for from when while both each all",
    )
)
_WORD_NAMES = cues("word_surnames", "word_given_names")
_COMPOUND = re.compile(r"\w+(?:-[a-z]+|/\w+)+")
_CODE = re.compile(r"^(?=.*\d)[A-Za-z0-9.\-/+]{1,9}$|^[IVX]{1,5}[ABCabc]?$|^NCT\d{8}$")


def _previous_words(text: str, start: int) -> list[str]:
    return [fold(match.group()) for match in TOKEN.finditer(text[max(0, start - 40) : start])][-3:]


def beside_head(text: str, start: int, end: int, *, directly: bool = False) -> bool:
    """A clinical head follows ("Kelly clamp", "Denis Browne bar"), or one and "of" precede."""
    named = lexicon().eponyms | lexicon().ambiguous
    if bare(text[start:end]) in named and (
        is_graded(text, start, end) or _is_labelled(text, start, end)
    ):
        return True
    stop = r"[.;:\n,(]" if directly else r"[.;:\n]"
    after = re.split(stop, text[end : end + 60].removeprefix("'s").removeprefix("’s"))[0]
    heads = lexicon().heads
    following = [bare(match.group()) for match in TOKEN.finditer(after)][:3]
    for word in following:
        if word in heads:
            return True
        if word not in named and word not in _BETWEEN:
            break
    previous = _previous_words(text, start)
    return len(previous) >= 2 and previous[-1] == "of" and previous[-2] in heads


def _is_labelled(text: str, start: int, end: int) -> bool:
    """An eponym behind a label for a thing or another one: "Line: Hickman", "Kaplan-Meier, Cox"."""
    if _LABEL_BEFORE.search(text[max(0, start - 24) : start]):
        return True
    before = _LISTING_BEFORE.search(text[max(0, start - 40) : start])
    if before is None or bare(text[start:end]) in given_names():
        return False
    things = lexicon().eponyms | lexicon().terms
    behind = _LISTING_BEHIND.match(text, end)
    # "Kocher, Kelly" may be last and first name; between two eponyms or hyphenated it is not
    sure = "-" in before[1] or before[2] == ";" or (behind and fold(behind[1]) in things)
    return bool(sure) and fold(before[1]) in things


def in_phrase(text: str, start: int, end: int) -> bool:
    """Whether a word is part of a phrase of the lexicon: "white" of "white blood", "Robert" and
    "Jones" of "Robert Jones dressing". No title stands before the phrase.
    """
    word = bare(text[start:end])
    if word == "smith" and _NEPHEW.match(text, end):
        return True
    if word not in _phrase_words():
        return False
    clause = re.split(r"[.;:\n,(]", text[end : end + 60])[0]
    before = re.split(r"[.;:\n,)]", text[max(0, start - 40) : start])[-1]
    behind = [bare(match.group()) for match in TOKEN.finditer(clause)][:2]
    ahead = list(TOKEN.finditer(before))[-2:]
    base = start - len(before)
    for count in range(len(ahead) + 1):
        used = ahead[len(ahead) - count :]
        head = [bare(match.group()) for match in used]
        first = base + used[0].start() if used else start
        for more in range(len(behind) + 1):
            if " ".join([*head, word, *behind[:more]]) in lexicon().phrases:
                return not TITLE_BEFORE.search(text[max(0, first - 24) : first])
    return False


@cache
def _phrase_words() -> frozenset[str]:
    return frozenset(word for phrase in lexicon().phrases for word in phrase.split())


def is_clinical_phrase(text: str, start: int, end: int) -> bool:
    """True where ``text[start:end]`` is an eponym inside its clinical term and no title precedes.

    ``white`` of "white blood count" counts too, so that a patient called White keeps that.
    """
    if TITLE_BEFORE.search(text[max(0, start - 24) : start]):
        return False
    if in_phrase(text, start, end):
        return True
    token = bare(text[start:end])
    known = lexicon().eponyms | lexicon().ambiguous
    parts = [part for part in re.split(r"[-\s]", token) if part]
    if token not in known and not all(part in known for part in parts):
        return False
    return beside_head(text, start, end)


def is_firm_term(text: str, start: int, end: int) -> bool:
    """True for an eponym or word inside a term that cannot mean the patient who is called so:
    "Ewing sarcoma", "white blood", with its head straight behind and no name, title or "patient"
    before; in a genitive only "Ewing's sarcoma" and the like, since "Ewing's drain" has an owner.
    Where in doubt the patient's name goes.
    """
    if _PERSON_BEFORE.search(text[max(0, start - 40) : start]):
        return False
    before = WORD_BEFORE.search(text[max(0, start - 40) : start])
    named = fold(before[1]).strip(".") if before else ""
    initial = before is not None and len(named) == 1 and before[1] != "A"
    if initial or named in given_names() or named in known_names():
        return False
    token = bare(text[start:end])
    head = _HEAD_BEHIND.match(text, end)
    if head is None:
        return False
    behind = fold(head[2])
    if (token, behind) in lexicon().firm_pairs:
        return True
    if head[1]:
        return False
    if f"{token} {behind}" in lexicon().phrases:
        return True
    known = lexicon().eponyms | lexicon().ambiguous
    return token in known and behind in lexicon().firm_heads


def owns_something(text: str, start: int, end: int) -> bool:
    """Whether an eponym stands in a genitive, of which :func:`is_firm_term` says whether it is one
    of a clinical term: "Ewing's drain", "JACKSON'S TUMOR"; of words, only with a capital.
    """
    if _GENITIVE.match(text, end) is None:
        return False
    known = lexicon().eponyms | lexicon().ambiguous
    token = text[start:end]
    return bare(token) in known and (token[0].isupper() or not is_word(token))


def is_clinical(text: str, start: int, end: int, *, cued: bool = False) -> bool:
    """True where a token is a clinical word, code or eponym rather than a name.

    ``cued``: a name is expected here ("Dictated by:"), so that an eponym counts as clinical only
    beside a clinical head.
    """
    token = text[start:end]
    plain = bare(token)
    known = lexicon()
    if in_phrase(text, start, end):
        return True
    if plain in known.eponyms and cued:
        return beside_head(text, start, end, directly=True)
    if plain in known.terms or plain in known.eponyms:
        return True
    if _CODE.match(token) or (len(plain) >= 8 and _SUFFIX.search(plain)):
        return True
    if plain in known.ambiguous:
        return beside_head(text, start, end, directly=cued)
    if is_word(token):
        return True
    parts = plain.split("-")
    return len(parts) > 1 and all(
        part in known.eponyms or part in known.terms or part in known.ambiguous or part in words()
        for part in parts
    )


def is_explained(text: str, start: int, end: int) -> bool:
    """True for an ordinary or a clinical word, which need be no name."""
    return is_word(text[start:end]) or is_clinical(text, start, end)


def prune(
    text: str, span: Span, lower_words: frozenset[str], *, trusted: bool = False
) -> list[Span]:
    """What is left of a model's finding after the veto: nothing, or the part that is a name.

    ``lower_words`` are the words that this note also writes in lower case: no names. ``trusted``:
    the note names many (:func:`deid.gate.names_many`), so that only clinical terms are none.
    """
    titled = TITLE_BEFORE.search(text[max(0, span.start - 24) : span.start])
    if titled and not in_phrase(text, span.start, span.end):
        return [span]  # but "MS Contin"
    kept: list[Span] = []
    for line in re.finditer(r"[^\n\t|;:]+", text[span.start : span.end]):
        start, end = span.start + line.start(), span.start + line.end()
        tokens = [
            (start + match.start(), start + match.end())
            for match in TOKEN.finditer(text[start:end])
        ]
        evidence = [
            index
            for index, (a, b) in enumerate(tokens)
            if _may_be_name(text, a, b, lower_words) or (trusted and not _is_term(text, a, b))
        ]
        if not evidence or _only_short_capitals(text, [tokens[index] for index in evidence]):
            continue
        first, last = _widened(text, tokens, evidence[0], evidence[-1])
        first, last = _with_its_words(text, tokens, first, last, far=span.category == "ORG")
        kept.append(Span(tokens[first][0], tokens[last][1], span.category, span.source, span.score))
    return kept


def _may_be_name(text: str, start: int, end: int, lower_words: frozenset[str]) -> bool:
    """True for a word that may be a name: without one, a finding of the model does not count."""
    token = text[start:end]
    plain = bare(token)
    if not token[0].isupper() or len(plain) < 2 or plain in _TITLES:
        return False
    if in_phrase(text, start, end):
        return False
    if len(token) <= _ABBREVIATION and token.isupper() and plain in cues("no_initials"):
        return False  # "NED", "MAC": without a title no Ned and no Mac
    if TITLE_BEFORE.search(text[max(0, start - 24) : start]):
        return True
    if plain in names_only() and plain not in lexicon().eponyms:
        return plain not in lexicon().ambiguous or not beside_head(text, start, end)
    if plain in lower_words or _is_compound(token):
        return False
    return _is_amid(text, start, end) or not is_clinical(text, start, end)


def _is_compound(token: str) -> bool:
    """Ordinary or clinical words joined, of which none may be a name: "Follow-up", "HEME/LYMPH".
    Two with a hyphen and a capital each may be a surname: "Brooks-Waters".
    """
    if not _COMPOUND.fullmatch(token):
        return False
    known = lexicon()
    named = (known_names(), _WORD_NAMES, known.eponyms, known.ambiguous)
    return all(
        (is_word(part) or part in known.terms or len(part) <= 1)
        and not any(part in names for names in named)
        for part in fold(token).replace("/", "-").split("-")
    )


def _is_term(text: str, start: int, end: int) -> bool:
    """A clinical term, code, title or initial whatever stands around it ("PROMIS", "L4"), or an
    eponym with its head ("Kocher incision"). Ordinary words are none.
    """
    token = text[start:end]
    plain = bare(token)
    known = lexicon()
    if len(plain) < 2 or plain in _TITLES or plain in known.terms or _CODE.match(token):
        return True
    if len(token) <= _ABBREVIATION and token.isupper() and plain in cues("no_initials"):
        return True
    if in_phrase(text, start, end):
        return True
    named = known.eponyms | known.ambiguous
    parts = plain.split("-")
    if len(parts) > 1 and (
        plain in known.eponyms or all(part in named or part in known.terms for part in parts)
    ):
        return True  # "Osgood-Schlatter", "Legg-Calve-Perthes"
    return plain in named and beside_head(text, start, end)


def _is_amid(text: str, start: int, end: int) -> bool:
    """A word with a capital amid a sentence, where ordinary words have none: "with Junior", "at
    Lower Keys". Not a clinical term, nor an eponym.
    """
    token = text[start:end]
    plain = bare(token)
    known = lexicon()
    if plain in _CLOSED or not token[1:].islower():
        return False
    if not _AMID.search(text[max(0, start - 4) : start]):
        return False
    return not (plain in known.terms or plain in known.eponyms or plain in known.ambiguous)


def calls_for_model(text: str, start: int, end: int, lower_words: frozenset[str]) -> bool:
    """True for a word whose finding by the model would survive :func:`prune` by itself."""
    if not _may_be_name(text, start, end, lower_words):
        return False
    if not _is_short_capitals(text[start:end]):
        return True
    return TITLE_BEFORE.search(text[max(0, start - 24) : start]) is not None


def _only_short_capitals(text: str, tokens: list[tuple[int, int]]) -> bool:
    """Abbreviations such as TURBT or ORIF: capitals, short, and nothing else to go by."""
    return all(_is_short_capitals(text[a:b]) for a, b in tokens)


def _is_short_capitals(token: str) -> bool:
    return token.isupper() and len(token) <= 6 and fold(token) not in given_names()


def _widened(text: str, tokens: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """A known given name takes its neighbours along ("Grace Young", "James Ewing")."""
    if fold(text[slice(*tokens[last])]) in given_names():
        while last + 1 < len(tokens) and text[tokens[last + 1][0]].isupper():
            last += 1
    while first > 0 and _is_given_or_initial(text[slice(*tokens[first - 1])]):
        first -= 1
    return first, last


def _with_its_words(
    text: str, tokens: list[tuple[int, int]], first: int, last: int, *, far: bool
) -> tuple[int, int]:
    """With the capitalised words that the model sees as part of the same name: "Rose" of "Okafor
    Rose", "Court" of "Beacon Court". ``far``: over small words too ("Bank of the West").
    """

    def belongs(index: int) -> bool:
        token = text[slice(*tokens[index])]
        plain = bare(token)
        return token[0].isupper() and plain not in _TITLES and plain not in lexicon().terms

    while first > 0 and belongs(first - 1):
        first -= 1
    while last + 1 < len(tokens) and belongs(last + 1):
        last += 1
    if far:
        named = [index for index in range(len(tokens)) if belongs(index)]
        first, last = min([first, *named]), max([last, *named])
    return first, last


def _is_given_or_initial(token: str) -> bool:
    return fold(token) in given_names() or (len(token) == 1 and token.isupper())
