"""Every record that breaks a rule, through a real load: the fix list says so by the same name.

The records are those of ``tests/spec/test_rules.py``, which tries them on the interpreter; here
branching, typing and SQL stand in between.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.load import ingest
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder, create_site
from policies.dictionary import Dictionary
from tests.spec.records import dictionary, lists
from tests.spec.test_rules import FOUND, TODAY

pytestmark = pytest.mark.slow
HEAD = ("redcap_repeat_instrument", "redcap_repeat_instance")
NOTHING_TO_LOAD = {"sex": "1", "dob": date(1970, 1, 1), "consent_status": "2"}


def cells(given: dict[str, Any], known: Dictionary) -> dict[str, str]:
    """A row's answers as REDCap exports them."""
    row = {}
    for name, value in given.items():
        if name not in known.elements or value is None:
            continue
        if known.elements[name].type == "multi":
            for code, column in zip(known.elements[name].choices, known.columns(name), strict=True):
                row[column] = str(int(code in value))
        else:
            row[name] = str(value)
    return row


def write_export(path: Path, known: Dictionary) -> None:
    """A REDCap export with one record per item of FOUND, called R and its number."""
    columns = [column for name in known.elements for column in known.columns(name)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(["record_id", *HEAD, *columns])), "")
        writer.writeheader()
        for number, (_, record) in enumerate(FOUND):
            for form, rows in lists(**record).items():
                for instance, row in enumerate(rows, start=1):
                    own = NOTHING_TO_LOAD | row if form == known.root else row
                    place = ("", "") if form == known.root else (form, str(instance))
                    writer.writerow(
                        cells(own, known)
                        | dict(zip(HEAD, place, strict=True))
                        | {"record_id": f"R{number:03}"}
                    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[SiteFolder, dict[str, set[str]]]:
    """The site, and the rules on the fix list by record."""
    folder, known = tmp_path_factory.mktemp("rules"), dictionary()
    export = folder / "export.csv"
    write_export(export, known)
    site = create_site(folder / "site", dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map")
    at = datetime.combine(TODAY, time(12), UTC)
    ingest(site, export, accept_bad_values=True, notes=False, now=lambda: at)
    found: dict[str, set[str]] = {}
    with site.fixlist_path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            found.setdefault(line["record"], set()).add(line["rule"])
    return site, found


@pytest.mark.parametrize("number", range(len(FOUND)), ids=lambda n: f"{n}-{FOUND[n][0]}")
def test_the_load_lists_it(loaded: tuple[SiteFolder, dict[str, set[str]]], number: int) -> None:
    assert FOUND[number][0] in loaded[1].get(f"R{number:03}", set())


@pytest.mark.parametrize("rule", ["VR018", "VR032", "VR036b"])
def test_what_was_entered_stands_beside_what_is_computed(
    loaded: tuple[SiteFolder, dict[str, set[str]]], rule: str
) -> None:
    with loaded[0].fixlist_path.open(encoding="utf-8", newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["rule"] == rule]
    # A total out of its bounds is wrong also where its parts are not there to be summed.
    compared = [line for line in lines if line["computed"]]
    assert compared
    assert all(line["entered"] for line in lines)
    for line in compared:
        assert line["entered"] != line["computed"]
        assert line["says"] == loaded[0].rules().list[rule].sentence


def test_a_date_of_death_of_somebody_alive_is_a_death(
    loaded: tuple[SiteFolder, dict[str, set[str]]],
) -> None:
    """The form hides the date where the patient is alive; which of the two is wrong is not known."""
    site, found = loaded
    numbers = [n for n, (rule, _) in enumerate(FOUND) if rule == "VR007b"]
    assert numbers
    version = open_store(site).current()
    assert version is not None
    from gateway.registry.vault import Vault

    keys = Vault.open(site.vault_path).keys()
    for number in numbers:
        assert "branch" not in found[f"R{number:03}"]
        pseudonym = keys.pseudonym(f"R{number:03}")
        sql = f"SELECT os_event FROM unit_case WHERE _patient = '{pseudonym}'"
        assert version.rows(sql) == [(True,)]
