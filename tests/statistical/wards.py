"""Hospitals in which every ward holds one patient or none, by the toss of a coin: the tables that
the auditor has asked of. Frozen (tests/attack/README.md).
"""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

from tests.attack.world import people, write_store

__all__ = ["RISK", "VISITS", "WARDS", "declare", "hospitals"]

WARDS, VISITS = 1000, 3
RISK = 1000.0
"""Of every patient; far above the bounds, as a slip of the pen would be."""
DICTIONARY = """
dictionary: wards
version: 1
title: Wards
key: case_no
instruments:
  person: {label: Person}
  visit: {label: Visit, repeats: true}
elements:
  case_no: {instrument: person, label: Record, type: text, identifier: true, deid: pseudonymize}
  risk: {instrument: person, label: Risk score, type: number, bounds: [0, 100]}
  visit_no: {instrument: visit, label: Visit, type: integer, bounds: [1, 99], required: true}
  leak: {instrument: visit, label: Ward, type: category, choices: {CHOICES}}
"""
DERIVATIONS = """
derivations: wards
version: 1
dictionary: wards
units:
  person: {instrument: person}
  visit: {instrument: visit, within: person}
"""


def declare(folder: Path) -> None:
    """Write the declarations of a registry of wards into ``folder``."""
    choices = ", ".join(f'"w{i}": Ward {i}' for i in range(WARDS))
    for shelf, text in (
        ("dictionaries", DICTIONARY.replace("CHOICES", choices)),
        ("derivations", DERIVATIONS),
    ):
        (folder / shelf).mkdir()
        (folder / shelf / "wards.yaml").write_text(textwrap.dedent(text))


def hospitals(folder: Path, count: int) -> list[tuple[Path, list[bool]]]:
    """So many stores, each with the coins that say which wards hold a patient (of three visits)."""
    chance = random.Random(20260501)
    found = []
    for number in range(count):
        present = [chance.random() < 0.5 for _ in range(WARDS)]
        rows = [
            people(1)[0]
            | {"_patient": f"p{ward}", "_row": VISITS * ward + j, "_order": j + 1, "risk": RISK}
            | {"visit_no": j + 1, "valve": "a", "leak": f"w{ward}", "first_visit": j == 0}
            for ward, here in enumerate(present)
            if here
            for j in range(VISITS)
        ]
        found.append((write_store(folder / f"{number}.duckdb", people(1), rows), present))
    return found
