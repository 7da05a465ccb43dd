"""Addresses that leave out what others are known by: a mail's domain, a link's usual ending, the
figures of a telephone: "jroe@mail", "youtu.be/dQw4w9WgXcQ", "1-800-FLOWERS".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_explained
from deid.scan import Group, beside
from deid.span import Span
from deid.vocabulary import cues, is_word

__all__ = ["find_cut_addresses"]

# No domain of letters and points follows, or it is a whole address.
_MAIL = re.compile(
    r"(?<![\w.@+\-])(?P<local>[A-Za-z][\w.+\-]{0,40}\w)(?P<at>[ ]?@[ ]?)"
    r"(?P<host>[A-Za-z][A-Za-z\-]{2,30})(?![\w@]|\.\w)"
)
_MAIL_CUE = re.compile(r"(?i:\b(?:e-?mail(?:ed|s)?|mailto|addr(?:ess)?)\b[^\n@]{0,24}$)")
_LINK = re.compile(
    r"(?<![\w@.\-/])(?P<host>(?:[A-Za-z0-9][A-Za-z0-9\-]{0,40}\.){1,3}[A-Za-z]{2,6})"
    r"/(?P<path>[^\s<>\"')]{1,200}(?<![.,:;]))"
)
# As shorteners and stores of files write: letters and figures without a word in them.
_TOKEN = re.compile(r"(?=[\w\-]{0,60}[a-z])(?=(?:[A-Za-z\-_]{0,30}\d){2})[\w\-]{6,}")
_TOLL_FREE = r"8(?:00|33|44|55|66|77|88)"
_VANITY = re.compile(
    rf"(?<![\w.\-])(?P<trunk>\+?1[ .\-]{{0,2}})?\(?{_TOLL_FREE}\)?[ .\-]{{0,2}}"
    r"(?!(?i:k?cal(?:orie)?s?)\b)(?P<word>[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,12}){0,3})(?![\w\-])"
)
_WORD_FIGURES = range(7, 13)  # more than a number's seven are dialled for nothing
_WORD_LETTERS_MIN = 3
# "704-555-HELP"
_LOCAL_VANITY = re.compile(
    r"(?<![\w.\-])\(?\d{3}\)?[ .\-]{0,2}\d{3}[.\-]"
    r"(?:[A-Z]{4}|(?=[A-Z]*\d)(?=\d*[A-Z]{2})[A-Z0-9]{4})(?![\w\-])"
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"@"), 44, 34, (_MAIL,)),
    (re.compile(r"\.[A-Za-z]{2,6}/"), 90, 210, (_LINK,)),
    (re.compile(rf"{_TOLL_FREE}\)?[ .\-]{{0,2}}[A-Za-z0-9]"), 8, 60, (_VANITY,)),
    (re.compile(r"\d\d{2}[.\-][A-Z0-9]{4}(?!\w)"), 10, 6, (_LOCAL_VANITY,)),
)


def find_cut_addresses(text: str) -> Iterator[Span]:
    """Mail addresses, links and telephone numbers of these kinds; spans may overlap."""
    for match in beside(text, _GROUPS):
        if (
            match.re is _LOCAL_VANITY
            or (match.re is _MAIL and _is_mail(text, match))
            or (match.re is _LINK and _is_link(match))
            or (match.re is _VANITY and _is_vanity(match))
        ):
            yield Span(match.start(), match.end(), "CONTACT", "contact")


def _is_mail(text: str, match: re.Match[str]) -> bool:
    """Whether it is no dose or place ("5mg@bedtime", "pain@rest"): by the host, a word for mail in
    front, or because both sides are no words.
    """
    if match["host"].lower() in cues("mail_hosts"):
        return True
    if match["at"] != "@" or is_explained(text, *match.span("local")):
        return False
    if _MAIL_CUE.search(text, max(match.start() - 40, 0), match.start()):
        return True
    host = match["host"].lower()
    return host in cues("mail_hosts_by_word") or not is_explained(text, *match.span("host"))


def _is_link(match: re.Match[str]) -> bool:
    if match["host"].lower().removeprefix("m.") in cues("short_hosts"):
        return True
    labels = match["host"].split(".")
    return not is_word(labels[-1]) and _TOKEN.fullmatch(match["path"]) is not None


def _is_vanity(match: re.Match[str]) -> bool:
    """Seven letters and figures or more, with a sign that they are dialled."""
    plain = match["word"].replace("-", "")
    letters = sum(map(str.isalpha, plain))
    before = match.group()[: match.start("word") - match.start()]
    dialled = bool(re.search(r"[.\-)]", before if match["trunk"] else before[3:]))
    cased = plain.upper() == plain or re.match(r"\+?1[ .\-]", before) is not None
    return len(plain) in _WORD_FIGURES and letters >= _WORD_LETTERS_MIN and dialled and cased
