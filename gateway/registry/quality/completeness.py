"""How complete a load is. For the site's own eyes: none of it leaves without a privacy charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import form_table, text_table
from gateway.registry.quality.expressions import Computed
from gateway.registry.typed import UNTICKED
from gateway.registry.validate import branch_table
from policies.dictionary import Dictionary, Element
from policies.quality_check import QualityChecks

__all__ = ["completeness", "form_rows", "provider_block"]

_COUNTS = ("applies", "answered", "known", "with_reason")


def completeness(
    bench: Bench, dictionary: Dictionary, missing: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Per element: rows to which it applies, of these answered (a code of ``missing`` is an
    answer), with a usable value, with such a code (missing with a reason), and with what did
    not fit. The rest is blank. Elements that are recomputed are left out.
    """
    found = []
    for instrument in dictionary.instruments:
        entered = {
            n: e
            for n, e in dictionary.of(instrument).items()
            if not e.derived and n != dictionary.key
        }
        if not entered:
            continue
        _applying(bench, dictionary, instrument, entered)
        given = bench.columns(text_table(instrument))
        counts = [
            count
            for i, name in enumerate(entered)
            for count in _counts(
                i, [c for c in dictionary.columns(name) if c in given], dictionary, name, missing
            )
        ]
        row = bench.run(
            f"SELECT {', '.join(counts)} FROM _applies a "
            f"JOIN {quoted(form_table(instrument))} f USING (_at) "
            f"LEFT JOIN {quoted(text_table(instrument))} t USING (_at)"
        )[0]
        size = len(_COUNTS)
        for i, (name, element) in enumerate(entered.items()):
            # count_if over a form without rows is NULL.
            counted = dict(
                zip(_COUNTS, (n or 0 for n in row[size * i : size * (i + 1)]), strict=True)
            )
            unfit = counted["answered"] - counted["known"] - counted["with_reason"]
            found.append(
                {
                    "instrument": instrument,
                    "element": name,
                    "tier": element.tier or "",
                    "required": element.required,
                    "provider": element.entered == "provider",
                    **counted,
                    "unfit": max(0, unfit),
                }
            )
    return found


def _applying(
    bench: Bench, dictionary: Dictionary, instrument: str, entered: Mapping[str, Element]
) -> None:
    """Make ``_applies``: per row of the form, which elements its branching asks for. Where that
    cannot be told the element counts as asked for.
    """
    table: Any = branch_table(bench, instrument, dictionary)
    applies = {
        f"applies_{i}": (
            compile_expression(dictionary.branches[name], table).fill_null(ibis.literal(True))
            if name in dictionary.branches
            else ibis.literal(True)
        )
        for i, name in enumerate(entered)
    }
    bench.create("_applies", table.select("_at", **applies))


def _counts(
    i: int, given: Sequence[str], dictionary: Dictionary, name: str, missing: Sequence[str]
) -> tuple[str, ...]:
    """SQL of :data:`_COUNTS` for one element whose text is in the columns ``given``."""
    boxed = dictionary.elements[name].type == "multi"
    unticked = ", ".join(literal(word) for word in UNTICKED)
    answered = " OR ".join(
        f"lower(t.{quoted(c)}) NOT IN ({unticked})" if boxed else f"t.{quoted(c)} IS NOT NULL"
        for c in given
    )
    codes = [code for code in missing if code not in dictionary.elements[name].choices]
    listed = ", ".join(literal(code) for code in codes)
    reason = " OR ".join(f"t.{quoted(c)} IN ({listed})" for c in given) if codes else ""
    tests = (
        f"coalesce({answered or 'false'}, false)",
        f"f.{quoted(dictionary.columns(name)[0])} IS NOT NULL",
        f"coalesce({reason or 'false'}, false)",
    )
    asked = f"a.applies_{i}"
    return (f"count_if({asked})", *(f"count_if({asked} AND {test})" for test in tests))


def provider_block(
    bench: Bench, computed: Computed, checks: QualityChecks
) -> dict[str, Any] | None:
    """Rows that should have the treating team's part, and those that have it, as declared; None
    where nothing is.
    """
    declared = checks.provider_block
    if declared is None:
        return None
    cohort, present = (
        computed.column(declared.unit, text) for text in (declared.cohort, declared.present)
    )
    asked, held = bench.run(
        f"SELECT count_if({cohort}), count_if({cohort} AND {present}) "
        f"FROM {computed.table(declared.unit)}"
    )[0]
    return {"label": declared.label, "rows": asked, "present": held}


def form_rows(bench: Bench, dictionary: Dictionary) -> dict[str, dict[str, int]]:
    """Rows of each form, and patients who have any."""
    found = {}
    for instrument in dictionary.instruments:
        rows, patients = bench.run(
            f"SELECT count(*), count(DISTINCT _record) FROM {quoted(form_table(instrument))}"
        )[0]
        found[instrument] = {"rows": rows, "patients": patients}
    return found
