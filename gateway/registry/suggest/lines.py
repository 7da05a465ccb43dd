"""What the draft says of each column: its line, or why it is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.registry.suggest.assign import Choice
from gateway.registry.suggest.draft import Line, Open, date_note, shown
from gateway.registry.suggest.persons import identifies
from policies.dictionary import Dictionary

__all__ = ["columns_of", "left_out", "line_of", "numbering", "strange_boxes"]

_SURE, _LIKELY = 0.8, 0.6
_NAMED = 0.85


def _level(choice: Choice, check: Sequence[str]) -> str:
    score, found = choice.match.score, choice.match.recode
    bare = found is not None and found.telling == 0
    # Digits are codes of many elements: then the name has to say it.
    if score >= _SURE and not check and (choice.match.name >= _NAMED or not bare):
        return "sure"
    return "likely" if score >= _LIKELY and choice.match.doubt is None else "unsure"


def line_of(choice: Choice, dictionary: Dictionary, decided: str | None) -> Line:
    """The line of a choice that has an element. ``decided``: day or month comes first elsewhere."""
    element, match, column = str(choice.element), choice.match, choice.column
    declared = dictionary.elements[element]
    check: list[str] = []
    why = list(match.why)
    person = identifies(column)
    if declared.identifier or person:
        why.append(f"direct identifier{f' ({person})' if person else ''}: handled by the profile")
        if not declared.identifier and element != dictionary.key:
            check.append("the dictionary does not know this element as an identifier")
    line = Line(element, column.name, "", min(match.score, 1.0), ())
    dates = column.dates
    if declared.type == "date" and dates is not None:
        line = replace(line, format=dates.format)
        note = date_note(dates, decided)
        check += [note] if note else []
    if match.scale is not None:
        line = replace(line, unit=match.scale.unit)
        why += [match.scale.why] if match.scale.why else []
        if not match.scale.sure:
            check.append(f"the unit; values may be in {declared.unit} as they are")
    if column.comma and declared.type in ("integer", "number"):
        line = replace(line, decimal=",")
    if match.recode is not None:
        line = _recoded(line, choice, person=person is not None or declared.identifier)
        line = replace(line, split=match.split)
        hidden = len(match.recode.to) + len(match.recode.open)
        hidden -= len(line.recode or {}) + len(line.unmatched)
        if hidden > 0:
            check.append(f"{hidden} more values need a recode and are not shown here")
    if match.doubt:
        check.append(match.doubt)
    if element == dictionary.key and match.name < 0.35:
        check.append("chosen because a map needs the record's key")
    if choice.rival:
        check.append(f"{choice.rival} suits nearly as well")
    return replace(line, why=tuple(why), check=tuple(check), level=_level(choice, check))


def _recoded(line: Line, choice: Choice, *, person: bool) -> Line:
    found, values = choice.match.recode, choice.column.values
    if found is None:
        return line
    if choice.match.split is not None:
        parts: dict[str, int] = {}
        for value, rows in values.items():
            for part in value.split(choice.match.split):
                parts[part.strip()] = parts.get(part.strip(), 0) + rows
        values = parts
    may = shown(values, found, person=person)
    return replace(
        line,
        recode={value: code for value, code in found.to.items() if value in may},
        unmatched=tuple(value for value in found.open if value in may),
        alike=found.unsure,
    )


def numbering(
    dictionary: Dictionary,
    forms: Sequence[str],
    known: Mapping[str, Line],
    choices: Sequence[Choice],
) -> dict[str, Line]:
    """Numbers of rows and references to them that the file does not have: 1 where every row is
    another patient.
    """
    alone = any(c.element == dictionary.key and c.column.unique for c in choices)
    wanted: set[str] = set()
    for form in forms:
        reference = dictionary.reference(form)
        if reference is not None:
            wanted.add(reference[0])
            target = dictionary.elements[reference[0]].references or ""
            if target.partition(".")[0] in forms:
                wanted.add(target.partition(".")[2])
    if not alone:
        return {}
    return {
        name: Line(
            name, None, "likely", 0.0, ("each row is another patient, so number 1",), const=1
        )
        for name in wanted
        if name not in known and dictionary.elements[name].type == "integer"
    }


def left_out(choice: Choice) -> Open:
    """Why a column has no element."""
    column, match = choice.column, choice.match
    person = identifies(column)
    if person is not None:
        return Open(column.name, f"looks like a direct identifier ({person})")
    if not column.filled:
        return Open(column.name, "empty")
    if choice.guess is not None and match.name >= 0.35 and match.score >= 0.3:
        return Open(column.name, f"CHECK: perhaps {choice.guess} ({match.score:.2f}), or nothing")
    return Open(column.name, "no element is like it")


def strange_boxes(choices: Sequence[Choice], dictionary: Dictionary) -> list[Open]:
    """Boxes of a mapped field whose code is no choice of its element."""
    found = []
    for choice in choices:
        if choice.element is None:
            continue
        codes = dictionary.elements[choice.element].choices
        for code, column in choice.column.boxes.items():
            if code not in codes:
                found.append(Open(column, f"CHECK: a box that {choice.element} has no choice for"))
    return found


def columns_of(item: Open, choices: Sequence[Choice]) -> Sequence[str]:
    """The file's columns behind one that is left out."""
    boxes = next((c.column.boxes for c in choices if c.column.name == item.column), {})
    return list(boxes.values()) or [item.column]
