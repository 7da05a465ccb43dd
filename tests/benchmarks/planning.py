"""What asking by precision costs, and how long a preview takes; writes planning.md beside.

    python -m tests.benchmarks.planning             # half a minute on one core
    python -m tests.benchmarks.planning times       # that section alone is printed, nothing written

Nothing is drawn: charges and the ± told follow from plans.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from federated.privacy.loss import epsilon_of
from federated.study import coding
from federated.study.catalogue import Catalogue
from federated.study.model import Study, StudyFile
from federated.study.plan import Plan
from federated.study.preview import preview
from federated.study.resolve import resolve
from policies.decode import decode, load
from policies.site import SitePolicy
from tests.benchmarks.study import ASKED
from tests.benchmarks.tables import table

OUT = Path(__file__).with_suffix(".md")
ROUNDS, SITES = 3, 9
Ask = dict[str, Any]


def study_of(asks: list[Ask], privacy: dict[str, Any]) -> tuple[Study, Catalogue]:
    """A study of index cases, resolved by a catalogue that has read nothing else."""
    catalogue = Catalogue()
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "ask": asks, "privacy": privacy,
    }  # fmt: skip
    return resolve(decode(StudyFile, plain, where="study"), catalogue), catalogue


# Charges -------------------------------------------------------------------------------------


def _count(name: str, *by: str) -> Ask:
    return {"count": True, "name": name, "by": list(by)}


def _share(name: str, *by: str) -> Ask:
    return {"proportion": {"numerator": "index_ssi_90d"}, "name": name, "by": list(by)}


def _age(name: str, *by: str) -> Ask:
    return {"mean": {"of": "age_at_dx"}, "name": name, "by": list(by)}


def _curve(name: str, *by: str) -> Ask:
    return {"measure": "overall_survival", "name": name, "by": list(by)}


STAGE, GRADE = "stage_group", "tumor_grade"
WISHES: list[tuple[list[tuple[Ask, float | None]], str]] = [
    ([(_count("all"), 5), (_count("a", STAGE), 5)], "cases 5, by stage 5"),
    ([(_count("all"), 3), (_count("a", STAGE), 2)], "cases 3, by stage 2"),
    ([(_count("all"), 10), (_count("a", STAGE), 2)], "cases 10, by stage 2"),
    ([(_count("all"), None), (_count("a", STAGE), 3)], "cases (not named), by stage 3"),
    ([(_count("all"), 3), (_count("a", STAGE), None)], "cases 3, by stage (not named)"),
    (
        [(_count("all"), 4), (_count("a", STAGE), 4), (_count("b", STAGE, GRADE), 4)],
        "cases 4, by stage 4, by stage and grade 4",
    ),
    (
        [(_count("all"), 4), (_count("a", STAGE), 4), (_count("b", GRADE), 4)],
        "cases 4, by stage 4, by grade 4",
    ),
    (
        [(_share("all"), 0.05), (_share("a", STAGE), 0.1), (_share("b", STAGE, "sex"), 0.15)],
        "a share .05, by stage .1, by stage and sex .15",
    ),
    ([(_age("all"), 2), (_age("a", STAGE), 4)], "mean age 2, by stage 4"),
    ([(_curve("all"), 0.1), (_curve("a", STAGE), 0.15)], "survival .1, by stage .15"),
    (
        [
            (_count("c"), 5),
            (_count("d", STAGE), 5),
            (_share("e"), 0.05),
            (_share("f", STAGE), 0.1),
            (_curve("g"), 0.1),
            (_age("h", STAGE), 5),
        ],
        "cases 5, by stage 5, a share .05, by stage .1, survival .1, mean age by stage 5",
    ),
    (
        [
            (_count("a", "histology_who", "anat_site", STAGE, "sex"), 5),
            (_count("b", "histology_who", "anat_site"), None),
            (_count("all"), 3),
        ],
        "cases by histology, site, stage and sex 5, by histology and site (not named), all 3",
    ),
]


def _each_alone(plan: Plan) -> list[tuple[int, ...]]:
    return [(i,) for i in range(len(plan.blocks))]


@contextmanager
def alone() -> Iterator[None]:
    """Planning that takes no statistic to lend another anything."""
    with (
        mock.patch("federated.study.agreement.same_rows", _each_alone),
        mock.patch("federated.study.within.same_rows", _each_alone),
    ):
        yield


def charges() -> Iterator[tuple[object, ...]]:
    """One line per wish."""
    for asks, words in WISHES:
        wanted = {ask["name"]: most for ask, most in asks if most is not None}
        plain = [ask for ask, _ in asks]
        with alone():
            before, _ = study_of(plain, {"within": wanted})
        after, _ = study_of(plain, {"within": wanted})
        yield (
            words,
            f"{epsilon_of(before.nano_rho):.3f}",
            f"{epsilon_of(after.nano_rho):.3f}",
            f"{after.nano_rho / before.nano_rho:.3f}",
        )


# Times ---------------------------------------------------------------------------------------


def _shipped() -> list[Ask]:
    names = ["cases", *ASKED]
    divisions: list[list[str]] = [[], ["sex"], [STAGE], ["sex", STAGE], ["anat_site"]]
    asks = [
        {"measure": name, "by": by, "name": f"{name}_{i}"}
        for name in names
        for i, by in enumerate(divisions)
    ]
    return asks[:100]


def _medians() -> list[Ask]:
    return [
        {"quantiles": {"of": "age_at_dx", "bins": 255}, "where": f"age_at_dx > {i}"}
        | {"name": f"q{i}", "by": ["sex"] if i < 18 else []}
        for i in range(100)
    ]


def _divided() -> list[Ask]:
    lists = [
        [one, two, three, four]
        for one in ("sex", "laterality")
        for two in (STAGE, "ajcc_t")
        for three in ("ajcc_m", "depth", "size_band")
        for four in ("site_region", GRADE, "age_band")
    ]
    return [_count(f"c{i}", *lists[i % len(lists)]) for i in range(100)]


def _fine() -> list[Ask]:
    by = ["histology_who", "anat_site", STAGE, "sex"]
    return [_count("fine", *by), _count("coarse", *by[:2]), _count("all")]


LARGE: list[tuple[str, list[Ask], dict[str, Any]]] = [
    ("cases by histology, site, stage and sex; by two of them; all", _fine(), {"epsilon": 1}),
    ("the same by precision", _fine(), {"within": {"fine": 5.0, "all": 3.0}}),
    ("100 medians in 255 bins", _medians(), {"epsilon": 1}),
    (
        "the same by precision",
        _medians(),
        {"within": {f"q{i}": 0.1 + i / 1000 for i in range(100)}},
    ),
    ("100 counts of the same cases, by four elements", _divided(), {"epsilon": 1}),
    (
        "the same by precision",
        _divided(),
        {"within": {f"c{i}": 0.2 + i / 1000 for i in range(100)}},
    ),
    ("100 lines of shipped measures", _shipped(), {"epsilon": 1}),
]


def _forget() -> None:
    """As in a new process."""
    for part in vars(coding).values():
        if hasattr(part, "cache_clear"):
            part.cache_clear()


def times() -> Iterator[tuple[object, ...]]:
    """One line per large study; the least of ROUNDS."""
    policy = load(SitePolicy, Path("policies/examples/site_policy.yaml"))
    sites = [
        policy.model_copy(update={"site": f"s{i}", "measures_only": True}) for i in range(SITES)
    ]
    for words, asks, privacy in LARGE:
        took: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            _forget()
            began = time.perf_counter()
            study, catalogue = study_of(asks, privacy)
            read = time.perf_counter()
            found = preview(study, catalogue, sites, researcher="ada", today=date(2026, 11, 1))
            took.append((read - began, time.perf_counter() - read))
        yield (
            words,
            f"{found.cells:,}",
            *(f"{min(of):.2f}" for of in zip(*took, strict=True)),
        )


def main() -> None:
    """Measure and write, or print the times alone."""
    of_times = table(("study", "cells", "reading it, s", "preview, s"), times())
    if sys.argv[1:] == ["times"]:
        print(of_times)
        return
    of_charges = table(
        ("asked for, ±", "ε, each as if alone", "ε", "charge (ρ) of that"), charges()
    )
    page = f"""# Planning a study

Written by `python -m tests.benchmarks.planning`; do not edit.

## Asked by precision

What `within:` charges each site, ± (95 %, noise alone) over one site with 60 rows a stratum. Statistics that count the
same rows, divided differently, are put together by least squares, and the charge knows what they lend one another.

{of_charges}

## How long it takes

Reading and resolving a study file (with `within:`, its charge too; dictionary and measures are read from disk), and a
preview at {SITES} sites that answer signed measures only. The least of {ROUNDS}, in seconds, on one core.

{of_times}
"""
    OUT.write_text(page, encoding="utf-8")
    print(f"wrote {OUT.name}")


if __name__ == "__main__":
    main()
