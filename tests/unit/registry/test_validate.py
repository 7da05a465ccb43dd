"""Branching, references, rules, entered against computed, and completeness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import Bench, open_bench
from gateway.registry.compared import shown
from gateway.registry.derive import derive
from gateway.registry.quality.completeness import completeness
from gateway.registry.rule_kinds import recomputed, say_undecided
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.validate import (
    blank_hidden,
    check_references,
    check_rules,
    check_totals,
)
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations, every_form
from policies.errors import DeclarationError
from policies.rule import Rules
from tests.unit.registry.valve import (
    DERIVATIONS,
    HEADER,
    RULES,
    defect,
    dictionary,
    export,
    person,
    sitemap,
    visit,
)

Staged = Callable[..., Bench]
derivations = decode(Derivations, parse_yaml(DERIVATIONS, where="d"), where="d")
every = every_form(dictionary(), derivations)


@pytest.fixture
def staged(tmp_path: Path) -> Any:
    with open_bench(tmp_path / "spill") as bench:

        def read(*lines: str, text: str = "") -> Bench:
            source = inspect(export(tmp_path, HEADER + "".join(lines)), sitemap(text), dictionary())
            stage(bench, source, sitemap(text), dictionary(), where="map", accept_bad_values=True)
            return bench

        yield read


def listed(bench: Bench) -> list[tuple[Any, ...]]:
    return bench.run("SELECT instrument, fields, rule, severity FROM fix ORDER BY ALL")


def derived(bench: Bench) -> Bench:
    derive(bench, dictionary(), every, derivations.check_against(dictionary(), where="d"))
    return bench


def test_what_branching_hides_is_left_out_and_listed(staged: Staged) -> None:
    bench = staged(person(), defect(valve="m"), defect(nr="2", valve="a"), defect(nr="3", valve=""))
    blank_hidden(bench, dictionary())
    assert listed(bench) == [("defect", "leak_cm", "branch", "warning")]
    assert bench.run("SELECT nr, leak_cm FROM form_defect ORDER BY nr") == [
        (1, None),
        (2, 1.5),
        (3, 1.5),
    ]


def test_a_reference_to_nothing_is_listed(staged: Staged) -> None:
    bench = staged(
        person(), defect(), visit(of="1"), visit(instance="2", of="7"), visit(instance="3", of="")
    )
    check_references(bench, dictionary())
    assert listed(bench) == [("visit", "of", "reference", "error")]
    assert bench.value("SELECT instance FROM fix") == "2"


def test_a_key_given_twice_is_listed_and_the_first_holds(staged: Staged) -> None:
    bench = staged(
        person(), defect(found="2020-01-01"), defect(instance="2", found="2021-01-01"), visit()
    )
    check_references(bench, dictionary())
    assert listed(bench) == [("defect", "nr", "key", "error")]
    derived(bench)
    assert bench.value("SELECT count(*) FROM wide_visit") == 1
    assert bench.value("SELECT year(found) FROM wide_visit") == 2020


def test_a_rule_fails_where_it_is_false_and_not_where_it_is_unknown(staged: Staged) -> None:
    bench = derived(
        staged(
            person(),
            defect(found="2021-03-01"),
            visit(seen="2021-02-01"),
            visit(instance="2", seen="2021-04-01"),
            visit(instance="3", seen=""),
        )
    )
    rules = decode(Rules, parse_yaml(RULES, where="r"), where="r")
    check_rules(bench, rules, dictionary(), every)
    assert bench.run("SELECT instance, fields, rule, severity, fix FROM fix") == [
        ("1", "seen found", "R1", "error", "Compare the dates.")
    ]


def ruled(bench: Bench, *rules: str, today: date | None = None) -> list[tuple[Any, ...]]:
    """Record, rule and sentence of what the rules find."""
    head = RULES.split("list:")[0] + "list:\n"
    text = head + "".join(f"  X{i}: {{{rule}}}\n" for i, rule in enumerate(rules))
    check_rules(
        bench, decode(Rules, parse_yaml(text, where="r"), where="r"), dictionary(), every, today
    )
    return bench.run("SELECT record, rule, says FROM fix ORDER BY _at")


def test_a_rule_may_ask_for_the_day_of_the_load(staged: Staged) -> None:
    bench = derived(
        staged(person(), defect(), visit(seen="2021-04-01"), visit(instance="2", seen="2021-04-03"))
    )
    rule = "on: visit, severity: error, says: No visit of tomorrow., holds: seen <= today, elements: [seen]"
    assert ruled(bench, rule, today=date(2021, 4, 2)) == [("A1", "X0", "No visit of tomorrow.")]
    assert bench.value("SELECT instance FROM fix") == "2"


def test_the_end_of_a_text_is_tested_by_the_engine(staged: Staged) -> None:
    bench = derived(
        staged(person(), person("B1").replace("B7", "B8"), person("C1").replace("B7", ""))
    )
    rule = "on: person, severity: error, says: It ends in 7., holds: \"ends(ward, '7')\", elements: [ward]"
    assert ruled(bench, rule) == [("B1", "X0", "It ends in 7.")]


def test_rows_that_may_be_one_are_listed_with_the_earlier_one(staged: Staged) -> None:
    bench = derived(
        staged(
            person(),
            person("B1", surname="quibbleWORTH"),
            person("C1", surname="Other"),
            person("D1", born=""),
        )
    )
    rule = (
        "on: person, severity: warning, says: Twice., unique: [surname, born], elements: [surname]"
    )
    assert ruled(bench, rule) == [("B1", "X0", "Twice.")]
    assert bench.value("SELECT _first FROM fix") == bench.value("SELECT min(_at) FROM form_person")
    assert bench.value("SELECT count(*) FROM form_person") == 4


def test_a_rule_that_looks_for_doubles_names_answers_of_its_form(staged: Staged) -> None:
    bench = derived(staged(person()))
    for wrong in ("seen", "races"):
        rule = (
            f"on: person, severity: warning, says: Twice., unique: [{wrong}], elements: [surname]"
        )
        with pytest.raises(DeclarationError, match="no single answer"):
            ruled(bench, rule)


def test_a_rule_to_be_decided_says_so(staged: Staged) -> None:
    bench = derived(staged(person(), defect(), visit(seen="2021-02-01")))
    rule = "on: visit, severity: warning, check: true, says: Later., holds: seen >= found, elements: [seen]"
    assert ruled(bench, rule) == [("A1", "X0", "Later. (a committee has to decide on this rule)")]


def test_what_keeps_a_rule_to_be_decided_says_so_too(staged: Staged) -> None:
    bench = staged(person(), defect(), visit(of="7"))
    check_references(bench, dictionary())
    rule = "on: visit, severity: warning, check: true, says: S., kept_by: references"
    text = RULES.split("list:")[0] + f"list:\n  X: {{{rule}, elements: [of]}}\n"
    say_undecided(bench, decode(Rules, parse_yaml(text, where="r"), where="r"))
    [(says,)] = bench.run("SELECT says FROM fix")
    assert says.endswith("(X: a committee has to decide on this rule)")


@pytest.mark.parametrize(
    "wrong",
    [
        "severity: error, check: true, holds: 'true'",
        "severity: error",
        "severity: error, holds: 'true', unique: [surname]",
        "severity: error, kept_by: software, when: seen > found",
    ],
)
def test_a_rule_is_one_thing(wrong: str) -> None:
    text = (
        RULES.split("list:")[0]
        + f"list:\n  X: {{on: visit, says: S., elements: [seen], {wrong}}}\n"
    )
    with pytest.raises(DeclarationError):
        decode(Rules, parse_yaml(text, where="r"), where="r")


def test_what_a_rule_recomputes_is_listed_once(staged: Staged) -> None:
    bench = derived(staged(person(), defect(leak="1.5", score="5")))
    rule = "on: defect, severity: error, says: Wrong., holds: score = points, elements: [score]"
    text = RULES.split("list:")[0] + f"list:\n  X: {{{rule}}}\n"
    rules = decode(Rules, parse_yaml(text, where="r"), where="r")
    check_rules(bench, rules, dictionary(), every)
    found = check_totals(bench, dictionary(), derivations, ruled=recomputed(rules))
    assert found[0]["differ"] == 1
    assert listed(bench) == [("defect", "score", "X", "error")]
    assert bench.run("SELECT entered, computed, says FROM fix") == [("5", "3", "Wrong.")]


def test_what_a_rule_does_not_recompute_stands_in_no_line(staged: Staged) -> None:
    bench = derived(staged(person(), defect(leak="1.5", score="5"), visit(seen="2021-02-01")))
    rules = ("on: defect, severity: error, says: Few., holds: score < 4, elements: [score]",)
    ruled(
        bench,
        *rules,
        "on: visit, severity: error, says: L., holds: seen >= found, elements: [seen]",
    )
    assert bench.run("SELECT DISTINCT entered, computed FROM fix") == [(None, None)]


def test_a_rule_that_compares_within_other_rows_shows_no_values(staged: Staged) -> None:
    bench = derived(staged(person(), defect(leak="1.5", score="5")))
    rule = (
        "on: person, severity: error, says: Wrong., holds: not any(defect where score != points), "
        "elements: [code]"
    )
    assert ruled(bench, rule) == [("A1", "X0", "Wrong.")]
    assert bench.run("SELECT entered, computed FROM fix") == [(None, None)]


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ("nothing", "no element"),
        ("beats", "no element"),
        ("year", "no element"),
        ("races", "several"),
    ],
)
def test_what_is_recomputed_is_one_answer_of_the_units_row(checks: str, says: str) -> None:
    text = DERIVATIONS + (
        f"  extra: {{unit: defect, label: E, type: number, checks: {checks}, value: leak_cm * 2}}\n"
    )
    made = decode(Derivations, parse_yaml(text, where="d"), where="d")
    with pytest.raises(DeclarationError, match=rf"elements.extra.checks: .*{says}"):
        made.check_against(dictionary(), where="d")


def test_codes_are_shown_with_their_labels_and_numbers_short(staged: Staged) -> None:
    texts = (
        ("rank", "category", "choices: {'1': Low, '2': \"It's high\"}"),
        ("plain", "category", "choices: {iia: IIA}"),
        ("ratio", "number", "bounds: [0, 9]"),
    )
    text = DERIVATIONS + "".join(
        f"  {name}: {{unit: person, label: L, type: {kind}, {more}, value: x}}\n"
        for name, kind, more in texts
    )
    made = decode(Derivations, parse_yaml(text, where="d"), where="d")
    bench = staged(person())
    for name, cell, told in (
        ("rank", "'2'", "2 (It's high)"),
        ("plain", "'iia'", "iia"),
        ("ratio", "2.0::DOUBLE", "2"),
        ("ratio", "2.666666::DOUBLE", "2.67"),
        ("ratio", "1e300::DOUBLE", "1e+300"),
        ("ratio", "NULL::DOUBLE", ""),
    ):
        sql = shown({name: "v"}, dictionary(), made)
        assert bench.value(f"SELECT {sql} FROM (SELECT {cell} AS v)") == told
    both = shown({"rank": "v", "ratio": "w"}, dictionary(), made)
    assert bench.value(f"SELECT {both} FROM (SELECT '1' AS v, NULL::DOUBLE AS w)") == "1 (Low); "


def test_a_rule_that_does_not_fit_the_dictionary_is_named(staged: Staged) -> None:
    bench = derived(staged(person()))
    rules = decode(
        Rules, parse_yaml(RULES.replace("seen >= found", "seen >= foundd"), where="r"), where="r"
    )
    with pytest.raises(DeclarationError, match=r"list.R1.*foundd"):
        check_rules(bench, rules, dictionary(), every)


def test_entered_and_computed_values_are_compared(staged: Staged) -> None:
    bench = derived(
        staged(person(), defect(leak="1.5", score="3"), defect(nr="2", leak="1.5", score="5"))
    )
    assert check_totals(bench, dictionary(), derivations) == [
        {"element": "score", "derived": "points", "compared": 2, "differ": 1}
    ]
    assert listed(bench) == [("defect", "score", "derived", "warning")]
    assert bench.run("SELECT entered, computed FROM fix") == [("5", "3")]


def test_a_missing_code_is_an_answer_without_a_value(staged: Staged) -> None:
    bench = staged(person(height="-9"), person("B1", height=""), text="missing: {codes: ['-9']}")
    [height] = [e for e in completeness(bench, dictionary()) if e["element"] == "height"]
    assert (height["applies"], height["answered"], height["known"]) == (2, 1, 0)


def test_an_element_counts_where_it_applies(staged: Staged) -> None:
    bench = staged(
        person(), defect(valve="m", leak=""), defect(nr="2", valve="a"), defect(nr="3", valve="")
    )
    blank_hidden(bench, dictionary())
    [leak] = [e for e in completeness(bench, dictionary()) if e["element"] == "leak_cm"]
    assert (leak["applies"], leak["answered"], leak["known"]) == (2, 2, 2)


def test_boxes_of_which_none_is_ticked_are_no_answer(staged: Staged) -> None:
    bench = staged(person(races="0,0,0"), person("B1", races="0,0,1"))
    [races] = [e for e in completeness(bench, dictionary()) if e["element"] == "races"]
    assert (races["answered"], races["known"]) == (1, 1)
    assert bench.run("SELECT races___1, races___9 FROM form_person ORDER BY _record") == [
        (None, None),
        (False, True),
    ]
