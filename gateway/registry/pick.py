"""Picks, set-wise: ``first(pathology.grade where … by …)`` for all rows of a unit at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from gateway.registry.related import belongs_to, relation, unit_rows, wide_view
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.expression import Name, Node, Pick, names

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["base_view", "picks", "without_picks"]

_BASE = "_base"


def picks(node: Node) -> Iterator[Pick]:
    """Every pick in a tree. The language does not nest them."""
    if isinstance(node, Pick):
        yield node
    elif is_dataclass(node):
        for part in fields(node):
            value = getattr(node, part.name)
            for item in value if isinstance(value, tuple) else (value,):
                if is_dataclass(item) and not isinstance(item, type):
                    yield from picks(item)  # type: ignore[arg-type]


def without_picks(node: Any, computed: Mapping[Pick, str]) -> Any:
    """The tree with every pick replaced by the name of its computed column."""
    if isinstance(node, Pick):
        return Name(computed[node])
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changes: dict[str, Any] = {}
    for part in fields(node):
        value = getattr(node, part.name)
        if isinstance(value, tuple):
            changes[part.name] = tuple(without_picks(item, computed) for item in value)
        else:
            changes[part.name] = without_picks(value, computed)
    return replace(node, **changes)


def base_view(
    bench: Bench,
    unit: str,
    nodes: list[Node],
    derivations: Derivations,
    dictionary: Dictionary,
) -> tuple[ir.Table, dict[Pick, str]]:
    """The unit's wide rows with one column per pick in ``nodes``, and those columns' names."""
    wanted = list(dict.fromkeys(pick for node in nodes for pick in picks(node)))
    computed = {pick: f"_p{i}" for i, pick in enumerate(wanted)}
    columns, joins = ["w.*"], ""
    for pick, name in computed.items():
        bench.create(name, _pick(bench, unit, pick, derivations, dictionary))
        joins += f" LEFT JOIN {name} ON w._at = {name}._outer"
        value = {"any": f"coalesce({name}.v, false)", "count": f"coalesce({name}.v, 0)"}
        columns.append(f"{value.get(pick.kind, f'{name}.v')} AS {name}")
    bench.run(
        f"CREATE OR REPLACE VIEW {_BASE} AS SELECT {', '.join(columns)} "
        f"FROM {quoted(wide_view(unit))} w{joins}"
    )
    return bench.table(_BASE), computed


def _pick(
    bench: Bench, unit: str, pick: Pick, derivations: Derivations, dictionary: Dictionary
) -> ir.Table:
    joined = _joined(bench, unit, pick, derivations, dictionary)
    if pick.where is not None:
        joined = joined.filter(compile_expression(pick.where, joined))
    rows: Any = joined
    if pick.kind == "any":
        return rows.group_by("_outer").aggregate(v=rows.count() > 0)
    if pick.kind == "count":
        return rows.group_by("_outer").aggregate(v=rows.count())
    value = rows[pick.element]
    if pick.kind in ("min", "max"):
        best = value.min() if pick.kind == "min" else value.max()
        return rows.group_by("_outer").aggregate(v=best)
    # Rows with a missing key come last in both directions; ties go by place in the record.
    direction = ibis.asc if pick.kind == "first" else ibis.desc
    keys = [direction(compile_expression(key, joined), nulls_first=False) for key in pick.by]
    window = ibis.window(group_by=rows._outer, order_by=[*keys, direction(rows._place)])
    ranked = rows.select("_outer", v=value, _n=ibis.row_number().over(window))
    return ranked.filter(ranked._n == 0).select("_outer", "v")


def _joined(
    bench: Bench, unit: str, pick: Pick, derivations: Derivations, dictionary: Dictionary
) -> ir.Table:
    """Each row of the unit beside each related row of the source; the source's names win."""
    units, source = derivations.units, pick.source
    if source in units and source != unit:
        table, instrument, key = unit_rows(source), units[source].instrument, ""
    else:
        table, instrument = form_table(source), source
        key = ", " + _form_key(dictionary, instrument)
    used = {name.rpartition(".")[2] for name in names(pick)}

    def columns(of: str) -> list[str]:
        return [c for c in bench.columns(of) if c.partition("___")[0] in used]

    theirs = columns(table)
    mine = [c for c in columns(wide_view(unit)) if c not in theirs]
    cells = [f"b.{quoted(c)}" for c in theirs] + [f"a.{quoted(c)}" for c in mine]
    bench.run(
        f"CREATE OR REPLACE VIEW _joined AS "
        f"SELECT {', '.join(['a._at AS _outer', 'b._seq AS _place', *cells])} "
        f"FROM {quoted(wide_view(unit))} a JOIN (SELECT *{key} FROM {quoted(table)}) b "
        f"ON {relation(dictionary, units[unit].instrument, instrument)}"
    )
    return bench.table("_joined")


def _form_key(dictionary: Dictionary, instrument: str) -> str:
    belongs = belongs_to(dictionary, instrument)
    return f"CAST({'NULL' if belongs is None else quoted(belongs[1])} AS VARCHAR) AS _key"
