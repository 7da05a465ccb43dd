"""The check on what is about to leave: does the output still name the patient?

It is written apart from the recognisers and looks more coarsely than they do, so that a mistake
in one is not repeated in the other. Text that was put in by us is masked before looking. A note
in which anything is found is withheld; the reason names the kind of trace, never its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from deid.dates.find import find_dates
from deid.dates.signs import plain_signs
from deid.eponyms import (
    is_clinical,
    is_clinical_phrase,
    is_explained,
    is_firm_term,
    lexicon,
    owns_something,
)
from deid.own.birthdate import tells_birth_date
from deid.own.company import acts
from deid.own.context import does_something
from deid.own.demographics import name_parts, squashed
from deid.own.patient import PatientMatcher
from deid.reading.plain import Plain
from deid.residual_ages import tells_old_age
from deid.scan import around, finditer
from deid.vocabulary import Folded, fold, is_word, known_names, one_slip

__all__ = ["MASK", "halves_meet", "masked", "residual"]

MASK = "\ue000"
_SHAPES = (
    ("residual_ssn", re.compile(r"(?<![\w\-])\d{3} ?[-–] ?\d{2} ?[-–] ?\d{4}(?![\w\-])")),
    # The sign comes first: re finds it fast.
    ("residual_email", re.compile(r"@(?<=[\w.+\-]@)[\w\-]{1,63}\.[a-zA-Z]{2,}")),
    ("residual_phone", re.compile(r"(?<![\w.\-])\(?\d{3}\)?[\s.\-]\d{3}[\s.\-]\d{4}(?![\w\-])")),
    (
        "residual_mrn",
        re.compile(
            r"(?i)\b(?:mrn|medical record)(?: (?:number"
            r"|no\.?))?\s?[:#]?\s?[a-z]{0,3}\d{4,}"
        ),
    ),
)


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_FULL_DATE = re.compile(
    r"(?<![\w.])\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d(?!\w)|(?<!\w)(?:19|20)\d\d-\d\d-\d\d(?!\d)"
    rf"|(?i:\b{_MONTH}\s?\d\d?(?:st|nd|rd|th)?,?\s(?:19|20)\d\d(?!\w))"
    rf"|(?i:(?<!\w)\d\d?(?:st|nd|rd|th)?[\s-](?:of\s)?{_MONTH}[,\s-]\s?(?:19|20)\d\d(?!\w))"
)
_YEAR = re.compile(r"[12](?:(?<=1)9|(?<=2)0)\d\d")
_DATE_LENGTH_MAX = 40
_SEPARATORS = re.compile(rf"[^a-z0-9{MASK}]")
_RUN = re.compile(r"[a-z0-9][a-z0-9\-./ ]*")
_MISREAD = str.maketrans("oli", "011")
_NUMBER_MIN = 5  # characters; a shorter number stands in many notes by chance
_NAME_MIN = 3
_INSIDE_MIN = 5  # letters from which a name is looked for inside a longer word
_REST_MIN = 4  # letters of a word that has run together with a name
_SLIP_MIN = 8  # letters of a name that is looked for with one slip
_LONG_WORD = re.compile(r"[^\W\d_]{7,}")
_LOST = re.compile(r"(?<![^\W\d_])[^\W\d_]*(?:[?\ufffd_]{1,4}[^\W\d_]+)+")
_INTRODUCED = re.compile(
    r"(?i)\b(?:mr|mrs|mx)\b\.?[ \t]{1,3}$|\b(?:surname|(?:last|first|family|given) name)\s?[:=]\s?$"
)
# "Husband: Mark", "sister (hope)", "Mark and": a sign is needed where the name is written small.
_KIN = re.compile(
    r"(?i)\b(?:husband|wife|spouse|partner|mother|father|mom|dad|sister|brother|daughter|son|aunt"
    r"|uncle|friend|niece|nephew|guardian|next of kin|contact|proxy)(\s?[:(=]\s?|,?[ ])$"
)
_AFTER_KIN = re.compile(r"\s*(?:$|[.,;)\n])")
_JOINS = re.compile(r"(?i)([^\W\d_]+) (?:and|&) $")
_ABBREVIATION = 3  # letters; in capitals rather an abbreviation


def masked(text: str, replaced: Sequence[tuple[int, int]]) -> str:
    """The output with our own replacements blanked out, same length."""
    pieces: list[str] = []
    at = 0
    for start, end in replaced:
        pieces += [text[at:start], MASK * (end - start)]
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def residual(
    text: str,
    replaced: Sequence[tuple[int, int]],
    matcher: PatientMatcher,
    *,
    dates: bool = False,
    age_cap: int | None = None,
) -> str | None:
    """The reason to withhold the output ``text``, or None if nothing was found.

    ``replaced`` are the stretches of ``text`` that are surrogates, in order. ``dates``: no full
    date may be left; nor an age of ``age_cap`` years and more. The text is looked at as a reader
    sees it and, where that differs, as it is stored: what a reader does not see must not carry the
    name out either.
    """
    stored = masked(text, replaced)
    plain = Plain(stored)
    for left in (plain.text,) if plain.in_place else (plain.text, stored):
        reason = _trace(left, matcher, dates=dates, age_cap=age_cap)
        if reason is not None:
            return reason
    unread = plain.unread
    if unread and (_own_number(unread, matcher) or _own_name(unread, matcher)):
        return "residual_unread"
    return None


def halves_meet(source: Plain, matcher: PatientMatcher) -> bool:
    """Whether a long name of the patient stands in the note for a careless reader only, as in
    "Wrze<!-- 1 -->sinska": layers saw two words, and one may be left in the output.
    """
    patient = matcher.patient
    names = [
        name
        for name in (*name_parts(patient.first_name), *name_parts(patient.last_name))
        if len(name) >= _INSIDE_MIN and not is_word(name)
    ]
    if not names or source.careless is None:
        return False
    careless, seen = squashed(source.careless), squashed(source.text)
    return any(careless.count(name) > seen.count(name) for name in names)


def _trace(left: str, matcher: PatientMatcher, *, dates: bool, age_cap: int | None) -> str | None:
    for reason, pattern in _SHAPES:
        if pattern.search(left):
            return reason
    as_dates = plain_signs(left)
    years = around(as_dates, _YEAR, _DATE_LENGTH_MAX, _DATE_LENGTH_MAX) if dates else ()
    if any(True for _ in finditer(_FULL_DATE, as_dates, years)):
        return "residual_date"
    if age_cap is not None and tells_old_age(left, age_cap):
        return "residual_age"
    if _own_number(left, matcher):
        return "residual_identifier"
    if any(True for _ in matcher.tails.find(Folded(left).text)):
        return "residual_identifier"
    birth = matcher.patient.birth_date
    if birth is not None and (
        tells_birth_date(as_dates, birth) or any(one.exact() == birth for one in find_dates(left))
    ):
        return "residual_birth_date"
    return "residual_name" if _own_name(left, matcher) or _disguised(left, matcher) else None


def _own_number(left: str, matcher: PatientMatcher) -> bool:
    """Any of the patient's numbers of five characters on, whatever separates its characters."""
    wanted = [number for number in matcher.numbers if len(number) >= _NUMBER_MIN]
    if not wanted:
        return False
    small = left.lower()
    together = _SEPARATORS.sub("", small)
    misread = together.translate(_MISREAD)
    return any(
        number in together or number.translate(_MISREAD) in misread
        if len(number) > _NUMBER_MIN
        else number in together and any(number in run for run in _runs(small))
        for number in wanted
    )


