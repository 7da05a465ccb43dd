"""The pages of a site that is loaded, published and asked: the right figures, no patient."""

from __future__ import annotations

import csv
import json
import re
import stat
from datetime import timedelta

import duckdb
import pytest

from federated.privacy.ledger import Ledger
from federated.privacy.loss import epsilon_of, nano_rho_for
from gateway.cli.main import main
from gateway.cli.quality_lines import lines
from gateway.console.outcomes_page import own_outcomes, write_outcomes
from gateway.console.quality_page import write_quality
from gateway.console.words import epsilon
from gateway.errors import SiteError
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.audit import AuditEntry, AuditLog
from gateway.site.config import open_site
from tests.unit.console.conftest import NOW, browser, text

PAGES = ("/", "/budget", "/questions", "/quality", "/worklists", "/outcomes", "/review")


@pytest.fixture(scope="module")
def get(served):
    return browser(open_site(served))


@pytest.fixture(scope="module")
def meta(served):
    return DuckDBStore(served / "store").current().meta()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_and_says_that_its_counts_stay(get, path):
    reply = get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    footer = text(reply).partition("<footer>")[2]
    assert "These counts are exact. They stay at this site." in footer
    assert reply.text.count('aria-current="page"') == 1
    assert reply.text.count("<h1") == 1


@pytest.mark.parametrize("path", [*PAGES, "/status.json"])
def test_nothing_of_a_patient_is_shown(get, served, path):
    shown = get(path).text
    with (served / "fixlist.csv").open(encoding="utf-8") as file:
        records = {row["record"] for row in csv.DictReader(file)}
    store = DuckDBStore(served / "store").current().connect()
    try:
        patients = store.raw_sql("SELECT DISTINCT _patient FROM unit_patient").fetchall()
    finally:
        store.disconnect()
    assert records
    assert patients
    assert not [record for record in records if re.search(rf"\b{re.escape(record)}\b", shown)]
    assert not [pseudonym for (pseudonym,) in patients if pseudonym in shown]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_and_asks_for_nothing_outside(get, path):
    page = get(path).text
    assert "<script" not in page
    assert " style=" not in page  # the policy of the page would drop it
    assert set(re.findall(r'(?:href|src)="([^"#]+)', page)) <= {
        *PAGES,
        "/console.css",
        "/status.json",
    }


def test_overview_shows_the_site_at_a_glance(get, meta):
    page = text(get("/"))
    assert f"{meta['patients']} <small>patients" in page
    assert f"{meta['rows']:,} rows (redcap)" in page
    assert "dictionary sarcoma_v1, version 1" in page
    assert "serial 1" in page
    assert "signed by the site&#39;s officer" in page
    assert "5 entries" in page
    assert "<strong>Nothing.</strong>" in page


def test_status_gives_the_same_numbers(get, meta, served):
    found = get("/status.json").json()
    spent = Ledger(served / "ledger.sqlite").spent()
    assert found["site"] == "north"
    assert found["dictionary"]["name"] == "sarcoma_v1"
    assert found["load"]["patients"] == meta["patients"]
    assert found["load"]["problems"] == sum(meta["problems"].values())
    assert found["published"]["newer_load"] is False
    assert found["policy"] == {
        "serial": 1,
        "valid_until": open_site(served).policy().valid_until,
        "state": "signed",
    }
    assert found["budget"]["year"]["spent_nano_rho"] == spent.year
    assert found["budget"]["behind"] is False
    assert found["audit"]["entries"] == 4
    assert found["attention"] == []


def test_budget_is_shown_against_the_policy(get, served):
    page = text(get("/budget"))
    spent = Ledger(served / "ledger.sqlite").spent().year
    shown = re.findall(r"ε ([\d.]+) <small>of (\d+)</small>", page)
    assert shown == [(epsilon(spent), "3"), (epsilon(spent), "10")]
    assert epsilon_of(spent) <= float(epsilon(spent)) < epsilon_of(spent) + 0.01
    # The starter policy allows ε 3 a year; the bar counts in ρ.
    width = float(re.search(r'class="part" width="([\d.]+)"', page)[1])
    assert width == pytest.approx(100 * spent / nano_rho_for(3), abs=0.01)


def test_each_pending_reservation_is_listed(get, served):
    page = text(get("/budget"))
    ((entry, _, cost),) = Ledger(served / "ledger.sqlite").pending()
    row = f'<th scope="row">{entry}</th><td class="number">ε {epsilon(cost)}</td>'
    assert row in page
    assert f"{cost:,}" in page


