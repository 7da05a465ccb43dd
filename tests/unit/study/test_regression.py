"""A regression is a reading: it is resolved and checked, and the question stays what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from federated.errors import StudyError
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.regression import LEVELS_MAX
from federated.study.resolve import resolve
from policies.decode import decode
from policies.errors import DeclarationError

LEAKS = {"proportion": {"numerator": "leak = 1"}, "by": ["valve", "sex"]}
RISK = {"mean": {"of": "risk"}, "by": ["valve", "first_visit"]}


def study_of(heart: Path, *asks: dict[str, object]) -> Study:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": list(asks), "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain, where="t"), Catalogue(heart))


def references(heart: Path, ask: dict[str, object], **regression: object) -> tuple[str, ...]:
    study = study_of(heart, ask | {"regression": regression})
    return compile_study(study, Catalogue(heart)).blocks[0].references


def test_the_first_choice_is_the_reference_unless_another_is_named(heart: Path) -> None:
    assert references(heart, LEAKS) == ("a", "1")
    assert references(heart, LEAKS, reference={"valve": "m"}) == ("m", "1")
    assert references(heart, LEAKS, reference={"sex": 2}) == ("a", "2")  # as YAML has it
    assert references(heart, RISK) == ("a", "false")
    assert references(heart, RISK, reference={"first_visit": True}) == ("a", "true")
    assert references(heart, {"measure": "no_leak", "by": ["sex"]}) == ("1",)
    rate = {"rate": {"events": "died = 1", "time": "follow_days"}, "by": ["valve"]}
    assert references(heart, rate) == ("a",)


def test_it_is_no_part_of_the_question_nor_of_its_cost(heart: Path) -> None:
    plain = study_of(heart, LEAKS, RISK)
    asked = study_of(heart, LEAKS | {"regression": {}}, RISK)
    other = study_of(heart, LEAKS | {"regression": {"reference": {"sex": "2"}}}, RISK)
    assert plain.question == asked.question == other.question
    plans = [compile_study(study, Catalogue(heart)) for study in (plain, asked, other)]
    assert len({(each.length, each.scale, each.nano_rho) for each in plans}) == 1


WRITTEN = {
    "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "mode": "per_site",
    "digests": {"dictionary": "d" * 64, "derivations": "e" * 64}, "nano_rho": 10**8,
    "statistics": [
        {"name": "leaks", "title": "Leaks", "kind": "proportion", "unit": "visit",
         "cohort": "first_visit", "numerator": "leak = 1", "known": "not leak is missing",
         "by": ["valve", "sex"], "rows_max": 1, "steps": [3, 2, 0]},
        {"name": "risk", "title": "Risk", "kind": "mean", "unit": "visit", "cohort": "true",
         "mean": {"of": "risk", "bounds": [0.0, 100.0]}, "rows_max": 2, "steps": [64, 32, 32]},
    ],
}  # fmt: skip


def test_a_question_of_before_there_were_regressions_is_the_same() -> None:
    # Releases are stored by it: were it another, old answers would cost again.
    before = "80e36f3e619f086af3e6aa6b0bd7cd2e271111c980bab0adf4cb20a8a225ebdf"
    assert decode(Study, WRITTEN, where="t").question == before


@pytest.mark.parametrize(
    ("ask", "regression", "told"),
    [
        ({"count": True, "by": ["sex"]}, {}, "no regression is read from a count"),
        ({"quantiles": {"of": "risk"}, "by": ["sex"]}, {}, "no regression is read from a q"),
        ({"measure": "no_leak"}, {}, "needs elements in by"),
        (LEAKS, {"reference": {"died": "1"}}, '"died" is not in by'),
        (LEAKS, {"reference": {"sex": "3"}}, 'reference of "sex" is none of its levels'),
        (LEAKS, {"reference": {"valve": 1.5}}, "valid string"),
        (LEAKS, {"level": "1"}, "unknown key"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    heart: Path, ask: dict[str, object], regression: object, told: str
) -> None:
    with pytest.raises((StudyError, DeclarationError), match=told) as caught:
        study_of(heart, ask | {"regression": regression})
    assert "ask[0].regression" in f"{caught.value.where}"


def test_a_study_written_by_hand_is_checked_as_well(heart: Path) -> None:
    study = study_of(heart, LEAKS | {"regression": {}}, {"count": True})
    plain = study.model_dump(mode="json")
    catalogue = Catalogue(heart)
    for reference, told in (
        ({"valve": "a", "sex": "7"}, 'reference of "sex" is none of its levels'),
        ({"valve": "a"}, "a reference for each element of by"),
        ({}, "a reference for each element of by"),
    ):
        plain["statistics"][0]["regression"] = {"reference": reference}
        with pytest.raises((StudyError, DeclarationError), match=told):
            compile_study(decode(Study, plain, where="t"), catalogue)
    plain["statistics"][0]["regression"] = None
    plain["statistics"][1]["regression"] = {"reference": {}}
    with pytest.raises(DeclarationError, match="no regression is read from a count"):
        decode(Study, plain, where="t")


def test_one_with_too_many_levels_is_refused(heart: Path, tmp_path: Path) -> None:
    choices = ", ".join(f'"{i}": L{i}' for i in range(LEVELS_MAX - 1))
    for shelf in ("dictionaries", "derivations"):
        text = (heart / shelf / "heart.yaml").read_text()
        (tmp_path / shelf).mkdir()
        (tmp_path / shelf / "heart.yaml").write_text(text.replace("a: Aortic, m: Mitral", choices))
    by_valve = {"mean": {"of": "risk"}, "by": ["valve"], "regression": {}}
    assert study_of(tmp_path, by_valve).statistics[0].regression is not None
    with pytest.raises(StudyError, match=f"more than .* strata or {LEVELS_MAX} levels"):
        study_of(tmp_path, by_valve | {"by": ["valve", "sex"]})
