"""Derived elements for all patients at once: declared order, one pass per layer.

A layer holds elements of one unit that do not use each other; it becomes one query. What an
element means is defined by the declarations; ``tests/generative`` compares these queries with a
naive reading patient by patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, Parts
from gateway.registry.pick import base_view, without_picks
from gateway.registry.related import create_unit, derived_rows, refresh_rows, refresh_wide
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary
from policies.expression import Node, Pick, names

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["derive"]

_WHOLE_MAX = 1e15
"""Integers beyond it are not exact in a double; such a derived value is missing."""


@dataclass
class _Layer:
    unit: str
    elements: dict[str, tuple[Derived, Mapping[str, Node]]] = field(default_factory=dict)


def derive(
    bench: Bench,
    dictionary: Dictionary,
    derivations: Derivations,
    checked: Mapping[str, Mapping[str, Node]],
    told: Parts = lambda *_: None,
) -> None:
    """Make ``rows_<unit>`` and ``wide_<unit>`` of every unit from the typed forms.

    ``checked`` comes from :meth:`Derivations.check_against`; ``told`` learns how many layers of
    derived elements are done, and of how many.
    """
    for unit in derivations.units:
        create_unit(bench, unit, derivations, dictionary)
    stale = set(derivations.units)
    layers = list(_layers(derivations, checked))
    for done, layer in enumerate(layers):
        told(done, len(layers))
        if layer.unit in stale:
            refresh_wide(bench, layer.unit, derivations)
            stale.remove(layer.unit)
        _compute(bench, layer, dictionary, derivations)
        stale |= {
            unit
            for unit in derivations.units
            if unit == layer.unit or layer.unit in derivations.ancestors(unit)
        }
    for unit in stale:
        refresh_wide(bench, unit, derivations)


def _layers(
    derivations: Derivations, checked: Mapping[str, Mapping[str, Node]]
) -> Iterator[_Layer]:
    """Every element as early as what it uses allows."""
    depth: dict[str, int] = {}
    layers: dict[tuple[int, str], _Layer] = {}
    for name, derived in derivations.elements.items():
        before = [depth[used] for used in _used(checked[name].values()) if used in depth]
        depth[name] = max(before, default=-1) + 1
        layer = layers.setdefault((depth[name], derived.unit), _Layer(derived.unit))
        layer.elements[name] = (derived, checked[name])
    yield from (layers[key] for key in sorted(layers, key=lambda key: key[0]))


def _used(nodes: Iterable[Node]) -> set[str]:
    return {name.rpartition(".")[2] for node in nodes for name in names(node)}


def _compute(bench: Bench, layer: _Layer, dictionary: Dictionary, derivations: Derivations) -> None:
    nodes = [node for _, parts in layer.elements.values() for node in parts.values()]
    base, computed = base_view(bench, layer.unit, nodes, derivations, dictionary)
    before = list(bench.columns(derived_rows(layer.unit)))
    values = {
        name: _value(derived, parts, base, computed)
        for name, (derived, parts) in layer.elements.items()
    }
    table: Any = base
    bench.create(derived_rows(layer.unit), table.select(*before, **values))
    refresh_rows(bench, layer.unit)


def _value(
    derived: Derived, parts: Mapping[str, Node], base: ir.Table, computed: Mapping[Pick, str]
) -> Any:
    def compiled(part: str) -> Any:
        return compile_expression(without_picks(parts[part], computed), base)

    if derived.value is not None:
        return _settled(derived, compiled("value"))
    if derived.index is not None:
        return _marked(derived, compiled, base)
    lines = []
    for i, case in enumerate(derived.cases or ()):
        if case.take is not None:
            given = compiled(f"take[{i}]")
        elif derived.type == "category":
            given = ibis.literal(str(case.value))
        else:
            given = ibis.literal(case.value)
        lines.append((compiled(f"when[{i}]"), _settled(derived, given)))
    return ibis.cases(*lines)


def _settled(derived: Derived, value: Any) -> Any:
    """As :func:`policies.derivation.settle`."""
    if derived.type in ("boolean", "date"):
        return value
    if derived.type == "category":
        return value.cast("string")
    number = value.cast("float64")
    if derived.type == "integer":
        number = number.floor()
    low, high = derived.bounds
    inside = number.abs() < _WHOLE_MAX if derived.type == "integer" else number.notnull()
    if low is not None:
        inside = inside & (number >= float(low))
    if high is not None:
        inside = inside & (number <= float(high))
    kept = number.cast("int64") if derived.type == "integer" else number
    return ibis.cases((inside, kept))


def _marked(derived: Derived, compiled: Any, base: ir.Table) -> Any:
    index = derived.index
    if index is None:
        raise TypeError("not an index")
    tests = [(compiled(f"prefer[{i}]"), i) for i in range(len(index.prefer))]
    tier: Any = ibis.cases(*tests)
    keys = [compiled(f"order[{i}]") for i in range(len(index.order))]
    table: Any = base
    holder = table[f"_in_{index.within}"]
    order = [ibis.asc(key, nulls_first=False) for key in (tier, *keys, table._seq)]
    first = ibis.row_number().over(ibis.window(group_by=holder, order_by=order)) == 0
    return first & tier.notnull() & holder.notnull()
