"""What one signed envelope can make a site compute: bounded before anything is read."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import ibis
import pytest

from federated.aggregate.ibis_expression import compile_expression
from federated.errors import StudyError
from federated.study.compile import compile_study
from gateway.site.answer import answer
from policies.errors import ExpressionError
from policies.expression import canonical_text, check, parse
from policies.site import Limits
from tests.attack.world import ask, forged, study_of


def nested(levels: int, nots: int = 0) -> str:
    """Every bracket holds an or, an and, a comparison and as many nots as are left."""
    text = "died = 1"
    for level in range(levels):
        text = f"(sex = 1 or sex = 2 and {'not ' * (nots // levels)}({text}) = (risk > {level}))"
    return text


def test_the_deepest_question_that_parses_is_answered(site, hub):
    deepest = max((text for text in map(nested, range(1, 40)) if parses(text)), key=len)
    assert len(deepest) > 700
    started_s = time.process_time()
    outcome = ask(site, hub, study_of(site, cohort=deepest))
    assert outcome.state == "answered"
    assert time.process_time() - started_s < 60


def parses(text: str) -> bool:
    try:
        parse(text)
    except ExpressionError:
        return False
    return True


EXTREMES = [
    *("(" * n + "sex = 1" + ")" * n for n in (59, 60, 500)),
    *("not " * n + "sex = 1" for n in (57, 58, 100, 101, 1500)),
    *(nested(n, nots) for n in (10, 15, 19, 20, 30, 59) for nots in (0, 60, 100)),
    *("risk" + " + risk" * n + " > 1" for n in (50, 57, 58, 99, 101)),
    *("abs(" * n + "risk" + ")" * n + " > 1" for n in (40, 57, 58, 59)),
    *("(" * n + "sex" + " is missing)" * n for n in (40, 59, 60)),
]


def test_whatever_parses_can_be_checked_written_and_parsed_again(site):
    scope = site.catalogue.registry("heart").scopes["person"]
    table = ibis.table({"sex": "string", "died": "string", "risk": "float64"}, name="t")
    accepted = [text for text in EXTREMES if parses(text)]
    assert len(EXTREMES) / 3 < len(accepted) < len(EXTREMES)
    for text in accepted:
        node, _ = check(parse(text), scope)
        again, _ = check(parse(canonical_text(node)), scope)
        assert canonical_text(again) == canonical_text(node)
        assert "SELECT" in str(ibis.to_sql(table.filter(compile_expression(node, table))))


def test_strata_that_do_not_fit_into_memory_are_counted_and_not_made(site, monkeypatch):
    registry = site.catalogue.registry("heart")
    codes = tuple(f"c{i}" for i in range(3000))
    fields = registry.scopes["person"].fields
    big = {name: type(fields["sex"])("category", codes) for name in ("sex", "died", "risk_band")}
    scope = type(registry.scopes["person"])({**fields, **big})
    monkeypatch.setattr(registry, "scopes", {"person": scope})
    study = study_of(site, ask=[{"count": True, "by": ["sex", "died", "risk_band"]}])
    tracemalloc.start()
    with pytest.raises(StudyError, match="more than 1000000 cells"):
        compile_study(study, site.catalogue)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_many_long_expressions_are_refused_before_they_are_compiled(site, hub, untouched):
    study = study_of(site).model_dump(mode="json")
    long = "risk > 1 or " * 600 + "risk > 1"
    study["statistics"] = [
        study["statistics"][0] | {"name": f"s{i}", "cohort": long} for i in range(40)
    ]
    started_s = time.process_time()
    untouched(answer(forged(study), site, hub.asked_by(site)))
    assert time.process_time() - started_s < 20


def test_one_question_of_the_allowed_length_is_answered_in_time(site, hub):
    long = "risk in [" + ", ".join(map(str, range(1500))) + "]"
    study = study_of(site, cohort=long)
    # Its reply waits longer than sites let one unless their policy says so.
    assert ask(site, hub, study).reasons == ("charge_too_small",)
    lets = site.policy.model_copy(update={"limits": Limits(wait_s_max=120)})
    started_s = time.process_time()
    assert ask(replace(site, policy=lets), hub, study).state == "answered"
    assert time.process_time() - started_s < 60
