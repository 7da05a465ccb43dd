"""CDISC ODM 1.3.1, as REDCap writes projects with their data (``project.xml``).

Values stand in ``ClinicalData/SubjectData[/StudyEventData]/FormData/ItemGroupData/ItemData``. A
form that repeats gives one row per ``FormRepeatKey``; forms that do not share the record's row of
the event, or of its instance where the event repeats (``StudyEventRepeatKey``), as in REDCap's
flat export. Which forms repeat, REDCap's extension says, or the dictionary where the file says
nothing of its project (another system's, or data alone). Groups that repeat within a form, forms
that repeat within an event that repeats, and removals have no place in flat rows and are refused.
The file is read as a stream; document types and entities are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from gateway.errors import SourceError
from gateway.registry.bench import Bench
from gateway.registry.missing_codes import codes_of
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.about import About
from gateway.registry.sources.choices import Boxes, several
from gateway.registry.sources.eav import (
    EavSource,
    Value,
    flat_header,
    flat_name,
    key_column,
)
from gateway.registry.sources.source import check_header, file_digest
from policies.dictionary import Dictionary

__all__ = ["OdmValues", "open_odm"]

_ODM = "http://www.cdisc.org/ns/odm/v1.3"
_REDCAP = "https://projectredcap.org"
_CHUNK_BYTES = 1 << 20
_DEPTH_MAX = 64
_CODES_LENGTH_MAX = 65_536
_TEXT_LENGTH_MAX = 32 << 20
_TAG_BYTES_MAX = 64 << 20
"""The parser looks through an unfinished tag anew with every piece of the file."""
_FILES = frozenset({"ItemDataBase64Binary", "ItemDataHexBinary", "ItemDataBase64Float"})
"""Bytes, as of files that were uploaded: no element holds them."""
_ONCE = (None, "1")
"""Keys of what does not repeat, or comes first."""


@dataclass(frozen=True)
class OdmValues(EavSource):
    """The clinical data of an ODM file. ``repeating`` are the forms that repeat, ``codes`` the
    project's missing-data codes, None in the file of another system.
    """

    path: Path
    repeating: frozenset[str]
    codes: Mapping[str, str] | None
    uploads: Mapping[str, int]

    @property
    def about(self) -> About:
        """See :class:`~gateway.registry.sources.source.Source`."""
        return About(codes=self.codes, sparse=True)

    def unread(self, bench: Bench) -> Mapping[str, int]:  # noqa: ARG002
        """See :class:`~gateway.registry.sources.source.Source`: files that were uploaded."""
        return self.uploads

    def values(self) -> Iterator[Value]:
        """See :class:`~gateway.registry.sources.eav.EavSource`."""
        yield from _Reader(self.path, self.repeating, self.several).values()


def open_odm(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> OdmValues:
    """The items of a file's clinical data; SourceError for XML that is damaged or no ODM."""
    sha256 = file_digest(path)
    multiple = several(sitemap, dictionary)
    known = frozenset(name for name, form in dictionary.instruments.items() if form.repeats)
    reader = _Reader(path, None, multiple)
    columns = dict.fromkeys(value.column for value in reader.values())
    if not reader.is_odm:
        raise SourceError("is XML, but no CDISC ODM file", file=path.name)
    if not columns:
        raise SourceError(
            "holds no clinical data",
            file=path.name,
            hint="export the project with its data (metadata & data), not the metadata alone",
        )
    header = flat_header(key_column(sitemap, dictionary), columns)
    return OdmValues(
        name=path.name,
        sha256=sha256,
        kind="odm",
        shape="redcap",
        header=check_header(header, path.name, row=None),
        path=path,
        repeating=frozenset(reader.said_to_repeat) if reader.says_how else known,
        several=multiple,
        uploads=reader.unread,
        codes=None if reader.codes is None else codes_of(reader.codes),
    )


