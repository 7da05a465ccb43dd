"""``osteon site fixes``: what to correct, what pays most first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gateway.cli.fix_lines import fixes_as_json, show_fixes
from gateway.counted import counted

if TYPE_CHECKING:
    from gateway.registry.fixes import By, FixList
    from gateway.site.config import SiteFolder

__all__ = ["register"]


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
        from gateway.site.config import open_site

        site = open_site(site_dir)
        if refused and missing:
            raise typer.BadParameter("not with --refused", param_hint="--missing")
        by = by or ("form" if missing else "rule")
        path = site.missing_path if missing else site.fixlist_path
        path = site.path / "refused.csv" if refused else path
        with open_fixes(path, severity=severity) as found:
            written = None if out is None else _written(out, found, by, site, limit, force=force)
            if as_json:
                fixes_as_json(found, by, limit, out)
            elif out is not None:
                print(
                    f"{counted(written or 0, 'line')} written to {out}; it names records: "
                    "keep it at the site"
                )
            else:
                show_fixes(found, by, limit)


def _written(
    out: Path, found: FixList, by: By, site: SiteFolder, limit: int | None, *, force: bool
) -> int:
    """Write the file; how many lines it has."""
    from gateway.registry.fixes_file import write_fixes

    forms = site.dictionary().instruments
    return write_fixes(
        out,
        found,
        by,
        labels={name: form.label for name, form in forms.items()},
        undecided={name for name, rule in site.rules().list.items() if rule.check},
        limit=limit,
        force=force,
    )
