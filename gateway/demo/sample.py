"""One note of the demo, before and after, through the engine and keys that loaded it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.site_lists import SiteLists
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder

__all__ = ["write_sample"]

_CLINIC_NOTE = "3"


def write_sample(site: SiteFolder, export: Path, out: Path) -> None:
    """Write ``{"before", "after", "spans"}`` of one note of ``export`` to ``out``, of a clinic note
    if there is one; nothing where no note came through.
    """
    with export.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = {row["record_id"]: row for row in rows if not row["redcap_repeat_instrument"]}
    vault = Vault.open(site.vault_path)
    engine = NoteEngine(site.profile(), vault.keys(), lists=SiteLists(people=vault.met()))
    written = [row for row in rows if row["note_text"]]
    for row in sorted(written, key=lambda row: row["note_type"] != _CLINIC_NOTE):
        clean = engine.clean(row["note_text"], _patient(people[row["record_id"]], rows, row))
        if clean.text is not None:
            spans = [{"start": span.start, "end": span.end} for span in clean.spans]
            sample = {"before": row["note_text"], "after": clean.text, "spans": spans}
            out.write_text(json.dumps(sample), encoding="utf-8")
            return


def _patient(person: dict[str, str], rows: list[dict[str, str]], note: dict[str, str]) -> Patient:
    diagnosed = [
        row["dx_date"] for row in rows if row["record_id"] == person["record_id"] and row["dx_date"]
    ]
    return Patient(
        patient_id=person["record_id"],
        first_name=person["first_name"],
        last_name=person["last_name"],
        mrn=person["mrn"],
        birth_date=date.fromisoformat(person["dob"]) if person["dob"] else None,
        anchor=date.fromisoformat(min(diagnosed)) if diagnosed else None,
        other=(("phone", person["phone"]), ("author_name", note["note_author"])),
    )