def _runs(small: str) -> Iterator[str]:
    """Characters that only blanks, dots, hyphens and slashes separate, without these."""
    for run in _RUN.findall(small):
        yield re.sub(r"[^a-z0-9]", "", run)


def _own_name(left: str, matcher: PatientMatcher) -> bool:
    """One of the patient's names: long ones inside any word that is neither ordinary nor clinical,
    short ones as a word, names that are words where they stand with a capital inside a sentence.
    """
    found = _anywhere(matcher.tokens)
    if found is None:
        return False
    folded = Folded(left)
    for match in found.finditer(folded.text):
        start, end = folded.origin(*match.span(1))
        name = match[1]
        while start > 0 and left[start - 1].isalpha():
            start -= 1
        while end < len(left) and left[end].isalpha():
            end += 1
        word = left[start:end]
        if fold(word).removesuffix("s") != name.removesuffix("s"):
            if len(name) < _INSIDE_MIN or is_word(name) or is_word(word):
                continue
            if is_clinical(left, start, end):
                if _run_on(word, name):
                    return True
                continue
        if name in matcher.together:
            return True
        if is_firm_term(left, start, end):
            continue
        if _tells(left, start, end, name) or _in_company(left, start, end, matcher):
            return True
    return False


def _run_on(word: str, name: str) -> bool:
    """Whether a word that ends like a clinical one is the name and a word, without their blank:
    "Wrzesinskasarcoma". What eponyms become ("Kaposiform") is none.
    """
    small = fold(word)
    rest = small.removeprefix(name) if small.startswith(name) else small.removesuffix(name)
    known = lexicon()
    other = known.eponyms | known.ambiguous | known.terms | known.heads
    if name in other or small.removesuffix("s") in other or is_word(small.removesuffix("s")):
        return False
    return len(rest) >= _REST_MIN and (is_word(rest) or rest in other)


