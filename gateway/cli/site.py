"""``osteon site``: a hospital's node, from an empty folder to published data."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import (
    site_corrections,
    site_fixes,
    site_map,
    site_outcomes,
    site_quality,
    site_serve,
    site_vault,
    site_worklist,
)
from gateway.counted import counted

if TYPE_CHECKING:
    from gateway.registry.load import LoadReport

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

_UNREAD_SHOWN = 12
SiteDir = Annotated[Path, typer.Argument(help="the site's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


@app.command()
def init(
    site_dir: Annotated[Path, typer.Argument(help="folder to make; must be new")],
    dictionary: Annotated[str, typer.Option(help="name of a shipped dictionary, or a YAML file")],
    name: Annotated[str | None, typer.Option(help="the site's name; default: the folder's")] = None,
    derivations: Annotated[
        str | None, typer.Option(help="name or file; default: named like the dictionary")
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="name or file; default: named like the dictionary")
    ] = None,
    profile: Annotated[str, typer.Option(help="de-identification profile")] = "safe_harbor",
    sitemap: Annotated[
        str | None, typer.Option("--map", help="site map that ingest uses by default")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="postgresql://ROLE@HOST/DATABASE, in UTF-8, where the role may CREATE; its "
            "password is in ~/.pgpass; default: embedded in the folder"
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a site's folder: declarations, vault with fresh keys, ledger, a starter policy.

    Example: osteon site init north --dictionary sarcoma_v1
    """
    from gateway.site.config import create_site

    site = create_site(
        site_dir,
        dictionary=dictionary,
        name=name,
        derivations=derivations,
        rules=rules,
        profile=profile,
        sitemap=sitemap,
        store=store,
    )
    if as_json:
        print(json.dumps({"site": site.config.site, "path": str(site.path)}))
        return
    print(f"site {site.config.site} made in {site.path}")
    print(f"next: read {site.path / 'policy.yaml'}, then osteon site ingest {site.path} SOURCE")


