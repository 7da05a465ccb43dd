"""``osteon site map --suggest``: a source and a dictionary make the draft of a site map."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.counted import counted
from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap, bind
from gateway.registry.sources import redcap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.source import Source
from gateway.registry.staging import required_without
from gateway.registry.suggest.assign import Choice, assign
from gateway.registry.suggest.columns import Column, missing_codes, read_columns, without
from gateway.registry.suggest.compare import Comparer
from gateway.registry.suggest.draft import Line, Open, render
from gateway.registry.suggest.labelled import holds_labels
from gateway.registry.suggest.lines import (
    columns_of,
    left_out,
    line_of,
    numbering,
    strange_boxes,
)
from gateway.registry.suggest.words import vocabulary
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary

__all__ = ["MEMORY_MB", "Draft", "suggest"]

MEMORY_MB = 1000


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
    given: Path | Source,
    dictionary: Dictionary,
    *,
    told: Callable[[str, int, int], None] = lambda *_: None,
    settings: SiteMap | None = None,
) -> Draft:
    """Draft a map for a file, or for a source that is there already. ``settings`` are those of
    reading (encoding, delimiter, sheet).

    Memory is bounded: what does not fit spills to an encrypted file that goes with the process.
    SourceError if the file cannot be read or no column can be the record's key.
    """
    read = settings or SiteMap(dictionary=dictionary.dictionary)
    told("read", 0, 1)
    source = inspect(given, read, dictionary) if isinstance(given, Path) else given
    plain = source.shape == "table"
    own = _own_columns(source, dictionary, read)
    spill = Path(tempfile.mkdtemp(prefix="osteon-map-"))
    try:
        with open_bench(spill, memory_mb=MEMORY_MB) as bench:
            fixlist.create(bench)  # some readers list what they find as they read
            labels = getattr(source, "labels", {})
            columns = read_columns(bench, source, own, labels, told)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    if not columns or not columns[0].rows:
        raise SourceError("holds a header and no rows", file=source.name)
    missing = missing_codes(columns, vocabulary()["missing"])
    columns = _dates_agreed([without(column, missing) for column in columns])
    choices = assign(columns, Comparer(dictionary), table=plain, told=told)
    return _draft(source, dictionary, read, choices, missing)


def _own_columns(source: Source, dictionary: Dictionary, sitemap: SiteMap) -> set[str]:
    """Columns that the format adds, and no element is read from."""
    if source.kind == "smartdata":
        return {"CONTEXT_NAME", "CONTEXT_RECORD"}
    plain = source.shape == "table"
    return set() if plain else redcap.format_columns(source.header, dictionary, sitemap)


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
    seen = [choice.column for choice in choices]
    labelled = source.shape == "redcap" and holds_labels(choices, dictionary)
    by_element = {
        c.element: line_of(c, dictionary, decided, seen, labelled=labelled)
        for c in choices
        if c.element
    }
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
        by_element |= numbering(dictionary, forms, by_element, choices)
    lines = tuple(by_element[name] for name in dictionary.elements if name in by_element)
    left = tuple(left_out(choice) for choice in choices if choice.element is None)
    left += tuple(strange_boxes(choices, dictionary))
    columns = tuple(name for item in left for name in columns_of(item, choices))
    opened = tuple(Open(name, item.why) for item in left for name in columns_of(item, choices))
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
    read_rows = choices[0].column.rows
    text = render(
        head=_head(source, dictionary, read_rows, lines, len(columns)),
        # SmartData is recognised by its tables; a map for plain tables would read one of them.
        shape=None if source.kind == "smartdata" else source.shape,
        dictionary=dictionary.dictionary,
        rows=rows,
        lines=lines,
        missing=missing,
        columns=len(choices),
        left=opened,
        absent=absent,
        settings=settings,
        labelled=labelled,
    )
    sitemap = decode(SiteMap, parse_yaml(text, where="draft"), where="draft")
    own = _own_columns(source, dictionary, sitemap)
    bind(sitemap, dictionary, source.header, where="draft", file=source.name, known=frozenset(own))
    return Draft(text, sitemap, source, read_rows, lines, opened, missing, absent)


def _head(
    source: Source, dictionary: Dictionary, rows: int, lines: Sequence[Line], left: int
) -> list[str]:
    counts = {level: sum(x.level == level for x in lines) for level in ("sure", "likely", "unsure")}
    told = ", ".join(f"{count} {level}" for level, count in counts.items())
    checks = sum(bool(line.check or line.alike) for line in lines)
    return [
        (
            f"A draft: how {source.name} ({source.kind}, {counted(rows, 'row')}) may be read as "
            f"{dictionary.dictionary}."
        ),
        "Made from names, labels and values by a program that knows none of them. Read every line,",
        "settle those that say CHECK, delete the comments, and load.",
        f"{told}; {counted(left, 'column')} left out; {counted(checks, 'line')} to check.",
    ]
