"""A small registry of another field than tumours, to test what must not know element names."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Server, running

# No deadline: the machine may be busy. In CI one commit always sees the same examples; new ones
# are looked for wherever people work.
settings.register_profile(
    "osteon",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("osteon")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, started for the first test that asks for one."""
    with running() as server:
        yield server


HEART = """
dictionary: heart
version: 1
title: Valve surgery
key: case_no
instruments:
  person: {label: Person}
  visit: {label: Visit, repeats: true}
elements:
  case_no: {instrument: person, label: Record, type: text, identifier: true, deid: pseudonymize}
  name: {instrument: person, label: Name, type: text, identifier: true, deid: drop}
  sex: {instrument: person, label: Sex, type: category, choices: {"1": Male, "2": Female}}
  risk: {instrument: person, label: Risk score, type: number, bounds: [0, 100]}
  follow_days: {instrument: person, label: Days observed, type: integer, bounds: [0, 4000]}
  open_days: {instrument: person, label: Days without bound, type: integer}
  died: {instrument: person, label: Died, type: category, choices: {"0": "No", "1": "Yes"}}
  visit_no: {instrument: visit, label: Visit, type: integer, bounds: [1, 99], required: true}
  valve: {instrument: visit, label: Valve, type: category, choices: {a: Aortic, m: Mitral}}
  leak: {instrument: visit, label: Leak, type: category, choices: {"0": "No", "1": "Yes", "9": "Unknown"}}
"""
HEART_DERIVED = """
derivations: heart
version: 1
dictionary: heart
units:
  person: {instrument: person}
  visit: {instrument: visit, within: person}
elements:
  first_visit: {unit: visit, label: First visit, type: boolean,
                index: {within: person, order: [visit_no]}}
  risk_band: {unit: person, label: Risk band, type: category, choices: {low: Low, high: High},
              cases: [{when: risk < 50, value: low}, {when: risk >= 50, value: high}]}
"""
NO_LEAK = """
measure: no_leak
version: 1
title: No leak
dictionary: heart
unit: visit
kind: proportion
cohort: first_visit
numerator: leak = 0
known: leak in [0, 1]
"""


@pytest.fixture(scope="session")
def heart(tmp_path_factory) -> Path:
    """Folder of declarations of a registry of valve surgery."""
    folder = tmp_path_factory.mktemp("declarations")
    for shelf, name, text in (
        ("dictionaries", "heart", HEART),
        ("derivations", "heart", HEART_DERIVED),
        ("measures/heart", "no_leak", NO_LEAK),
    ):
        (folder / shelf).mkdir(parents=True, exist_ok=True)
        (folder / shelf / f"{name}.yaml").write_text(textwrap.dedent(text))
    return folder
