"""The draft as YAML, each line with how sure it is and why. No value of a patient stands in it: of
values only those that say the dictionary's own words, and the project's missing-data codes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.registry.suggest.choices import Recode
from gateway.registry.suggest.dates import Dates

__all__ = ["Line", "Open", "date_note", "one_line", "quoted_yaml", "render", "shown"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"])
_MARGIN = 34


@dataclass(frozen=True)
class Line:
    """One element of the draft. ``level`` is sure, likely or unsure; ``check`` what a person has to
    decide; ``recode`` what the map recodes; ``hidden`` counts values that need a recode and are not
    shown, for they may name a person.
    """

    element: str
    column: str | None
    level: str
    score: float
    why: tuple[str, ...]
    check: tuple[str, ...] = ()
    const: int | None = None
    format: str | None = None
    unit: str | None = None
    decimal: str | None = None
    split: str | None = None
    recode: Mapping[str, str] | None = None
    hidden: int = 0
    alike: frozenset[str] = frozenset()

    @property
    def said(self) -> str:
        """The comment."""
        told = f"{self.level} ({self.score:.2f})" if self.const is None else self.level
        text = f"{told}: {'; '.join(self.why)}" if self.why else told
        return text + "".join(f"; CHECK: {point}" for point in self.check)


@dataclass(frozen=True)
class Open:
    """A column that the draft leaves out, and why."""

    column: str
    why: str


def quoted_yaml(text: str) -> str:
    """The text as one YAML scalar that reads as text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


def one_line(text: str) -> str:
    """The text in a comment, which a line break (in the name of a file, say) would end."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def render(
    *,
    head: Sequence[str],
    shape: str | None,
    dictionary: str,
    rows: Sequence[str],
    lines: Sequence[Line],
    missing: Mapping[str, int],
    columns: int,
    left: Sequence[Open],
    absent: Sequence[str],
    settings: Mapping[str, str],
    labelled: bool = False,
) -> str:
    """The whole file."""
    text = [f"# {one_line(line)}".rstrip() for line in head]
    text += [] if shape is None else [f"source: {shape}"]
    text.append(f"dictionary: {dictionary}")
    text += [f"{name}: {quoted_yaml(value)}" for name, value in settings.items()]
    if labelled:
        text.append("labels: true  # a REDCap export of labels; the dictionary makes them codes")
    if rows:
        text.append(f"rows: [{', '.join(rows)}]  # the forms that one row of the file feeds")
    text.append("others: none  # nothing is read that is not listed below")
    text.append("elements:")
    for line in lines:
        text += _element(line)
    if missing:
        text.append("missing:")
        text.append("  codes:")
        for code, count in missing.items():
            text.append(f"    - {quoted_yaml(code)}  # in {count} of {columns} columns")
    if left:
        text.append("ignore:  # columns that nothing reads")
        text += [_commented(f"  - {quoted_yaml(item.column)}", item.why) for item in left]
    if absent:
        text.append("absent:  # required by the dictionary, and no column of this file was found")
        text += [f"  - {name}" for name in absent]
    return "\n".join(text) + "\n"


def _commented(code: str, comment: str) -> str:
    return f"{code.ljust(_MARGIN)}  # {one_line(comment)}"


def _element(line: Line) -> Iterator[str]:
    if line.const is not None:
        yield _commented(f"  {line.element}: {{const: {line.const}}}", line.said)
        return
    parts = {"from": line.column, "format": line.format, "unit": line.unit}
    parts |= {"decimal": line.decimal, "split": line.split}
    given = {name: quoted_yaml(value) for name, value in parts.items() if value is not None}
    if not line.recode and not line.hidden:
        flow = ", ".join(f"{name}: {value}" for name, value in given.items())
        yield _commented(f"  {line.element}: {{{flow}}}", line.said)
        return
    yield _commented(f"  {line.element}:", line.said)
    yield from (f"    {name}: {value}" for name, value in given.items())
    if line.recode:
        yield "    recode:"
        for value, code in line.recode.items():
            sign = "  # only alike: CHECK" if value in line.alike else ""
            yield f"      {quoted_yaml(value)}: {quoted_yaml(code)}{sign}"
    elif line.hidden:
        yield "    # recode:"
    if line.hidden:
        yield f"      # and {line.hidden} more of the column: CHECK"


def date_note(dates: Dates, decided: str | None) -> str | None:
    """What must be said of a date format that could be read two ways."""
    if dates.other is None:
        return None
    if decided is not None:
        return f"day and month fit either way; {decided} first as in other columns of the file"
    return f"day and month fit either way ({dates.format} or {dates.other}); nothing here tells"


def shown(found: Recode, *, person: bool) -> frozenset[str]:
    """Values that may stand in a recode: what says the dictionary's own words. How many rows have
    a value tells nothing: a surgeon's name stands in many, and so does a patient's with many rows.
    """
    return frozenset() if person else found.labels
