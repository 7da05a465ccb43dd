"""Resolved study → plan: the layout of the vector, its sensitivity and its noise.

Everything here follows from public structure; PROOFS.md carries the sensitivity argument.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from federated.errors import StudyError
from federated.study.bound import demands, index_path, one_row_per_patient
from federated.study.catalogue import Catalogue, Registry
from federated.study.model import Statistic, Study
from federated.study.plan import Block, Plan, Stratum, scale_at
from federated.study.regression import public_levels, references
from federated.study.time_unit import time_unit
from federated.study.together import together
from policies.expression import (
    FieldType,
    Node,
    Scope,
    check,
    parse,
)
from policies.measure import Mean, ObservedExpected, Quantiles, Rate

__all__ = ["CELLS_MAX", "compile_study"]

CELLS_MAX = 1_000_000
TEXT_MAX = 40_000
"""Characters of all expressions of a study: SQL is written from them before data is read."""

_FEWER_CELLS = "list fewer elements under by, or coarser ones; fewer bins or grid days help too"


def compile_study(study: Study, catalogue: Catalogue) -> Plan:
    """The plan of ``study``; StudyError if it does not fit this catalogue's declarations."""
    registry = catalogue.registry(study.dictionary)
    if study.digests != dict(registry.digests):
        raise StudyError(
            "the study was written for another version of the dictionary or derivations",
            where="digests",
            hint="update the declarations so that all sites and researchers share one version",
        )
    if sum(len(text) for statistic in study.statistics for text in _texts(statistic)) > TEXT_MAX:
        raise StudyError(f"expressions of more than {TEXT_MAX} characters", where="statistics")
    blocks: list[Block] = []
    start = 0
    for i, statistic in enumerate(study.statistics):
        block = _block(statistic, registry, start, f"statistics[{i}]")
        start += block.length
        if start > CELLS_MAX:
            raise StudyError(
                f"more than {CELLS_MAX} cells", where=f"statistics[{i}].by", hint=_FEWER_CELLS
            )
        blocks.append(block)
    names = [statistic.name for statistic in study.statistics]
    for i, statistic in enumerate(study.statistics):
        if statistic.parent is not None:
            parent = names.index(statistic.parent)
            blocks[i] = _within(blocks, i, parent, registry)
    met = together(registry, [(block.unit, block.cohort) for block in blocks])
    l2_squared = met.heaviest([block.l2_squared for block in blocks])
    substitution = met.heaviest_change(
        [block.substitution for block in blocks], [block.l2_squared for block in blocks]
    )
    return Plan(
        study_digest=study.question,
        blocks=tuple(blocks),
        l2_squared=l2_squared,
        l2_squared_substitution=substitution,
        nano_rho=study.nano_rho,
        scale=scale_at(l2_squared, study.nano_rho),
        digests=dict(study.digests),
        mode=study.mode,
    )


def _within(blocks: Sequence[Block], i: int, parent: int, registry: Registry) -> Block:
    """The block as it counts within its parent's cohort, which must hold the block's own."""
    block, over = blocks[i], blocks[parent]

    def rows(of: Block) -> object:
        # Index rows and rows by order are other rows of a patient.
        return of.unit, of.by, of.rows_max, index_path(registry, of.unit, of.cohort)

    if rows(block) != rows(over) or not demands(over.cohort) <= demands(block.cohort):
        raise StudyError(
            "the parent's cohort does not hold this one", where=f"statistics[{i}].parent"
        )
    return replace(block, cohort=over.cohort, inside=block.cohort, parent=parent)


def _texts(statistic: Statistic) -> Iterator[str]:
    yield statistic.cohort
    survival, ratio = statistic.survival, statistic.ratio
    ends = (survival.event, survival.competing) if survival is not None else ()
    value = statistic.mean or statistic.quantiles or ratio
    of = value.of if value is not None else None
    counted = ratio.event if ratio is not None else None
    parts = (statistic.numerator, statistic.known, *ends, counted, of)
    yield from (text for text in parts if text is not None)


def _block(statistic: Statistic, registry: Registry, start: int, where: str) -> Block:
    scope = registry.scopes.get(statistic.unit)
    if scope is None:
        raise StudyError(f'unknown unit "{statistic.unit}"', where=where)

    def settle(text: str | None, part: str, expect: FieldType = "boolean") -> Node | None:
        if text is None:
            return None
        place = f"{where}.{part}"
        return check(parse(text, where=place), scope, where=place, expect=expect)[0]

    cohort = settle(statistic.cohort, "cohort")
    if cohort is None:
        raise StudyError("has no cohort", where=where)
    survival, quantiles, rate = statistic.survival, statistic.quantiles, statistic.rate
    value = statistic.mean or quantiles or statistic.ratio
    counted = survival or statistic.ratio
    if survival is not None:
        # The store has columns that no study may name: only the scope decides.
        time = scope.fields.get(survival.time)
        if time is None or time.type != "integer" or None in (time.low, time.high):
            raise StudyError("is no bounded whole number of days", where=f"{where}.survival.time")
    divided = settle(value.of if value is not None else None, f"{statistic.kind}.of", "number")
    return Block(
        name=statistic.name,
        title=statistic.title,
        kind=statistic.kind,
        unit=statistic.unit,
        cohort=cohort,
        by=statistic.by,
        strata=_strata(statistic, scope, where),
        start=start,
        steps=statistic.steps,
        rows_max=statistic.rows_max,
        by_order=not one_row_per_patient(registry, statistic.unit, cohort),
        numerator=settle(statistic.numerator, "numerator"),
        known=settle(statistic.known, "known"),
        time=survival.time if survival is not None else None,
        event=settle(counted.event if counted is not None else None, f"{statistic.kind}.event"),
        competing=settle(
            survival.competing if survival is not None else None, "survival.competing"
        ),
        grid=survival.grid if survival is not None else (),
        read_at=survival.read_at if survival is not None else (),
        value=divided,
        bounds=_bounds(value, f"{where}.{statistic.kind}"),
        edges=quantiles.edges if quantiles is not None else (),
        levels=quantiles.at if quantiles is not None else (),
        references=references(statistic.by, statistic.regression, scope, f"{where}.regression"),
        per=rate.per if rate is not None else 1.0,
        per_unit=time_unit(divided, registry) if rate is not None and divided else None,
    )


def _bounds(
    value: Mean | Quantiles | Rate | ObservedExpected | None, where: str
) -> tuple[float, float]:
    if value is None:
        return 0.0, 0.0
    if value.bounds is None:
        raise StudyError("has no bounds", where=where)
    return value.bounds


def _strata(statistic: Statistic, scope: Scope, where: str) -> tuple[Stratum, ...]:
    levels: list[tuple[str | None, ...]] = []
    for name in statistic.by:
        codes = public_levels(scope.fields.get(name))
        if codes is None:
            raise StudyError(f'"{name}" has no public list of values', where=f"{where}.by")
        levels.append((*codes, None))
    # Counted before they are made: a product of four long lists does not fit into memory.
    if math.prod(map(len, levels)) > CELLS_MAX:
        raise StudyError(f"more than {CELLS_MAX} cells", where=f"{where}.by", hint=_FEWER_CELLS)
    return tuple(itertools.product(*levels))
