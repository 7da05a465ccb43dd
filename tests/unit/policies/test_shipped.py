"""Everything that ships decodes, and says only what its dictionary knows."""

from __future__ import annotations

from functools import cache

import pytest

from federated.study.model import StudyFile
from gateway.registry.sitemap import SiteMap
from policies.decode import load_yaml
from policies.derivation import Derivations, every_form, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import Scope, check, parse
from policies.extract import REVEALING, Extracts
from policies.library import find, load_named, shipped
from policies.measure import Measure
from policies.outcome import CurveShown, Outcomes
from policies.profile import profile, shipped_profiles
from policies.quality_check import QualityChecks
from policies.rule import Rules, rule_scope
from policies.site import SitePolicy
from policies.stated_check import StatedChecks
from policies.worklist import Worklists


@cache
def dictionary(name: str) -> Dictionary:
    return load_named("dictionaries", Dictionary, name)


@cache
def derivations(name: str) -> Derivations:
    return load_named("derivations", Derivations, name)


def relative(dictionary_name: str, unit: str) -> Scope:
    """What a query may use of a unit: no picks, and dates only relative to each other."""
    fields = unit_scopes(dictionary(dictionary_name), derivations(dictionary_name))[unit].fields
    return Scope({name: Scope.relative(field) for name, field in fields.items()})


def holds_together(text: str, scope: Scope, where: str) -> None:
    check(parse(text, where=where), scope, where=where, expect="boolean")


@pytest.mark.parametrize("name", shipped("dictionaries"))
def test_dictionary(name):
    found = dictionary(name)
    assert found.dictionary == name
    assert set(found.branches) == {n for n, e in found.elements.items() if e.branch is not None}


@pytest.mark.parametrize("name", shipped("extracts"))
def test_extracts(name):
    found = load_named("extracts", Extracts, name)
    assert found.extracts == name
    found.check_against(dictionary(found.dictionary), derivations(found.dictionary))
    for element, declared in dictionary(found.dictionary).elements.items():
        if set(declared.roles) & set(REVEALING):
            assert element in {*found.ladders, *found.exempt}, element


@pytest.mark.parametrize("name", shipped("stated"))
def test_stated(name):
    found = load_named("stated", StatedChecks, name)
    assert found.stated == name
    found.check_against(dictionary(found.dictionary))


@pytest.mark.parametrize("name", shipped("quality"))
def test_quality(name):
    found = load_named("quality", QualityChecks, name)
    assert found.quality == name
    found.check_against(dictionary(found.dictionary), derivations(found.dictionary))


@pytest.mark.parametrize("name", shipped("worklists"))
def test_worklists(name):
    found = load_named("worklists", Worklists, name)
    assert found.worklists == name
    known = dictionary(found.dictionary)
    checks = load_named("quality", QualityChecks, name)
    found.check_against(known, every_form(known, derivations(found.dictionary)), checks)


@pytest.mark.parametrize("name", shipped("outcomes"))
def test_outcomes(name):
    found = load_named("outcomes", Outcomes, name)
    assert found.outcomes == name
    for shown in (*found.curves, *found.rates):
        measure = load_named("measures", Measure, f"{name}/{shown.measure}")
        fields = relative(name, measure.unit).fields
        if isinstance(shown, CurveShown):
            assert measure.kind == "survival"
            assert shown.by is None or fields[shown.by].type == "category"
        else:
            assert measure.kind == "proportion"
            assert fields[shown.year].type == "integer"
    for pattern in found.patterns.values():
        scope = relative(name, pattern.unit)
        assert scope.fields[pattern.year].type == "integer"
        for text in (pattern.cohort, *(part.when for part in pattern.parts)):
            holds_together(text, scope, f"{name}: {pattern.title}")


@pytest.mark.parametrize("name", shipped("derivations"))
def test_derivations(name):
    found = derivations(name)
    assert found.derivations == name
    checked = found.check_against(dictionary(found.dictionary), where=name)
    assert list(checked) == list(found.elements)


@pytest.mark.parametrize("name", shipped("derivations"))
def test_what_is_recomputed_exists(name):
    found = derivations(name)
    for derived in found.elements.values():
        if derived.checks is not None:
            entered = dictionary(found.dictionary).elements[derived.checks]
            assert entered.instrument == found.units[derived.unit].instrument


@pytest.mark.parametrize("name", shipped("measures"))
def test_measure(name):
    measure = load_named("measures", Measure, name)
    assert name == f"{measure.dictionary}/{measure.measure}"
    scope = relative(measure.dictionary, measure.unit)
    texts = [measure.cohort, measure.numerator, measure.known]
    if measure.survival is not None:
        assert scope.fields[measure.survival.time].type == "integer"
        texts += [measure.survival.event, measure.survival.competing]
    for text in texts:
        if text is not None:
            holds_together(text, scope, name)


@pytest.mark.parametrize("name", [n for n in shipped("measures") if n.startswith("sarcoma_v1/")])
def test_a_sarcoma_measure_reads_one_row_per_patient(name):
    measure = load_named("measures", Measure, name)
    assert measure.unit == "case"
    assert measure.cohort.startswith("index_case")
    assert measure.source


@pytest.mark.parametrize("name", shipped("rules"))
def test_rules(name):
    rules = load_named("rules", Rules, name)
    whole = every_form(dictionary(rules.dictionary), derivations(rules.dictionary))
    scopes = unit_scopes(dictionary(rules.dictionary), whole)
    for number, rule in rules.list.items():
        if rule.holds is not None:
            holds_together(rule.when, rule_scope(scopes[rule.on]), number)
            holds_together(rule.holds, rule_scope(scopes[rule.on]), number)
        assert set(rule.unique) <= set(dictionary(rules.dictionary).of(rule.on)), number
        assert set(rule.elements) <= set(dictionary(rules.dictionary).elements), number
        assert rule.says, number
        assert rule.fix, number
        assert rule.fix is not None or rule.severity == "info", number


@pytest.mark.parametrize("name", shipped_profiles())
def test_profile(name):
    assert profile(name).name == name


@pytest.mark.parametrize("name", [n for n in shipped("examples") if n.endswith("_map")])
def test_site_map_names_elements_and_choices(name):
    found = load_named("examples", SiteMap, name)
    elements = dictionary(found.dictionary).elements
    for element, given in found.maps.items():
        choices = elements[element].choices
        assert not choices or {str(v) for v in given.recode.values()} <= set(choices), element


@pytest.mark.parametrize(
    "name", [n for n in shipped("examples") if n.startswith("study_") or n.endswith("_study")]
)
def test_study(name):
    study = load_named("examples", StudyFile, name)
    assert study.dictionary is not None
    scope = relative(study.dictionary, study.unit)
    holds_together(study.cohort, scope, name)
    for ask in study.ask:
        if ask.measure is not None:
            measure = load_named("measures", Measure, f"{study.dictionary}/{ask.measure}")
            assert measure.unit == study.unit
        if ask.survival is not None:
            holds_together(ask.survival.event, scope, name)
        for by in ask.by:
            assert scope.fields[by].codes, f"{by} has no public levels"


def test_site_policy():
    policy = load_named("examples", SitePolicy, "site_policy")
    assert set(policy.absent) <= set(dictionary(policy.dictionary).elements)


def test_no_example_is_left_out():
    """Each example is of a kind that a test above decodes."""
    kinds = ("_map", "_study", "_policy")
    for name in shipped("examples"):
        assert name.endswith(kinds) or name.startswith("study_"), name
        assert load_yaml(find("examples", name))
