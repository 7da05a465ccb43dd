"""What the draft says of each column: its line, or why it is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.registry.suggest.assign import Choice
from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.draft import Line, Open, date_note, shown
from gateway.registry.suggest.labelled import only_labels
from gateway.registry.suggest.persons import identifies, may_be_key, names_patient
from policies.dictionary import Dictionary

__all__ = ["columns_of", "left_out", "line_of", "numbering", "strange_boxes"]

_SURE, _LIKELY = 0.8, 0.6
_NAMED = 0.85
_KEYS_MAX = 3


def _level(choice: Choice, check: Sequence[str]) -> str:
    score, found = choice.match.score, choice.match.recode
    bare = found is not None and found.telling == 0
    # Digits are codes of many elements: then the name has to say it.
    if score >= _SURE and not check and (choice.match.name >= _NAMED or not bare):
        return "sure"
    return "likely" if score >= _LIKELY and choice.match.doubt is None else "unsure"


def line_of(
    choice: Choice,
    dictionary: Dictionary,
    decided: str | None,
    others: Sequence[Column] = (),
    *,
    labelled: bool = False,
) -> Line:
    """The line of a choice that has an element. ``decided``: day or month comes first elsewhere;
    ``others`` are all columns; ``labelled``: the map says ``labels: true``.
    """
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
    read = labelled and declared.type == "category"
    if match.recode is not None and not (read and only_labels(column.values, declared.choices)):
        line = _recoded(line, choice, person=person is not None or declared.identifier)
        line = replace(line, split=match.split)
        hidden = len(match.recode.to) + len(match.recode.open) - len(line.recode or {})
        line = replace(line, hidden=hidden)
        if hidden:
            check.append(
                f"{hidden} more {'value needs' if hidden == 1 else 'values need'} a recode and "
                f"{'is' if hidden == 1 else 'are'} not shown here: look in the column"
            )
    if match.doubt:
        check.append(match.doubt)
    if element == dictionary.key:
        check += _key_checks(choice, others)
    if choice.rival:
        check.append(f"{choice.rival} suits nearly as well")
    return replace(line, why=tuple(why), check=tuple(check), level=_level(choice, check))


def _key_checks(choice: Choice, others: Sequence[Column]) -> Iterator[str]:
    """A wrong key makes every row another patient, or two patients one: a person decides."""
    column, match = choice.column, choice.match
    if match.name < 0.35:
        yield "chosen because a map needs the record's key"
    named = [c.name for c in others if c.name != column.name and may_be_key(c)]
    if match.name == 1.0 and not (column.unique and any(_repeats(c) for c in others)):
        return
    if named:
        yield (
            f"is it the patient's own, the same in every row of a patient, and not "
            f"{' or '.join(named[:_KEYS_MAX])}?"
        )


def _repeats(column: Column) -> bool:
    return names_patient(column) and not column.unique


def _recoded(line: Line, choice: Choice, *, person: bool) -> Line:
    found = choice.match.recode
    if found is None:
        return line
    may = shown(found, person=person)
    recode = {value: code for value, code in found.to.items() if value in may}
    return replace(line, recode=recode, alike=found.unsure & may)


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