@app.command()
def ingest(
    site_dir: SiteDir,
    source: Annotated[
        str, typer.Argument(help="an export, or the address of REDCap's API; see above")
    ],
    sitemap: Annotated[
        str | None, typer.Option("--map", help="site map; default: that of site.yaml")
    ] = None,
    *,
    accept_bad_values: Annotated[
        bool,
        typer.Option(help="make wrong cells missing and list them, instead of refusing the load"),
    ] = False,
    notes: Annotated[bool, typer.Option(help="de-identify and keep the notes")] = True,
    token_file: Annotated[
        Path | None, typer.Option(help="file with the REDCap project's token; - : standard input")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load an export: read, validate, derive, de-identify, store. All of it or nothing.

    An export is REDCap's (flat or EAV, as CSV or JSON, or an ODM project with its data), the
    folder of an Epic SmartData extract, FHIR R4 (a folder with the NDJSON files of a bulk export,
    one such file, or a Bundle), or a table: CSV, TSV, Excel, Parquet, SPSS, Stata or SAS. Which
    one, its content says.
    A source redcap+https://HOST/…/api/ is exported through REDCap's API; the token
    comes from --token-file or OSTEON_REDCAP_TOKEN.
    What is wrong goes to fixlist.csv in the site's folder; why a load was refused, to
    refused.csv, until one succeeds. A note in which a trace of its patient is
    left is withheld and waits for "osteon deid review". Loading the same file
    again changes nothing, unless what it is read with has changed: a declaration,
    a list, a decision on a withheld note. Queries see the load after
    osteon site publish.

    Example: osteon site ingest north export.csv --map map.yaml
    Example: osteon site ingest north redcap+https://redcap.example.org/api/ --token-file token
    """
    from dataclasses import asdict

    from gateway.cli.load_progress import load_progress
    from gateway.cli.redcap_token import source_at
    from gateway.registry.load import ingest as load
    from gateway.site.audit import record
    from gateway.site.config import open_site

    with load_progress(quiet=as_json) as progress:
        report = load(
            open_site(site_dir),
            source_at(source, token_file),
            sitemap,
            accept_bad_values=accept_bad_values,
            notes=notes,
            progress=progress,
        )
    record(site_dir, "ingest" if report.changed else "ingest, nothing changed")
    if as_json:
        print(json.dumps(asdict(report)))
    else:
        _print_report(report, site_dir)


def _print_report(report: LoadReport, site_dir: Path) -> None:
    if not report.changed:
        print(f"nothing changed: {report.source} is loaded already (version {report.version})")
        _print_warnings(report)
        _print_waiting(report, site_dir)
        return
    units = ", ".join(f"{count} {unit}" for unit, count in report.units.items())
    read = f"{counted(report.rows, 'row')}, {counted(report.patients, 'patient')}"
    print(f"{report.source} ({report.kind}): {read}")
    _print_warnings(report)
    print(f"units: {units}")
    if report.excluded:
        print(f"kept out: {counted(report.excluded, 'patient')} who opted out")
    if report.notes_stored or report.notes_withheld:
        withheld = sum(report.notes_withheld.values())
        print(f"notes: {report.notes_stored} kept, {withheld} withheld")
        for reason, count in sorted(report.notes_withheld.items()):
            print(f"  withheld  {reason}: {count}")
    _print_waiting(report, site_dir)
    if report.problems:
        listed = ", ".join(f"{rule} {count}" for rule, count in report.problems.items())
        print(f"to fix: {listed} (see {site_dir / 'fixlist.csv'})")
    if report.unread:
        print("held and not read (the map does not ask for it):")
        for name, count in list(report.unread.items())[:_UNREAD_SHOWN]:
            print(f"  {count:>8}  {name}")
        if len(report.unread) > _UNREAD_SHOWN:
            print(f"  … and {len(report.unread) - _UNREAD_SHOWN} more kinds (--json lists them)")
    if report.published:
        have = "patient has" if report.withdrawn == 1 else "patients have"
        print(f"published at once: {report.withdrawn} {have} withdrawn")
    else:
        print(f"version {report.version}; next: osteon site publish {site_dir}")


def _print_warnings(report: LoadReport) -> None:
    for sentence in report.warnings:
        print(f"WARNING: {sentence}")


def _print_waiting(report: LoadReport, site_dir: Path) -> None:
    if report.notes_waiting:
        some = "1 note waits" if report.notes_waiting == 1 else f"{report.notes_waiting} notes wait"
        print(f"{some} for review: osteon deid review {shlex.quote(str(site_dir))}")


@app.command()
def publish(
    site_dir: SiteDir,
    *,
    force: Annotated[
        bool,
        typer.Option(
            help="before its time; each snapshot is a new charge on nearly the same patients"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the last load the snapshot that queries read.

    Example: osteon site publish north
    """
    from datetime import UTC, datetime

    from gateway.registry.store.opening import open_store
    from gateway.site.audit import record
    from gateway.site.config import open_site

    site = open_site(site_dir)
    snapshot = open_store(site).publish(
        every_days=site.policy().publish_every_days, force=force, now=datetime.now(UTC)
    )
    record(site_dir, "publish, before its time" if force else "publish")
    if as_json:
        at = snapshot.published_at.isoformat()
        print(json.dumps({"snapshot": snapshot.id, "version": snapshot.version.name, "at": at}))
    else:
        print(f"published {snapshot.version.name} as snapshot {snapshot.id}")


@app.command()
def extract(
    site_dir: SiteDir,
    unit: Annotated[str, typer.Argument(help="unit of analysis, e.g. case")],
    out: Annotated[Path, typer.Argument(help="new file: .csv, .parquet, .sav, .dta or .xpt")],
    *,
    k: Annotated[
        int | None,
        typer.Option(
            "--k", min=1, help="patients that share each combination; default: the profile's"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a unit's de-identified table with a codebook. Needs an agreement of its own.

    Rare combinations of what others may know of a person are generalised until k patients share
    each; OUT.report.json says what that cost. Patients have other pseudonyms in every extract.
    SPSS and Stata files hold the labels of columns and choices, SAS transport those of columns.

    Example: osteon site extract north case cases.csv --k 5
    """
    from dataclasses import asdict

    from gateway.errors import StoreError
    from gateway.registry.extracts import extract as write
    from gateway.registry.extracts import summary
    from gateway.registry.store.opening import open_store
    from gateway.registry.vault import Vault
    from gateway.site.audit import record
    from gateway.site.config import open_site

    site = open_site(site_dir)
    version = open_store(site).current()
    if version is None:
        raise StoreError("nothing is loaded yet", hint=f"osteon site ingest {site_dir} SOURCE")
    profile = site.profile()
    asked = profile.extract_k
    used = asked if k is None else k
    declared = site.dictionary(), site.derivations(), site.extracts()
    keys = Vault.open(site.vault_path).keys()
    done = write(version, unit, out, *declared, k=used, age_cap=profile.age_cap, keys=keys)
    below = f", below the profile's {asked}" if used < asked else ""
    record(site_dir, f"extract {unit}, k {used}{below}, {done.id[:16]}")
    if as_json:
        files = {"file": done.path, "codebook": done.codebook, "report": done.report}
        plain = {"extract": done.id, "rows": done.rows, "ages_opened": done.opened}
        plain |= {name: str(path) for name, path in files.items()}
        told = {"revealing": list(done.revealing), "followers": done.followers}
        print(json.dumps({**plain, **told, "dropped": list(done.dropped), **asdict(done.cost)}))
        return
    print(f"{done.rows} rows written to {done.path}")
    print(f"codebook {done.codebook}, report {done.report}")
    for line in summary(done):
        print(line)
    if below:
        print(f"warning: k is {used}{below}")


site_corrections.register(app)
site_fixes.register(app)
site_map.register(app)
site_outcomes.register(app)
site_quality.register(app)
site_serve.register(app)
site_vault.register(app)
site_worklist.register(app)
