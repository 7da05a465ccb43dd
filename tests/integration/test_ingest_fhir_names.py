"""A patient of a FHIR export has several names and numbers: no note keeps any of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder, create_site
from tests.integration.mcode import RESOURCES, coded

pytestmark = pytest.mark.slow

OLD = {"use": "old", "family": "Maidenname", "given": ["Zilpah"]}
PRESENT = {"use": "official", "family": "Thornwaite", "given": ["Zilpah", "Quenby"]}
NUMBERS = [
    {"type": coded("MR", "v2-0203"), "use": "old", "value": "5518273"},
    {"type": coded("MR", "v2-0203"), "value": "8812345"},
]
NOTE = (
    "Seen today, thornwaite quenby under 8812345 as arranged; quenby walks well. Filed under "
    "maidenname and 5518273 before. Her son Odhran Vantongeren phones 617-555-0188 for her."
)
GONE = (
    *("thornwaite", "quenby", "maidenname", "8812345", "5518273", "odhran", "vantongeren"),
    "555-0188",
)


def load(tmp_path: Path, **fields: Any) -> SiteFolder:
    """A site with the invented patient, whose Patient resource and only note are these."""
    attachment = {"contentType": "text/plain", "data": base64.b64encode(NOTE.encode()).decode()}
    replaced: dict[str, dict[str, Any]] = {
        "thornwaite": fields,
        "report": {"content": [{"attachment": attachment}]},
    }
    lines = [json.dumps({**one, **replaced.get(one["id"], {})}) + "\n" for one in RESOURCES]
    export = tmp_path / "export.ndjson"
    export.write_text("".join(lines), encoding="utf-8")
    site = create_site(
        tmp_path / "site", dictionary="sarcoma_v1", name="north", sitemap="sarcoma_mcode_map"
    )
    ingest(site, export)
    return site


@pytest.mark.parametrize("names", [[OLD, PRESENT], [PRESENT, OLD]])
def test_no_name_or_number_of_a_list_stays_in_a_note(
    tmp_path: Path, names: list[dict[str, Any]]
) -> None:
    contact = {"name": {"family": "Vantongeren", "given": ["Odhran"]}}
    telecom = [
        {"system": "phone", "value": "5550100"},
        {"system": "phone", "use": "mobile", "value": "617-555-0188"},
    ]
    site = load(tmp_path, name=names, identifier=NUMBERS, contact=[contact], telecom=telecom)
    version = DuckDBStore(site.store_path).current()
    assert version is not None
    [note] = version.connect().table("notes").to_pyarrow().to_pylist()
    assert note["withheld"] is None
    assert [one for one in GONE if one in note["text"].lower()] == []
    assert "walks well" in note["text"]
    known = Vault.open(site.vault_path).patient("thornwaite")
    assert known is not None
    # The cells are the present ones, in whichever order they come; the vault has all.
    assert (known["first_name"], known["last_name"], known["mrn"]) == (
        *("Zilpah", "Thornwaite", "8812345"),
    )
    assert {"Maidenname", "Quenby", "5518273", "617-555-0188"} <= {
        text for _, text in known["also_known"]
    }
