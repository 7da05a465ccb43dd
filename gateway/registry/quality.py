"""How complete a load is. For the site's own eyes: none of it leaves without a privacy charge."""

from __future__ import annotations

from typing import Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import text_table
from gateway.registry.validate import branch_table
from policies.dictionary import Dictionary

__all__ = ["completeness", "provider_block"]


def completeness(bench: Bench, dictionary: Dictionary) -> list[dict[str, Any]]:
    """Per element: rows to which it applies, of these answered (a missing-data code is an
    answer), and of these with a usable value. Elements that are recomputed are left out.
    """
    found = []
    for instrument in dictionary.instruments:
        table: Any = branch_table(bench, instrument, dictionary)
        entered = {
            n: e
            for n, e in dictionary.of(instrument).items()
            if not e.derived and n != dictionary.key
        }
        # Where branching cannot be told the element counts as asked for.
        applies = {
            f"applies_{i}": (
                compile_expression(dictionary.branches[name], table).fill_null(ibis.literal(True))
                if name in dictionary.branches
                else ibis.literal(True)
            )
            for i, name in enumerate(entered)
        }
        bench.create("_applies", table.select("_at", **applies))
        text = bench.columns(text_table(instrument))
        counts = []
        for i, name in enumerate(entered):
            columns = dictionary.columns(name)
            boxed = dictionary.elements[name].type == "multi"
            given = [c for c in columns if c in text]
            answered = " OR ".join(
                f"t.{quoted(c)} != '0'" if boxed else f"t.{quoted(c)} IS NOT NULL" for c in given
            )
            test = f"a.applies_{i} AND coalesce({answered or 'false'}, false)"
            known = f"f.{quoted(columns[0])} IS NOT NULL"
            counts += [f"count_if(a.applies_{i})", f"count_if({test})"]
            counts.append(f"count_if(a.applies_{i} AND {known})")
        if not counts:
            continue
        row = bench.run(
            f"SELECT {', '.join(counts)} FROM _applies a "
            f"JOIN {quoted(f'form_{instrument}')} f USING (_at) "
            f"LEFT JOIN {quoted(text_table(instrument))} t USING (_at)"
        )[0]
        for i, (name, element) in enumerate(entered.items()):
            found.append(
                {
                    "instrument": instrument,
                    "element": name,
                    "tier": element.tier or "",
                    "required": element.required,
                    "provider": element.entered == "provider",
                    # count_if over a form without rows is NULL.
                    "applies": row[3 * i] or 0,
                    "answered": row[3 * i + 1] or 0,
                    "known": row[3 * i + 2] or 0,
                }
            )
    return found


def provider_block(bench: Bench, dictionary: Dictionary) -> dict[str, int]:
    """Patients, and those of them with at least one element that only the provider enters."""
    parts = []
    for instrument in dictionary.instruments:
        columns = [
            column
            for name, element in dictionary.of(instrument).items()
            if element.entered == "provider"
            for column in dictionary.columns(name)
        ]
        if columns:
            known = " OR ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
            parts.append(f"SELECT _record FROM {quoted(f'form_{instrument}')} WHERE {known}")
    patients = int(bench.value(f"SELECT count(*) FROM {quoted(f'form_{dictionary.root}')}"))
    if not parts:
        return {"patients": patients, "present": 0}
    present = bench.value(f"SELECT count(*) FROM ({' UNION '.join(parts)})")
    return {"patients": patients, "present": int(present)}
