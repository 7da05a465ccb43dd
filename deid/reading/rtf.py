r"""RTF inside a note: its control words as edits that leave the text.

Only control words, fonts and styles of closed lists (``lexicon/rtf_words.txt``,
``rtf_styles.txt``) vanish; the content of every group is text, of tables and comments too. So a
truncated file hides nothing. Bytes are read in the code page of the file or of the font; what
stands for a character that old programs cannot show ("\u241\'f1") is left out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from deid.reading.markup import Edit
from deid.vocabulary import read_list

__all__ = ["rtf_edits", "rtf_start", "without_control_words"]

_START = "{\\rtf"
_TOKEN = re.compile(
    r"(?P<bytes>(?:\\'[0-9a-fA-F]{2}){1,32})"
    r"|\\u(?P<code>-?\d{1,6})[ ]?"
    r"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    r"|\\(?P<sign>[^a-zA-Z])|(?P<brace>[{}])|(?P<line>\r?\n)"
)
_CONTROL = r"(?:\\[a-z]{1,32}-?\d{0,10}[ ]?)"
# "{\f0\fswiss Arial;}", "{\s1\sb240 heading 1;}": the name in the list decides.
_LISTED = re.compile(
    rf"\\(?:(?:f|s|cs|ts|ds|snext|spriority)\d{{1,5}}|lsd[a-z]{{1,16}}\d{{0,3}}|(?P<other>falt))"
    rf"[ ]?{_CONTROL}*"
    r"(?:\{\\\*\\panose (?P<shape>(?:0[0-9a-f]){10})\})?"
    r"(?:(?P<name>[^{}\\;]{1,60})(?:(?P<end>;)(?=\s*[}\\])|(?=\{\\\*\\falt)|(?(other)(?=\})|(?!))))?"
)
_CURSOR = re.compile(r"\{\\\*\\bkmk(?:start|end) _GoBack\}")  # Word leaves it inside words
_OWN_GROUP = re.compile(r"\{\\\*\\[a-z]{1,32}[^{}]{0,400}\}")
_UNLISTED = re.compile(r"\\([a-zA-Z]{1,32})-?\d{0,10}[ ]?")
_CHARSET = re.compile(r"\\f(\d{1,5})(?:\\[a-z]{1,32}-?\d{0,10}[ ]?){0,12}?\\fcharset(\d{1,3})")
_CODE_PAGES = {2: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950"}
_CODE_PAGES |= {161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256"}
_CODE_PAGES |= {186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437"}
_PROGRAMS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
# What stands in these groups is no part of the line before or after.
_APART = frozenset(["annotation", "atnauthor", "atnid", "author", "category", "comment", "company"])
_APART |= {"doccomm", "fldinst", "footer", "footnote", "generator", "header", "info", "keywords"}
_APART |= {"manager", "objdata", "operator", "pict", "stylesheet", "subject", "title", "xmlns"}
_SHOWN = dict.fromkeys(["par", "line", "sect", "page", "row", "softline", "nestrow"], "\n")
_SHOWN |= dict.fromkeys(["pard", "sectd", *_APART], "\n")
_SHOWN |= {"tab": "\t", "cell": "\t", "nestcell": "\t", "bullet": "•", "emspace": " "}
_SHOWN |= {"enspace": " ", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’"}
_SHOWN |= {"ldblquote": "“", "rdblquote": "”"}
_SIGNS = {"~": " ", "-": "", "_": "-", "*": "\n", "|": "", ":": "", "\n": "\n", "\r": ""}
_STAND_INS_MAX = 3  # characters that stand for one; more would hide text


@dataclass(frozen=True)
class _State:
    """What holds until the group ends: code page, how many stand-ins a code has."""

    encoding: str
    stand_ins: int = 1
    apart: bool = False


@cache
def _words() -> frozenset[str]:
    return frozenset(read_list("rtf_words"))


@cache
def _styles() -> frozenset[str]:
    names = (name.replace("_", " ") for name in read_list("rtf_styles"))
    return frozenset(re.sub(r" \d\b", "", name) for name in names)


def _known(word: str) -> bool:
    """Some control words of Word have capitals inside, none at the begin."""
    return word in _words() or (word[0].islower() and word.lower() in _words())


def rtf_start(source: str) -> int:
    """Where RTF begins in the note; -1 if nowhere."""
    return source.find(_START)


def rtf_edits(source: str) -> Iterator[Edit]:
    """Edits for each RTF document of the note, up to the end of its group or of the note."""
    for listed in _LISTED.finditer(source, rtf_start(source)):
        if listed["shape"]:
            yield *listed.span("shape"), ""
        name = re.sub(r" \d\b", "", listed["name"] or "").strip().lower()
        if name in _styles():
            yield listed.start("name"), listed.end("end" if listed["end"] else "name"), ""
    for cursor in _CURSOR.finditer(source):
        yield *cursor.span(), ""
    yield from _Reading(source).edits()


def without_control_words(source: str) -> str:
    """The source as a careless reader takes it: control words that no list knows are gone,
    and groups like bookmarks, so that the halves of a word around one meet.
    """
    if rtf_start(source) < 0:
        return source
    source = _OWN_GROUP.sub("", source)
    return _UNLISTED.sub(lambda word: word[0] if _known(word[1]) else "", source)


class _Reading:
    """One pass over the tokens. Groups nest, so their states are a stack."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.encoding = _encoding(source)
        self.fonts = {
            font: _CODE_PAGES.get(int(charset), self.encoding)
            for font, charset in _CHARSET.findall(source)
        }
        self.states = [_State(self.encoding)]

    def edits(self) -> Iterator[Edit]:
        at, half = rtf_start(self.source), 0
        while at >= 0 and (token := _TOKEN.search(self.source, at)):
            at = token.end()
            if token["brace"]:
                yield *token.span(), self._group(token["brace"])
                if len(self.states) == 1:
                    at = self.source.find(_START, at)
            elif token["bytes"]:
                yield from self._bytes(token)
            elif token["code"]:
                char, half = _character(int(token["code"]), half)
                yield *token.span(), char
                end = self._after_stand_ins(at)
                yield at, end, ""
                at = end
            elif token["word"]:
                yield from self._word(token)
            else:
                if token["sign"] == "*":
                    self._change(apart=True)
                yield *token.span(), _SIGNS.get(token["sign"], token["sign"] or "")

    def _group(self, brace: str) -> str:
        """Take note of a group's begin or end; what a reader sees of it."""
        if brace == "{":
            now = self.states[-1]
            self.states.append(replace(now, apart=False) if now.apart else now)
            return ""
        group = self.states.pop()
        if not self.states:
            self.states = [_State(self.encoding)]
        return "\n" if group.apart else ""

    def _change(self, **changes: Any) -> None:
        self.states[-1] = replace(self.states[-1], **changes)

    def _bytes(self, token: re.Match[str]) -> Iterator[Edit]:
        code = bytes.fromhex(token["bytes"].replace("\\'", ""))
        text = code.decode(self.states[-1].encoding, errors="replace")
        if len(text) < len(code):  # several bytes to a character
            yield *token.span(), text
            return
        for i, char in enumerate(text):
            yield token.start() + 4 * i, token.start() + 4 * i + 4, char

    def _word(self, token: re.Match[str]) -> Iterator[Edit]:
        word, number = token["word"], token["number"]
        if not _known(word):
            yield token.start(), token.start() + 1, ""
            return
        if word == "uc" and number:
            count = min(max(int(number), 0), _STAND_INS_MAX)
            self._change(stand_ins=count)
        elif word in ("f", "deff") and number:
            self._change(encoding=self.fonts.get(number, self.encoding))
        elif word in _APART:
            self._change(apart=True)
        yield *token.span(), _SHOWN.get(word, "")

    def _after_stand_ins(self, at: int) -> int:
        for _ in range(self.states[-1].stand_ins):
            token = _TOKEN.match(self.source, at)
            if token is not None and token["bytes"]:
                at += 4
            elif at >= len(self.source) or (token is not None and not token["sign"]):
                break
            else:
                at += 2 if token is not None else 1
        return at


def _encoding(source: str) -> str:
    header = source[rtf_start(source) :][:400]
    page = re.search(r"\\ansicpg(\d{1,5})", header)
    program = re.search(r"\\(mac|pca?)\b", header)
    name = f"cp{page[1]}" if page else _PROGRAMS[program[1]] if program else "cp1252"
    try:
        codecs.lookup(name)
    except LookupError:
        return "utf-8" if name == "cp65001" else "cp1252"
    return name


def _character(code: int, half: int) -> tuple[str, int]:
    """The character of a code, and the first half of a pair that waits for the second."""
    code %= 0x10000
    if 0xD800 <= code < 0xDC00:
        return "", code
    if 0xDC00 <= code < 0xE000:
        if not half:
            return "\ufffd", 0
        return chr(0x10000 + ((half - 0xD800) << 10) + code - 0xDC00), 0
    return chr(code), 0
