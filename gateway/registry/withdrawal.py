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

__all__ = ["after_withdrawal", "still_published"]


def still_published(store: Store, keys: Keys, excluded: Iterable[str]) -> int:
    """How many of the patients who opted out are in the snapshot that queries read."""
    snapshot = store.published()
    out = {keys.pseudonym(record) for record in excluded}
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
    """A patient who opted out must not stay in what queries read: then publish at once. The
    version itself says so, since a load may be killed behind it and the next changes nothing.
    """
    snapshot = store.published()
    if not meta.get("withdrawn") or snapshot is None or snapshot.version.name == report.version:
        return report
    store.publish(every_days=0, force=True, now=now)
    return replace(report, withdrawn=meta["withdrawn"], published=True)
