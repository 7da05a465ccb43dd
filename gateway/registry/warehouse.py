"""A load's checks and derivations over a warehouse: typed forms in, data frames out, on Spark.

::

    from gateway.registry.warehouse import derive_and_check

    found = derive_and_check(
        spark, {"patient": "forms/patient", "tumor": tumors}, dictionary, derivations, rules, today
    )
    found.units["case"]  # a row per tumour: what was entered, the patient's, what is derived
    found.failed         # what a load's fix list would say of these forms

Everything is identified data and stays where the warehouse is; de-identification and the store
are a load's (:mod:`gateway.registry.load`). Needs pyspark 4 and its Java: ``osteon[spark]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import quoted
from gateway.registry.contradictions import contradictions
from gateway.registry.derive import derive
from gateway.registry.forms import OWN, form_table
from gateway.registry.related import wide_view
from gateway.registry.rule_kinds import recomputed, say_undecided
from gateway.registry.spark_bench import Keep, SparkBench, open_spark_bench
from gateway.registry.typed import COLUMN_TYPES
from gateway.registry.validate import blank_hidden, check_references, check_rules, check_totals
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.rule import Rules

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Found", "derive_and_check"]

_WHOLE_MAX = 10**15
"""A load takes no longer integers: beyond it a double does not hold each of them."""
_NO_LOAD = {
    "BIGINT": f"NOT {{0}} BETWEEN -{_WHOLE_MAX} AND {_WHOLE_MAX}",
    "DOUBLE": "NOT abs({0}) < CAST('Infinity' AS DOUBLE)",
}
"""Values of numbers that no load gives, by type."""
_OWN = {"_at": "BIGINT", "_record": "VARCHAR", "_instance": "VARCHAR", "_seq": "BIGINT"}


@dataclass(frozen=True)
class Found:
    """Data frames over the session that was given; each is computed when it is asked for."""

    units: Mapping[str, DataFrame]
    """By unit, and by form that is no unit's: ``_at``, ``_record``, ``_instance``, ``_seq``, the
    elements of the row and of the rows that hold it, derived ones; ``_in_<unit>`` is the ``_at``
    of the row that holds it."""
    failed: DataFrame
    """``record``, ``instrument``, ``instance``, ``fields``, ``rule``, ``severity``, ``says`` and
    ``fix`` as in the fix list, with ``_at`` of the row and ``_first`` of the one it repeats."""
    totals: list[dict[str, Any]]
    """Entered against recomputed, by element: how many were compared and how many differ."""


def derive_and_check(
    spark: SparkSession,
    forms: Mapping[str, DataFrame | str | PathLike[str]],
    dictionary: Dictionary,
    derivations: Derivations,
    rules: Rules,
    today: date,
    *,
    keep: Keep = lambda frame: frame.localCheckpoint(),
) -> Found:
    """What a load finds in ``forms`` between reading and de-identification, on ``spark``.

    ``forms`` holds, for every instrument of the dictionary, a data frame or a Parquet folder as
    :mod:`gateway.registry.forms` describes them: ``_at`` (bigint, one number per row of the form
    that stays the same however often the frame is computed), ``_record`` (string), ``_instance``
    (string), ``_seq`` (bigint) and a column per element, one per choice where it holds several;
    text and codes are strings, integers bigint, numbers double. Every record has one row of the
    patient's form. ``today`` is what rules take for the day of the load.

    ``keep`` computes a table so that later plans start from it. The default holds it on the
    executors, and the run fails if one is lost: where that may happen, set a checkpoint folder
    (encrypted as the warehouse is) and give ``lambda frame: frame.checkpoint()``.

    Raises SourceError for forms that are not as described, DeclarationError, and StoreError where
    Spark stops. No message holds a cell's value.
    """
    every = every_form(dictionary, derivations)
    checked = derivations.check_against(dictionary, where=every.derivations)
    with open_spark_bench(spark, keep) as bench:
        _put_forms(bench, forms, dictionary)
        fixlist.create(bench)
        blank_hidden(bench, dictionary, contradictions(rules, dictionary, every), today)
        check_references(bench, dictionary)
        derive(bench, dictionary, every, checked)
        check_rules(bench, rules, dictionary, every, today)
        totals = check_totals(bench, dictionary, derivations, ruled=recomputed(rules))
        say_undecided(bench, rules)
        units = {unit: bench.frame(wide_view(unit)) for unit in every.units}
        return Found(units, bench.frame("fix"), totals)


def _put_forms(
    bench: SparkBench,
    forms: Mapping[str, DataFrame | str | PathLike[str]],
    dictionary: Dictionary,
) -> None:
    tests = []
    for instrument in dictionary.instruments:
        given = forms.get(instrument)
        if given is None:
            raise SourceError("there is no such form; give an empty one", file=instrument)
        if isinstance(given, str | PathLike):
            given = bench.spark.read.parquet(fspath(given))
        table, wanted = form_table(instrument), dict(_OWN)
        for name, element in dictionary.of(instrument).items():
            wanted |= dict.fromkeys(dictionary.columns(name), COLUMN_TYPES[element.type])
        bench.put(table, given)
        _check_columns(instrument, wanted, bench.columns(table))
        bench.put(table, given.select(*(f"`{column}`" for column in wanted)))
        tests += [
            (instrument, column, f"count_if({_NO_LOAD[kind].format(quoted(column))})")
            for column, kind in wanted.items()
            if kind in _NO_LOAD
        ]
        tests += [
            (instrument, "_at", "count(*) - count(DISTINCT _at)"),
            *((instrument, own, f"count_if({own} IS NULL)") for own in OWN),
        ]
        if instrument == dictionary.root:
            tests += [(instrument, "_record", "count(*) - count(DISTINCT _record)")]
    _refuse_wrong(bench, tests)


def _check_columns(instrument: str, wanted: Mapping[str, str], there: Mapping[str, str]) -> None:
    for column, kind in wanted.items():
        if column not in there:
            raise SourceError("the form has no such column", file=instrument, field=column)
        if there[column] != kind:
            raise SourceError(
                f"is of type {there[column]}, not {kind}",
                file=instrument,
                field=column,
                hint="cast the column before it is given",
            )


def _refuse_wrong(bench: SparkBench, tests: list[tuple[str, str, str]]) -> None:
    """SourceError for the first column with values that no load gives; one pass over each form."""
    by_form: dict[str, list[tuple[str, str]]] = {}
    for instrument, column, test in tests:
        by_form.setdefault(instrument, []).append((column, test))
    for instrument, own in by_form.items():
        sql = f"SELECT {', '.join(test for _, test in own)} FROM {quoted(form_table(instrument))}"
        for (column, _), count in zip(own, bench.run(sql)[0], strict=True):
            if count:
                raise SourceError(
                    f"{count} rows hold what no load gives",
                    file=instrument,
                    field=column,
                    hint="numbers are finite and integers have 15 digits at most (missing is "
                    "NULL, not NaN); _at is a number of the row's own; a patient has one row",
                )
