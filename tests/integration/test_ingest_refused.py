"""Loads that are refused, with the file, row and field named, and nothing half-written."""

from __future__ import annotations

import csv
import traceback
from pathlib import Path

import pytest

from gateway.errors import LoadRefused, SourceError, StoreError
from gateway.registry.bench import open_bench
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import SiteFolder
from policies.errors import DeclarationError
from tests.unit.registry.valve import (
    EXPORT,
    HEADER,
    defect,
    export,
    fixlist,
    load,
    make_site,
    person,
    rows,
    visit,
)


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


def require(site: SiteFolder, *elements: str) -> None:
    path = site.path / "dictionaries" / "valve.yaml"
    text = path.read_text(encoding="utf-8")
    for name in elements:
        before, found, rest = text.partition(f"  {name}: {{")
        assert found
        text = f"{before}{found}required: true, {rest}"
    path.write_text(text, encoding="utf-8")


def load_path(site: SiteFolder, path: Path) -> None:
    ingest(site, path)


def test_wrong_values_refuse_the_load_and_name_row_and_field(site: SiteFolder) -> None:
    load(site)
    before = DuckDBStore(site.store_path).current()
    text = HEADER + person(height="zebra", sex="7") + defect(leak="50", found="31.12.2020")
    with pytest.raises(LoadRefused) as caught:
        load(site, text)
    assert caught.value.exit_code == 2
    assert caught.value.count == 4
    assert "row 2: field 'height' is not a number" in str(caught.value)
    assert "row 2: field 'sex' is not one of its choices" in str(caught.value)
    assert "row 3: field 'leak_cm' is outside its bounds, 0 to 5 cm" in str(caught.value)
    assert "row 3: field 'found' is not a date written YYYY-MM-DD" in str(caught.value)
    assert "zebra" not in str(caught.value)
    assert "31.12" not in str(caught.value)
    assert DuckDBStore(site.store_path).current() == before


def test_a_refused_load_lists_every_fault_until_one_succeeds(site: SiteFolder) -> None:
    listed = site.path / "refused.csv"
    load(site)
    before = fixlist(site)
    text = HEADER + "".join(person(f"P{i}", height="zebra") for i in range(50))
    with pytest.raises(LoadRefused, match="50 cells are wrong") as caught:
        load(site, text)
    assert caught.value.hint is not None
    assert "refused.csv" in caught.value.hint
    with listed.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [line["row"] for line in found] == [str(i + 2) for i in range(50)]
    assert {(line["fields"], line["rule"]) for line in found} == {("height", "type")}
    assert "zebra" not in listed.read_text(encoding="utf-8")
    assert listed.stat().st_mode & 0o077 == 0
    assert fixlist(site) == before
    with pytest.raises(LoadRefused, match="1 cell is wrong"):
        load(site, HEADER + person(height="zebra"))
    assert len(listed.read_text(encoding="utf-8").splitlines()) == 2
    load(site)
    assert not listed.exists(), "the same file again succeeds too"
    with pytest.raises(LoadRefused):
        load(site, text)
    load(site, text, accept_bad_values=True)
    assert not listed.exists()


