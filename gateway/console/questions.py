"""Questions that reached the site, from the audit log: newest first, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from federated.reasons import sentence
from gateway.console import words
from gateway.site.audit import AuditEntry, AuditLog
from gateway.site.config import SiteFolder

__all__ = ["PAGE", "Question", "Questions", "read_questions"]

PAGE = 100
"""Entries on one page."""
_DUO = re.compile(r"DUO:\d{7}")


@dataclass(frozen=True)
class Question:
    """One entry. ``who`` is empty where no key of the roster made the signature."""

    entry: int
    at: datetime
    who: str
    decision: str
    state: str
    reasons: tuple[str, ...]
    cost: str
    purpose: str
    study: str


@dataclass(frozen=True)
class Questions:
    """A page of a log whose chain is whole. ``older`` is the ``before`` of the next page."""

    entries: int
    page: tuple[Question, ...]
    older: int | None
    last_at: datetime | None


def read_questions(site: SiteFolder, before: int | None = None) -> Questions | None:
    """The newest :data:`PAGE` entries with a number below ``before``; None where there is no
    log yet. AuditError if its chain is broken.
    """
    path = site.path / "audit.sqlite"
    if not path.is_file():
        return None
    log = AuditLog(path)
    count = log.verify()
    entries = list(log.entries())
    found = [entry for entry in reversed(entries) if before is None or entry.seq < before]
    return Questions(
        entries=count,
        page=tuple(_question(entry) for entry in found[:PAGE]),
        older=found[PAGE - 1].seq if len(found) > PAGE else None,
        last_at=datetime.fromtimestamp(entries[-1].at_s, UTC) if entries else None,
    )


def _question(entry: AuditEntry) -> Question:
    return Question(
        entry=entry.seq,
        at=datetime.fromtimestamp(entry.at_s, UTC),
        who=entry.actor,
        decision=words.DECISIONS.get(entry.decision, entry.decision),
        state=entry.decision if entry.decision in words.DECISIONS else "other",
        reasons=tuple(sentence(code) for code in entry.reasons),
        cost=_cost(entry),
        # The purpose is what the sender wrote: shown only where it can be nothing but a code.
        purpose=entry.purpose if _DUO.fullmatch(entry.purpose) else "",
        study=entry.question[:12],
    )


def _cost(entry: AuditEntry) -> str:
    if entry.nano_rho:
        return f"ε {words.epsilon(entry.nano_rho)}"
    return "free, answered before" if entry.decision == "answered" else "nothing"
