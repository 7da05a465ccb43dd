"""A draft of a map for FHIR: the map that ships, with what finds nothing here as comments.

Names and labels say nothing in FHIR; what a path finds does. The text of the shipped map stays as
it is, so that its remarks and recodes come along.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.counted import counted
from gateway.registry import also_known, fixlist
from gateway.registry.bench import Bench, literal, open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.fhir.plan import plan_of
from gateway.registry.sources.raw import read_raw
from gateway.registry.sources.source import Source
from gateway.registry.staging import required_without
from gateway.registry.suggest.draft import Line, Open, one_line
from gateway.registry.suggest.suggest import MEMORY_MB, Draft
from policies.decode import decode, load, load_yaml, parse_yaml
from policies.dictionary import Dictionary
from policies.library import find, shipped

__all__ = ["shipped_map", "suggest_fhir"]

_UNREAD_SHOWN = 30


def shipped_map(dictionary: Dictionary) -> Path | None:
    """The first map for FHIR that ships for the dictionary."""
    for name in shipped("examples"):
        path = find("examples", name)
        plain = load_yaml(path)
        if plain.get("source") == "fhir" and plain.get("dictionary") == dictionary.dictionary:
            return path
    return None


def suggest_fhir(
    given: Path,
    dictionary: Dictionary,
    ours: Path,
    *,
    told: Callable[[str, int, int], None] = lambda *_: None,
) -> Draft:
    """Draft a map for the resources in ``given``, from the FHIR map ``ours``; in bounded memory.
    SourceError if they cannot be read.
    """
    sitemap = load(SiteMap, ours)
    told("read", 0, 1)
    source = inspect(given, sitemap, dictionary)
    spill = Path(tempfile.mkdtemp(prefix="osteon-map-"))
    try:
        with open_bench(spill, memory_mb=MEMORY_MB) as bench:
            fixlist.create(bench)
            also_known.create(bench)
            rows = read_raw(bench, source)
            found = _found(bench, source, sitemap, dictionary)
            unread = source.unread(bench)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    forms = [form for form in sitemap.forms if found.forms.get(form) or form == dictionary.root]
    kept = {name for name in sitemap.maps if found.elements.get(name)}
    base = sitemap.model_copy(update={"forms": {form: sitemap.forms[form] for form in forms}})
    needed = {*sitemap.absent, *required_without(base, dictionary, kept)}
    absent = tuple(name for name in dictionary.elements if name in needed)
    body = _text(ours.read_text(encoding="utf-8"), found, {*forms}, kept, absent)
    head = (
        f"# A draft: how {one_line(source.name)} (fhir, {counted(rows, 'row')}) may be read as "
        f"{dictionary.dictionary}, made from {ours.stem},\n"
        "# the map that ships. What finds something here says in how many rows; the rest is made a "
        "comment:\n# CHECK whether this export has it elsewhere. Codes that a recode does not list "
        "refuse the load.\n"
    )
    text = head + body + _unread(unread)
    drafted = decode(SiteMap, parse_yaml(text, where="draft"), where="draft")
    plan_of(drafted, dictionary, where="draft")
    lines = tuple(
        Line(name, drafted.maps[name].from_, "sure", 1.0, (_in_rows(found.elements[name]),))
        for name in dictionary.elements
        if name in kept
    )
    left = tuple(
        Open(str(given.from_), f"{name}: finds nothing")
        for name, given in sitemap.maps.items()
        if name not in kept
    )
    return Draft(text, drafted, source, rows, lines, left, {}, absent)


@dataclass(frozen=True)
class _Found:
    """Rows of the forms, and of these those in which an element's path finds something."""

    forms: Mapping[str, int]
    elements: Mapping[str, int]


def _found(bench: Bench, source: Source, sitemap: SiteMap, dictionary: Dictionary) -> _Found:
    form = f"coalesce(c1, {literal(dictionary.root)})"
    forms = dict(bench.run(f"SELECT {form}, count(*) FROM raw GROUP BY 1"))
    tests = {}
    for name, given in sitemap.maps.items():
        instrument = dictionary.elements[name].instrument
        repeats = dictionary.instruments[instrument].repeats
        test = f"{form} = {literal(instrument if repeats else dictionary.root)}"
        if name == dictionary.key:
            test += " AND c0 IS NOT NULL"
        elif given.from_ is not None:
            test += f" AND c{source.header.index(given.from_)} IS NOT NULL"
        tests[name] = f"count(*) FILTER (WHERE {test})"
    counts = bench.run(f"SELECT {', '.join(tests.values())} FROM raw")[0]
    return _Found(forms, dict(zip(tests, counts, strict=True)))


def _text(
    text: str, found: _Found, forms: Collection[str], kept: Collection[str], absent: Collection[str]
) -> str:
    """The shipped map's text: lines of what finds nothing as comments, counts behind the others,
    and ``absent`` as it is needed now.
    """
    lines = text.splitlines()
    tree: Any = yaml.compose(text)
    parts = {key.value: (key, value) for key, value in tree.value}
    keep = {"forms": forms, "elements": kept}
    for part, counts in (("forms", found.forms), ("elements", found.elements)):
        for key, value in parts[part][1].value:
            first, last = key.start_mark.line, _last(lines, key.start_mark.line, value)
            if key.value not in keep[part]:
                for at in range(first, last + 1):
                    lines[at] = f"#{lines[at]}"
            elif key.value in counts and (first == last or lines[first].endswith(":")):
                lines[first] += f"  # {_in_rows(counts[key.value])}"
    listed = [
        "absent:  # by the map that ships, or required and not found here",
        *(f"  - {name}" for name in absent),
    ]
    if "absent" in parts:
        key, value = parts["absent"]
        lines[key.start_mark.line : _last(lines, key.start_mark.line, value) + 1] = listed
    elif absent:
        lines += listed
    return "\n".join(lines) + "\n"


def _last(lines: list[str], first: int, value: yaml.Node) -> int:
    """The last line of an entry: a block ends where the next entry begins, behind its remarks."""
    last = value.end_mark.line if value.end_mark.column else value.end_mark.line - 1
    while last > first and (not lines[last].strip() or lines[last].lstrip().startswith("#")):
        last -= 1
    return max(first, last)


def _in_rows(count: int) -> str:
    return f"in {counted(count, 'row')}"


def _unread(unread: Mapping[str, int]) -> str:
    if not unread:
        return ""
    listed = list(unread.items())[:_UNREAD_SHOWN]
    shown = [f"#   {count} {one_line(name)}" for name, count in listed]
    more = len(unread) - _UNREAD_SHOWN
    shown += [f"#   and {more} more kinds"] if more > 0 else []
    return "\n".join(["# Held, and read by none of these paths:", *shown]) + "\n"
