"""Bugs in the lines that bound a patient, as changes of source text, and the patients that look for
them: small studies, and one patient in each extreme form. Frozen (README.md here).
"""

from __future__ import annotations

import inspect
import itertools
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from federated.combine import scopes
from federated.study import bound, plan, together

__all__ = [
    "CLAIMS",
    "EXTREMES",
    "FEWER",
    "FLAG",
    "MISSES",
    "ROWS",
    "STUDIES",
    "TOLD",
    "UNCLAMPED",
    "People",
    "corners",
    "mutated",
]

FLAG = "first_visit"
SHARE = {"proportion": {"numerator": "leak = 1"}}
STUDIES: dict[str, list[dict[str, Any]]] = {
    "rows": [{"count": True, "by": ["valve"]}],
    "share": [SHARE | {"where": FLAG}],
    "share by": [SHARE | {"where": FLAG, "by": ["valve"]}],
    "family": [SHARE | {"where": FLAG, "name": f"s{i}"} for i in range(12)],
    "mean": [{"mean": {"of": "risk * 3", "bounds": [40, 60]}, "where": FLAG}],
    "mean of rows": [{"mean": {"of": "risk"}, "by": ["valve"]}],
    "curve": [
        {
            "survival": {"time": "follow_days", "event": "died = 1", "grid": [91, 182, 365, 730]},
            "where": FLAG,
        }
    ],
    "histogram": [{"quantiles": {"of": "risk", "bins": 4}, "where": FLAG}],
    "rate": [{"rate": {"events": "leak = 1", "time": "risk", "bounds": [0, 60]}, "where": FLAG}],
    "rate of rows": [
        {"rate": {"events": "leak = 1", "time": "risk", "bounds": [0, 60]}, "by": ["valve"]}
    ],
    "apart": [
        {"count": True, "name": valve, "where": f"{FLAG} and valve = '{valve}'"}
        for valve in ("a", "m")
    ],
    "unknown valve": [
        {"count": True, "name": "none", "where": f"{FLAG} and valve is missing"},
        {"count": True, "name": "not_m", "where": f"{FLAG} and (valve is missing or valve = 'a')"},
    ],
    "neither": [
        {"count": True, "name": f"n{i}", "where": f"{FLAG} and valve != '{valve}'"}
        for i, valve in enumerate(("a", "m"))
    ],
    "inner": [SHARE | {"name": f"i{i}", "where": f"{FLAG} and risk > {i}"} for i in range(6)]
    + [SHARE | {"name": "x", "where": f"{FLAG} and valve = 'a'"}],
    "not index": [{"count": True}],
}


People = list[dict[str, list[dict[str, Any]]]]
EXTREMES = (("a", "m", "x", None), ("0", "1", "9", None), (0.0, 1e12, None), (1, 999), (1, 3))
FEWER = (("a", None), ("1", None), (0.0, 1e12), (1,), (1, 3))


def corners(extremes: tuple[tuple[Any, ...], ...]) -> Iterator[People]:
    """One patient in each extreme form, as a list of people."""
    for valve, leak, risk, days, visits in itertools.product(*extremes):
        rows = [
            {
                "_patient": "p", "_order": j + 1, "sex": "1", "risk": risk, "follow_days": days,
                "died": "1" if leak == "1" else "0", "risk_band": "low", "visit_no": j + 1,
                "valve": valve, "leak": leak, FLAG: j == 0,
            }
            for j in range(visits)
        ]  # fmt: skip
        yield [{"unit_person": [], "unit_visit": rows}]


def mutated(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *changes: tuple[str, str]
) -> None:
    """Replace function ``name`` of a module or class by itself with its text changed."""
    kept = inspect.getattr_static(owner, name)
    function = kept.fget if isinstance(kept, property) else kept
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        assert source.count(old) == 1, f"{name} has no longer one {old!r}"
        source = source.replace(old, new)
    module = sys.modules[function.__module__]
    space = dict(vars(module))
    exec(compile(source, f"<mutant of {name}>", "exec", dont_inherit=False), space)  # noqa: S102
    made = space[name]
    if inspect.isfunction(made) and owner is module:
        for other in ("federated.study.compile", "federated.study.strategy", module.__name__):
            if getattr(sys.modules[other], name, None) is function:
                monkeypatch.setattr(sys.modules[other], name, made)
    else:
        monkeypatch.setattr(owner, name, made)


