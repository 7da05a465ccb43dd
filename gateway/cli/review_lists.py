"""What ``osteon deid review`` says without text of notes: counts, seals, decisions."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gateway.errors import QuarantineError
from gateway.registry.quarantine import SHOWN_ID

if TYPE_CHECKING:
    from gateway.registry.quarantine import Quarantine
    from gateway.registry.quarantine_file import Decision

__all__ = ["show_counts", "show_decisions"]


def show_counts(queue: Quarantine, *, as_json: bool) -> None:
    """Print how many notes are in each state, why they wait, and whether every seal opens.

    Raises QuarantineError after printing if one does not.
    """
    states, reasons, waiting = queue.states(), queue.waiting_by_reason(), queue.waiting()
    oldest = min((one.since for one in waiting), default=None)
    closed = [one[:SHOWN_ID] for one in queue.closed()]
    if as_json:
        said: dict[str, Any] = {str(state): count for state, count in states.items()}
        said["waiting_reasons"] = reasons
        said["oldest_waiting"] = None if oldest is None else oldest.isoformat()
        print(json.dumps(said | {"do_not_open": closed}))
    else:
        print("  ".join(f"{state}: {count}" for state, count in states.items()))
        for reason, count in reasons.items():
            print(f"  {reason}: {count}")
        if oldest is not None:
            print(f"oldest waits since {_when(oldest)}")
        total = sum(states.values())
        print(f"seals: {total - len(closed)} of {total} open")
    if closed:
        raise QuarantineError(
            f"{len(closed)} sealed notes do not open (another key, or altered): {' '.join(closed)}",
            hint="put the vault's key, or a backup of the quarantine, back; or give one up with "
            "--discard ID, and load or clean its source again",
        )


def show_decisions(queue: Quarantine, *, as_json: bool) -> None:
    """Print every decision, oldest first."""
    found = queue.decisions()
    if as_json:
        print(json.dumps([asdict(one) | {"at": one.at.isoformat()} for one in found]))
        return
    for one in found:
        print(
            f"{_when(one.at)}  {one.who:<12} {one.what:<9} {one.id[:SHOWN_ID]}  "
            f"{one.origin}  {_now(one)}"
        )
    print(f"{len(found)} decisions; osteon deid review SITE_DIR --reopen ID takes one back")


def _now(one: Decision) -> str:
    return "gone since" if one.state is None else f"{one.state} now ({one.reason})"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
