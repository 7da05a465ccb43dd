"""Patients whom the load before held and this one does not.

A REDCap token may see less than the last one did, of its data access group or of its project, and
REDCap does not say so. Records are also deleted, so the load is not refused: it says how many are
gone, in every load of the same content, and what it holds is published by a step of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from deid.pseudonym import Keys
from federated.study.plan import unit_table
from gateway.registry.bench import Bench, quoted
from gateway.registry.sources.source import Source
from gateway.registry.store.store import Version

__all__ = ["lost_patients"]


def lost_patients(
    bench: Bench,
    source: Source,
    units: Collection[str],
    before: Version | None,
    *,
    keys: Keys,
    excluded: Collection[str],
) -> tuple[str, ...]:
    """A sentence if patients of ``before``, a load of the same project, are gone without having
    opted out (``excluded``); else none. Files differ in name and scope, and are not compared.
    """
    if before is None or source.kind != "redcap api":
        return ()
    meta = before.meta()
    if meta["source"] != {**meta["source"], "file": source.name, "kind": source.kind}:
        return ()
    held = _held(before, meta)
    here = {
        row[0]
        for unit in units
        for row in bench.run(f"SELECT DISTINCT _patient FROM {quoted(unit_table(unit))}")
    }
    lost = len(held - here - {keys.pseudonym(record) for record in excluded})
    if not lost:
        return ()
    said = (
        f"{lost} of {len(held)} patients of the load before are not in this one: were their "
        "records deleted, or does the token see one data access group only? "
        "Do not publish before you know"
    )
    return (said,)


def _held(version: Version, meta: Mapping[str, Any]) -> set[str]:
    return {
        row[0]
        for unit in meta["units"]
        for row in version.rows(f"SELECT DISTINCT _patient FROM {quoted(unit_table(unit))}")
    }