def test_questions_come_newest_first_in_words(get):
    page = text(get("/questions"))
    assert "none of 4 entries was altered" in page
    rows = re.findall(r"<tr> <th scope=\"row\".*?</tr>", page)
    assert len(rows) == 4
    assert "not verified" in rows[0]
    assert "nobody in the roster signed it" in rows[0]
    assert "bea" in rows[1]
    assert "the purpose is not among those the site allows" in rows[1]
    assert "free, answered before" in rows[2]
    assert "ε 1.00" in rows[3]
    assert "DUO:0000006" in rows[3]


def test_what_an_unknown_sender_wrote_is_not_shown(get):
    page = get("/questions").text
    assert "me</b>" not in page
    assert "me&lt;" not in page


def test_quality_counts_by_tier_form_and_rule(get, meta):
    page = text(get("/quality"))
    essential = [e for e in meta["quality"]["completeness"] if e["tier"] == "essential"]
    applies = sum(e["applies"] or 0 for e in essential)
    known = sum(e["known"] or 0 for e in essential)
    row = re.search(r'<th scope="row">essential</th>(.*?)</tr>', page)[1]
    assert f">{applies:,}<" in row
    assert f">{100 * known // applies} %<" in row
    block = meta["quality"]["provider_block"]
    assert f"({block['present']} of {block['rows']})" in page
    assert meta["problems"]
    for rule, count in meta["problems"].items():
        found = re.search(rf'<th scope="row">{rule}</th>.*?<td class="number">(\d+)</td>', page)
        assert int(found[1]) == count
    assert (
        "Surgery lies between admission and discharge." in page or "VR004" not in meta["problems"]
    )
    assert "The load holds no notes." in page


def test_a_form_without_rows_has_no_share_and_no_fault(get, meta):
    notes = [e for e in meta["quality"]["completeness"] if e["instrument"] == "clinical_note"]
    assert notes
    assert all(e["applies"] == 0 for e in notes)
    row = re.search(r'<th scope="row">Clinical note</th>(.*?)</tr>', text(get("/quality")))[1]
    assert "%" not in row


def test_a_long_log_is_read_page_by_page(site):
    log = AuditLog(site.path / "audit.sqlite")
    for number in range(120):
        log.append(AuditEntry("answer", "refused", actor=f"r{number}"))
    get = browser(site)
    first = text(get("/questions"))
    assert first.count('<th scope="row"') == 100
    older = re.search(r'href="(/questions\?before=\d+)"', first)[1]
    second = text(get(older))
    assert second.count('<th scope="row"') == 24
    assert ">r19<" in second
    assert ">r20<" not in second
    assert ">older<" not in second


def test_an_old_snapshot_shows_its_age_and_a_new_year_its_own_budget(site):
    later = browser(site, now=NOW + timedelta(days=366))
    assert "366 days ago" in later("/").text
    found = later("/status.json").json()["budget"]
    assert found["year"]["spent_nano_rho"] == 0
    assert found["life"]["spent_nano_rho"] > 0


def test_quality_shows_each_group_with_its_figures(get, meta):
    page = text(get("/quality"))
    found = meta["quality"]
    fit = found["conformance"]
    assert f"of {fit['cells']:,} filled cells do not fit" in page
    for one in found["follow_up"]:
        last = one["closings"][-1]
        row = re.search(rf'<th scope="row">{one["label"]}</th>(.*?)</tr>', page)[1]
        assert f">{last['patients']:,}<" in row
        assert f">{100 * last['observed_days'] // last['days']} %" in row
    for one in found["windows"][0]["times"]:
        row = re.search(rf'<th scope="row">{one["label"]}</th>(.*?)</tr>', page)[1]
        assert f'>{one["due"]:,}</td><td class="number">{one["captured"]:,}<' in row
    assert "Lancet 2002;359:1309–10" in page
    assert "no element is declared as the date of entry" in page
    assert "There is no load before this one" in page
    assert page.count("<svg") >= 3


def test_a_share_of_few_is_told_as_counts(get, meta):
    few = [t for t in meta["quality"]["windows"][0]["times"] if 0 < t["due"] < 20]
    assert few, "the small hospital has small windows"
    page = text(get("/quality"))
    for one in few:
        row = re.search(rf'<th scope="row">{one["label"]}</th>(.*?)</tr>', page)[1]
        assert f">{one['captured']} of {one['due']}<" in row


def test_the_file_shows_the_same_as_the_page_and_needs_nothing_else(get, served, tmp_path):
    path = tmp_path / "quality.html"
    write_quality(open_site(served), path)
    alone = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "<script" not in alone
    assert not re.findall(r'(?:href|src)="(?!#)', alone)
    assert "url(" not in alone
    body = re.search(r"<h1>Data quality</h1>(.*)</main>", " ".join(alone.split()))[1]
    served_body = re.search(r"<h1>Data quality</h1>(.*)</main>", text(get("/quality")))[1]
    assert body == served_body


