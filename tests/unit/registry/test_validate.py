"""Branching, references, rules, entered against computed, and completeness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import Bench, open_bench
from gateway.registry.derive import derive
from gateway.registry.quality.completeness import completeness, provider_block
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.validate import blank_hidden, check_references, check_rules, check_totals
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


def test_the_provider_block_is_present_where_one_of_it_is(staged: Staged) -> None:
    bench = staged(person(), defect(valve=""), person("B1"), defect("B1", valve="m"))
    assert provider_block(bench, dictionary()) == {"patients": 2, "present": 1}
