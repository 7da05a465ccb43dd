"""``osteon site map --suggest``: a first draft of a site map, for a person to edit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.counted import counted

if TYPE_CHECKING:
    from gateway.registry.sitemap import SiteMap
    from gateway.registry.sources.source import Source
    from gateway.registry.suggest.suggest import Draft
    from policies.dictionary import Dictionary

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to ``osteon site``."""

    @app.command("map")
    def site_map(
        suggest: Annotated[
            str,
            typer.Option(
                "--suggest", help="the file, folder or project to draft a map for", metavar="SOURCE"
            ),
        ],
        dictionary: Annotated[
            str | None,
            typer.Option(help="name or YAML file; default: the shipped one that suits best"),
        ] = None,
        out: Annotated[Path | None, typer.Option(help="file to write; default: the screen")] = None,
        encoding: Annotated[str, typer.Option(help="of a text file")] = "utf-8",
        delimiter: Annotated[str | None, typer.Option(help="of a text file")] = None,
        sheet: Annotated[str | None, typer.Option(help="of a workbook")] = None,
        token_file: Annotated[
            Path | None,
            typer.Option(help="file with the REDCap project's token; - : standard input"),
        ] = None,
        *,
        force: Annotated[bool, typer.Option(help="write over a file that exists")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """Draft a site map from names, labels, types, scales and values of any source.

        Each line says how sure it is and why. CHECK marks what a person has to decide: a date
        that is day-first or month-first, a unit, values that no choice is like (they are counted:
        they may be names). Of values only those stand in it that say the dictionary's own words.
        The file is readable by its owner only. Edit it, then
        load with: osteon site ingest SITE SOURCE --map MAP.

        A project behind REDCap's API is named as ingest names it. For FHIR the draft is the map
        that ships for the dictionary, with the paths that find nothing here made comments.

        Example: osteon site map --suggest export.csv --dictionary sarcoma_v1 --out map.yaml
        """
        from gateway.errors import SiteError
        from gateway.registry.sitemap import SiteMap
        from policies.decode import decode

        if out is not None and out.exists() and not force:
            raise SiteError(f"{out}: there is a file already", hint="--force writes over it")
        told = _told(quiet=as_json)
        source = _opened(suggest, token_file, told)
        drafts: list[Draft] = []
        for declared in _dictionaries(dictionary):
            options = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
            plain = {"dictionary": declared.dictionary, **options}
            settings = decode(SiteMap, plain, where="options")
            drafts += filter(None, [_draft(source, declared, told, settings)])
        if not drafts:
            raise SiteError(
                "no map for FHIR ships for this dictionary",
                hint="write one: source: fhir, forms and paths; sarcoma_mcode_map shows how",
            )
        draft = max(drafts, key=lambda each: each.score)
        if out is not None:
            _write(out, draft.text)
        if as_json:
            print(json.dumps(_plain(draft, out)))
        elif out is None:
            print(draft.text, end="")
        else:
            _summary(draft, out)


def _dictionaries(name: str | None) -> list[Dictionary]:
    from policies.dictionary import Dictionary
    from policies.library import load_named, shipped

    names = [name] if name is not None else list(shipped("dictionaries"))
    return [load_named("dictionaries", Dictionary, each) for each in names]


def _opened(
    given: str, token_file: Path | None, told: Callable[[str, int, int], None]
) -> Path | Source:
    """A file is read anew for each dictionary; a project is exported once."""
    from gateway.cli.redcap_token import source_at

    found = source_at(given, token_file)
    if isinstance(found, Path):
        return found
    from gateway.registry.sources.redcap_api import read_project

    return read_project(found, heard=lambda done, total: told("export", done, total))


def _draft(
    source: Path | Source,
    dictionary: Dictionary,
    told: Callable[[str, int, int], None],
    settings: SiteMap,
) -> Draft | None:
    """None for FHIR where no map for it ships for the dictionary."""
    from gateway.registry.sources.detect import holds_fhir
    from gateway.registry.suggest.fhir import shipped_map, suggest_fhir
    from gateway.registry.suggest.suggest import suggest

    if isinstance(source, Path) and holds_fhir(source, settings, dictionary):
        ours = shipped_map(dictionary)
        return None if ours is None else suggest_fhir(source, dictionary, ours, told=told)
    return suggest(source, dictionary, told=told, settings=settings)


def _told(*, quiet: bool) -> Callable[[str, int, int], None]:
    """At a terminal one line that renews itself; elsewhere nothing."""
    watched = sys.stderr.isatty() and not quiet

    def show(step: str, done: int, total: int) -> None:
        if watched:
            said = f"{step} {done} of {total}" if total > 1 else step
            sys.stderr.write(f"\r{said}".ljust(40) + "\r")
            sys.stderr.flush()

    return show


def _write(path: Path, text: str) -> None:
    from gateway.errors import SiteError
    from gateway.registry.private_file import replacing

    # Its owner's alone: headings and labels of the site's own file stand in it.
    try:
        with replacing(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SiteError(f"{path}: cannot be written ({error.strerror})") from None


def _plain(draft: Draft, out: Path | None) -> dict[str, object]:
    lines = []
    for line in draft.lines:
        plain = asdict(line) | {"alike": sorted(line.alike)}
        lines.append({name: value for name, value in plain.items() if value not in (None, ())})
    return {
        "dictionary": draft.sitemap.dictionary,
        "source": draft.source.name,
        "kind": draft.source.kind,
        "rows": draft.rows,
        "elements": lines,
        "left_out": [asdict(item) for item in draft.left],
        "missing": dict(draft.missing),
        "absent": list(draft.absent),
        "file": None if out is None else str(out),
    }


def _summary(draft: Draft, out: Path) -> None:
    counts = dict.fromkeys(("sure", "likely", "unsure"), 0)
    for line in draft.lines:
        counts[line.level] += 1
    rows, checks = counted(draft.rows, "row"), counted(draft.text.count("CHECK"), "time")
    print(f"{out}: {draft.source.name} as {draft.sitemap.dictionary}, {rows}")
    print(", ".join(f"{count} {level}" for level, count in counts.items()), end="")
    left = counted(len(draft.left), "path" if draft.source.kind == "fhir" else "column")
    print(f"; {left} left out; {counted(len(draft.absent), 'required element')} absent")
    print(f"next: read it (CHECK stands {checks}), then osteon site ingest SITE SOURCE --map")
