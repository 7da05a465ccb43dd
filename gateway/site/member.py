"""A site's duties, fulfilled: answer through the one door, then write the audit log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from federated.privacy.head import Countersign, Head
from federated.study.envelope import Envelope
from federated.study.outcome import Outcome
from gateway.site.answer import AnsweringSite, answer
from gateway.site.audit import AuditEntry, AuditLog
from policies.decode import digest
from policies.errors import OsteonError
from policies.roster import Roster
from policies.signing import Signed, key_id

__all__ = ["Member"]

_log: Any = structlog.get_logger("member")
_PURPOSE = re.compile(r"DUO:\d{7}")


class Member:
    """:class:`~gateway.site.duties.Duties` of a real site folder.

    ``load`` (from :func:`gateway.site.opening.opener`) opens the site afresh for each offer, so
    that a new roster, policy or published version counts from the next question on.
    """

    def __init__(self, site_dir: Path, load: Callable[[], AnsweringSite]) -> None:
        self._site_dir = site_dir
        self._load = load
        self._audit = AuditLog(site_dir / "audit.sqlite")
        opened = load()
        self._name = opened.name
        self.reply_quantum_ms = opened.policy.reply_quantum_ms

    def answer(self, envelope: Signed, countersign: Countersign) -> Outcome:
        """Answer and record. The record is on disk before the reply leaves."""
        try:
            site = self._load()
        except OsteonError as error:
            return self._not_ready(envelope, error)
        self.reply_quantum_ms = site.policy.reply_quantum_ms
        try:
            outcome = answer(envelope, site, countersign)
        except Exception:
            failed = Outcome(site.name, "failed", ("internal_error",))
            self._audit.append(_entry(envelope, site.roster, failed))
            raise
        self._audit.append(_entry(envelope, site.roster, outcome))
        return outcome

    def _not_ready(self, envelope: Signed, error: OsteonError) -> Outcome:
        """Declarations do not verify: no data was read, and what is wrong is said here alone."""
        _log.error("not_ready", why=error.message, next=error.hint)
        outcome = Outcome(self._name, "failed", ("site_not_ready",))
        self._audit.append(
            AuditEntry(
                "answer",
                outcome.state,
                envelope=hashlib.sha256(envelope.payload).hexdigest(),
                reasons=outcome.reasons,
            )
        )
        return outcome

    def ledger_head(self) -> Head | None:
        """See :class:`~gateway.site.duties.Duties`."""
        return self._load().ledger.witnessed()

    def witness(self, head: Head, signed: Signed) -> None:
        """See :class:`~gateway.site.duties.Duties`."""
        site = self._load()
        site.ledger.witness(head, signed, site.roster.coordinator.key)

    def policy(self) -> Signed | None:
        """The signed policy, if the officer has signed one."""
        path = self._site_dir / "policy.signed.json"
        return Signed.from_bytes(path.read_bytes()) if path.exists() else None


def _entry(signed: Signed, roster: Roster, outcome: Outcome) -> AuditEntry:
    envelope_digest = hashlib.sha256(signed.payload).hexdigest()
    try:
        envelope = Envelope.model_validate_json(signed.payload)
        question = digest(envelope.study)
    except ValueError:
        return AuditEntry(
            "answer", outcome.state, envelope=envelope_digest, reasons=outcome.reasons
        )
    # Only a name whose key made the signature is written down as the actor.
    known = any(
        member.name == envelope.researcher and key_id(member.key) == signed.key
        for member in roster.researchers
    )
    verified = known and "envelope_not_valid" not in outcome.reasons
    purpose, nano_rho = envelope.study.get("purpose"), envelope.study.get("nano_rho")
    return AuditEntry(
        action="answer",
        decision=outcome.state,
        actor=envelope.researcher if verified else "",
        envelope=envelope_digest,
        question=question,
        # Whatever else an envelope calls its purpose, at whatever length, is not written down.
        purpose=purpose if isinstance(purpose, str) and _PURPOSE.fullmatch(purpose) else "",
        reasons=outcome.reasons,
        # A site that failed after reading data has charged too: the price is the study's.
        nano_rho=nano_rho if outcome.charged and isinstance(nano_rho, int) else 0,
    )
