"""A fix list on the screen, as tables or lines, and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.counted import counted

if TYPE_CHECKING:
    from gateway.registry.fixes import By, Fix, FixList, Group

__all__ = ["fixes_as_json", "show_fixes"]

_LINES = 20
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}


def fixes_as_json(found: FixList, by: By, limit: int | None, out: Path | None) -> None:
    """One object on one line, written as it is read: a list may have a million lines."""
    lines, records = found.total
    sys.stdout.write(f'{{"lines": {lines}, "records": {records}, "groups": ')
    _array(found.groups(by))
    sys.stdout.write(', "fixes": ')
    _array(() if out is not None else found.lines(by, limit=limit))
    sys.stdout.write(f', "file": {json.dumps(None if out is None else str(out))}}}\n')


def _array(items: Iterable[Group | Fix]) -> None:
    between = "["
    for item in items:
        sys.stdout.write(between + json.dumps(vars(item)))
        between = ", "
    sys.stdout.write("]" if between == ", " else "[]")


def show_fixes(found: FixList, by: By, limit: int | None) -> None:
    """Groups, most first, then the first lines: ``limit`` of them, 20 if None."""
    limit = _LINES if limit is None else limit
    lines, records = found.total
    if not lines:
        print("nothing to fix")
        return
    shown = list(found.groups(by, limit=None if by != "record" else max(limit, 1)))
    if sys.stdout.isatty():
        _tables(shown, found.lines(by, limit=limit), by)
    else:
        _plain(shown, found.lines(by, limit=limit), by)
    more = f", {min(lines, limit)} of them shown" if lines > limit else ""
    print(f"{counted(lines, 'line')} in {counted(records, 'record')}{more}")
    if lines > limit:
        print("all of them: --limit N, --json, or --out fixes.xlsx")


def _plain(groups: Sequence[Group], lines: Iterator[Fix], by: By) -> None:
    """Tabs between the parts, for other programs."""
    print(f"{by}\tseverity\trecords\tlines\tsays")
    for group in groups:
        counts = [str(group.records), str(group.lines)]
        print("\t".join(_one_line([group.name, group.severity, *counts, group.says])))
    print()
    where = ("severity", "record", "form", "instance", "fields", "entered", "computed")
    parts = (*where, "rule", "says", "fix")
    print("\t".join(parts))
    for fix in lines:
        print("\t".join(_one_line([str(getattr(fix, part)) for part in parts])))


def _one_line(texts: Sequence[str]) -> list[str]:
    return ["".join(c if c.isprintable() else " " for c in text) for text in texts]


def _tables(groups: Sequence[Group], lines: Iterator[Fix], by: By) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    counts = Table(title=f"by {by}", title_justify="left")
    for name in (by, "severity"):
        counts.add_column(name, no_wrap=True)
    for name in ("records", "lines"):
        counts.add_column(name, justify="right")
    if by == "rule":
        counts.add_column("says", ratio=1)
    for group in groups:
        cells = [Text(group.name), Text(group.severity, style=_STYLES.get(group.severity, ""))]
        cells += [Text(str(group.records)), Text(str(group.lines))]
        counts.add_row(*cells, *([Text(group.says)] if by == "rule" else []))
    console.print(counts)
    listed = Table(title="what to correct", title_justify="left", show_lines=True)
    shown = list(lines)
    both = any(fix.entered or fix.computed for fix in shown)
    compared = ("entered", "computed") if both else ()
    for name in ("record", "form", "#", "fields", *compared, "what is wrong, and what to do"):
        listed.add_column(name, overflow="fold")
    for fix in shown:
        told = Text(fix.says, style=_STYLES.get(fix.severity, ""))
        if fix.fix:
            told.append(f"\n→ {fix.fix}", style="default")
        told.append(f"  ({fix.rule})", style="dim")
        values = (fix.entered, fix.computed) if both else ()
        where = (fix.record, fix.form, fix.instance, fix.fields.replace(" ", "\n"), *values)
        listed.add_row(
            *(Text("".join(_one_line([t])) if "\n" not in t else t) for t in where), told
        )
    console.print(listed)
