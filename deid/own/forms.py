"""Further forms of the patient's names: run together, misread, with letters lost, logins, initials.

Each is something that another system made of a name: a file name without a blank, a scan that
took "rn" for "m", an export that wrote "?" for "ü", a user name, initials on a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deid.eponyms import lexicon
from deid.own.columns import holds
from deid.own.demographics import Patient, name_parts
from deid.vocabulary import cues, fold, is_word, known_names

__all__ = [
    "Divided",
    "Initials",
    "Logins",
    "as_scanned",
    "blurred",
    "lost_letters",
    "lost_letters_pattern",
    "misread_forms",
    "run_together",
]

_DIVIDED_MIN = 6  # letters of a name that is looked for with a blank or hyphen inside
_RUN_TOGETHER_MIN = 6
_BLURRED_MIN = 6  # letters of a name of which one may be a figure or a sign
_BLURRED = re.compile(
    r"(?<![\w*#$!|])(?=[^\W\d_]{0,30}[\d*#$!|])[^\W_]{0,30}[\d*#$!|][^\W\d_]{0,30}(?![\w*#$!|])"
)
_MISREAD_MIN = 4
_LOGIN_LETTERS = 6  # of the surname; user names are often cut to eight characters
_LOST_SIGNS = "?_\ufffd\u00bf\u25a1*"
_LOST = f"[{re.escape(_LOST_SIGNS)}]{{1,4}}"
_INITIALS_CUE = re.compile(r"(?i)\binitials?[ \t]?[:=]?[ \t]{0,2}$")
_PATIENT_CUE = re.compile(r"(?:\b[Pp]t|\bPT|\b[Pp]atient|\bPATIENT)[.:]?[ \t]{1,2}$")
# Bare initials stand for a person before what is said of one: "GL seen today", not "CK was 80".
_OPENING = re.compile(r"(?:^|[.;\n])[ \t•*\-]{0,4}$")
_SAID_OF = re.compile(
    r"(?i)['’]s[ ]|,[ \t](?:an?[ \t])?\d{1,3}[ \-]?(?:y|[mf](?![^\W_]))"
    r"|[ \t](?:seen|says|said|stated|states|report(?:s|ed)|denie[sd]|came|called"
    r"|feels|felt|presents|presented|complain(?:s|ed)|tolerated|agree[sd]"
    r"|(?:is|was|has)[ \t](?:seen|doing|here|well\b|feeling|been|asked|told|able|admitted"
    r"|discharged|alert|awake|stable|aware|asking|in[ \t](?:good|no)|no[ \t]|an?[ \t]\d"
    r"|\d{1,3}[ \-]?y))"
)
_TALKED_TO = re.compile(
    r"(?i)(?<![^\W_])(?:(?:spoke|spoken|talked|met|discussed)[ \t](?:with|to)|d/w|saw)[ \t]$"
)
_SCANNED = str.maketrans("01358i", "olesbl")
_GAPS = dict.fromkeys(map(ord, " -\n\t./|'’\"(…–"))


def as_scanned(word: str) -> str:
    """The word with what scanners take for each other made equal."""
    return fold(word).replace("rn", "m").replace("vv", "w").translate(_SCANNED)


def _is_other(word: str) -> bool:
    """An ordinary or clinical word, which is not to be looked for."""
    known = lexicon()
    return is_word(word) or word in known.terms | known.heads | known.eponyms | known.ambiguous


def run_together(patient: Patient) -> frozenset[str]:
    """Given and family name without a blank, both ways: "graceyoung", "younggrace"."""
    found = set()
    for given in name_parts(patient.first_name):
        for family in name_parts(patient.last_name):
            found |= {given + family, family + given}
    return frozenset(
        one for one in found if len(one) >= _RUN_TOGETHER_MIN and one.isalpha() and not is_word(one)
    )


def misread_forms(names: Iterable[str]) -> frozenset[str]:
    """Names as a scanner reads them, letters for letters: "vv" for w, "rn" and "m" both ways."""
    found = set()
    for name in names:
        for right, wrong in (("w", "vv"), ("rn", "m"), ("m", "rn")):
            if right in name and name.isalpha():
                found |= {name.replace(right, wrong), name.replace(right, wrong, 1)}
    return frozenset(one for one in found if len(one) >= _MISREAD_MIN and not _is_other(one))


def blurred(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where one of the folded ``names`` stands with a figure or a sign for one of its letters."""
    wanted = [name for name in names if len(name) >= _BLURRED_MIN]
    for match in _BLURRED.finditer(text) if wanted else ():
        word = fold(match.group())
        at = next((i for i, char in enumerate(word) if not char.isalpha()), len(word))
        before, behind = word[:at], word[at + 1 :]
        if any(
            len(name) == len(word) and name.startswith(before) and name.endswith(behind)
            for name in wanted
        ):
            yield match.span()


