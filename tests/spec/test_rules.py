"""Every validation rule: a record that it passes and a record that it finds.

Rules that compare rows (``unique``) or that something else keeps (``kept_by``) have their tests at
the end and in ``tests/unit/registry/test_validate.py``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from policies.derivation import unit_scopes
from policies.expression import Node, check, evaluate, holds, parse
from policies.library import load_named
from policies.rule import Rule, Rules, rule_scope
from policies.stated_check import StatedChecks
from tests.spec.records import (
    complication,
    day,
    derivations,
    dictionary,
    follow_up,
    interpreter,
    lists,
    pathology,
    surgery,
    tumor,
)

TODAY = day(1000)


@cache
def every_rule() -> dict[str, Rule]:
    return load_named("rules", Rules, "sarcoma_v1").list


@cache
def rules() -> dict[str, tuple[str, Node, Node]]:
    """Form or unit, condition and demand of each rule."""
    scopes = unit_scopes(dictionary(), derivations())
    read = {}
    for name, rule in every_rule().items():
        if rule.holds is None:
            continue
        scope = rule_scope(scopes[rule.on])
        parts = [
            check(parse(text, where=name), scope, where=name, expect="boolean")[0]
            for text in (rule.when, rule.holds)
        ]
        read[name] = (rule.on, parts[0], parts[1])
    return read


def failing(record: dict[str, Any]) -> set[str]:
    """The rules that some row of the record breaks."""
    patient = interpreter().patient(lists(**record))
    found = set()
    for name, (on, when, demand) in rules().items():
        for row in patient.own[on]:
            wide = {"today": TODAY, **patient.wide(on, row)}

            def related(source: str, on: str = on, row: Any = row) -> Any:
                return patient.children(on, row, source)

            if holds(when, wide, related) and evaluate(demand, wide, related) is False:
                found.add(name)
    return found


def sys(start: int, **given: Any) -> dict[str, Any]:
    return {"sys_tumor_ref": 1, "sys_setting": "1", "sys_start": day(start), **given}


def rt(start: int, **given: Any) -> dict[str, Any]:
    return {"rt_tumor_ref": 1, "rt_timing": "1", "rt_start": day(start), **given}


def pro(offset: int, **given: Any) -> dict[str, Any]:
    return {"pro_tumor_ref": 1, "pro_date": day(offset), **given}


DEATH = follow_up(100, vital_status="2", disease_status="4", death_date=day(90))
BONE = {"tumor_category": "1"}
RECON = surgery(0, recon_type=["1"])
METS = {"tumor_category": "3", "histology_who": "301", "mets_primary_site": "1"}

MIRELS = {"mirels_site": "1", "mirels_pain": "1", "mirels_lesion": "1", "mirels_size": "1"}
FNCLCC = {"fnclcc_diff": "3", "fnclcc_mitoses": "3", "fnclcc_necrosis": "1"}

FOUND: list[tuple[str, dict[str, Any]]] = [
    ("VR001", {"patient": {"record_id": "p", "dob": day(1)}}),
    ("VR001", {"patient": {"record_id": "p", "dob": day(-41_000)}}),
    (
        "VR001",
        {"patient": {"record_id": "p", "dob": day(-9)}, "tumor": tumor(symptom_date=day(-10))},
    ),
    ("VR002a", {"tumor": tumor(mdt_date=day(1001))}),
    ("VR002b", {"pathology": pathology(1001)}),
    ("VR002c", {"imaging": {"img_tumor_ref": 1, "img_date": day(1001)}}),
    ("VR002d", {"surgery": surgery(990, discharge_date=day(1001))}),
    ("VR002e", {"complication": complication(1001)}),
    ("VR002f", {"systemic_therapy": sys(9, sys_end=day(1001))}),
    ("VR002g", {"radiation": rt(1001)}),
    ("VR002h", {"follow_up": follow_up(1001)}),
    ("VR002i", {"pro": pro(1001)}),
    ("VR002j", {"clinical_note": {"note_tumor_ref": 1, "note_date": day(1001)}}),
    ("VR003a", {"tumor": tumor(symptom_date=day(1), first_contact_date=day(0))}),
    ("VR003a", {"tumor": tumor(first_contact_date=day(91))}),
    ("VR003b", {"tumor": tumor(disease_status_ref="1", first_contact_date=day(61))}),
    ("VR004", {"surgery": surgery(30, admit_date=day(31))}),
    ("VR004", {"surgery": surgery(30, discharge_date=day(29))}),
    ("VR005", {"surgery": surgery(-1)}),
    ("VR006a", {"surgery": surgery(91), "follow_up": DEATH}),
    ("VR006a", {"surgery": surgery(80, discharge_date=day(91)), "follow_up": DEATH}),
    ("VR006b", {"pro": pro(91), "follow_up": DEATH}),
    ("VR006c", {"imaging": {"img_tumor_ref": 1, "img_date": day(91)}, "follow_up": DEATH}),
    ("VR006d", {"systemic_therapy": sys(80, sys_end=day(91)), "follow_up": DEATH}),
    ("VR006e", {"radiation": rt(91), "follow_up": DEATH}),
    ("VR006f", {"follow_up": [DEATH, follow_up(91, fu_source="1")]}),
    ("VR006g", {"complication": complication(91), "follow_up": DEATH}),
    ("VR006h", {"tumor": tumor(mdt_date=day(91)), "follow_up": DEATH}),
    ("VR006i", {"follow_up": [DEATH, follow_up(80, lr_event="1", lr_date=day(91))]}),
    ("VR006j", {"pathology": pathology(91), "follow_up": DEATH}),
    ("VR007a", {"follow_up": follow_up(9, vital_status="2")}),
    ("VR007b", {"follow_up": follow_up(9, death_date=day(9))}),
    ("VR007c", {"follow_up": follow_up(9, disease_status="4")}),
    ("VR007c", {"follow_up": follow_up(9, vital_status=None, disease_status="4")}),
    ("VR007c", {"follow_up": follow_up(9, vital_status="2", disease_status="1")}),
    ("VR008", {"follow_up": [DEATH, follow_up(101)]}),
    ("VR009a", {"systemic_therapy": sys(9, sys_end=day(8))}),
    ("VR009b", {"systemic_therapy": sys(9, sys_end=day(740))}),
    ("VR009c", {"radiation": rt(9, rt_end=day(8))}),
    ("VR009d", {"radiation": rt(9, rt_end=day(80))}),
    ("VR010a", {"systemic_therapy": sys(30), "surgery": surgery(30)}),
    ("VR010b", {"systemic_therapy": sys(151, sys_setting="2"), "surgery": surgery(30)}),
    ("VR011a", {"radiation": rt(1, rt_end=day(80)), "surgery": surgery(100)}),
    ("VR011b", {"radiation": rt(1, rt_timing="3"), "surgery": surgery(100)}),
    ("VR012a", {"follow_up": follow_up(90, lr_event="1", lr_date=day(30)), "surgery": surgery(30)}),
    ("VR012b", {"follow_up": follow_up(90, lr_event="1", lr_date=day(30))}),
    ("VR013", {"follow_up": follow_up(90, dm_event="1", dm_date=day(30))}),
    ("VR014", {"complication": complication(29), "surgery": surgery(30)}),
    ("VR015", {"complication": complication(61, comp_type="1"), "surgery": surgery(30)}),
    ("VR016a", {"tumor": tumor(**{**METS, "histology_who": "101"})}),
    ("VR016a", {"tumor": tumor(**{**METS, "mets_primary_site": None})}),
    ("VR016b", {"tumor": tumor(**METS, ajcc_stage="iv")}),
    ("VR017a", {"tumor": tumor(mirels_pain="1")}),
    ("VR017b", {"tumor": tumor(tumor_category="4", katagiri_total=3)}),
    ("VR018", {"tumor": tumor(**METS, **MIRELS, mirels_total=9)}),
    ("VR018", {"tumor": tumor(**METS, mirels_total=13)}),
    ("VR019a", {"tumor": tumor(**METS, mirels_site="1", anat_site="17")}),
    ("VR019b", {"tumor": tumor(**METS, mirels_site="3", anat_site="3")}),
    ("VR020", {"tumor": tumor(**METS, pathfx_3mo=20, pathfx_12mo=30)}),
    ("VR021", {"tumor": tumor(icdo3_topo="c40_2")}),
    ("VR021", {"tumor": tumor(**BONE, icdo3_topo="c49_2")}),
    ("VR022", {"tumor": tumor(histology_who="101")}),
    ("VR022", {"tumor": tumor(**BONE, histology_who="213")}),
    ("VR023", {"tumor": tumor(histology_who="213", icdo3_morph="8891/3")}),
    ("VR024", {"tumor": tumor(icdo3_morph="8890/1")}),
    ("VR024", {"tumor": tumor(tumor_category="5", icdo3_morph="9250/3")}),
    ("VR025", {"tumor": tumor(anat_site="21", icdo3_topo="c49_1")}),
    ("VR026a", {"tumor": tumor(anat_site="21", laterality="3")}),
    ("VR026a", {"tumor": tumor(anat_site="21")}),
    ("VR026b", {"tumor": tumor(anat_site="3", laterality="3")}),
    ("VR026c", {"tumor": tumor(icdo3_topo="c41_2", laterality="4")}),
    ("VR028", {"tumor": tumor(ajcc_schema="4", ajcc_t="t1", size_max_cm=5.3)}),
    ("VR028", {"tumor": tumor(ajcc_schema="4", ajcc_t="t4", size_max_cm=14.7)}),
    ("VR029", {"tumor": tumor(**BONE, ajcc_schema="1", ajcc_t="t1", size_max_cm=8.1)}),
    ("VR030", {"tumor": tumor(**BONE, ajcc_schema="2", ajcc_t="t2b", size_max_cm=8)}),
    ("VR031", {"tumor": tumor(ajcc_schema="4", ajcc_m="m1a")}),
    ("VR031", {"tumor": tumor(**BONE, ajcc_schema="1", ajcc_m="m1")}),
    (
        "VR032",
        {
            "tumor": tumor(
                ajcc_schema="4",
                size_max_cm=4,
                ajcc_t="t1",
                ajcc_n="n0",
                ajcc_m="m0",
                ajcc_stage="iiia",
            ),
            "pathology": pathology(0, specimen_type="1", grade="3"),
        },
    ),
    ("VR033", {"tumor": tumor(**BONE, ajcc_schema="2", ajcc_stage="iia")}),
    ("VR034a", {"tumor": tumor(mets_at_dx=frozenset({"1"}), ajcc_m="m0")}),
    ("VR034a", {"tumor": tumor(mets_at_dx=frozenset({"0"}), ajcc_m="m1")}),
    ("VR034b", {"tumor": tumor(mets_at_dx=frozenset({"3"}), ajcc_n="n0")}),
    ("VR034c", {"tumor": tumor(enneking_stage="iii", ajcc_m="m0", ajcc_n="n0")}),
    ("VR035", {"tumor": tumor(enneking_stage="ia"), "pathology": pathology(0, grade="3")}),
    ("VR035", {"tumor": tumor(enneking_stage="iib"), "pathology": pathology(0, grade="1")}),
    ("VR036a", {"tumor": tumor(**BONE), "pathology": pathology(0, fnclcc_diff="3")}),
    ("VR036b", {"pathology": pathology(0, grade="1", **FNCLCC)}),
    ("VR037", {"tumor": tumor(**BONE, histology_who="101"), "pathology": pathology(0, grade="1")}),
    (
        "VR038",
        {"patient": {"record_id": "p", "dob": day(-24_000)}, "tumor": tumor(histology_who="121")},
    ),
    ("VR039", {"tumor": tumor(**BONE, histology_who="151", anat_site="3")}),
    ("VR040", {"tumor": tumor(size_max_cm=41)}),
    ("VR041a", {"surgery": surgery(30, surg_type="2")}),
    ("VR041a", {"surgery": surgery(30, amp_level="4")}),
    ("VR041b", {"surgery": surgery(30, surg_type="2", recon_type=frozenset({"1"}))}),
    ("VR042", {"tumor": tumor(icdo3_topo="c49_1"), "surgery": surgery(30, amp_level="4")}),
    ("VR043", {"pathology": pathology(61), "surgery": surgery(30)}),
    ("VR044", {"surgery": surgery(30), "pathology": pathology(91, margin_r="0")}),
    ("VR045", {"pathology": pathology(0, margin_r="0", margin_enneking="1")}),
    ("VR045", {"pathology": pathology(0, margin_r="0", margin_mm=0)}),
    ("VR046", {"tumor": tumor(histology_who="101"), "pathology": pathology(0, necrosis_pct=95)}),
    (
        "VR047",
        {
            "patient": {"record_id": "p", "dob": day(-6000)},
            "surgery": surgery(30, recon_type=frozenset({"9"})),
        },
    ),
    ("VR048a", {"surgery": surgery(30), "complication": complication(60, henderson_mode="3a")}),
    (
        "VR048b",
        {
            "patient": {"record_id": "p", "dob": day(-7000)},
            "surgery": RECON,
            "complication": complication(60, henderson_mode="6a"),
        },
    ),
    ("VR048c", {"surgery": RECON, "complication": complication(731, henderson_mode="2a")}),
    ("VR048c", {"surgery": RECON, "complication": complication(730, henderson_mode="4b")}),
    (
        "VR048c",
        {
            "surgery": {**RECON, "surg_index": "9"},
            "complication": complication(91, henderson_mode="2b"),
        },
    ),
    ("VR049a", {"radiation": rt(0, rt_dose_gy=60, rt_fractions=30)}),
    ("VR049b", {"radiation": rt(0, rt_timing="3", rt_dose_gy=50)}),
    ("VR049c", {"radiation": rt(0, rt_modality="2", rt_dose_gy=50, rt_fractions=5)}),
    ("VR049c", {"radiation": rt(0, rt_modality=None, rt_dose_gy=66, rt_fractions=1)}),
    ("VR050", {"systemic_therapy": sys(0, sys_regimen="1"), "tumor": tumor(histology_who="213")}),
    ("VR051a", {"pro": pro(9, promis_pf_t=80)}),
    ("VR051b", {"follow_up": follow_up(90, msts_total=87)}),
    ("VR055", {"follow_up": follow_up(500)}),
    ("VR055", {"tumor": tumor(dx_date=day(-1500)), "follow_up": follow_up(200)}),
    ("VR055", {"follow_up": []}),
    ("VR052", {"pro": pro(60, pro_timepoint="4"), "surgery": surgery(30)}),
]


@pytest.mark.parametrize(
    ("rule", "record"), FOUND, ids=[f"{r}-{i}" for i, (r, _) in enumerate(FOUND)]
)
def test_rule_finds_it(rule, record):
    assert rule in failing(record)


def test_every_rule_has_a_record_that_breaks_it():
    assert {rule for rule, _ in FOUND} == set(rules())


def test_an_orderly_record_breaks_none():
    record = {
        "patient": {"record_id": "p", "dob": day(-20_000)},
        "tumor": tumor(
            disease_status_ref="1",
            symptom_date=day(-90),
            first_contact_date=day(-7),
            icdo3_morph="8890/3",
            histology_who="213",
            icdo3_topo="c49_2",
            anat_site="21",
            laterality="1",
            size_max_cm=8.0,
            ajcc_schema="4",
            ajcc_t="t2",
            ajcc_n="n0",
            ajcc_m="m0",
            ajcc_stage="iiia",
            enneking_stage="iib",
            mets_at_dx=frozenset({"0"}),
        ),
        "pathology": [
            pathology(
                0,
                specimen_type="1",
                grade="3",
                fnclcc_diff="3",
                fnclcc_mitoses="2",
                fnclcc_necrosis="1",
            ),
            pathology(100, margin_r="0", margin_enneking="3", margin_mm=4.0),
        ],
        "radiation": rt(20, rt_end=day(60), rt_modality="2", rt_dose_gy=50, rt_fractions=25),
        "surgery": surgery(100, admit_date=day(99), discharge_date=day(107)),
        "complication": complication(110, comp_type="1", comp_reop="0", henderson_mode="na"),
        "pro": pro(460, pro_timepoint="4", promis_pf_t=44.0),
        "follow_up": [
            follow_up(300, fu_source="1", disease_status="1", lr_event="0", dm_event="0"),
            follow_up(500, lr_event="1", lr_date=day(480), disease_status="3"),
            follow_up(900, vital_status="2", disease_status="4", death_date=day(880)),
        ],
    }
    assert failing(record) == set()


def test_an_empty_record_breaks_none():
    assert failing({"tumor": {}}) == set()


PASSED: list[tuple[str, dict[str, Any]]] = [
    ("VR002a", {"tumor": tumor(mdt_date=TODAY)}),
    ("VR006h", {"tumor": tumor(mdt_date=day(90)), "follow_up": DEATH}),
    ("VR006j", {"pathology": pathology(90), "follow_up": DEATH}),
    ("VR018", {"tumor": tumor(**METS, **MIRELS, mirels_total=4)}),
    # The time runs from the last reconstruction, not from the first operation.
    (
        "VR048c",
        {
            "surgery": [surgery(0), surgery(1800, surg_index="9", recon_type=["1"])],
            "complication": complication(1900, henderson_mode="2a"),
        },
    ),
    ("VR024", {"tumor": tumor(tumor_category="5", icdo3_morph="9250/1")}),
    ("VR024", {"tumor": tumor(**METS, icdo3_morph="8140/6")}),
    ("VR036b", {"pathology": pathology(0, grade="3", **FNCLCC)}),
    ("VR051b", {"follow_up": follow_up(90, msts_total=30)}),
    ("VR055", {"follow_up": follow_up(543)}),
    ("VR055", {"tumor": tumor(dx_date=day(-900)), "follow_up": follow_up(270)}),
    ("VR055", {"follow_up": DEATH}),
    ("VR055", {"tumor": tumor(dx_date=day(600)), "follow_up": []}),
]


@pytest.mark.parametrize(
    ("rule", "record"), PASSED, ids=[f"{r}-{i}" for i, (r, _) in enumerate(PASSED)]
)
def test_rule_lets_it_pass(rule, record):
    assert rule not in failing(record)


def test_all_rules_of_the_proposal_are_there():
    numbers = {re.sub(r"[a-z]$", "", name) for name in every_rule()}
    assert numbers == {f"VR{number:03d}" for number in range(1, 57)}


def test_what_the_committee_has_to_decide_is_a_warning_that_says_so():
    undecided = {name for name, rule in every_rule().items() if rule.check}
    numbers = {re.sub(r"[a-z]$", "", name) for name in undecided}
    assert numbers == {"VR013", "VR023", "VR025", "VR027", "VR037", "VR045", "VR050", "VR051"}
    for name in undecided:
        assert every_rule()[name].severity == "warning"
        assert every_rule()[name].sentence.endswith("(a committee has to decide on this rule)")


def test_what_no_question_to_one_row_can_keep_is_kept_elsewhere():
    kept = {name: rule.kept_by for name, rule in every_rule().items() if rule.kept_by}
    assert kept == {"VR027": "stated", "VR053": "references", "VR056": "software"}
    references = {n for n, e in dictionary().elements.items() if e.references == "tumor.tumor_seq"}
    assert references == set(every_rule()["VR053"].elements) - {"tumor_seq"}
    stated = load_named("stated", StatedChecks, "sarcoma_v1").checks
    assert every_rule()["VR027"].elements == (stated["side"].element,)
    for name in every_rule()["VR056"].elements:
        assert dictionary().elements[name].identifier


def test_rules_that_look_for_doubles_do_so_in_answers_that_tell_apart():
    unique = {name: rule.unique for name, rule in every_rule().items() if rule.unique}
    assert set(unique) == {"VR054a", "VR054b", "VR054c"}
    assert all(every_rule()[name].severity == "warning" for name in unique)
