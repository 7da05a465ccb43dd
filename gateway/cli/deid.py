"""``osteon deid``: notes made safe, in files."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.deid_evaluate import register as register_evaluate
from gateway.cli.deid_review import register as register_review

if TYPE_CHECKING:
    from deid.site_lists import SiteLists

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def deid() -> None:
    """De-identify clinical notes."""


@app.command()
def notes(
    source: Annotated[
        Path, typer.Argument(metavar="IN.jsonl", help="lines of note_id, patient_id, text")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="complete or absent")],
    patients: Annotated[
        Path,
        typer.Option(help="CSV: patient_id, first_name, last_name, mrn, birth_date and more"),
    ],
    site: Annotated[
        Path | None,
        typer.Option(help="site folder: its pseudonyms, date offsets and lists of names are used"),
    ] = None,
    staff: Annotated[
        Path | None, typer.Option(help="without --site: names of staff, one per line")
    ] = None,
    facilities: Annotated[
        Path | None, typer.Option(help="without --site: names of facilities, one per line")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="name of a shipped profile, or a YAML file")
    ] = "safe_harbor",
    workers: Annotated[int, typer.Option(min=1, max=64, help="processes")] = 1,
    *,
    force: Annotated[bool, typer.Option(help="replace OUT.jsonl if it is there")] = False,
    quiet: Annotated[bool, typer.Option(help="say nothing until the end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable summary")] = False,
) -> None:
    """Write a copy of the notes without what identifies their patients.

    A note in which a trace of the patient is left is withheld and counted; with
    --site it waits, encrypted, for "osteon deid review". A killed run goes on
    where it stopped when the same command is given again.

    Example: osteon deid notes notes.jsonl safe.jsonl --patients patients.csv --site north
    """
    from deid.runs.batch import clean_file
    from gateway.cli.note_progress import note_progress
    from policies.profile import profile as find_profile

    keys = queue = people = None
    if site is not None:
        from gateway.registry.quarantine import Quarantine
        from gateway.registry.vault import Vault

        vault = Vault.open(site / "vault")
        keys, people = vault.keys(), vault.meet
        queue = Quarantine(site / "quarantine", vault)
    lists = _lists(site, staff, facilities)
    rules = find_profile(profile)
    with note_progress(quiet=quiet or as_json) as progress:
        summary = clean_file(
            source,
            out,
            patients,
            profile=rules,
            keys=keys,
            lists=lists,
            workers=workers,
            replace=force,
            progress=progress,
            withheld=queue.keeper(rules) if queue is not None else None,
            people=people,
        )
    found = summary.to_dict() | {"profile": rules.name, "out": str(out)}
    if queue is not None:
        found["waiting_for_review"] = sum(queue.waiting_by_reason().values())
    print(json.dumps(found) if as_json else _told(found, site))


def _lists(site: Path | None, staff: Path | None, facilities: Path | None) -> SiteLists:
    """The site's lists, or those of the files given."""
    from deid.site_lists import SiteLists, read_entries

    if site is None:
        return SiteLists(*(read_entries(path) if path else () for path in (staff, facilities)))
    if staff is not None or facilities is not None:
        raise typer.BadParameter(
            f"with --site its own lists are used: {site / 'deid'}", param_hint="--staff"
        )
    return SiteLists.in_folder(site / "deid")


def _told(found: dict[str, Any], site: Path | None) -> str:
    lines = [
        (
            f"{found['out']}: {found['notes']} notes, {found['cleaned']} cleaned, "
            f"{found['withheld']} withheld (profile {found['profile']}, {found['seconds']} s)"
        )
    ]
    if found["resumed"]:
        lines.append(f"  went on behind {found['resumed']} notes of an earlier run")
    lines += [f"  withheld  {reason}: {n}" for reason, n in found["withheld_reasons"].items()]
    lines += [f"  replaced  {category}: {n}" for category, n in found["spans"].items()]
    if found.get("waiting_for_review"):
        lines.append(
            f"  {found['waiting_for_review']} notes wait for review: "
            f"osteon deid review {shlex.quote(str(site))}"
        )
    if found["telling_note_ids"]:
        lines.append(
            f"  WARNING: {found['telling_note_ids']} note ids contain the id, record number or "
            "name of their patient; note ids are written unchanged"
        )
    if found["unknown_patient_notes"]:
        lines.append(
            f"  WARNING: {found['unknown_patient_notes']} notes are of patients without name and "
            "record number in the patients file; only rules and the model looked for them"
        )
    return "\n".join(lines)


register_evaluate(app)
register_review(app)
