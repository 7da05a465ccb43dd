"""``osteon site corrections``, hung onto the site's commands."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.counted import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def corrections(
        site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
        out: Annotated[Path, typer.Argument(help=".csv or .xlsx to write; must not exist")],
        sitemap: Annotated[
            str | None, typer.Option("--map", help="site map of that load; default: the one it had")
        ] = None,
        only: Annotated[
            list[str] | None,
            typer.Option(metavar="FORM.ELEMENT", help="this element only; may be repeated"),
        ] = None,
        *,
        missing: Annotated[
            bool, typer.Option(help="of required elements without an answer, not of what is wrong")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """Write what the last load found wrong as a REDCap import file with blank cells.

        One row per record, event and instance, one column per field that is wrong somewhere.
        Fill in what you know, delete nothing, and import it with REDCap's Data Import Tool:
        blank cells change nothing there, as long as it is not told to overwrite with blanks.
        Which cell of a row is wrong, and why, the fix list says. It names patients' records.
        A rule whose mistake may stand in another row than the one it is listed for (a margin
        lacks: in the specimen's row, not in the surgery's) is left to the fix list and counted.
        A workbook has the same columns, all of them text; save its first sheet as CSV for the
        import. The second names the rules that were left out.

        Example: osteon site corrections north corrections.csv --only pathology.margin_r
        """
        from gateway.registry.corrections import write_corrections
        from gateway.site.audit import record
        from gateway.site.config import open_site

        done = write_corrections(
            open_site(site_dir), out, sitemap, only=only or (), missing=missing
        )
        if done.rows:
            record(site_dir, "corrections")
        if as_json:
            print(json.dumps({"file": str(out) if done.rows else None, **asdict(done)}))
            return
        if done.rows:
            made = f"{counted(done.rows, 'row')} with {counted(done.cells, 'cell')}"
            print(f"{made} to fill in written to {out}")
        else:
            print("no cell to correct; nothing was written")
        if done.unsafe and out.suffix == ".xlsx":
            print(
                f"left out: {counted(done.unsafe, 'line')} of records whose names no workbook holds"
            )
        elif done.unsafe:
            print(
                f"left out: {counted(done.unsafe, 'line')} of records whose names a spreadsheet "
                "would run as formulas; write .xlsx, or correct them in REDCap"
            )
        if done.left:
            print(
                f"not for REDCap's import: {counted(done.left, 'line')}, see "
                f"{site_dir / done.listed}"
            )
        if done.elsewhere:
            told = ", ".join(f"{rule} {lines}" for rule, lines in done.elsewhere.items())
            print(
                f"of these, by rule, the mistake of {sum(done.elsewhere.values())} may stand in "
                f"another row than the one listed: {told}"
            )