def _tells(left: str, start: int, end: int, name: str) -> bool:
    """Whether a word that is one of the names must be the name here."""
    word = left[start:end]
    if owns_something(left, start, end):
        return True
    if not is_explained(left, start, end):
        return len(name) > _ABBREVIATION or not word.isupper()
    if _INTRODUCED.search(left[max(0, start - 16) : start]):
        return True
    if word[0].isupper() and not word.isupper() and does_something(left, start, end):
        return True
    if not word[0].isupper() or word.isupper() or len(name) <= _ABBREVIATION:
        return False
    # A capital inside a sentence: what stands before is a small letter and a blank.
    return re.search(r"[a-zà-ÿ][ \t]$", left[max(0, start - 2) : start]) is not None and (
        not is_clinical_phrase(left, start, end)
    )


def _in_company(left: str, start: int, end: int, matcher: PatientMatcher) -> bool:
    """Whether a word that is a name stands with a relative, another of the names or a deed."""
    word = left[start:end]
    if not is_clinical_phrase(left, start, end) and acts(left, start, end):
        return True
    before, capital = left[max(0, start - 24) : start], word[0].isupper()
    joined = _JOINS.search(before)
    if capital and joined and joined[1][0].isupper() and fold(joined[1]) in matcher.own.people:
        return True
    kin = _KIN.search(before)
    return (
        kin is not None
        and fold(word) in matcher.own.people
        and (capital or kin[1].strip() not in {"", ","})
        and _AFTER_KIN.match(left, end) is not None
    )


def _disguised(left: str, matcher: PatientMatcher) -> bool:
    """A long name with one slip, a name with letters lost on export, or a user name."""
    folded = Folded(left).text
    if any(True for _ in matcher.logins.find(folded)):
        return True
    lost = _without_accents(matcher.patient.first_name, matcher.patient.last_name)
    if lost and any(_ascii_letters(one) in lost for one in _LOST.findall(left)):
        return True
    names = [
        name
        for name in matcher.tokens
        if len(name) >= _SLIP_MIN and name.isalpha() and not is_word(name)
    ]
    lengths = {len(name) + more for name in names for more in (-1, 0, 1)}
    return any(
        len(word) in lengths
        and any(one_slip(word, name) for name in names)
        and not (is_word(word) or is_clinical(word, 0, len(word)) or word in known_names())
        for word in (set(_LONG_WORD.findall(folded)) if names else ())
    )


def _without_accents(*names: str) -> frozenset[str]:
    """What is left of the words with accents where these letters are lost: "mller"."""
    words = [word for name in names for word in re.findall(r"[^\W\d_]+", name)]
    found = {_ascii_letters(word) for word in words if not word.isascii()}
    return frozenset(one for one in found if len(one) >= _NAME_MIN)


def _ascii_letters(word: str) -> str:
    return "".join(char for char in word.lower() if char.isascii() and char.isalpha())


@lru_cache(maxsize=256)
def _anywhere(tokens: frozenset[str]) -> re.Pattern[str] | None:
    """Any of the names at any place, the longest first: one may begin with, end in or overlap
    another ("Ann Annison"), and a match that ate its letters would hide the rest.
    """
    names = sorted(
        (name for name in tokens if len(name) >= _NAME_MIN and name.isalpha()),
        key=lambda name: (-len(name), name),
    )
    return re.compile(f"(?=({'|'.join(map(re.escape, names))}))") if names else None
