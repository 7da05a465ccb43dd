"""A registry that declares little is told no more than can be told of it."""

from __future__ import annotations

import pytest

from gateway.registry.load import ingest
from gateway.site.config import create_site
from tests.unit.console.conftest import browser, text

LUNG = "patient_id,inst,time,status,age,sex,ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lung")
    (folder / "lung.csv").write_text(
        LUNG + "1,3,306,1,74,1,1,90,100,1175,\n2,3,455,0,68,2,0,,,,15\n"
    )
    made = create_site(folder / "site", dictionary="lung", sitemap="lung_map")
    ingest(made, folder / "lung.csv")
    return made


def test_what_is_not_declared_is_not_shown(site):
    page = text(browser(site)("/quality"))
    assert "Completeness, by tier" in page
    assert "0 of 16 filled cells do not fit" in page
    for absent in ("Provider-entered", "Stage of", "Where to start", "uniqueness", "Clark"):
        assert absent not in page
    assert "no element is declared as the date of entry" in page


def test_no_worklist_and_no_outcome_is_declared(site):
    assert "declares no worklists" in text(browser(site)("/worklists"))
    assert "declares no outcomes to show" in text(browser(site)("/outcomes"))


def test_the_commands_say_so(site, capsys):
    from gateway.cli.main import main

    said = {}
    for words in (("quality",), ("stage",), ("duplicates",), ("worklist",), ("outcomes",)):
        with pytest.raises(SystemExit) as stopped:
            main(["site", *words, str(site.path)])
        assert not stopped.value.code
        said[words[0]] = capsys.readouterr().out
    assert "provider" not in said["quality"]
    assert "declares no stages" in said["stage"]
    assert "nothing is declared" in said["duplicates"]
    assert "declares no worklists" in said["worklist"]
    assert "declares no outcomes" in said["outcomes"]
