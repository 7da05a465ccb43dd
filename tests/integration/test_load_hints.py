"""What a refused load says beside the wrong cells: a decimal comma, a form that repeats unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import LoadRefused, SourceError
from gateway.registry.load import ingest
from gateway.site.config import SiteFolder
from tests.unit.registry import valve
from tests.unit.registry.valve import HEADER, defect, export, load, make_site, person, visit


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


def refused(site: SiteFolder, text: str) -> str:
    with pytest.raises(LoadRefused) as caught:
        load(site, text)
    return str(caught.value.hint)


def test_a_decimal_comma_is_told_and_the_map_that_reads_it_loads(site: SiteFolder) -> None:
    text = HEADER + person(height='"171,5"') + person("B1", height='"168,25"') + person("C1")
    hint = refused(site, text)
    assert hint.startswith(
        '2 wrong values (height) have a decimal comma: if numbers are written so, say decimal: "," '
        "in the site map; "
    )
    assert "171" not in hint
    assert "168" not in hint
    warned = load(site, text, accept_bad_values=True).warnings
    assert any(warning.startswith("2 wrong values (height)") for warning in warned)
    mapping = site.path.parent / "comma.yaml"
    mapping.write_text('dictionary: valve\ndecimal: ","\n', encoding="utf-8")
    assert not set(ingest(site, export(site.path.parent, text), str(mapping)).problems) & {"type"}


def test_where_other_numbers_have_a_point_the_comma_belongs_to_the_elements(
    site: SiteFolder,
) -> None:
    hint = refused(site, HEADER + person(height='"171,5"') + defect(leak="1.5"))
    assert hint.startswith("1 wrong value (height) has a decimal comma")
    assert 'decimal: "," at these elements of the site map; ' in hint
    both = HEADER + person(height='"171,5"') + person("B1", height="168.5")
    assert "in the site map; with a decimal point there: 1 value, wrong then" in refused(site, both)


@pytest.mark.parametrize("wrong", ["tall", "1,7,1", "12,500", "171,", "1 71,5"])
def test_what_is_no_decimal_gets_no_hint(site: SiteFolder, wrong: str) -> None:
    assert "decimal comma" not in refused(site, HEADER + person(height=f'"{wrong}"'))


def test_one_comma_among_other_faults_is_no_decimal_comma(site: SiteFolder) -> None:
    others = "".join(person(f"B{i}", height="tall") for i in range(3))
    assert "decimal comma" not in refused(site, HEADER + person(height='"171,5"') + others)


@pytest.fixture
def once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SiteFolder:
    """A dictionary as it is imported without --repeats: visits are there once in a record."""
    dictionary = valve.DICTIONARY.replace("Visit, repeats: true", "Visit")
    assert dictionary != valve.DICTIONARY
    monkeypatch.setattr(valve, "DICTIONARY", dictionary.replace("references: defect.nr", ""))
    units = valve.DERIVATIONS.split("elements:")[0].replace("within: defect", "within: person")
    monkeypatch.setattr(valve, "DERIVATIONS", units)
    monkeypatch.setattr(valve, "RULES", valve.RULES.split("list:")[0] + "list: {}\n")
    return make_site(tmp_path)


def test_a_form_at_several_events_names_the_import_that_lets_it_repeat(once: SiteFolder) -> None:
    text = HEADER.replace("code,", "code,redcap_event_name,", 1)
    text += person().replace("A1,", "A1,start_arm_1,", 1)
    for event, seen in (("first_arm_1", "2021-04-01"), ("second_arm_1", "2021-05-01")):
        text += visit(seen=seen).replace("A1,visit,1,", f"A1,{event},,,", 1)
    hint = refused(once, text)
    assert hint.startswith(
        "1 form (visit) that the dictionary does not let repeat stands in a record more than once:"
    )
    assert "osteon dictionary import DICTIONARY.csv OUT.yaml --name NAME --repeats visit; " in hint
    report = load(once, text, accept_bad_values=True)
    assert any("--repeats visit" in warning for warning in report.warnings)
    [line] = [one for one in valve.fixlist(once) if one["rule"] == "duplicate"]
    assert "import the dictionary with --repeats" in line["fix"]


def test_rows_of_a_form_that_repeats_in_the_project_alone_name_it_too(once: SiteFolder) -> None:
    with pytest.raises(SourceError) as caught:
        load(once, HEADER + person() + visit())
    assert "OUT.yaml --name NAME --repeats visit;" in str(caught.value.hint)


def test_the_patients_form_at_two_events_is_not_told_to_repeat(site: SiteFolder) -> None:
    text = HEADER.replace("code,", "code,redcap_event_name,", 1)
    text += person().replace("A1,", "A1,start_arm_1,", 1)
    text += person(sex="1").replace("A1,", "A1,late_arm_1,", 1)
    assert "--repeats" not in refused(site, text)
