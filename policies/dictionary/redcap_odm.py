"""The metadata of a REDCap project in CDISC ODM XML → rows as the data dictionary's CSV has them.

REDCap's extension attributes say what ODM has no words for (field types, branching, notes). The
file is read as a stream up to the clinical data; document types are refused, so that no entity
expands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from policies.errors import DeclarationError

__all__ = ["OdmProject", "read_odm_project"]

_REDCAP = "https://projectredcap.org "
_CHUNK_BYTES = 1 << 20
_DEPTH_MAX = 64
_TEXT_LENGTH_MAX = 131_072
_TAG_BYTES_MAX = 16 << 20
"""The parser looks through an unfinished tag anew with every piece of the file."""
_SET_UP = frozenset({"RepeatingInstrument", "RepeatingEvent", "StudyEventDef", "FormRef"})
_TYPES = {"textarea": "notes", "select": "dropdown"}
_VALIDATIONS = {"int": "integer", "float": "number"}


@dataclass
class OdmProject:
    """``rows`` are fields with their lines, in the project's order; ``repeats`` the instruments
    that a record may hold more than once: its set-up lets them repeat, or their event, or they
    stand at several events of an arm. The patient's own form is not among the latter.
    """

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    repeats: set[str] = field(default_factory=set)


class _Found(Exception):
    """The metadata are complete: no error."""


@dataclass
class _Item:
    line: int
    given: dict[str, str]
    question: str = ""
    low: str = ""
    high: str = ""
    choices: str = ""


class _Reader:
    def __init__(self, path: Path) -> None:
        self.is_odm = False
        self.project = OdmProject()
        self._path = path
        self._form = self._bound = self._list = self._text = ""
        self._forms: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._items: dict[str, _Item] = {}
        self._codes: dict[str, list[str]] = {}
        self._boxes: dict[str, str] = {}
        self._arm = self._event = ""
        self._events: dict[tuple[str, str], list[str]] = {}
        self._repeating_events: set[str] = set()
        self._item: _Item | None = None
        self._within: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise self._refused("has a document type declaration, which no ODM export needs")

    def _refused(self, says: str) -> DeclarationError:
        return DeclarationError(says, where=f"{self._path}: line {self.parser.CurrentLineNumber}")

    def read(self) -> None:
        """The file, up to its clinical data."""
        read = 0
        with self._path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                read += len(chunk)
                self.parser.Parse(chunk, False)
                if read - self.parser.CurrentByteIndex > _TAG_BYTES_MAX:
                    raise self._refused("has a tag without end")
            self.parser.Parse(b"", True)

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._within.append(local)
        if len(self._within) > _DEPTH_MAX:
            raise self._refused(f"has elements more than {_DEPTH_MAX} deep")
        if len(self._within) == 1:
            self.is_odm = local == "ODM"
        elif local == "ClinicalData":
            raise _Found
        elif local in _SET_UP:
            self._set_up(local, given)
        elif local == "FormDef":
            oid = given.get("OID", "").removeprefix("Form.")
            self._form = given.get(f"{_REDCAP}FormName", oid)
        elif local == "ItemGroupRef":
            self._groups[given.get("ItemGroupOID", "")] = self._form
        elif local == "ItemGroupDef":
            self._form = self._groups.get(given.get("OID", ""), "")
        elif local == "ItemRef":
            self._forms[given.get("ItemOID", "")] = self._form
        elif local == "ItemDef":
            line = self.parser.CurrentLineNumber
            self._item = self._items[given.get("OID", "")] = _Item(line, given)
        elif local == "RangeCheck":
            self._bound = given.get("Comparator", "")
        elif local == "CodeListRef" and self._item is not None:
            self._item.choices = given.get("CodeListOID", "")
        elif local == "CodeList":
            self._list = given.get("OID", "")
            self._codes[self._list] = []
            self._boxes[self._list] = given.get(f"{_REDCAP}CheckboxChoices", "")
        elif local == "CodeListItem":
            self._codes.setdefault(self._list, []).append(f"{given.get('CodedValue', '')}, ")
        self._text = ""

    def _set_up(self, local: str, given: dict[str, str]) -> None:
        """Events with their forms, and what repeats."""
        if local == "RepeatingInstrument":
            self.project.repeats.add(given.get(f"{_REDCAP}RepeatInstrument", ""))
        elif local == "RepeatingEvent":
            self._repeating_events.add(given.get(f"{_REDCAP}UniqueEventName", ""))
        elif local == "StudyEventDef":
            oid = given.get("OID", "").removeprefix("Event.")
            self._event = given.get(f"{_REDCAP}UniqueEventName", oid)
            self._arm = given.get(f"{_REDCAP}ArmNum", "")
        elif local == "FormRef":
            oid = given.get("FormOID", "").removeprefix("Form.")
            form = given.get(f"{_REDCAP}FormName", oid)
            self._events.setdefault((self._arm, form), []).append(self._event)

    def _characters(self, text: str) -> None:
        if self._within[-1:] != ["TranslatedText"] and self._within[-1:] != ["CheckValue"]:
            return  # such as files of surveys and consents, of any length
        self._text += text
        if len(self._text) > _TEXT_LENGTH_MAX:
            raise self._refused("has a text without end")

    def _end(self, name: str) -> None:
        self._within.pop()
        local, above, text = name.rpartition(" ")[2], self._within[-1:], self._text.strip()
        self._text = ""
        if local == "ItemDef":
            self._item = None
        elif local == "TranslatedText" and above == ["Decode"] and self._codes.get(self._list):
            self._codes[self._list][-1] += text
        elif self._item is None:
            return
        elif local == "TranslatedText" and above == ["Question"]:
            self._item.question = text
        elif local == "CheckValue" and self._bound == "GE":
            self._item.low = text
        elif local == "CheckValue" and self._bound == "LE":
            self._item.high = text

    def at_several_events(self) -> set[str]:
        """Forms that a record may hold more than once for its events' sake."""
        return {
            form
            for (_, form), events in self._events.items()
            if len(events) > 1 or self._repeating_events.intersection(events)
        }

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        seen = set()
        for oid, form in self._forms.items():
            item = self._items.get(oid)
            if item is None:
                raise DeclarationError(
                    f'has no ItemDef "{oid}", which form "{form}" names',
                    where=str(self._path),
                    hint="export the project again, without editing the file",
                )
            variable = item.given.get(f"{_REDCAP}Variable", oid)
            if variable in seen:
                continue  # a checkbox is an item per choice
            if f"{_REDCAP}FieldType" not in item.given or variable == f"{form}_complete":
                continue  # what REDCap adds by itself: groups, time stamps, status of forms
            seen.add(variable)
            yield item.line, self._row(variable, form, item)

    def _row(self, variable: str, form: str, item: _Item) -> dict[str, str]:
        def said(name: str) -> str:
            return item.given.get(f"{_REDCAP}{name}", "").strip()

        kind, validation = said("FieldType"), said("TextValidationType")
        # Each box has a list of its own (0 and 1); the checkbox's choices stand at each of them.
        listed = self._boxes.get(item.choices) or " | ".join(self._codes.get(item.choices, ()))
        return {
            "Variable / Field Name": variable,
            "Form Name": form,
            "Field Type": _TYPES.get(kind, kind),
            "Field Label": item.question,
            "Choices, Calculations, OR Slider Labels": ""
            if kind in ("yesno", "truefalse")
            else listed,
            "Field Note": said("FieldNote"),
            "Text Validation Type OR Show Slider Number": _VALIDATIONS.get(validation, validation),
            "Text Validation Min": item.low,
            "Text Validation Max": item.high,
            "Identifier?": said("Identifier"),
            "Branching Logic (Show field only if...)": said("BranchingLogic"),
            "Required Field?": said("RequiredField"),
            "Field Annotation": said("FieldAnnotation"),
        }


def read_odm_project(path: Path) -> OdmProject:
    """The fields and the repeating instruments of a project; DeclarationError names the line."""
    reader = _Reader(path)
    try:
        reader.read()
    except _Found:
        pass
    except (expat.ExpatError, LookupError, ValueError):  # the last two: encodings that are none
        raise DeclarationError(
            "is damaged XML",
            where=f"{path}: line {reader.parser.CurrentLineNumber}",
            hint="was the download cut off?",
        ) from None
    if not reader.is_odm:
        raise DeclarationError("is XML, but no CDISC ODM file", where=str(path))
    reader.project.rows = list(reader.rows())
    if not reader.project.rows:
        raise DeclarationError(
            "holds no fields with REDCap's types",
            where=str(path),
            hint="export it from REDCap: Project Setup, Other Functionality, REDCap XML",
        )
    root = reader.project.rows[0][1]["Form Name"]
    reader.project.repeats |= reader.at_several_events() - {root}
    return reader.project
