"""Patients who have opted out leave what queries read with the load that hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from deid.pseudonym import Keys
from federated.study.plan import unit_table
from gateway.registry.bench import quoted
from gateway.registry.load_report import LoadReport
from gateway.registry.store.store import Store
from policies.decode import digest

__all__ = ["after_withdrawal", "withdrawals"]


def withdrawals(store: Store, keys: Keys, excluded: Iterable[str]) -> dict[str, Any]:
    """What a load records of the patients who opted out: ``withdrawn``, how many of them are in
    the snapshot that queries read; ``opted_out``, a digest of who they are; ``forget``, whether
    versions that are kept beside this one may hold some of them.
    """
    out = {keys.pseudonym(record) for record in excluded}
    named = digest({"opted_out": sorted(out)}) if out else None
    current = store.current()
    known = None if current is None else current.meta().get("opted_out")
    return {
        "withdrawn": _still_published(store, out),
        "opted_out": named,
        "forget": named not in (None, known),
    }


def _still_published(store: Store, out: set[str]) -> int:
    snapshot = store.published()
    if snapshot is None or not out:
        return 0
    held: set[str] = set()
    for unit in snapshot.version.meta()["units"]:
        sql = f"SELECT DISTINCT _patient FROM {quoted(unit_table(unit))}"
        held |= out & {row[0] for row in snapshot.version.rows(sql)}
    return len(held)


def after_withdrawal(
    store: Store, meta: dict[str, Any], report: LoadReport, now: datetime
) -> LoadReport:
    """A patient who opted out must not stay in what queries read: then publish at once; nor in
    versions that are kept beside it. The version itself says so, since a load may be killed behind
    it and the next changes nothing.
    """
    snapshot = store.published()
    if meta.get("withdrawn") and snapshot is not None and snapshot.version.name != report.version:
        store.publish(every_days=0, force=True, now=now)
        report = replace(report, withdrawn=meta["withdrawn"], published=True)
    if meta.get("forget"):
        store.forget()
    return report