class Divided:
    """Finds long names with a blank, a line's end or a sign inside: "D iGiacomo", "Wrze/sinska"."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(one for one in names if one.isalpha() and len(one) >= _DIVIDED_MIN)
        gap = r"(?:-[ \n]?|[ \t]?\n[ \t]?|[ \t./|'’\"(…–])?"
        bodies = "|".join(gap.join(map(re.escape, name)) for name in self._names)
        self._pattern = re.compile(rf"(?<![a-z0-9])({bodies})(?![a-z0-9])")

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where one of the names stands in a folded text, divided or whole."""
        together = folded.translate(_GAPS)
        # Almost no note divides one, which is quickly told.
        if any(together.count(name) > folded.count(name) for name in self._names):
            for match in self._pattern.finditer(folded):
                yield match.span(1)


def _name_words(patient: Patient) -> Iterator[str]:
    columns = [patient.first_name, patient.last_name]
    columns += [value for column, value in patient.other if holds(column) == "people"]
    for value in columns:
        yield from re.findall(r"[^\W\d_]+", value)


def lost_letters_pattern(patient: Patient) -> re.Pattern[str] | None:
    """Names with accents as a system without them wrote them: "M?ller", "Mu_oz"."""
    bodies: list[str] = []
    for word in sorted({word for word in _name_words(patient) if not word.isascii()}):
        plain = [char for char in word if char.isascii()]
        if len(plain) < 2:
            continue
        bodies.append("".join(_letter(char, index) for index, char in enumerate(word)))
    # With all its letters it is found elsewhere, or it is a word: "Sơn" and "Son".
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(bodies)})(?![^\W_])") if bodies else None


def lost_letters(pattern: re.Pattern[str] | None, text: str) -> Iterator[tuple[int, int]]:
    """Where ``pattern`` finds a name in which at least one letter is lost."""
    if pattern is not None and any(sign in text for sign in _LOST_SIGNS):
        for match in pattern.finditer(text):
            if not match.group().isalpha():
                yield match.span()


def _letter(char: str, index: int) -> str:
    """One letter of a name, in either case but a capital at its start, or what it became."""
    if char.isascii():
        return re.escape(char) if index == 0 else f"[{char.lower()}{char.upper()}]"
    choices = sorted({char.lower(), char.upper(), fold(char), fold(char).upper()})
    return f"(?:{_LOST}|{'|'.join(map(re.escape, choices))})"


