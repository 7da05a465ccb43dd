"""What a regression sets beside what: the levels of each element and the one to compare with."""

from __future__ import annotations

import math
from collections.abc import Sequence

from federated.errors import StudyError
from federated.study.model import AskRegression
from policies.expression import Field, Scope

__all__ = ["LEVELS_MAX", "STRATA_MAX", "public_levels", "references", "with_references"]

STRATA_MAX = 4000
LEVELS_MAX = 80
"""Of all elements together. With both at their most a regression takes the coordinator minutes."""


def public_levels(field: Field | None) -> tuple[str, ...] | None:
    """The levels that divide an answer, missing aside; None if the field has no public list."""
    if field is None or field.type not in ("category", "boolean"):
        return None
    return tuple(field.codes) if field.type == "category" else ("true", "false")


def with_references(
    by: Sequence[str], asked: AskRegression, scope: Scope, where: str
) -> AskRegression:
    """With the reference of every element in ``by``; StudyError if one is no level of it."""
    for name in asked.reference:
        if name not in by:
            raise StudyError(
                f'"{name}" is not in by', where=f"{where}.reference", hint="list it there as well"
            )
    if not by:
        raise StudyError("needs elements in by", where=where, hint="by: [the covariates]")
    chosen = {name: asked.reference.get(name) or _first(scope.fields.get(name)) for name in by}
    found = AskRegression(reference=chosen)
    references(by, found, scope, where)
    return found


def _first(field: Field | None) -> str:
    levels = public_levels(field)
    if field is None or not levels:
        return ""  # refused as no level
    return "false" if field.type == "boolean" else levels[0]


def references(
    by: Sequence[str], asked: AskRegression | None, scope: Scope, where: str
) -> tuple[str, ...]:
    """The reference of each element of ``by``, () without a regression; StudyError for what cannot
    be fitted.
    """
    if asked is None:
        return ()
    levels = [public_levels(scope.fields.get(name)) or () for name in by]
    for name, of in zip(by, levels, strict=True):
        if len(of) < 2:
            raise StudyError(f'"{name}" has no two levels to compare', where=where)
        if asked.reference[name] not in of:
            raise StudyError(
                f'the reference of "{name}" is none of its levels',
                where=f"{where}.reference.{name}",
                hint=f"levels: {', '.join(of)}",
            )
    strata = math.prod(len(of) + 1 for of in levels)
    if strata > STRATA_MAX or sum(map(len, levels)) > LEVELS_MAX:
        raise StudyError(
            f"a regression on more than {STRATA_MAX} strata or {LEVELS_MAX} levels",
            where=where,
            hint="take fewer elements, or some with fewer choices",
        )
    return tuple(asked.reference[name] for name in by)
