"""Clinical words that look like names (DESIGN D15); their veto is in :mod:`deid.veto`.

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
from deid.vocabulary import (
    fold,
    given_names,
    is_word,
    known_names,
    words,
)

__all__ = [
    "CAPITALISED",
    "CODE",
    "TOKEN",
    "Lexicon",
    "beside_head",
    "in_phrase",
    "is_clinical",
    "is_clinical_phrase",
    "is_explained",
    "is_firm_term",
    "lexicon",
    "owns_something",
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
CODE = re.compile(r"^(?=.*\d)[A-Za-z0-9.\-/+]{1,9}$|^[IVX]{1,5}[ABCabc]?$|^NCT\d{8}$")


def _previous_words(text: str, start: int) -> list[str]:
    return [fold(match.group()) for match in TOKEN.finditer(text[max(0, start - 40) : start])][-3:]


def beside_head(text: str, start: int, end: int, *, directly: bool = False) -> bool:
    """A clinical head follows ("Kelly clamp", "Denis Browne bar"), or one and "of" precede."""
    known = lexicon()
    own = bare(text[start:end])
    if (own in known.eponyms or own in known.ambiguous) and (
        is_graded(text, start, end) or _is_labelled(text, start, end)
    ):
        return True
    stop = r"[.;:\n,(]" if directly else r"[.;:\n]"
    after = re.split(stop, text[end : end + 60].removeprefix("'s").removeprefix("’s"))[0]
    heads = known.heads
    following = [bare(match.group()) for match in TOKEN.finditer(after)][:3]
    for word in following:
        if word in heads:
            return True
        if not (word in known.eponyms or word in known.ambiguous or word in _BETWEEN):
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
def _eponyms_or_words() -> frozenset[str]:
    return lexicon().eponyms | lexicon().ambiguous


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
    known = _eponyms_or_words()
    if token not in known and not all(part in known for part in re.split(r"[-\s]", token) if part):
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
    if CODE.match(token) or (len(plain) >= 8 and _SUFFIX.search(plain)):
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
