"""Derivations and rules on a real Spark session give what they give on DuckDB, row by row.

The forms hold a synthetic registry with its defects, every record that breaks a rule, and random
records; a second, small registry is compared with the naive reading patient by patient.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from gateway.demo.synthetic import generate
from gateway.registry import fixlist
from gateway.registry.bench import Bench, file_literal, open_bench, quoted
from gateway.registry.contradictions import contradictions
from gateway.registry.derive import derive
from gateway.registry.forms import form_table
from gateway.registry.related import wide_view
from gateway.registry.rule_kinds import recomputed, say_undecided
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.validate import blank_hidden, check_references, check_rules, check_totals
from policies.decode import load
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.library import find
from policies.rule import Rules
from tests.generative.registries import put_forms, random_record
from tests.generative.test_derivation_engines import (
    DERIVATIONS,
    DICTIONARY,
    compare_tables,
    derived,
    small,
)
from tests.integration.needs_spark import needs_spark
from tests.integration.test_rules_in_a_load import write_export
from tests.spec.test_rules import FOUND, TODAY

ROOT = Path(__file__).parents[2]
RUN = Path(__file__).with_name("spark_registry_run.py")
needs_spark("test_spark_registry")

# A hundred queries of hundreds of columns, each planned anew: minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
RULES = """
rules: small
version: 1
dictionary: small
list:
  S1: {on: visit, severity: error, says: "Was seen, in 'the' past.", holds: seen > today, elements: [seen]}
  S2: {on: lesion, severity: warning, says: As big., holds: last_size <= smallest, elements: [found]}
  S3: {on: lesion, severity: info, says: One kind., unique: [kind, found], elements: [kind]}
  S4: {on: visit, severity: warning, says: Kept., kept_by: references, check: true, elements: [of_lesion]}
"""


def shipped(kind: type[Any], folder: str) -> Any:
    return load(kind, find(folder, "sarcoma_v1"))


def staged_forms(bench: Bench, export: Path, known: Dictionary) -> None:
    path = find("examples", "sarcoma_redcap_map")
    mapping = load(SiteMap, path)
    source = inspect(export, mapping, known)
    stage(bench, source, mapping, known, where=path.name, accept_bad_values=True)


def add_forms(folder: Path, bench: Bench, known: Dictionary, part: str, first: int) -> None:
    """Write the bench's forms beside those that are there; ``first`` keeps rows apart."""
    for form in known.instruments:
        path = folder / "forms" / form
        path.mkdir(parents=True, exist_ok=True)
        bench.run(
            f"COPY (SELECT * REPLACE (_at + {first} AS _at, '{part}' || _record AS _record) "
            f"FROM {quoted(form_table(form))} ORDER BY _at) "
            f"TO {file_literal(path / f'{part}.parquet')} (FORMAT parquet)"
        )


def one_file(folder: Path, bench: Bench, known: Dictionary) -> None:
    """One Parquet file per form, as DuckDB and Spark are to read it."""
    for form in known.instruments:
        parts = folder / "forms" / form
        bench.run(
            f"CREATE OR REPLACE TABLE {quoted(form_table(form))} AS SELECT * FROM read_parquet("
            f"'{parts}/*.parquet', union_by_name = true) ORDER BY _at"
        )
        bench.run(
            f"COPY {quoted(form_table(form))} TO {file_literal(parts.with_suffix('.parquet'))} "
            f"(FORMAT parquet)"
        )


