"""Notes against fields: through a load, at the site only."""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
from pathlib import Path

import pytest

import gateway.registry.stated
from deid.stated.statements import Stated
from federated.study.plan import unit_table
from gateway.cli.main import main
from gateway.registry.load import ingest
from gateway.registry.stated import compare
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import SiteFolder, create_site
from policies.decode import decode, parse_yaml
from policies.derivation import unit_scopes
from policies.errors import DeclarationError
from policies.expression import check, parse
from policies.stated_check import Check, StatedChecks
from tests.unit.console.conftest import browser, text

ROOT = Path(__file__).parents[2]
DICTIONARY = """
dictionary: eye
version: 1
title: Tumours of the eye
key: code
instruments:
  person: {label: Person}
  growth: {label: Growth, repeats: true}
  report: {label: Report, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  family: {instrument: person, label: Family, type: text, identifier: true, deid: drop, hipaa: A}
  nr: {instrument: growth, label: Number, type: integer, bounds: [1, 9]}
  found: {instrument: growth, label: Found, type: date, roles: [anchor]}
  eye: {instrument: growth, label: Eye, type: category, choices: {l: Left, r: Right}}
  across: {instrument: growth, label: Across, type: number, bounds: [0, 9], unit: cm}
  edge: {instrument: growth, label: Edge, type: category, choices: {ok: Clean, bad: Not clean}}
  of: {instrument: report, label: Of, type: integer, bounds: [1, 9], references: growth.nr}
  sort: {instrument: report, label: Sort, type: category, choices: {p: Pathology, o: Other}}
  body: {instrument: report, label: Body, type: note, identifier: true, deid: nlp}
"""
STATED = """
stated: eye
version: 1
dictionary: eye
note: body
checks:
  edge: {states: margin, element: edge, means: {R0: [ok], R1: [bad], R2: [bad]}, notes: {sort: [p]}}
  across: {states: size_cm, element: across, relative: 0.1}
  side: {states: laterality, element: eye, means: {left: [l], right: [r]}}
"""
HEADER = "code,redcap_repeat_instrument,redcap_repeat_instance,family,nr,found,eye,across,edge,of,sort,body\n"
ROWS = (
    "A,,,Quibbleworth,,,,,,,,",
    "A,growth,1,,1,2020-01-01,l,2,ok,,,",
    "A,growth,2,,2,2020-01-02,r,1,,,,",
    'A,report,1,,,,,,,1,p,"Specimen: left orbit tumor, 2 cm. Margins are negative."',
    'A,report,2,,,,,,,1,p,"Specimen: right orbit tumor, 3 cm. The deep margin is positive."',
    'A,report,3,,,,,,,2,p,"Specimen: orbit. The deep margin is positive."',
    'A,report,4,,,,,,,1,o,"We cannot exclude a positive margin. The deep margin is positive."',
    'A,report,5,,,,,,,,o,"Specimen: right orbit tumor, 1 cm."',
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> SiteFolder:
    folder = tmp_path_factory.mktemp("eye")
    (folder / "eye.yaml").write_text(DICTIONARY, encoding="utf-8")
    (folder / "map.yaml").write_text("dictionary: eye\n", encoding="utf-8")
    (folder / "export.csv").write_text(HEADER + "\n".join(ROWS) + "\n", encoding="utf-8")
    made = create_site(
        folder / "site", dictionary=str(folder / "eye.yaml"), sitemap=str(folder / "map.yaml")
    )
    (made.path / "stated").mkdir()
    (made.path / "stated/eye.yaml").write_text(STATED, encoding="utf-8")
    ingest(made, folder / "export.csv")
    return made


def current(site: SiteFolder):
    version = DuckDBStore(site.store_path).current()
    assert version is not None
    return version


@pytest.mark.slow
def test_a_load_counts_what_agrees(site):
    found = {line["check"]: line for line in current(site).meta()["quality"]["stated"]}
    counts = {
        name: tuple(line[o] for o in ("agree", "disagree", "no_value", "not_stated"))
        for name, line in found.items()
    }
    # Report 3 is of the second growth, whose edge is not filled; report 4 is no pathology; report
    # 5 names no growth and agrees with the second.
    assert counts == {"edge": (1, 1, 1, 0), "across": (2, 1, 0, 2), "side": (2, 1, 0, 2)}


@pytest.mark.slow
def test_a_disagreement_is_on_the_fix_list_with_its_note(site):
    with site.fixlist_path.open(encoding="utf-8", newline="") as stream:
        listed = [row for row in csv.DictReader(stream) if row["rule"] == "note"]
    places = {(r["record"], r["instrument"], r["instance"], r["fields"], r["row"]) for r in listed}
    assert places == {("A", "report", "2", name, "6") for name in ("edge", "across", "eye")}


@pytest.mark.slow
def test_what_is_stored_holds_no_word_of_a_note(site):
    version = current(site)
    columns = [row[0] for row in version.rows("DESCRIBE stated")]
    rows = version.rows("SELECT DISTINCT element, outcome FROM stated")
    patients = version.rows("SELECT DISTINCT _patient FROM stated")
    assert columns == ["_patient", "_instance", "element", "outcome"]
    assert {row[0] for row in rows} == {"edge", "across", "eye"}
    assert {row[1] for row in rows} == {"agree", "disagree", "no_value", "not_stated"}
    assert patients != [("A",)]
    assert "orbit" not in site.fixlist_path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_quality_shows_it(site, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["site", "quality", str(site.path)])
    assert not stopped.value.code
    said = capsys.readouterr().out
    assert "notes against fields" in said
    assert [line.split()[1:] for line in said.splitlines() if line.startswith("  across")] == [
        ["2", "1", "0", "2"]
    ]
    with pytest.raises(SystemExit):
        main(["site", "quality", str(site.path), "--json"])
    assert json.loads(capsys.readouterr().out)["stated"][0]["disagree"] == 1


@pytest.mark.slow
def test_the_console_shows_it(site):
    page = text(browser(site)("/quality"))
    rows = dict(re.findall(r'<tr><th scope="row">(Edge|Across|Eye)</th>(.*?)</tr>', page))
    numbers = {label: re.findall(r'class="number">([^<]+)<', row) for label, row in rows.items()}
    assert numbers == {
        "Edge": ["1", "1", "1", "0", "50 %"],
        "Across": ["2", "1", "0", "2", "66 %"],
        "Eye": ["2", "1", "0", "2", "66 %"],
    }
    assert "orbit" not in page


@pytest.mark.slow
def test_a_note_that_cannot_be_read_in_time_states_nothing_and_ends_no_load(
    site, tmp_path, monkeypatch
):
    said = '"Specimen: left orbit tumor, 2 cm.{}"'
    long, blank, odd = said.format("x" * 400_001), said.format("\n" * 100_000), said.format(" Odd.")
    rows = [
        ROWS[0],
        ROWS[1],
        *(f"A,report,{n},,,,,,,1,p,{t}" for n, t in enumerate((long, blank, odd), 1)),
    ]
    (tmp_path / "odd.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    real = gateway.registry.stated.stated

    def fails(text):
        return 1 / 0 if "Odd" in text else real(text)

    monkeypatch.setattr(gateway.registry.stated, "stated", fails)
    other = create_site(
        tmp_path / "site",
        dictionary=str(site.path / "dictionaries/eye.yaml"),
        sitemap=str(site.config.map),
    )
    shutil.copytree(site.path / "stated", other.path / "stated")
    report = ingest(other, tmp_path / "odd.csv", notes=True)
    assert report.notes_withheld == {"too_long": 1}
    (side,) = [x for x in current(other).meta()["quality"]["stated"] if x["check"] == "side"]
    assert (side["agree"], side["not_stated"]) == (1, 2)


@pytest.mark.slow
def test_no_query_can_name_it(site):
    """Queries read units' tables and the elements of their scopes; there is neither here."""
    units = site.derivations().units
    assert "stated" not in {unit_table(unit) for unit in units}
    version = current(site)
    for unit in units:
        columns = {row[0] for row in version.rows(f"DESCRIBE {unit_table(unit)}")}
        assert not columns & {"outcome", "stated", "element"}
    scopes = unit_scopes(site.dictionary(), site.derivations())
    for unit in units:
        for words in ("outcome = 'disagree'", "any(stated where outcome = 'disagree')"):
            with pytest.raises(DeclarationError):
                check(parse(words, where="q"), scopes[unit], where="q", expect="boolean")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def test_nothing_that_talks_to_the_network_knows_it():
    def users(module: str) -> set[str]:
        return {
            path.relative_to(ROOT).as_posix()
            for package in ("gateway", "deid", "federated", "policies")
            for path in (ROOT / package).rglob("*.py")
            if module in imports(path)
        }

    assert users("gateway.registry.stated") == {"gateway/registry/load_steps.py"}
    assert users("deid.stated.statements") == {"gateway/registry/stated.py"}
    assert not [p for p in (ROOT / "protos").rglob("*.proto") if "stated" in p.read_text("utf-8")]
    # What a load recorded about quality is read for the site's own command and pages, and by the
    # load that comes after it.
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gateway").rglob("*.py")
        if re.search(r'(\[|\.get\()"quality"', path.read_text(encoding="utf-8"))
    }
    assert readers == {
        "gateway/registry/load.py",
        "gateway/registry/quality/recorded.py",
        "gateway/registry/quality/trend.py",
    }
    assert users("gateway.registry.quality.recorded") == {
        "gateway/cli/quality_lines.py",
        "gateway/cli/site_quality.py",
        "gateway/console/load.py",
        "gateway/site/availability.py",
    }


def checked(text: str) -> Check:
    return decode(Check, parse_yaml(text, where="c"), where="c")


@pytest.mark.parametrize(
    ("value", "fields", "outcome"),
    [
        (5.0, [5.4], "agree"),
        (5.0, [9.0, 5.1], "agree"),
        (5.0, [5.6], "disagree"),
        (5.0, [50.0], "disagree"),
        (50.0, [54.0], "agree"),
        (5.0, [], "no_value"),
        (5.0, [None], "no_value"),
        (None, [5.0], "not_stated"),
    ],
)
def test_numbers_agree_within_a_tolerance(value, fields, outcome):
    size = checked("{states: size_cm, element: e, tolerance: 0.5, relative: 0.1}")
    said = None if value is None else Stated("size_cm", value, 0, 1, 0.8)
    assert compare(size, said, fields) == outcome
    if said is not None:
        assert compare(size, Stated("size_cm", value, 0, 1, 0.5), fields) == "not_stated"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("note: eye", "no note"),
        ("note: body\nchecks: {a: {states: size_cm, element: zebra}}", "unknown element"),
        ("note: body\nchecks: {a: {states: size_cm, element: eye}}", "does not suit"),
        ("note: body\nchecks: {a: {states: margin_mm, element: across}}", "not in mm"),
        ("note: body\nchecks: {a: {states: margin, element: edge, means: {R0: [x]}}}", "choice"),
        ("note: body\nchecks: {a: {states: margin, element: edge}}", "means"),
        ("note: body\nchecks: {a: {states: margin, element: edge, means: {R7: [ok]}}}", "R7"),
        ("note: body\nchecks: {a: {states: size_cm, element: across, notes: {eye: [l]}}}", "form"),
        ("checks: {a: {states: size_cm, element: across}}", "holds the note"),
        ("note: body\nfields: {}", "unknown key"),
    ],
)
def test_a_check_that_does_not_suit_is_refused(site, text, says):
    head = "stated: eye\nversion: 1\ndictionary: eye\n"
    with pytest.raises(DeclarationError, match=says):
        decode(StatedChecks, parse_yaml(head + text, where="s"), where="s").check_against(
            site.dictionary()
        )
