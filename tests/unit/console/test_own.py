"""Own outcomes and worklists in the console: exact figures that say so, and nobody's name."""

from __future__ import annotations

import json
import re
import stat

import pytest

from gateway.cli.main import main
from gateway.console.outcomes_page import own_outcomes
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import open_site
from tests.unit.console.conftest import browser, text


@pytest.fixture(scope="module")
def opened(served):
    return open_site(served)


@pytest.fixture(scope="module")
def own(opened):
    return own_outcomes(opened)


def test_the_page_tells_what_was_counted(opened, own):
    page = text(browser(opened)("/outcomes"))
    assert "Exact figures of this site alone, no private release." in page
    assert page.count("<svg") >= len(own.curves)
    first = own.curves[0].curves[0]
    row = f'<th scope="row">{first.label}</th><td class="number">{first.rows}</td>'
    assert f'{row}<td class="number">{first.events}</td>' in page
    assert f"{first.readings[1].at_risk} at risk" in page
    for rate in own.rates:
        for share in rate.shares:
            assert f"{share.part} of {share.whole}" in page
    for pattern in own.patterns:
        assert pattern.title in page


def test_worklists_are_counted_without_the_vault(site):
    counts = DuckDBStore(site.store_path).current().meta()["worklists"]
    assert [one["name"] for one in counts] == ["follow_up", "margins", "pro"]
    total = sum(sum(one["states"].values()) for one in counts)
    assert total > 0
    for path in site.vault_path.iterdir():
        path.unlink()
    page = text(browser(site)("/worklists"))
    assert f"{total} lines to work on." in page
    assert f"osteon site worklist {site.path}" in page
    assert re.search(r"<code>follow-up</code>", page)


def test_nobody_is_named(opened):
    people = [who for _, who in Vault.open(opened.vault_path)]
    names = {who[part] for who in people for part in ("mrn", "phone", "last_name") if part in who}
    assert len(names) > 10
    for path in ("/worklists", "/outcomes"):
        shown = browser(opened)(path).text
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", shown)]


def test_before_the_first_load_there_is_nothing(empty):
    assert "Nothing is loaded yet" in text(browser(empty)("/worklists"))
    assert "Nothing is loaded yet" in text(browser(empty)("/outcomes"))


def test_a_damaged_store_has_a_sentence_and_a_next_step(site):
    DuckDBStore(site.store_path).current().path.write_bytes(b"nothing")
    for path in ("/worklists", "/outcomes"):
        page = text(browser(site)(path))
        assert "cannot be read" in page
        assert "load the last export again" in page


def told(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, words)])
    return stopped.value.code or 0, capsys.readouterr().out


def test_the_command_writes_one_page_that_needs_nothing_else(opened, own, tmp_path, capsys):
    path = tmp_path / "own.html"
    code, said = told(capsys, "site", "outcomes", opened.path, "--out", path)
    assert code == 0
    assert "no private release: they stay here" in said
    assert f"{own.curves[0].curves[0].rows} rows" in said
    page = path.read_text(encoding="utf-8")
    assert "Exact figures of this site alone, no private release." in page
    assert not re.findall(r'(?:href|src)="(?!#)|<script', page)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, _ = told(capsys, "site", "outcomes", opened.path, "--out", tmp_path / "none" / "own.html")
    assert code != 0


def test_json_holds_the_same_figures(opened, own, capsys):
    _, said = told(capsys, "site", "outcomes", opened.path, "--json")
    plain = json.loads(said)
    assert plain["patients"] == own.patients
    assert [one["events"] for one in plain["curves"][0]["curves"]] == [
        one.events for one in own.curves[0].curves
    ]
    assert plain["patterns"][0]["years"][0][1] == list(own.patterns[0].years[0][1])


def test_without_a_load_the_commands_say_what_comes_first(empty, capsys):
    assert told(capsys, "site", "outcomes", empty.path)[0] != 0
    assert told(capsys, "site", "worklist", empty.path)[0] != 0