@pytest.fixture(scope="module")
def known() -> Dictionary:
    return shipped(Dictionary, "dictionaries")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("spill")) as opened:
        yield opened


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, bench: Bench, known: Dictionary) -> Path:
    """``sarcoma``, ``small`` and ``wrong``, each with its declarations and forms."""
    top = tmp_path_factory.mktemp("warehouse")
    sarcoma, tiny, wrong = (top / name for name in ("sarcoma", "small", "wrong"))
    for folder in (sarcoma, tiny, wrong):
        (folder / "forms").mkdir(parents=True)
    made = generate(top / "exports", seed=29, sites=1, operations=40, notes=0)
    staged_forms(bench, top / "exports" / made.sites[0].site / "redcap.csv", known)
    add_forms(sarcoma, bench, known, "synthetic", 0)
    write_export(top / "rules.csv", known)
    staged_forms(bench, top / "rules.csv", known)
    add_forms(sarcoma, bench, known, "R", 10**6)
    put_forms(bench, known, [random_record(known, Random(seed)) for seed in range(30)])
    add_forms(sarcoma, bench, known, "random", 2 * 10**6)
    for kind, name in (
        ("dictionaries", "dictionary"),
        ("derivations", "derivations"),
        ("rules", "rules"),
    ):
        shutil.copy(find(kind, "sarcoma_v1"), sarcoma / f"{name}.yaml")
    for folder in (tiny, wrong):
        (folder / "dictionary.yaml").write_text(DICTIONARY, encoding="utf-8")
        texts = DERIVATIONS.replace("\"'1' in spread\"", "'1' in spread")
        (folder / "derivations.yaml").write_text(texts, encoding="utf-8")
        (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    put_forms(bench, small, small_records())
    for folder in (tiny, wrong):
        add_forms(folder, bench, small, "s", 0)
        one_file(folder, bench, small)
    bench.run(
        "COPY (SELECT * REPLACE (CASE WHEN _at = 7 THEN 'NaN'::DOUBLE ELSE size END AS size) "
        f"FROM form_visit) TO {file_literal(wrong / 'forms' / 'visit.parquet')} (FORMAT parquet)"
    )
    return top


def small_records() -> list[Any]:
    return [random_record(small, Random(seed)) for seed in range(60)]


@pytest.fixture(scope="module")
def duck(bench: Bench, folders: Path) -> dict[str, tuple[dict[str, Any], list[Any], list[Any]]]:
    """Units, failed rules and totals by registry, as DuckDB finds them."""
    found = {}
    for name in ("sarcoma", "small"):
        folder = folders / name
        dictionary = load(Dictionary, folder / "dictionary.yaml")
        derivations = load(Derivations, folder / "derivations.yaml")
        rules, every = load(Rules, folder / "rules.yaml"), every_form(dictionary, derivations)
        one_file(folder, bench, dictionary)
        fixlist.create(bench)
        blank_hidden(bench, dictionary, contradictions(rules, dictionary, every), TODAY)
        check_references(bench, dictionary)
        derive(bench, dictionary, every, derivations.check_against(dictionary, where="x"))
        check_rules(bench, rules, dictionary, every, TODAY)
        totals = check_totals(bench, dictionary, derivations, ruled=recomputed(rules))
        say_undecided(bench, rules)
        units = {unit: rows(bench, wide_view(unit)) for unit in every.units}
        found[name] = (units, rows(bench, "fix"), totals)
    return found


def rows(bench: Bench, table: str) -> list[dict[str, Any]]:
    names = list(bench.columns(table))
    listed = bench.run(f"SELECT * FROM {quoted(table)} ORDER BY _at")
    return [dict(zip(names, row, strict=True)) for row in listed]


@pytest.fixture(scope="module")
def spark(folders: Path, duck: Any) -> Path:
    done = subprocess.run(
        [
            sys.executable,
            str(RUN),
            TODAY.isoformat(),
            *(str(folders / name) for name in ("small", "wrong", "sarcoma")),
        ],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=1100,
        env=os.environ
        | {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            # A short run: starting fast counts for more than running fast.
            "PYSPARK_SUBMIT_ARGS": "--driver-java-options "
            "'-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' pyspark-shell",
        },
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return folders


def of_spark(path: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return sorted(listed, key=lambda row: row["_at"])


def line(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.values())


@pytest.mark.parametrize("registry", ["sarcoma", "small"])
def test_every_row_of_every_unit_is_derived_alike(duck: Any, spark: Path, registry: str) -> None:
    for unit, expected in duck[registry][0].items():
        got = of_spark(spark / registry / "units" / unit)
        assert len(got) == len(expected) > 0
        for a, b in zip(got, expected, strict=True):
            assert a == b, (unit, a["_at"], [name for name in b if a.get(name) != b[name]])


@pytest.mark.parametrize("registry", ["sarcoma", "small"])
def test_the_same_rules_fail_on_the_same_rows(duck: Any, spark: Path, registry: str) -> None:
    got = Counter(map(line, of_spark(spark / registry / "failed")))
    assert got == Counter(map(line, duck[registry][1]))
    assert json.loads((spark / registry / "totals.json").read_text()) == duck[registry][2]


def test_every_record_that_breaks_a_rule_is_found(spark: Path) -> None:
    found: dict[str, set[str]] = {}
    for row in of_spark(spark / "sarcoma" / "failed"):
        found.setdefault(row["record"], set()).add(row["rule"])
    for number, (rule, _) in enumerate(FOUND):
        assert rule in found.get(f"RR{number:03}", ()), (number, rule)


def test_the_small_registry_is_derived_as_it_is_read_patient_by_patient(spark: Path) -> None:
    tables = {
        unit: [(row["_record"], row["_seq"], row) for row in of_spark(spark / "small/units" / unit)]
        for unit in derived.units
    }
    compare_tables(small, derived, small_records(), tables)


def test_a_sentence_keeps_its_quotes_and_a_rule_to_be_decided_on_says_so(spark: Path) -> None:
    said = {row["rule"]: row["says"] for row in of_spark(spark / "small" / "failed")}
    assert said["S1"] == "Was seen, in 'the' past."
    assert said["S3"] == "One kind."
    assert "S4: a committee has to decide" in said["reference"]


def test_forms_that_no_load_gives_are_refused_by_form_and_column(spark: Path) -> None:
    told = (spark / "wrong" / "refused.txt").read_text(encoding="utf-8")
    assert told == "visit: field 'size': 1 rows hold what no load gives"
    assert not (spark / "wrong" / "units").exists()
