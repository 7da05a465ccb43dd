"""Picks, set-wise: ``first(pathology.grade where … by …)`` for all rows of a unit at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from gateway.registry.related import belongs_to, relation, unit_rows, wide_view
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.expression import Name, Node, Pick, names
from policies.rule import TODAY

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
    *,
    today: date | None = None,
) -> tuple[ir.Table, dict[Pick, str]]:
    """The unit's wide rows with one column per pick in ``nodes``, and those columns' names; with
    ``today`` they know the day.
    """
    wanted = list(dict.fromkeys(pick for node in nodes for pick in picks(node)))
    computed = {pick: f"_p{i}" for i, pick in enumerate(wanted)}
    cells, joins, columns = ["w.*"], "", bench.columns(wide_view(unit))
    for number, group in enumerate(_groups(wanted)):
        table = f"_picks_{number}"
        named = {computed[pick]: pick for pick in group}
        _pick(bench, table, unit, named, derivations, dictionary)
        joins += f" LEFT JOIN {table} ON w._at = {table}._outer"
        types = bench.columns(table)
        for name, pick in named.items():
            value = {"any": f"coalesce({name}, false)", "count": f"coalesce({name}, 0)"}
            cells.append(f"{value.get(pick.kind, name)} AS {name}")
            columns[name] = types[name]
    if today is not None and TODAY not in columns:
        cells.append(f"DATE '{today}' AS {quoted(TODAY)}")
        columns[TODAY] = "DATE"
    bench.view(_BASE, f"SELECT {', '.join(cells)} FROM {quoted(wide_view(unit))} w{joins}", columns)
    return bench.table(_BASE), computed


def _groups(wanted: list[Pick]) -> Iterator[list[Pick]]:
    """Picks that one query computes: all that summarise rows of one source, or one that ranks."""
    summaries: dict[str, list[Pick]] = {}
    for pick in wanted:
        if pick.kind in ("first", "last"):
            yield [pick]
        else:
            summaries.setdefault(pick.source, []).append(pick)
    yield from summaries.values()


def _pick(
    bench: Bench,
    table: str,
    unit: str,
    group: Mapping[str, Pick],
    derivations: Derivations,
    dictionary: Dictionary,
) -> None:
    """Make ``table``: ``_outer`` (``_at`` of the unit's row) and the picks of a group by name;
    rows without any related row are not in it.
    """
    sql, columns = _joined(bench, unit, list(group.values()), derivations, dictionary)
    joined: Any = bench.table("_joined", columns)
    name, pick = next(iter(group.items()))
    if pick.kind in ("first", "last"):
        query = _ranked(joined, name, pick)
    else:
        query = joined.group_by("_outer").aggregate(
            **{name: _summary(joined, pick) for name, pick in group.items()}
        )
    bench.create(table, query, given={"_joined": sql})


def _summary(joined: Any, pick: Pick) -> Any:
    where = None if pick.where is None else compile_expression(pick.where, joined)
    if pick.kind == "any":
        return joined.count(where=where) > 0
    if pick.kind == "count":
        return joined.count(where=where)
    value = joined[pick.element]
    return value.min(where=where) if pick.kind == "min" else value.max(where=where)


def _ranked(joined: Any, name: str, pick: Pick) -> Any:
    """Rows with a missing key come last in both directions; ties go by place in the record."""
    rows = joined
    if pick.where is not None:
        rows = joined.filter(compile_expression(pick.where, joined))
    direction = ibis.asc if pick.kind == "first" else ibis.desc
    keys = [direction(compile_expression(key, rows), nulls_first=False) for key in pick.by]
    window = ibis.window(group_by=rows._outer, order_by=[*keys, direction(rows._place)])
    ranked = rows.select("_outer", _n=ibis.row_number().over(window), **{name: rows[pick.element]})
    return ranked.filter(ranked._n == 0).select("_outer", name)


def _joined(
    bench: Bench,
    unit: str,
    group: Iterable[Pick],
    derivations: Derivations,
    dictionary: Dictionary,
) -> tuple[str, dict[str, str]]:
    """SQL and columns: each row of the unit beside each related row of the source that the picks
    share; the source's names win.
    """
    units, source = derivations.units, next(iter(group)).source
    if source in units and source != unit:
        table, instrument, key = unit_rows(source), units[source].instrument, ""
    else:
        table, instrument = form_table(source), source
        key = ", " + _form_key(dictionary, instrument)
    used = {name.rpartition(".")[2] for pick in group for name in names(pick)}

    def columns(of: str) -> dict[str, str]:
        known = bench.columns(of).items()
        return {c: kind for c, kind in known if c.partition("___")[0] in used}

    theirs = columns(table)
    mine = {c: kind for c, kind in columns(wide_view(unit)).items() if c not in theirs}
    cells = [f"b.{quoted(c)}" for c in theirs] + [f"a.{quoted(c)}" for c in mine]
    sql = (
        f"SELECT {', '.join(['a._at AS _outer', 'b._seq AS _place', *cells])} "
        f"FROM {quoted(wide_view(unit))} a JOIN (SELECT *{key} FROM {quoted(table)}) b "
        f"ON {relation(dictionary, units[unit].instrument, instrument)}"
    )
    return sql, {"_outer": "BIGINT", "_place": "BIGINT"} | theirs | mine


def _form_key(dictionary: Dictionary, instrument: str) -> str:
    belongs = belongs_to(dictionary, instrument)
    return f"CAST({'NULL' if belongs is None else quoted(belongs[1])} AS VARCHAR) AS _key"