def test_a_file_that_exists_is_written_over_only_when_told_so(served, tmp_path):
    site, found = open_site(served), own_outcomes(open_site(served))
    for name, write in (
        ("quality.html", lambda path, **force: write_quality(site, path, **force)),
        ("outcomes.html", lambda path, **force: write_outcomes(site, found, path, **force)),
    ):
        path = tmp_path / name
        path.write_text("mine")
        with pytest.raises(SiteError, match="there is a file already"):
            write(path)
        assert path.read_text() == "mine"
        write(path, force=True)
        assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_leaves_nothing(served, tmp_path):
    with pytest.raises(SiteError, match="cannot write"):
        write_quality(open_site(served), tmp_path / "none" / "quality.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SiteError, match="cannot write"):
        write_quality(open_site(served), tmp_path / "folder")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_a_line_of_the_trend_that_is_no_loads_is_told_and_the_rest_is_shown(site):
    told = "quality.jsonl: 1 line is torn or of no load"
    assert told not in text(browser(site)("/quality"))
    with site.trend_path.open("a") as stream:
        stream.write('{"version": "v2"}\n')
    assert told in text(browser(site)("/quality"))
    assert any(told in line for line in lines(site, None, None))


def test_the_terminal_and_the_page_round_alike(site):
    version = DuckDBStore(site.store_path).current()
    with duckdb.connect(str(version.path)) as connection:
        [(plain,)] = connection.execute("SELECT json FROM meta").fetchall()
        meta = json.loads(plain)
        for element in meta["quality"]["completeness"]:
            element.update(applies=200, answered=199, known=113)
        for one in meta["quality"]["derived"]:
            one.update(compared=200, differ=113)
        connection.execute("UPDATE meta SET json = ?", [json.dumps(meta)])
    told = list(lines(site, None, None))
    end = next(i for i, line in enumerate(told) if line.startswith("conformance"))
    forms = [line for line in told[2:end] if line.count("%") == 2]
    assert len(forms) > 5
    assert all(" 99 % " in line and " 56 % " in line for line in forms), "99.5 and 56.5"
    page = text(browser(site)("/quality"))
    table = page.partition("Completeness, by tier")[2].partition("</table>")[0]
    assert table.count(">99 %<") == table.count(">56 %<") == table.count("<tr>") - 1
    differs = [line for line in told if "entered differs" in line]
    assert differs
    assert all(line.endswith(" 56 %") for line in differs)


def test_a_load_of_an_earlier_version_still_has_its_page(site):
    version = DuckDBStore(site.store_path).current()
    with duckdb.connect(str(version.path)) as connection:
        [(plain,)] = connection.execute("SELECT json FROM meta").fetchall()
        old = json.loads(plain)
        quality = old["quality"]
        old["quality"] = {k: quality[k] for k in ("completeness", "derived")}
        for element in old["quality"]["completeness"]:
            del element["with_reason"], element["unfit"]
        connection.execute("UPDATE meta SET json = ?", [json.dumps(old)])
    page = text(browser(site)("/quality"))
    assert "An earlier version of Osteon made this load" in page
    assert "Completeness, by tier" in page
    assert "Stage of participation" not in page


def test_who_spent_is_shown_for_this_year_and_for_life(get, served, capsys):
    page = text(get("/budget"))
    used = Ledger(served / "ledger.sqlite").summary().researchers["ada"]
    cells = f'<td class="number">ε {epsilon(used.year)} of 3</td><td class="number">ε {epsilon(used.life)}</td>'
    assert f'<th scope="row">researcher ada</th>{cells}' in page
    with pytest.raises(SystemExit, match="0"):
        main(["ledger", "show", str(served), "--json"])
    site, ada = json.loads(capsys.readouterr().out)["spending"]
    assert (site["owner"], ada["owner"], ada["name"]) == ("site", "researcher", "ada")
    assert ada["life"] == {
        "spent_nano_rho": used.life,
        "spent_epsilon": epsilon_of(used.life),
        "limit_nano_rho": None,
        "left_nano_rho": None,
        "left_epsilon": None,
    }
    assert site["year"]["left_nano_rho"] == nano_rho_for(3) - site["year"]["spent_nano_rho"]
    with pytest.raises(SystemExit, match="0"):
        main(["ledger", "show", str(served)])
    said = capsys.readouterr().out
    assert "for life   ε" in said
    assert "researcher ada: this year ε" in said
    assert re.search(r"this year  ε [\d.]+ of 3\.000", said)
