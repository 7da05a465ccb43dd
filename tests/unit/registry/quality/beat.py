"""A registry of heart operations with a declared quality, small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.registry.bench import Bench
from gateway.registry.derive import derive
from gateway.registry.load import LoadReport, ingest
from gateway.registry.quality.expressions import Computed, compute
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.validate import blank_hidden
from gateway.site.config import SiteFolder, create_site
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.quality_check import QualityChecks
from policies.rule import Rules

DICTIONARY = """
dictionary: beat
version: 1
title: Heart operations
key: code
instruments:
  person: {label: Person}
  op: {label: Operation, repeats: true}
  seen: {label: Contact, repeats: true}
  form: {label: Questionnaire, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  number: {instrument: person, label: Hospital number, type: text, identifier: true, deid: drop, tier: core}
  given: {instrument: person, label: Given name, type: text, identifier: true, deid: drop}
  family: {instrument: person, label: Family name, type: text, identifier: true, deid: drop}
  born: {instrument: person, label: Born, type: date, identifier: true, deid: to_age, tier: essential}
  sex: {instrument: person, label: Sex, type: category, choices: {f: Female, m: Male}, tier: essential}
  weight: {instrument: person, label: Weight, type: number, bounds: [2, 300], unit: kg, tier: essential}
  ward: {instrument: person, label: Ward, type: text, pattern: "^[A-Z][0-9]$", tier: extended}
  pregnant: {instrument: person, label: Pregnant, type: category, choices: {y: "Yes", n: "No"}, branch: "sex = 'f'", tier: core}
  op_date: {instrument: op, label: Date of operation, type: date, tier: essential, roles: [anchor]}
  op_entered: {instrument: op, label: Date of entry, type: date, tier: core}
  risk: {instrument: op, label: Risk, type: integer, bounds: [0, 100], tier: core, entered: provider}
  seen_on: {instrument: seen, label: Date of contact, type: date, tier: essential}
  died: {instrument: seen, label: Died, type: category, choices: {y: "Yes", n: "No"}, tier: essential}
  form_on: {instrument: form, label: Date of questionnaire, type: date, tier: extended}
  score: {instrument: form, label: Score, type: integer, bounds: [0, 10], tier: extended}
"""
DERIVATIONS = """
derivations: beat
version: 1
dictionary: beat
units:
  person: {instrument: person}
  op: {instrument: op, within: person}
elements:
  first_op: {unit: person, label: First operation, type: date, value: min(op.op_date)}
  last_seen: {unit: person, label: Last seen, type: date, value: max(seen.seen_on)}
  dead: {unit: person, label: Dead, type: boolean, value: "any(seen where died = 'y')"}
"""
RULES = """
rules: beat
version: 1
dictionary: beat
list:
  B1: {on: op, severity: error, says: An operation follows birth., holds: op_date >= born, elements: [op_date, born]}
  B2: {on: op, severity: warning, says: A high risk is rare., holds: risk <= 90, elements: [risk]}
"""
QUALITY = """
quality: beat
version: 1
dictionary: beat
small: 3
timeliness:
  entry: {label: Operation to entry, unit: op, event: op_date, entered: op_entered, within_days: 30}
provider_block: {label: the risk is told, unit: op, cohort: op_date is not missing, present: risk is not missing}
follow_up:
  year: {label: First year, unit: person, start: first_op, end: last_seen, ended: dead, horizon_days: 365, target: 0.8}
  all: {label: All, unit: person, start: first_op, end: last_seen, ended: dead, recent_days: 100}
windows:
  forms:
    label: Questionnaires
    unit: person
    origin: first_op
    rows: form
    on: form_on
    where: score is not missing
    end: last_seen
    ended: dead
    times:
      early: {label: Three months, days: [60, 120]}
      late: {label: One year, days: [300, 430]}
duplicates:
  number: {label: the same number, same: [number]}
  name: {label: nearly the same name, same: [born], similar: [given, family]}
  op: {label: the same operation, same: [born, sex, op_date], shared_max: 3}
bins:
  weight: {unit: person, cuts: [50, 80]}
stages:
  answered: 0.5
  absent_below: 0.1
  list:
    - {title: Essential, tiers: [essential], recorded: 0.9}
    - {title: Core, tiers: [core], recorded: 0.7}
    - {title: Extended, tiers: [extended], recorded: 0.5, forms: [form]}
"""
COLUMNS = [
    "code",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    *(name for name in parse_yaml(DICTIONARY, where="d")["elements"] if name != "code"),
]


def dictionary() -> Dictionary:
    return decode(Dictionary, parse_yaml(DICTIONARY, where="d"), where="d")


def derivations() -> Derivations:
    declared = decode(Derivations, parse_yaml(DERIVATIONS, where="v"), where="v")
    return every_form(dictionary(), declared)


def rules() -> Rules:
    return decode(Rules, parse_yaml(RULES, where="r"), where="r")


def checks(text: str = QUALITY) -> QualityChecks:
    return decode(QualityChecks, parse_yaml(text, where="q"), where="q")


def row(code: str, form: str = "", instance: int | str = "", **cells: Any) -> dict[str, str]:
    named = {"redcap_repeat_instrument": form, "redcap_repeat_instance": str(instance)}
    return {"code": code, **named, **{name: str(cell) for name, cell in cells.items()}}


def export(
    folder: Path,
    rows: list[dict[str, str]],
    name: str = "export.csv",
    without: frozenset[str] = frozenset(),
) -> Path:
    columns = [column for column in COLUMNS if column not in without]
    lines = [",".join(columns), *(",".join(r.get(c, "") for c in columns) for r in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sitemap(codes: str = "'-9'") -> SiteMap:
    text = f"dictionary: beat\nmissing: {{codes: [{codes}]}}\n"
    return decode(SiteMap, parse_yaml(text, where="m"), where="m")


def staged(bench: Bench, folder: Path, rows: list[dict[str, str]]) -> Bench:
    """The rows as typed forms, with the fix list of the reading."""
    source = inspect(export(folder, rows), sitemap(), dictionary())
    stage(bench, source, sitemap(), dictionary(), where="m", accept_bad_values=True)
    blank_hidden(bench, dictionary())
    return bench


def derived(
    bench: Bench, folder: Path, rows: list[dict[str, str]], text: str = QUALITY
) -> Computed:
    """The rows with their units and the declared expressions."""
    staged(bench, folder, rows)
    every = derivations()
    derive(bench, dictionary(), every, every.check_against(dictionary(), where="v"))
    return compute(bench, checks(text), dictionary(), every)


def make_site(folder: Path) -> SiteFolder:
    declared = folder / "declared"
    declared.mkdir()
    for name, text in (("d", DICTIONARY), ("v", DERIVATIONS), ("r", RULES)):
        (declared / f"{name}.yaml").write_text(text, encoding="utf-8")
    (declared / "map.yaml").write_text("dictionary: beat\nmissing: {codes: ['-9']}\n")
    site = create_site(
        folder / "site",
        dictionary=str(declared / "d.yaml"),
        derivations=str(declared / "v.yaml"),
        rules=str(declared / "r.yaml"),
        sitemap=str(declared / "map.yaml"),
    )
    (site.path / "quality").mkdir()
    (site.path / "quality" / "beat.yaml").write_text(QUALITY, encoding="utf-8")
    return site


def load(
    site: SiteFolder, rows: list[dict[str, str]], without: frozenset[str] = frozenset()
) -> LoadReport:
    source = export(site.path.parent, rows, without=without)
    return ingest(site, source, accept_bad_values=True)
