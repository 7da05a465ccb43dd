"""Ways to share out one charge among a study's statistics, from none of the engine's ideas to all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from federated.study.catalogue import Catalogue, Registry
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from federated.study.together import Together
from policies.decode import decode

__all__ = ["WAYS", "Way", "equal_steps", "one_by_one", "without"]


def _no_parents(_: Registry, wants: Sequence[Any]) -> tuple[list[Any], dict[int, list[int]]]:
    return list(wants), {}


def _all_meet(_: Registry, cohorts: Sequence[Any]) -> Together:
    return Together(frozenset(range(len(cohorts))), ())


@contextmanager
def without(*ideas: str) -> Iterator[None]:
    """The engine without some of its ideas."""
    patches = []
    if "parents" in ideas:
        patches.append(mock.patch("federated.study.strategy._families", _no_parents))
    if "exclusion" in ideas:
        patches += [
            mock.patch(f"federated.study.{module}.together", _all_meet)
            for module in ("strategy", "compile")
        ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def equal_steps(study: Study) -> Study:
    """(±1, 1) for a proportion and 1 for all else, no parents."""
    plain = study.model_dump(mode="json")
    parents = {statistic["parent"] for statistic in plain["statistics"]}
    plain["statistics"] = [
        statistic
        | {"parent": None, "steps": [1, 1, 0] if statistic["kind"] == "proportion" else [1]}
        for statistic in plain["statistics"]
        if statistic["name"] not in parents or statistic["measure"]
    ]
    return decode(Study, plain, where="study")


def one_by_one(study: Study) -> list[Study]:
    """A study for each statistic, with an equal part of the charge."""
    equal = equal_steps(study)
    part = equal.nano_rho // len(equal.statistics)
    return [
        equal.model_copy(update={"statistics": (statistic,), "nano_rho": part})
        for statistic in equal.statistics
    ]


Way = Callable[[StudyFile, Catalogue], list[Plan]]


def _apart(study: StudyFile, catalogue: Catalogue) -> list[Plan]:
    with without("exclusion"):
        return [compile_study(each, catalogue) for each in one_by_one(resolve(study, catalogue))]


def _equal(study: StudyFile, catalogue: Catalogue) -> list[Plan]:
    with without("exclusion"):
        return [compile_study(equal_steps(resolve(study, catalogue)), catalogue)]


def _engine(*left_out: str) -> Way:
    def way(study: StudyFile, catalogue: Catalogue) -> list[Plan]:
        with without(*left_out):
            return [compile_study(resolve(study, catalogue), catalogue)]

    return way


WAYS: dict[str, Way] = {
    "measure by measure": _apart,
    "one study, equal steps": _equal,
    "+ shapes and shares": _engine("parents", "exclusion"),
    "+ parents": _engine("exclusion"),
    "+ cohorts that never meet (the engine)": _engine(),
}