CLAIMS: dict[str, tuple[Any, str, tuple[tuple[str, str], ...], list[str]]] = {
    "sensitivity of one step": (
        plan.Block, "row_l2_squared",
        (("sum(step**2 for step in self.steps)", "self.steps[0] ** 2"),), ["mean"],
    ),
    "a row in its own bin alone": (
        plan.Block, "row_l2_squared",
        (("sum(step**2 for step in self.steps)", "self.steps[0] ** 2"),), ["curve", "histogram"],
    ),
    "a share without its number": (
        plan.Block, "row_l2_squared",
        (("max(answer**2 + known**2, unknown**2)", "answer**2"),), ["share"],
    ),
    "a family without those outside": (
        plan.Block, "row_l2_squared",
        (("max(answer**2 + known**2, unknown**2)", "answer**2"),), ["family"],
    ),
    "rows that do not multiply": (
        plan.Block, "l2_squared", (("self.rows_max**2", "self.rows_max"),), ["rows", "mean of rows"],
    ),
    "a change of answer at half": (
        plan.Block, "row_substitution", (("4 * answer**2", "2 * answer**2"),), ["share"],
    ),
    "a change from known to not": (
        plan.Block, "row_substitution",
        (("max(4 * answer**2, answer**2 + (known + unknown) ** 2, moved)", "answer**2"),),
        ["family"],
    ),
    "a change of stratum": (
        plan.Block, "row_substitution", (("(2 if places > 1 else 1)", "1"),), ["curve", "rows"],
    ),
    "a change of bin": (
        plan.Block, "row_substitution",
        (('if self.kind in ("survival", "quantiles")', 'if self.kind == "survival"'),),
        ["histogram"],
    ),
    "a change of value at half": (
        plan.Block, "row_substitution",
        (("max(4 * (value**2 + square**2), moved)", "2 * (value**2 + square**2)"),), ["mean"],
    ),
    "a ratio of its event alone": (
        plan.Block, "row_l2_squared",
        (("max(event**2, (less * most) ** 2 + (more * most) ** 2, of_both)", "of_both"),), ["rate"],
    ),
    "a ratio whose event and value never change apart": (
        plan.Block, "row_substitution",
        (("(event + less * most) ** 2", "(event - less * most) ** 2"),), ["rate"],
    ),
    "a change that only leaves": (
        together.Together, "heaviest_change",
        ((" + sum(leaves[i] for i in one ^ other)", ""), ("return max(total, *stays)", "return total")),
        ["apart"],
    ),
    "levels without missing": (
        together, "_levels", (("(*field.codes, _ELSE, None)", "field.codes"),), ["unknown valve"],
    ),
    "levels without the unforeseen": (
        together, "_levels", (("(*field.codes, _ELSE, None)", "(*field.codes, None)"),), ["neither"],
    ),
    "an index that nobody demands": (
        bound, "index_path", (("return tuple(path) if own else None", "return tuple(path)"),),
        ["not index"],
    ),
}  # fmt: skip


UNCLAMPED = (
    ("ibis.least(ibis.greatest(value, low), high)", "value"),
    ("ibis.least(ibis.greatest(steps, _double(least)), _double(most))", "steps"),
    ('.cast("int32")', '.cast("int64")'),
)
ROWS: dict[str, tuple[str, tuple[tuple[str, str], ...], list[str]]] = {
    "clamps dropped": ("_whole_steps", UNCLAMPED, ["mean"]),
    "clamps of a ratio dropped": ("_whole_steps", UNCLAMPED, ["rate"]),
    "an event that counts twice": (
        "_added", (("* block.steps[0] - less * s", "* 2 * block.steps[0] - less * s"),), ["rate"],
    ),
    "a sum that is not taken off": (
        "_added", (("* block.steps[0] - less * s", "* block.steps[0]"),), ["rate"],
    ),
    "rows without bound": (
        "_cohort", (("keep & (table[ORDER] <= block.rows_max)", "keep"),), ["not index", "rows"],
    ),
    "a number known twice": (
        "_added", (("-rows * answer, rows * known)", "-rows * answer, 2 * rows * known)"),), ["share"],
    ),
    "a row whole in its bin and all after": (
        "_added", (("(cell + k, rows * step)", "(cell + k, rows * block.steps[0])"),),
        ["histogram", "curve"],
    ),
    "those outside twice": (
        "_added", (("-rows * unknown", "-2 * rows * unknown"),), ["family"],
    ),
}  # fmt: skip

MISSES: dict[str, tuple[str, tuple[tuple[str, str], ...], list[str]]] = {
    "the clamp of values alone dropped": ("_whole_steps", UNCLAMPED[:1], ["mean", "rate"]),
    "the clamp of steps alone dropped": ("_whole_steps", UNCLAMPED[1:2], ["mean", "rate"]),
    "whole steps of 8 bytes": ("_whole_steps", UNCLAMPED[2:], ["mean", "rate"]),
}
"""Changes that no patient shows: each clamp holds what the other lets through."""

TOLD: dict[str, tuple[Any, str, tuple[tuple[str, str], ...]]] = {
    "a number known without its parent's noise": (
        plan.Plan, "unit_variances", (("(1 + parent)", "1"),)
    ),
    "all strata with the noise of one": (
        scopes, "_together", (("own * len(block.strata))]", "own)]"),)
    ),
}  # fmt: skip
"""Of what is told of the noise: no patient shows them, but intervals do (test_families.py)."""
