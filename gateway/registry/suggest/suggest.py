"""``osteon site map --suggest``: a source and a dictionary make the draft of a site map."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap, bind
from gateway.registry.sources import redcap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.source import Source
from gateway.registry.staging import required_without
from gateway.registry.suggest.assign import Choice, assign
from gateway.registry.suggest.columns import Column, missing_codes, read_columns, without
from gateway.registry.suggest.compare import Comparer
from gateway.registry.suggest.draft import Line, Open, date_note, render, shown
from gateway.registry.suggest.persons import identifies
from gateway.registry.suggest.words import vocabulary
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary

__all__ = ["Draft", "suggest"]

_MEMORY = "1GB"
_SURE, _LIKELY = 0.8, 0.6


@dataclass(frozen=True)
class Draft:
    """``text`` is the YAML, ``sitemap`` what it says to a load. ``score`` is the sum over lines."""

    text: str
    sitemap: SiteMap
    source: Source
    rows: int
    lines: tuple[Line, ...]
    left: tuple[Open, ...]
    missing: Mapping[str, int]
    absent: tuple[str, ...]

    @property
    def score(self) -> float:
        """How well the dictionary suits the file."""
        return sum(line.score for line in self.lines)


def suggest(
    path: Path,
    dictionary: Dictionary,
    *,
    told: Callable[[str, int, int], None] = lambda *_: None,
    settings: SiteMap | None = None,
) -> Draft:
    """Draft a map for ``path``. ``settings`` are those of reading (encoding, delimiter, sheet).

    Memory is bounded: what does not fit spills to an encrypted file that goes with the process.
    SourceError if the file cannot be read or no column can be the record's key.
    """
    given = settings or SiteMap(dictionary=dictionary.dictionary)
    told("read", 0, 1)
    source = inspect(path, given, dictionary)
    plain = source.shape == "table"
    own = set() if plain else redcap.format_columns(source.header, dictionary, given)
    spill = Path(tempfile.mkdtemp(prefix="osteon-map-"))
    try:
        with open_bench(spill) as bench:
            bench.run(f"SET memory_limit = '{_MEMORY}'")
            labels = getattr(source, "labels", {})
            columns = read_columns(bench, source, own, labels, told)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    if not columns or not columns[0].rows:
        raise SourceError("holds a header and no rows", file=source.name)
    told("compare", 0, 1)
    missing = missing_codes(columns, vocabulary()["missing"])
    columns = _dates_agreed([without(column, missing) for column in columns])
    choices = assign(columns, Comparer(dictionary), table=plain)
    return _draft(source, dictionary, given, choices, missing)


def _dates_agreed(columns: Sequence[Column]) -> list[Column]:
    """Where day and month fit either way, the order that the file's other columns have."""
    orders = {c.dates.order for c in columns if c.dates and c.dates.other is None} - {None}
    if len(orders) != 1:
        return list(columns)
    [order] = orders
    for column in columns:
        dates = column.dates
        if dates is not None and dates.other is not None and dates.order != order:
            column.__dict__["dates"] = replace(dates, format=dates.other, other=dates.format)
    return list(columns)