class Logins:
    """User names made of the surname, whole or cut from six letters on, with letters of the given
    name or digits around it: "kwrzesin", "WRZESIN01".
    """

    def __init__(self, patient: Patient) -> None:
        given = name_parts(patient.first_name)
        initials = "".join(name[0] for name in given)
        leads = {initials, *(name[:n] for name in given for n in (1, 2, 3))} - {""}
        lead = "|".join(map(re.escape, sorted(leads))) or "(?!)"
        self._patterns = []
        for family in name_parts(patient.last_name):
            if len(family) < _LOGIN_LETTERS - 2 or not family.isalpha():
                continue
            cut = family[:_LOGIN_LETTERS]
            rest = "".join(f"(?:{char}" for char in family[_LOGIN_LETTERS:])
            whole = cut + rest + ")?" * (len(family) - len(cut))
            bodies = [rf"(?:{lead})[._]?{whole}\d{{0,6}}", rf"{whole}[._]?(?:{lead})\d{{0,6}}"]
            if len(family) >= _LOGIN_LETTERS:
                bodies.append(rf"{whole}_?\d{{1,6}}")
            pattern = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(bodies)})(?![a-z0-9])")
            self._patterns.append((cut, pattern))

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where a user name of the patient stands in a folded text."""
        for cut, pattern in self._patterns:
            if cut in folded:
                for match in pattern.finditer(folded):
                    if not (_is_other(match.group()) or match.group() in known_names()):
                        yield match.span()


class Initials:
    """Finds initials such as J.R. for Jane Roe: with their full stops or a slash, or behind a cue,
    else too much would match. Of "van den Broek" any word may give the last one.
    """

    def __init__(self, patient: Patient) -> None:
        self._first = frozenset("".join(_first_letters(patient.first_name)[:1]))
        self._last = frozenset("".join(_first_letters(patient.last_name)))
        self._all = _all_initials(patient)
        letters = "".join(sorted(self._first | self._last))
        letters += letters.lower()
        self._pattern = (
            re.compile(
                rf"(?<![\w.])[{letters}](?P<a>[./]?)(?P<gap>[ ]?)"
                rf"(?:(?P<middle>[^\W\d_a-z])(?P<b>\.?)[ ]?)?"
                rf"[{letters}](?P<c>\.?)(?![^\W_])"
            )
            if self._first and self._last
            else None
        )

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the patient's initials stand."""
        if self._all is not None:
            for match in self._all.finditer(text):
                if "." in match.group() or match.group().isalpha():
                    yield match.span()
        if self._pattern is not None:
            for match in self._pattern.finditer(text):
                if self._are_meant(text, match):
                    yield match.span()

    def _are_meant(self, text: str, match: re.Match[str]) -> bool:
        start, end = match.span()
        said = match.group()
        one, two = said[0], said.rstrip(".")[-1]
        if one.islower() != two.islower():
            return False
        forward = one.upper() in self._first and two.upper() in self._last
        reverse = one.upper() in self._last and two.upper() in self._first and not match["middle"]
        if not (forward or reverse):
            return False
        if forward and one.isupper() and match["a"] == "." and match["c"]:
            return not match["middle"] or match["b"] == "."
        common = (one + two).lower() in cues("two_letters")
        before = text[max(0, start - 16) : start]
        if _INITIALS_CUE.search(before):
            return not (match["middle"] and match["b"])
        if one.isupper() and _PATIENT_CUE.search(before) and _SAID_OF.match(text, end):
            return True  # "Pt ML tolerated", "Pt RJK seen": what is said must be said of a person
        if common or match["middle"]:
            return False
        if match["a"] == "/":
            return one.isupper() and not match["gap"] and _apart(text, start, end)
        if match["a"] == ".":
            return bool(match["c"]) or (forward and not match["gap"])
        if not one.isupper():
            return False
        if _PATIENT_CUE.search(before):
            return True
        if match["gap"]:
            return False
        opens = _OPENING.search(before) is not None and _SAID_OF.match(text, end) is not None
        return opens or _TALKED_TO.search(before) is not None


def _all_initials(patient: Patient) -> re.Pattern[str] | None:
    """The initials of all words of a long name, with stops ("A.-M. O'B.-W.", "W.v.d.L.") or four
    bare ones.
    """
    names = f"{patient.first_name} {patient.last_name}"
    letters = [
        letter + letter.lower() if fold(word) in cues("particles") else letter
        for word, letter in zip(re.findall(r"[^\W\d_]+", names), _first_letters(names), strict=True)
    ]
    if len(letters) < 3 or not patient.first_name or not patient.last_name:
        return None
    sets = [f"[{re.escape(one)}]" for one in letters]
    body = r"(?:\.?[ \-]?|['’])".join(sets) + r"\.?"
    if len(letters) == 3:
        body = rf"{sets[0]}\.[ \-]?{sets[1]}(?:\.[ \-]?|['’]){sets[2]}\.?"
    return re.compile(rf"(?<![\w.]){body}(?![^\W_])")


def _apart(text: str, start: int, end: int) -> bool:
    """No slash or hyphen on either side: "R/K/W" is a list."""
    return text[max(0, start - 1) : start] not in {"/", "-"} and text[end : end + 1] not in {
        "/",
        "-",
    }


def _first_letters(name: str) -> list[str]:
    """The capital that begins each word, as written and without its accent."""
    return [
        "".join(sorted({word[0].upper(), fold(word)[0].upper()}))
        for word in re.findall(r"[^\W\d_]+", name)
    ]
