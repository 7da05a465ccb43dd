"""``osteon site fixes``: what to correct, what pays most first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gateway.counted import counted

if TYPE_CHECKING:
    from gateway.registry.fixes import By, Fix, FixList, Group

__all__ = ["register"]

_LINES = 20
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}


def register(app: typer.Typer) -> None:
    """Add the command to ``osteon site``."""

    @app.command()
    def fixes(
        site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
        by: Annotated[
            Literal["rule", "record", "form"] | None,
            typer.Option(help="group by; default: rule, of what is missing form"),
        ] = None,
        severity: Annotated[
            Literal["error", "warning", "info"] | None, typer.Option(help="of this kind only")
        ] = None,
        limit: Annotated[
            int | None,
            typer.Option(min=0, help="lines to show; default: 20, and all in a file or --json"),
        ] = None,
        out: Annotated[
            Path | None, typer.Option(help="write a .csv, or an .xlsx with a sheet per form")
        ] = None,
        *,
        refused: Annotated[
            bool, typer.Option(help="the list of the load that was refused, not of the last one")
        ] = False,
        missing: Annotated[
            bool, typer.Option(help="the required elements without an answer, by record and form")
        ] = False,
        force: Annotated[bool, typer.Option(help="write over a file that exists")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """The fix list of the last load: what is wrong, where, and what to do about it.

        First how many records each rule finds, most first, then the lines. It names records, for
        the site's own eyes. A rule on which a committee has to decide says so. Where the software
        recomputes what was entered, both stand side by side. What nobody has answered breaks no
        rule; --missing lists it, where the form asks for it.

        Example: osteon site fixes north --severity error --out fixes.xlsx
        Example: osteon site fixes north --missing --out missing.xlsx
        """
        from gateway.registry.fixes import open_fixes
        from gateway.registry.fixes_file import write_fixes
        from gateway.site.config import open_site

        site = open_site(site_dir)
        if refused and missing:
            raise typer.BadParameter("not with --refused", param_hint="--missing")
        by = by or ("form" if missing else "rule")
        path = site.missing_path if missing else site.fixlist_path
        path = site.path / "refused.csv" if refused else path
        with open_fixes(path, severity=severity) as found:
            written = None
            if out is not None:
                forms = site.dictionary().instruments
                written = write_fixes(
                    out,
                    found,
                    by,
                    labels={name: form.label for name, form in forms.items()},
                    undecided={name for name, rule in site.rules().list.items() if rule.check},
                    limit=limit,
                    force=force,
                )
            if as_json:
                _as_json(found, by, limit, out)
            elif out is not None:
                print(
                    f"{counted(written or 0, 'line')} written to {out}; it names records: "
                    "keep it at the site"
                )
            else:
                _show(found, by, _LINES if limit is None else limit)


def _as_json(found: FixList, by: By, limit: int | None, out: Path | None) -> None:
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


def _show(found: FixList, by: By, limit: int) -> None:
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