def _draft(
    source: Source,
    dictionary: Dictionary,
    given: SiteMap,
    choices: Sequence[Choice],
    missing: Mapping[str, int],
) -> Draft:
    plain = source.shape == "table"
    orders = {
        c.column.dates.order for c in choices if c.column.dates and c.column.dates.other is None
    } - {None}
    decided = orders.pop() if len(orders) == 1 else None
    by_element = {c.element: _line(c, dictionary, decided) for c in choices if c.element}
    if dictionary.key not in by_element:
        raise SourceError(
            "has no column that every row fills: none can be the key of the record",
            file=source.name,
            field=dictionary.key,
            hint="add the record's number to every row of the file",
        )
    forms = [
        form
        for form in dictionary.instruments
        if any(e in by_element and e != dictionary.key for e in dictionary.of(form))
    ] or [dictionary.root]
    if plain:
        by_element |= _numbering(dictionary, forms, by_element, choices)
    lines = tuple(by_element[name] for name in dictionary.elements if name in by_element)
    left = tuple(_open(choice) for choice in choices if choice.element is None)
    left += tuple(_strange_boxes(choices, dictionary))
    columns = tuple(name for item in left for name in _columns_of(item, choices))
    opened = tuple(Open(name, item.why) for item in left for name in _columns_of(item, choices))
    rows = forms if plain else []
    base = SiteMap(dictionary=dictionary.dictionary, rows=tuple(rows))
    absent = tuple(required_without(base, dictionary, by_element))
    settings = {
        name: value
        for name, value in (("encoding", given.encoding), ("delimiter", given.delimiter or ""))
        if value not in ("", "utf-8")
    }
    if given.sheet:
        settings["sheet"] = given.sheet
    counted = choices[0].column.rows
    text = render(
        head=_head(source, dictionary, counted, lines, len(columns)),
        shape=source.shape,
        dictionary=dictionary.dictionary,
        rows=rows,
        lines=lines,
        missing=missing,
        columns=len(choices),
        left=opened,
        absent=absent,
        settings=settings,
    )
    sitemap = decode(SiteMap, parse_yaml(text, where="draft"), where="draft")
    own = set() if plain else redcap.format_columns(source.header, dictionary, sitemap)
    bind(sitemap, dictionary, source.header, where="draft", file=source.name, known=frozenset(own))
    return Draft(text, sitemap, source, counted, lines, opened, missing, absent)


def _head(
    source: Source, dictionary: Dictionary, rows: int, lines: Sequence[Line], left: int
) -> list[str]:
    counts = {level: sum(x.level == level for x in lines) for level in ("sure", "likely", "unsure")}
    told = ", ".join(f"{count} {level}" for level, count in counts.items())
    checks = sum(bool(line.check or line.alike or line.unmatched) for line in lines)
    return [
        f"A draft: how {source.name} ({source.kind}, {rows} rows) may be read as "
        f"{dictionary.dictionary}.",
        "Made from names, labels and values by a program that knows none of them. Read every line,",
        "settle those that say CHECK, delete the comments, and load.",
        f"{told}; {left} columns left out; {checks} lines to check.",
    ]


def _level(choice: Choice, check: Sequence[str]) -> str:
    score = choice.match.score
    if score >= _SURE and not check:
        return "sure"
    return "likely" if score >= _LIKELY and choice.match.doubt is None else "unsure"


def _line(choice: Choice, dictionary: Dictionary, decided: str | None) -> Line:
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
    may = shown(values, choice, person=person)
    return replace(
        line,
        recode={value: code for value, code in found.to.items() if value in may},
        unmatched=tuple(value for value in found.open if value in may),
        alike=found.unsure,
    )


def _numbering(
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
        name: Line(name, None, "likely", 0.0, ("each row is another patient, so number 1",), const=1)
        for name in wanted
        if name not in known and dictionary.elements[name].type == "integer"
    }


def _open(choice: Choice) -> Open:
    column, match = choice.column, choice.match
    person = identifies(column)
    if person is not None:
        return Open(column.name, f"looks like a direct identifier ({person})")
    if not column.filled:
        return Open(column.name, "empty")
    if choice.guess is not None and match.name >= 0.35 and match.score >= 0.3:
        return Open(column.name, f"CHECK: perhaps {choice.guess} ({match.score:.2f}), or nothing")
    return Open(column.name, "no element is like it")


def _strange_boxes(choices: Sequence[Choice], dictionary: Dictionary) -> list[Open]:
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


def _columns_of(item: Open, choices: Sequence[Choice]) -> Sequence[str]:
    boxes = next((c.column.boxes for c in choices if c.column.name == item.column), {})
    return list(boxes.values()) or [item.column]
