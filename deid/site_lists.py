"""A site's own lists: staff, facilities, and clinical words that are no identifiers.

``deid/staff.txt``, ``deid/facilities.txt`` and ``deid/terms.txt`` in the site's folder: UTF-8, one
entry a line; a line that starts with ``#``, and what follows `` # `` in a line, is a comment. A
file that is not there is an empty list. People write staff as "Jane Q. Roe, MD", "Roe, Jane" or
"Roe". :mod:`deid.site_matcher` looks for the entries.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from deid.errors import InputError
from deid.surrogates.real import RealPeople
from deid.vocabulary import fold

__all__ = ["LIST_NAMES", "ListName", "SiteLists", "add_entry", "read_entries"]

ListName = Literal["staff", "facilities", "terms"]
LIST_NAMES: tuple[ListName, ...] = ("staff", "facilities", "terms")
_ENTRY_LENGTH_MAX = 200  # characters; a longer line is a paragraph that got in by mistake
_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*|$)")


@dataclass(frozen=True, slots=True)
class SiteLists:
    """Entries as written, in the files' order. Names are never printed."""

    staff: tuple[str, ...] = field(repr=False, default=())
    facilities: tuple[str, ...] = field(repr=False, default=())
    terms: tuple[str, ...] = field(repr=False, default=())
    people: RealPeople | None = field(repr=False, default=None, kw_only=True)
    """Whom no surrogate may name; by default the listed staff."""

    @classmethod
    def in_folder(cls, folder: Path) -> SiteLists:
        """The lists ``staff.txt``, ``facilities.txt`` and ``terms.txt`` of ``folder``."""
        return cls(*(_of(folder / f"{name}.txt") for name in LIST_NAMES))

    def heeding(self, people: RealPeople) -> SiteLists:
        """The same lists with the people whom no surrogate may name."""
        return replace(self, people=people)

    @property
    def digest(self) -> str:
        """SHA-256 of the entries: two runs with the same digest use the same lists."""
        people = self.people.digest if self.people is not None else None
        plain = json.dumps([self.staff, self.facilities, self.terms, people], ensure_ascii=True)
        return hashlib.sha256(plain.encode("ascii")).hexdigest()


def _of(path: Path) -> tuple[str, ...]:
    return read_entries(path) if path.exists() else ()


def read_entries(path: Path) -> tuple[str, ...]:
    """Entries of one list, each once; :class:`InputError` names file and line of a wrong one."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("no such file", file=str(path)) from error
    except OSError as error:
        raise InputError("cannot be read as a file", file=str(path)) from error
    entries: dict[str, None] = {}
    for line, piece in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = piece.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(
                "is not UTF-8", file=str(path), line=line, hint="save it as UTF-8"
            ) from error
        if text.startswith("#"):
            continue
        entry = _COMMENT.split(text, maxsplit=1)[0].strip()
        if not entry:
            continue
        wrong = _fault(entry)
        if wrong is not None:
            raise InputError(wrong, file=str(path), line=line)
        entries[entry] = None
    return tuple(entries)


def _fault(entry: str) -> str | None:
    if len(entry) > _ENTRY_LENGTH_MAX:
        return f"is longer than {_ENTRY_LENGTH_MAX} characters: one entry per line"
    if any(unicodedata.category(char) in ("Cc", "Cs", "Cn") for char in entry):
        return "holds a control character"
    if sum(char.isalpha() for char in entry) < 2:
        return "holds fewer than two letters"
    return None


def add_entry(path: Path, entry: str) -> bool:
    """Put an entry into a list: sorted below the comments at the top, no duplicates, all or none.

    Returns False if the list has it already (case and accents aside). The file is replaced in
    one step, so that a run which reads it sees the old list or the new one.
    """
    plain = " ".join(entry.split())
    wrong = _fault(plain) or ("starts with #" if plain.startswith("#") else None)
    if wrong is not None:
        raise InputError(f"not added: the entry {wrong}", file=str(path))
    held = _of(path)
    if fold(plain) in {fold(one) for one in held}:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ordered = sorted({*held, plain}, key=lambda one: (fold(one), one))
    _replace(path, [*_head(path), *ordered])
    return True


def _head(path: Path) -> list[str]:
    """Comment lines at the top of a list. Others cannot keep their place when it is sorted."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:first]


def _replace(path: Path, lines: Iterable[str]) -> None:
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
