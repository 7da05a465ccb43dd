"""Which rules may be broken by another row than the one they are listed for."""

from __future__ import annotations

import pytest

from gateway.registry.elsewhere import elsewhere
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.library import load_named
from policies.rule import Rules
from tests.unit.registry import valve

DICTIONARY = valve.dictionary()
DERIVATIONS = decode(
    Derivations,
    parse_yaml(
        valve.DERIVATIONS
        + "  twice: {unit: defect, label: Twice, type: integer, value: points * 2}\n"
        + "  late: {unit: defect, label: Late, type: boolean, value: days > 100}\n"
        + "  tall: {unit: person, label: Tall, type: number, checks: height, value: max(visit.beats)}\n",
        where="d",
    ),
    where="d",
)


def found(rule: str) -> bool:
    text = valve.RULES.split("list:")[0] + f"list:\n  X: {{severity: error, says: S., {rule}}}\n"
    rules = decode(Rules, parse_yaml(text, where="r"), where="r")
    return elsewhere(rules, DICTIONARY, DERIVATIONS)("X", "seen")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("on: visit, holds: beats > 40, elements: [beats]", False),
        ("on: visit, holds: seen <= today, elements: [seen]", False),
        ("on: visit, holds: seen >= found, elements: [seen]", True),
        ("on: visit, holds: beats > 40, when: height > 100, elements: [beats]", True),
        ("on: visit, holds: beats > 40, elements: [beats, height]", True),
        ("on: defect, holds: any(visit where beats > 40), elements: [found]", True),
        ("on: defect, holds: score = points, elements: [score]", False),
        ("on: defect, holds: score < twice, elements: [score]", False),
        ("on: defect, holds: not late, elements: [found]", True),
        ("on: defect, holds: not first_defect, elements: [found]", True),
        ("on: person, holds: last_seen <= today, elements: [code]", True),
        ("on: person, unique: [surname], elements: [surname]", True),
        ("on: visit, kept_by: software, elements: [seen]", False),
    ],
)
def test_a_rule_that_reads_other_rows(rule: str, expected: bool) -> None:
    assert found(rule) is expected


def test_lines_of_the_software_are_judged_alike() -> None:
    rules = decode(Rules, parse_yaml(valve.RULES, where="r"), where="r")
    test = elsewhere(rules, DICTIONARY, DERIVATIONS)
    assert [test(rule, "of") for rule in ("reference", "key", "note", "type")] == [
        True,
        True,
        True,
        False,
    ]
    assert test("derived", "height")
    assert not test("derived", "score")


def test_a_missing_margin_is_in_the_specimens_row_and_a_wrong_level_in_the_surgerys() -> None:
    declared = (
        load_named("rules", Rules, "sarcoma_v1"),
        load_named("dictionaries", Dictionary, "sarcoma_v1"),
        load_named("derivations", Derivations, "sarcoma_v1"),
    )
    test = elsewhere(*declared)
    there = {name for name in declared[0].list if test(name, "")}
    assert {
        "VR001",
        "VR005",
        "VR006a",
        "VR014",
        "VR032",
        "VR036b",
        "VR043",
        "VR044",
        "VR054a",
    } <= there
    here = {"VR002d", "VR004", "VR009a", "VR018", "VR028", "VR041a", "VR045", "VR051a"}
    assert not here & there
