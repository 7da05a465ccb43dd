"""Worklists of the registry of heart operations, small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

from gateway.registry.bench import Bench
from gateway.registry.derive import derive
from gateway.registry.worklist.due import Line
from gateway.registry.worklist.lines import list_lines
from policies.decode import decode, parse_yaml
from policies.worklist import Worklists
from tests.unit.registry.quality.beat import checks, derivations, dictionary, staged

WORKLISTS = """
worklists: beat
version: 1
dictionary: beat
identifiers: [number, family]
contacts:
  visit:
    label: Visits
    unit: person
    cohort: sex is not missing
    origin: first_op
    last: last_seen
    ended: dead
    grace_days: 10
    soon_days: 5
    step: call
    schedules:
      - {label: heavy, when: weight > 100, intervals: [{every_days: 30}]}
      - {label: others, intervals: [{every_days: 100, until_days: 365}, {every_days: 366, until_days: 1000}]}
lacking:
  risk:
    label: Operations without their risk
    unit: op
    since: op_date
    within_days: 20
    needs:
      - {label: risk, missing: risk is missing, step: enter the risk}
      - {label: date of entry, missing: op_entered is missing, step: enter the date}
windows:
  forms: {label: Questionnaires, windows: forms, soon_days: 7, keep_days: 30, step: send it}
"""


def worklists(text: str = WORKLISTS) -> Worklists:
    return decode(Worklists, parse_yaml(text, where="w"), where="w")


def listed(bench: Bench, folder: Path, rows: list[dict[str, str]]) -> dict[str, list[Line]]:
    """The lines of every list."""
    staged(bench, folder, rows)
    every = derivations()
    derive(bench, dictionary(), every, every.check_against(dictionary(), where="v"))
    found = list_lines(bench, worklists(), checks(), dictionary(), every)
    return {name: list(lines) for name, lines in found}