class _Reader:
    """One pass through the file. ``repeating`` None: rows do not matter yet."""

    def __init__(
        self, path: Path, repeating: frozenset[str] | None, multiple: Mapping[str, Boxes]
    ) -> None:
        self.is_odm = False
        self.said_to_repeat: set[str] = set()
        self.codes: str | None = None
        self.unread: dict[str, int] = {}
        self._path = path
        self._repeating = repeating
        self._several = multiple
        self._found: list[Value] = []
        self._subject: str | None = None
        self._event: str | None = None
        self._form: str | None = None
        self._instance: str | None = None
        self._event_key: str | None = None
        self._repeating_events: set[str | None] = set()
        self._events_with_repeats: set[str | None] = set()
        self._typed: tuple[str, list[str]] | None = None
        self._typed_length = 0
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    @property
    def says_how(self) -> bool:
        """Whether the file tells of its project, and so of every form that repeats: where none is
        named, forms that stand at several events share the rows of these.
        """
        return self.codes is not None or bool(self.said_to_repeat)

    def values(self) -> Iterator[Value]:
        read = 0
        try:
            with self._path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    read += len(chunk)
                    self._parser.Parse(chunk, False)
                    if read - self._parser.CurrentByteIndex > _TAG_BYTES_MAX:
                        raise self._refused("has a tag without end", "ItemData")
                    yield from self._found
                    self._found = []
                self._parser.Parse(b"", True)
            yield from self._found
        except expat.ExpatError as error:
            raise SourceError(
                "is damaged XML",
                file=self._path.name,
                row=error.lineno,
                hint="was the download cut off?",
            ) from None

    def _doctype(self, *_: object) -> None:
        raise SourceError(
            "has a document type declaration, which no ODM export needs",
            file=self._path.name,
            row=self._parser.CurrentLineNumber,
        )

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise SourceError(
                f"has elements more than {_DEPTH_MAX} deep",
                file=self._path.name,
                row=self._parser.CurrentLineNumber,
            )
        space, _, local = name.rpartition(" ")
        if self._depth == 1:
            self.is_odm = local == "ODM" and space.startswith(_ODM)
        elif space == _REDCAP and local == "RepeatingInstrument":
            self.said_to_repeat.add(given.get(f"{_REDCAP} RepeatInstrument", ""))
        elif space == _REDCAP and local == "MissingDataCodes":
            self.codes = ""
            self._parser.CharacterDataHandler = self._codes
        elif given.get("TransactionType") == "Remove":
            raise self._refused("is a removal; only a file with all data can be loaded", local)
        elif local == "SubjectData":
            self._subject, self._event = self._needed(given, "SubjectKey"), None
            self._event_key = None
        elif local == "StudyEventData":
            self._event = given.get(f"{_REDCAP} UniqueEventName") or self._needed(
                given, "StudyEventOID"
            ).removeprefix("Event.")
            self._event_key = self._number(given.get("StudyEventRepeatKey"))
        elif local == "FormData":
            self._form = self._needed(given, "FormOID").removeprefix("Form.")
            self._instance = given.get("FormRepeatKey", "1")
            self._check_repeats()
        elif local == "ItemGroupData" and given.get("ItemGroupRepeatKey") not in _ONCE:
            raise self._refused("repeats within a form, which flat rows cannot hold", local)
        elif local.startswith("ItemData") and given.get("IsNull") != "Yes":
            if "Value" in given:
                self._item(self._needed(given, "ItemOID"), given["Value"])
            elif local in _FILES:
                self.unread[local] = self.unread.get(local, 0) + 1
            elif local != "ItemData":
                self._typed, self._typed_length = (self._needed(given, "ItemOID"), []), 0
                self._parser.CharacterDataHandler = self._text

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._parser.CharacterDataHandler = None
        if self._typed is not None:
            item, pieces = self._typed
            self._typed = None
            self._item(item, "".join(pieces))
        if name.endswith(" StudyEventData"):
            self._event = self._event_key = None
        elif name.endswith(" SubjectData"):
            self._subject = self._event = self._event_key = None

    def _text(self, text: str) -> None:
        """Of an element that holds its value as text (ItemDataInteger and the like)."""
        if self._typed is None:
            return
        self._typed_length += len(text)
        if self._typed_length > _TEXT_LENGTH_MAX:
            raise self._refused("has a text without end", "ItemData")
        self._typed[1].append(text)

    def _check_repeats(self) -> None:
        """An instance is one number: of the form, or of the event."""
        if self._event_key not in _ONCE:
            self._repeating_events.add(self._event)
        if self._instance not in _ONCE:
            self._events_with_repeats.add(self._event)
        if self._event in self._repeating_events & self._events_with_repeats:
            raise self._refused(
                "repeats within an event that repeats, which flat rows cannot hold", "FormData"
            )

    def _number(self, key: str | None) -> str | None:
        if key is not None and not (key.isascii() and key.isdecimal() and int(key[:9]) > 0):
            raise self._refused("is not a whole number from 1", "StudyEventRepeatKey")
        return None if key is None else key.lstrip("0")

    def _refused(self, says: str, field: str) -> SourceError:
        row = self._parser.CurrentLineNumber
        return SourceError(says, file=self._path.name, row=row, field=field)

    def _codes(self, text: str) -> None:
        self.codes = ((self.codes or "") + text)[:_CODES_LENGTH_MAX]

    def _item(self, item: str, text: str) -> None:
        if self._subject is None:
            raise self._refused("stands outside SubjectData", "ItemData")
        repeats = self._repeating is not None and self._form in self._repeating
        own = self._instance if repeats else None
        event_key = None if self._event_key in _ONCE else self._event_key
        project_codes = codes_of(self.codes) if self.codes and item in self._several else {}
        column, value, wrong = flat_name(item, text or None, self._several, project_codes)
        self._found.append(
            Value(
                self._parser.CurrentLineNumber,
                self._subject,
                self._event,
                self._form if repeats else None,
                event_key or own,
                column,
                value,
                wrong,
            )
        )

    def _needed(self, given: dict[str, str], name: str) -> str:
        value = given.get(name)
        if not value:
            raise SourceError(
                "is missing",
                file=self._path.name,
                row=self._parser.CurrentLineNumber,
                field=name,
            )
        return value
