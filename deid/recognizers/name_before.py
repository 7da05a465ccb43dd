"""Names by what stands behind them: credentials, a role, what a person does.

"Jane Q. Doe, MD", "Roe, fellow", "Jane Roe was notified". Words are walked back from the cue as
long as they may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.recognizers.name_grammar import CREDENTIAL, is_name_word, is_word_surname
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, given_names, is_word

__all__ = ["names_before", "walked_back", "words_before"]

_CREDENTIAL = re.compile(
    rf"(?:(?<=[^\W_])|(?<=[ \t][A-Z]\.)),?[ \t]{{1,2}}{CREDENTIAL}(?=[\s,.;:)]|$)"
)
# The sign comes first: re finds it fast.
_CREDENTIAL_BEHIND = re.compile(rf"[ \t](?=[A-Z]){CREDENTIAL}(?=[\s,.;:)]|$)")
_GROUPS: tuple[Group, ...] = ((_CREDENTIAL_BEHIND, 4, 2, (_CREDENTIAL,)),)
_ROLE = re.compile(rf",(?<=[^\W_],)[ \t]{{1,2}}(?:the[ \t])?{any_cue('roles')}(?=[\s,.;)]|$)")
_LABEL_ENDS = re.compile(rf"(?<![A-Za-z])(?i:{any_cue('labels')})[ \t]?:[ \t]*$")
_ACTING = re.compile(
    r"(?:(?:was|were|is|has been)[ \t])?"
    r"(?:concur(?:s|red)?|notified|aware|informed|agree[sd]?|paged"
    r"|will[ \t](?:see|review|follow|call|arrange|evaluate|discuss|contact|schedule|operate"
    r"|cover)|to[ \t](?:see|staff|operate|round))\b"
)
_AT_ACTING: tuple[AtWords, ...] = (
    (
        frozenset({"was", "were", "is", "has", "concur", "concurs", "concurred", "notified"})
        | {"aware", "informed", "agree", "agrees", "agreed", "paged", "will", "to"},
        _ACTING,
    ),
)
_LOOK_BACK = 60
_LINE_ENDS = re.compile(r"[\n:;()|\t\d]")
_CLAUSE_ENDS = re.compile(r"[\n:;()|\t\d,]")
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-.](?=[^\W\d_]))*")
_BEFORE_PERSON = frozenset({"from", "by", "with", "to", "per", "and", "saw", "for"})
_GENERIC = cues("generic_institution_words", "titles", "weak_titles")


def names_before(text: str) -> Iterator[Place]:
    """Names before their cues, in no order; they may overlap."""
    yield from _before_credentials(text)
    yield from _acting(text)


def _before_credentials(text: str) -> Iterator[Place]:
    """Names before their credentials or role ("Jane Q. Doe, MD", "Roe, fellow")."""
    for match in (*beside(text, _GROUPS), *_ROLE.finditer(text)):
        line, tokens = words_before(text, match.start())
        comma = text[match.start()] == ","
        start, solid = walked_back(text, match.start(), tokens, comma=comma)
        if comma and solid and _all_names(text, line, tokens):
            start = tokens[0][0]
        elif comma and solid == 1:
            start = _whole(text, start, tokens)
        found = text[start : match.start()].split()
        if len(found) == 1 and found[0].isupper() and fold(found[0]) in cues("services", "teams"):
            continue  # "OT, PT, SW" are roles
        known = any(len(word) > 1 and fold(word) in given_names() for word in found)
        if solid and (comma or known or solid > 1):
            yield start, match.start()


def _whole(text: str, start: int, tokens: list[Place]) -> int:
    """Where "Reply from Tess Roe, RN" starts: at a word with a capital behind "from" or "by"."""
    at = next((index for index, place in enumerate(tokens) if place[0] == start), 0)
    if at < 2:
        return start
    word, before = text[slice(*tokens[at - 1])], text[slice(*tokens[at - 2])]
    near = text[tokens[at - 2][1] : start].replace(word, "", 1).strip(" \t") == ""
    named = word.istitle() and word.lower() not in cues("roles", "labels") | _GENERIC
    return tokens[at - 1][0] if near and named and before in _BEFORE_PERSON else start


def _all_names(text: str, line: str, tokens: list[Place]) -> bool:
    """Two or three capitalised words are all that stands before the comma: "Chance Winter, MD"."""
    words = [text[a:b] for a, b in tokens]
    known = words and words[0].lower() in cues("word_given_names")
    if known and words[-1].lower() in cues("word_surnames"):
        return len(line.split()) == len(words)  # "CHANCE LONG, MD"
    return (
        2 <= len(words) <= 3
        and len(line.split()) == len(words)
        and all(word[0].isupper() and not word[1:].isupper() for word in words)
        and not any(word.lower() in cues("roles", "labels") | _GENERIC for word in words)
    )


def _acting(text: str) -> Iterator[Place]:
    """Who notified, agreed or was told: "Roe concurs", "Jane Roe was notified"."""
    for match in at_words(text, _AT_ACTING)[0]:
        end = match.start() - 1
        if end < 1 or text[end] not in " \t\n" or not text[end - 1].isalnum():
            continue
        _, tokens = words_before(text, end, ends=_CLAUSE_ENDS)
        start, solid = walked_back(text, end, tokens)
        if solid:
            yield start, end
        elif 1 <= len(tokens) <= 2 and is_word_surname(text, *tokens[-1]):
            # "Paget will see her", "Buck Long concurs".
            yield tokens[0][0], tokens[-1][1]


def words_before(
    text: str, end: int, *, ends: re.Pattern[str] = _LINE_ENDS
) -> tuple[str, list[Place]]:
    """What stands on the line before ``end``, behind the last of ``ends``, and the places of its
    last four words.
    """
    line = ends.split(text[max(0, end - _LOOK_BACK) : end])[-1]
    base = end - len(line)
    return line, [(base + one.start(), base + one.end()) for one in _WORDS.finditer(line)][-4:]


def walked_back(
    text: str, end: int, tokens: list[Place], *, comma: bool = False
) -> tuple[int, int]:
    """Start of the name that ends at ``end``, and how many full words it has. ``comma``: a comma
    closes it, so that "Young, MD" is one.
    """
    start, solid = end, 0
    for a, b in reversed(tokens):
        gap = r"[ \t]{0,5}|\.[ \t]{0,5}|[ \t]?,[ \t]+" if solid == 1 else r"[ \t]{0,5}|\.[ \t]{0,5}"
        word = text[a:b]
        if not re.fullmatch(gap, text[b:start]):
            break
        if not word[0].isupper() and fold(word) not in cues("particles"):
            break
        particle = solid > 0 and fold(word) in cues("particles")
        if len(word) > 1 and not particle and not is_name_word(text, a, b):
            # "Young, MD" is a surname; "General Surgery, MD" is not.
            lone = not solid and comma and word[0].isupper()
            if not lone or (is_word(word) and len(tokens) < 2 and not _labelled(text, a)):
                break
        solid += len(word) > 1
        start = a
    return start, solid


def _labelled(text: str, at: int) -> bool:
    """A label for a person ("Attending:") stands straight before."""
    return _LABEL_ENDS.search(text, max(0, at - _LOOK_BACK), at) is not None
