"""Set-wise derivation and the naive reading patient by patient give the same tables."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.registry.bench import Bench, open_bench, quoted
from gateway.registry.derive import derive
from gateway.registry.related import wide_view
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.library import load_named
from tests.generative.registries import Record, put_forms, random_record
from tests.spec.interpreter import Interpreter

DICTIONARY = """
dictionary: small
version: 1
title: Small
key: code
instruments:
  person: {label: Person}
  lesion: {label: Lesion, repeats: true}
  visit: {label: Visit, repeats: true}
elements:
  code: {instrument: person, label: Code, type: text}
  born: {instrument: person, label: Born, type: date}
  weight: {instrument: person, label: Weight, type: number, bounds: [0, 100]}
  seq: {instrument: lesion, label: Number, type: integer, bounds: [1, 3], roles: [key]}
  kind: {instrument: lesion, label: Kind, type: category, choices: {"1": A, "2": B}}
  found: {instrument: lesion, label: Found, type: date}
  spread: {instrument: lesion, label: Spread, type: multi, choices: {"0": None, "1": Lung}}
  of_lesion: {instrument: visit, label: Of, type: integer, references: lesion.seq}
  seen: {instrument: visit, label: Seen, type: date}
  size: {instrument: visit, label: Size, type: number, bounds: [0, 100]}
  state: {instrument: visit, label: State, type: category, choices: {"0": Well, "1": Ill}}
"""
DERIVATIONS = """
derivations: small
version: 1
dictionary: small
units:
  person: {instrument: person}
  lesion: {instrument: lesion, within: person}
  visit: {instrument: visit, within: lesion}
elements:
  lesions: {unit: person, label: l, type: integer, value: count(lesion)}
  last_seen: {unit: person, label: l, type: date, value: max(visit.seen)}
  ill: {unit: person, label: l, type: boolean, value: any(visit where state = 1)}
  index_lesion: {unit: lesion, label: l, type: boolean, index: {within: person, order: [found, seq]}}
  days_seen: {unit: lesion, label: l, type: integer, bounds: [0, 300], value: "days(found, last_seen)"}
  age: {unit: lesion, label: l, type: integer, value: "years(born, found)"}
  first_state:
    {unit: lesion, label: l, type: category, choices: {"0": Well, "1": Ill},
     value: first(visit.state where size > 1 by seen)}
  last_size: {unit: lesion, label: l, type: number, bounds: [1, 50], value: "last(visit.size by (state = 1), seen)"}
  nearest:
    {unit: lesion, label: l, type: number,
     value: "first(visit.size where days(found, seen) between -1 and 30 by abs(days(found, seen)), size)"}
  smallest: {unit: lesion, label: l, type: number, value: min(visit.size where seen >= found)}
  again: {unit: visit, label: l, type: boolean,
          index: {within: lesion, prefer: ["state = 1 and size > 2", "days(found, seen) >= 0"], order: [size, seen]}}
  gap: {unit: visit, label: l, type: integer, value: "days(found, seen)"}
  told:
    unit: visit
    label: l
    type: category
    choices: {late: Late, "0": Well, "1": Ill, none: Unknown}
    cases:
      - {when: gap > 30, value: late}
      - {when: state = 1, take: state}
      - {when: gap is missing or "'1' in spread", value: none}
  marked: {unit: lesion, label: l, type: number, value: first(visit.size where again)}
  late: {unit: lesion, label: l, type: integer, value: count(visit where told = 'late') + lesions / 2}
  any_again: {unit: person, label: l, type: boolean, value: any(visit where again and told = 'late')}
  of_first: {unit: person, label: l, type: date, value: first(lesion.found where index_lesion)}
  since: {unit: visit, label: l, type: number, value: "days(of_first, seen) / lesions"}
"""
small = decode(Dictionary, parse_yaml(DICTIONARY, where="d"), where="d")
derived = decode(
    Derivations,
    parse_yaml(DERIVATIONS.replace("\"'1' in spread\"", "'1' in spread"), where="x"),
    where="x",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with open_bench(Path(tmp_path_factory.mktemp("spill"))) as opened:
        yield opened


def computed(
    bench: Bench, dictionary: Dictionary, derivations: Derivations, records: list[Record]
) -> dict[str, list[tuple[str, int, dict[str, Any]]]]:
    put_forms(bench, dictionary, records)
    derive(bench, dictionary, derivations, derivations.check_against(dictionary, where="x"))
    found = {}
    for unit in derivations.units:
        names = list(bench.columns(wide_view(unit)))
        rows = bench.run(f"SELECT * FROM {quoted(wide_view(unit))} ORDER BY _record, _seq")
        dicts = [dict(zip(names, row, strict=True)) for row in rows]
        found[unit] = [(row["_record"], row["_seq"], row) for row in dicts]
    return found


def compare(
    dictionary: Dictionary, derivations: Derivations, records: list[Record], bench: Bench
) -> None:
    compare_tables(
        dictionary, derivations, records, computed(bench, dictionary, derivations, records)
    )


def compare_tables(
    dictionary: Dictionary,
    derivations: Derivations,
    records: list[Record],
    tables: dict[str, list[tuple[str, int, dict[str, Any]]]],
) -> None:
    naive = Interpreter(dictionary, derivations)
    names = [*dictionary.elements, *derivations.elements]
    for unit in derivations.units:
        expected = [row for record in records for row in naive.derive(record)[unit]]
        got = [row for _, _, row in tables[unit]]
        assert len(got) == len(expected)
        for at, (a, b) in enumerate(zip(got, expected, strict=True)):
            for name in names:
                multi = name in dictionary.elements and dictionary.elements[name].type == "multi"
                if name not in b or multi:
                    continue
                same = (
                    math.isclose(a[name], b[name], rel_tol=1e-9)
                    if isinstance(b[name], float) and a[name] is not None
                    else a[name] == b[name]
                )
                assert same, (unit, at, name, a[name], b[name])


@settings(max_examples=12, deadline=None)
@given(seeds=st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_small_registries_derive_alike(bench: Bench, seeds: list[int]) -> None:
    records = [random_record(small, Random(seed)) for seed in seeds]
    compare(small, derived, records, bench)


def test_the_shipped_derivations_derive_alike(bench: Bench) -> None:
    dictionary = load_named("dictionaries", Dictionary, "sarcoma_v1")
    derivations = every_form(dictionary, load_named("derivations", Derivations, "sarcoma_v1"))
    records = [random_record(dictionary, Random(seed)) for seed in range(150)]
    compare(dictionary, derivations, records, bench)


def test_the_comparison_notices_a_difference(bench: Bench) -> None:
    records = [random_record(small, Random(seed)) for seed in range(20)]
    changed = derived.elements["nearest"].model_copy(update={"value": "first(visit.size by size)"})
    other = derived.model_copy(update={"elements": {**derived.elements, "nearest": changed}})
    tables = computed(bench, small, other, records)
    naive = Interpreter(small, derived)
    expected = [row["nearest"] for record in records for row in naive.derive(record)["lesion"]]
    assert [row["nearest"] for _, _, row in tables["lesion"]] != expected