def test_a_load_that_fails_at_the_end_is_made_good_by_the_next(
    site: SiteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.registry.vault import Vault

    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(DuckDBStore, "adopt", fail)
        with pytest.raises(StoreError):
            load(site)
    assert DuckDBStore(site.store_path).current() is None
    assert load(site).changed
    assert Vault.open(site.vault_path).patient("A1") is not None
    assert site.fixlist_path.exists()


def test_accepted_wrong_values_are_missing_and_listed(site: SiteFolder) -> None:
    report = load(site, HEADER + person(height="zebra") + defect(), accept_bad_values=True)
    assert report.problems["type"] == 1
    assert rows(site, "person")[0]["height"] is None
    [line] = [line for line in fixlist(site) if line["rule"] == "type"]
    assert (line["row"], line["record"], line["fields"]) == ("2", "A1", "height")
    assert "zebra" not in site.fixlist_path.read_text(encoding="utf-8")


def test_row_numbers_count_lines_within_cells(site: SiteFolder) -> None:
    text = HEADER + person(surname='"two\nlines"') + "\n" + person("B1", height="zebra")
    with pytest.raises(LoadRefused, match="row 5: field 'height'"):
        load(site, text)


def test_a_record_twice_and_an_instance_twice_are_listed(site: SiteFolder) -> None:
    text = EXPORT + person() + visit(beats="80")
    with pytest.raises(LoadRefused) as caught:
        load(site, text)
    assert "row 7: field 'person' the record has this form twice" in str(caught.value)
    assert "row 8: field 'visit' the record has the same instance of this form twice" in str(
        caught.value
    )
    load(site, text, accept_bad_values=True)
    assert len(rows(site, "visit")) == 2
    assert len(rows(site, "person")) == 1


def test_a_row_of_a_plain_table_twice_refuses_the_load(site: SiteFolder) -> None:
    mapping = site.path.parent / "plain.yaml"
    mapping.write_text(
        "dictionary: valve\nelements: {nr: {const: 1}, of: {const: 1}}\n", encoding="utf-8"
    )
    text = "code,sex,found,seen\nA,1,2021-03-01,2021-04-01\nB,2,2021-03-01,2021-04-01\n"
    source = export(site.path.parent, text + "A,1,2021-03-01,2021-04-01\n", "plain.csv")
    with pytest.raises(LoadRefused) as caught:
        ingest(site, source, str(mapping))
    assert caught.value.exit_code == 2
    said = str(caught.value)
    assert said.startswith("plain.csv: ")
    assert "row 4: field 'nr' the record has the same row of this form twice; " in said
    assert "the first is kept (row 2)" in said
    assert DuckDBStore(site.store_path).current() is None
    ingest(site, source, str(mapping), accept_bad_values=True)
    assert [len(rows(site, unit)) for unit in ("person", "defect", "visit")] == [2, 2, 2]
    listed = {(line["row"], line["fields"], line["rule"]) for line in fixlist(site)}
    assert listed == {("4", "nr", "duplicate"), ("4", "visit", "duplicate")}


def test_an_export_without_a_required_column_is_refused(site: SiteFolder) -> None:
    require(site, "sex", "beats", "seen", "surname", "score")
    source = export(site.path.parent, "code,sex,seen\nA,1,2021-04-01\n", "cut.csv")
    with pytest.raises(SourceError) as caught:
        ingest(site, source)
    assert str(caught.value) == "cut.csv: field 'beats': is required and has no column"
    assert caught.value.exit_code == 2
    assert caught.value.hint is not None
    assert "`absent:`" in caught.value.hint
    with pytest.raises(SourceError, match=r"field 'sex': .*; so are seen, beats"):
        ingest(site, export(site.path.parent, "code\nA\n"), accept_bad_values=True)
    assert DuckDBStore(site.store_path).current() is None


@pytest.mark.parametrize("more", ["absent: [beats]", "rows: [person, defect]"])
def test_the_map_may_say_that_a_required_column_is_absent(site: SiteFolder, more: str) -> None:
    require(site, "sex", "beats")
    mapping = site.path.parent / "absent.yaml"
    mapping.write_text(f"dictionary: valve\n{more}\n", encoding="utf-8")
    source = export(site.path.parent, "code,sex,found\nA,1,2021-04-01\n")
    assert ingest(site, source, str(mapping)).patients == 1


def test_absent_lists_elements_of_the_dictionary(site: SiteFolder) -> None:
    mapping = site.path.parent / "absent.yaml"
    mapping.write_text("dictionary: valve\nabsent: [beatz]\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match='absent: "beatz" is not an element'):
        ingest(site, export(site.path.parent), str(mapping))


@pytest.mark.parametrize("instance", ["0", "-1", "1.5", "first"])
def test_an_instance_that_is_no_number_is_a_wrong_cell(site: SiteFolder, instance: str) -> None:
    text = HEADER + person() + visit() + visit(instance=instance)
    with pytest.raises(LoadRefused) as caught:
        load(site, text)
    assert caught.value.count == 1
    said = "row 4: field 'redcap_repeat_instance' is not a whole number from 1"
    assert said in str(caught.value)
    load(site, text, accept_bad_values=True)
    assert len(rows(site, "visit")) == 2


def test_a_file_that_is_no_table_is_named(site: SiteFolder, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        load_path(site, tmp_path / "absent.csv")


def test_a_pattern_that_the_engine_cannot_read_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    path = site.path / "dictionaries" / "valve.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("^[A-Z][0-9]$", "^(?=B)B[0-9]$"))
    with pytest.raises(DeclarationError, match=r"elements\.ward\.pattern"):
        load(site)


def test_the_engines_own_words_never_come_out(site: SiteFolder) -> None:
    with pytest.raises(StoreError) as caught, open_bench(site.path / "spill") as bench:
        bench.run("SELECT CAST('Quibbleworth' AS INTEGER)")
    assert "Quibbleworth" not in "".join(traceback.format_exception(caught.value))


def test_the_command_line_refuses_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gateway.cli.main import main

    site = make_site(tmp_path)
    source = export(tmp_path, HEADER + person(height="zebra"))
    with pytest.raises(SystemExit) as stopped:
        main(["site", "ingest", str(site.path), str(source)])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert "row 2: field 'height' is not a number" in said.err
    assert "--accept-bad-values" in said.err
    assert "zebra" not in said.err + said.out


def test_an_unknown_tier_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gateway.cli.main import main

    site = make_site(tmp_path)
    load(site)
    with pytest.raises(SystemExit) as stopped:
        main(["site", "quality", str(site.path), "--tier", "golden"])
    assert stopped.value.code == 2
    assert "essential, core, extended" in " ".join(capsys.readouterr().err.split())
