"""Finds the entries of a site's lists in a text: one pass over its words, whatever their number.

Staff are indexed by surname. At a surname the neighbours decide: a given name or its initial
before it, or behind it with a comma, or a title, make it a name; alone it must be capitalised
or long, and neither an ordinary nor a clinical word ("Ewing" alone is a disease) unless it does
what people do ("Ewing saw him"). Both names run together ("JaneRoe") count, and an initial that
is joined as in file names ("roe_j"). Given names alone are
not looked for. Facilities are indexed by their first word. Case and accents do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from deid.eponyms import is_clinical_phrase, is_explained
from deid.site_lists import SiteLists
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["SiteMatcher"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CREDENTIALS = frozenset(
    {
        *("md", "do", "phd", "rn", "np", "pa", "pa-c", "facs", "faaos", "crna", "dpm", "mbbs"),
        *("frcs", "frcsc", "dpt", "pt", "ot", "msn", "bsn", "aprn", "dnp", "mph", "lpn", "cst"),
        *("rnfa", "atc", "pharmd", "mbchb", "ms", "mba"),
    }
)
_GIVEN_GAP = re.compile(r"\.?\s{1,3}|\.|-")
_REVERSED_GAP = re.compile(r"[ \t]?,[ \t]{0,3}")
_PARTICLE_GAP = re.compile(r"[ \t]{1,3}|['’\-]")
_FACILITY_GAP = re.compile(r"(?:['’][sS])?[\s\-,.'’/&]{1,4}")
_ACTS = re.compile(
    rf"[ \t\n]{{1,2}}(?:{any_cue('staff_verbs')}"
    # A Gigli saw is an instrument.
    r"|(?:saw|sees)[ \t\n]{1,2}"
    r"(?:him|her|them|us|me|the|this|that|his|mr|mrs|ms|patient|pt))(?!\w)",
    re.IGNORECASE,
)
# "kowalczyk_a", "a.kowalczyk": initials joined as in file and user names.
_INITIAL_JOINED_BEFORE = re.compile(r"(?<![^\W_.])([^\W\d_])[._]$")
_INITIAL_JOINED = re.compile(r"[._]([^\W\d_])(?![^\W_])")
_DOUBTFUL = frozenset({"model", "listed"})  # layers that may be wrong about a word
_TITLES = cues("titles", "weak_titles")
_SURNAME_ALONE_MIN = 2  # letters; short ones in capitals are abbreviations
_SHOUTED_ALONE_MIN = 4
_SMALL_ALONE_MIN = 7


@dataclass(slots=True)
class _Family:
    """What is known of the people with one surname; ``alone``: a listed surname, not a part."""

    given: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    plain: str
    capital: bool


class SiteMatcher:
    """The entries of :class:`SiteLists`, ready to be found. Built once per engine."""

    def __init__(self, lists: SiteLists) -> None:
        self._families: dict[str, _Family] = {}
        self._run_together: set[str] = set()
        self._facilities: dict[str, list[tuple[str, ...]]] = {}
        for entry in lists.staff:
            self._add_person(entry)
        for entry in lists.facilities:
            self._add_facility(entry)
        self._terms = frozenset(_phrase(entry) for entry in lists.terms)
        self._long_terms = [term.split() for term in self._terms if " " in term]

    def find(self, text: str) -> Iterator[Span]:
        """Spans of source ``site``; they may overlap."""
        if not self._families and not self._facilities:
            return
        tokens = _tokens(text)
        for at, token in enumerate(tokens):
            family = self._families.get(token.plain)
            if family is not None:
                found = _person(text, tokens, at, family)
                if found is not None:
                    yield Span(*found, "NAME", "site")
            elif token.plain in self._run_together:
                yield Span(token.start, token.end, "NAME", "site")
            for words in self._facilities.get(token.plain, ()):
                found = _facility(text, tokens, at, words)
                if found is not None:
                    yield Span(*found, "ORG", "site")
                    break

    def unvetoed(self, text: str, spans: Iterable[Span]) -> list[Span]:
        """Doubtful findings without those that ``terms.txt`` says are no identifiers."""
        if not self._terms:
            return list(spans)
        inside = self._in_long_terms(text)
        return [
            span
            for span in spans
            if span.source not in _DOUBTFUL
            or not (self._vetoes(text, span) or any(a <= span.start < b for a, b in inside))
        ]

    def _in_long_terms(self, text: str) -> list[tuple[int, int]]:
        """Where terms of several words stand: a finding may be one of the words only."""
        if not self._long_terms:
            return []
        tokens = _tokens(text)
        words = [token.plain for token in tokens]
        return [
            (tokens[at].start, tokens[at + len(term) - 1].end)
            for term in self._long_terms
            for at in range(len(words) - len(term) + 1)
            if words[at : at + len(term)] == term
        ]

    def _vetoes(self, text: str, span: Span) -> bool:
        plain = _phrase(text[span.start : span.end])
        return plain in self._terms or all(word in self._terms for word in plain.split())

    def _add_person(self, entry: str) -> None:
        given, surname = _parsed(entry)
        if not surname:
            return
        given_names = [word for word in given if len(word) > 1]
        initials = {word[0] for word in given[:1]}
        self._family(surname[-1], given_names, initials, alone=True)
        for name in given_names[:1]:
            self._run_together |= {name + surname[-1], surname[-1] + name}
        # Middle names and the first of two surnames stand for the surname beside a given name.
        for part in (*surname[:-1], *given_names[1:]):
            if part not in cues("particles"):
                self._family(part, given_names[:1], set(), alone=False)

    def _family(self, word: str, given: Sequence[str], initials: set[str], *, alone: bool) -> None:
        family = self._families.setdefault(word, _Family())
        family.given.update(given)
        family.initials |= initials
        family.alone |= alone

    def _add_facility(self, entry: str) -> None:
        words = tuple(word for word in _phrase(entry).split() if word != "and")
        words = words[1:] if len(words) > 1 and words[0] == "the" else words
        if words:
            held = self._facilities.setdefault(words[0], [])
            held.append(words)
            held.sort(key=len, reverse=True)


def _plain(word: str) -> str:
    return re.sub(r"'s$", "", fold(word))


def _phrase(text: str) -> str:
    return " ".join(_plain(match.group()) for match in _WORD.finditer(text))


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _WORD.finditer(text):
        word = re.sub(r"['’][sS]$", "", match.group())
        start = match.start()
        found.append(_Token(start, start + len(word), fold(word), word[0].isupper()))
    return found


def _parsed(entry: str) -> tuple[list[str], list[str]]:
    """(given names, surname) of an entry, folded, without titles, credentials and suffixes."""
    parts = [
        [word for word in fold(part).replace(".", " ").split() if word not in _TITLES]
        for part in re.sub(r"\b(?:[A-Z]\.){2,}", _undotted, entry).split(",")
    ]
    parts = [[word for word in part if not _after_name(word)] for part in parts]
    parts = [[piece for word in part for piece in _WORD.findall(word)] for part in parts if part]
    if not parts:
        return [], []
    if len(parts) > 1:
        return parts[1], parts[0]
    words = parts[0]
    first = len(words) - 1
    while first > 1 and words[first - 1] in cues("particles"):
        first -= 1
    return words[:first], words[first:]


def _undotted(match: re.Match[str]) -> str:
    """The full stops of "M.D." go; those of the initials in "J.R. Roe" stay."""
    plain = match.group().replace(".", "")
    return plain if plain.lower() in _CREDENTIALS else match.group()


def _after_name(word: str) -> bool:
    return word in _CREDENTIALS or word in cues("name_suffixes")


def _gap(text: str, one: _Token, two: _Token, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(text, one.end, two.start) is not None


def _person(text: str, tokens: list[_Token], at: int, family: _Family) -> tuple[int, int] | None:
    """Where the name with the surname at ``at`` begins and ends; None if it is none."""
    first = _with_particles(text, tokens, at)
    before = _given_before(text, tokens, first, family)
    behind = _given_behind(text, tokens, at, family)
    if before is not None or behind is not None:
        start = first if before is None else before
        end = at if behind is None else behind
        whole = tokens[start : end + 1]
        # "will long" and "may bond" are no people; "jane roe" is one in any case.
        if tokens[at].capital or not all(is_word(word.plain) for word in whole):
            return whole[0].start, whole[-1].end
    if (joined := _joined_initial(text, tokens[at], family)) is not None:
        return joined
    if family.alone and _alone(text, tokens, first, at):
        return tokens[first].start, tokens[at].end
    return None


def _joined_initial(text: str, token: _Token, family: _Family) -> tuple[int, int] | None:
    before = _INITIAL_JOINED_BEFORE.search(text, max(0, token.start - 3), token.start)
    if before and fold(before[1]) in family.initials:
        return before.start(), token.end
    behind = _INITIAL_JOINED.match(text, token.end)
    if behind and fold(behind[1]) in family.initials:
        return token.start, behind.end()
    return None


def _with_particles(text: str, tokens: list[_Token], at: int) -> int:
    first = at
    while (
        first > 0
        and tokens[first - 1].plain in cues("particles")
        and _gap(text, tokens[first - 1], tokens[first], _PARTICLE_GAP)
    ):
        first -= 1
    return first


def _given_before(text: str, tokens: list[_Token], at: int, family: _Family) -> int | None:
    """Index of the given name or initial before ``at``, at most two middle names away."""
    found = None
    for index in range(at - 1, max(-1, at - 4), -1):
        token = tokens[index]
        if not _gap(text, token, tokens[index + 1], _GIVEN_GAP):
            break
        if token.plain in family.given:
            found = index
        elif len(token.plain) == 1 and token.capital:
            # An initial alone is enough: "J. Roe". "A Roe" needs its full stop.
            dotted = text[token.end : token.end + 1] == "."
            if token.plain in family.initials and (dotted or token.plain != "a"):
                found = index
        elif not token.capital or at - index > 2:
            break
    return found


def _given_behind(text: str, tokens: list[_Token], at: int, family: _Family) -> int | None:
    """Index of the last given name or initial behind "Roe," ("Roe, Jane Q")."""
    if at + 1 >= len(tokens) or not _gap(text, tokens[at], tokens[at + 1], _REVERSED_GAP):
        return None
    token = tokens[at + 1]
    initial = len(token.plain) == 1 and token.capital and token.plain in family.initials
    if token.plain not in family.given and not initial:
        return None
    last = at + 1
    while (
        last + 1 < len(tokens)
        and _gap(text, tokens[last], tokens[last + 1], _GIVEN_GAP)
        and len(tokens[last + 1].plain) == 1
        and tokens[last + 1].capital
        and last < at + 3
    ):
        last += 1
    return last


def _alone(text: str, tokens: list[_Token], first: int, at: int) -> bool:
    """Whether the surname is a name without a given name beside it."""
    token = tokens[at]
    if len(token.plain) < _SURNAME_ALONE_MIN:
        return False
    source = text[token.start : token.end]
    other = is_explained(text, token.start, token.end)
    if not token.capital:
        # Small letters look like a word that no list has; a long name hardly does.
        return not other and (len(token.plain) >= _SMALL_ALONE_MIN or _acts(text, token.end))
    titled = first > 0 and tokens[first - 1].plain in _TITLES
    if titled and re.fullmatch(r"\.?[ \t]{1,3}", text[tokens[first - 1].end : tokens[first].start]):
        return not is_clinical_phrase(text, token.start, token.end)
    if source.isupper() and len(source) < _SHOUTED_ALONE_MIN:
        return False
    if not other:
        return True
    # "Ewing saw him", but "Ewing was excluded" is the disease.
    return _acts(text, token.end)


def _acts(text: str, end: int) -> bool:
    """A verb follows that people do and diseases do not."""
    return _ACTS.match(text, end) is not None


def _facility(
    text: str, tokens: list[_Token], at: int, words: tuple[str, ...]
) -> tuple[int, int] | None:
    """Where the facility ``words`` stands from ``at`` on, "the" included; None if not."""
    index = last = at
    for word in words[1:]:
        index += 1
        if index < len(tokens) and tokens[index].plain == "and":
            index += 1
        if index >= len(tokens) or tokens[index].plain != word:
            return None
        between = text[tokens[last].end : tokens[index].start]
        if not _FACILITY_GAP.fullmatch(re.sub(r"(?i)\band\b", "", between)):
            return None
        last = index
    # Ordinary words ("summit", "pain clinic") name the house only where they are capitalised.
    ordinary = len(words) == 1 or all(is_word(word) for word in words)
    if ordinary and not all(
        token.capital or token.plain in {"of", "for", "the", "and", "at", "in"}
        for token in tokens[at : last + 1]
    ):
        return None
    the = at > 0 and tokens[at - 1].plain == "the"
    led = the and _gap(text, tokens[at - 1], tokens[at], _PARTICLE_GAP)
    return tokens[at - led].start, tokens[last].end
