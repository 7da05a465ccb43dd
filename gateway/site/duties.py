"""What a node does for its site, as seen from the network: answer, and mind the ledger."""

from __future__ import annotations

from typing import Protocol

from federated.privacy.head import Countersign, Head
from federated.study.outcome import Outcome
from policies.signing import Signed

__all__ = ["Duties"]


class Duties(Protocol):
    """The seam between the stream and the site. Everything but the quantum may block."""

    def answer(self, envelope: Signed, countersign: Countersign) -> Outcome:
        """Answer an envelope (:func:`gateway.site.answer.answer`), and write the audit log."""
        ...

    def ledger_head(self) -> Head | None:
        """The ledger's last countersigned head. Not its last entry: in mid-answer that would tell
        when data had been read.
        """
        ...

    def witness(self, head: Head, signed: Signed) -> None:
        """Keep a countersigned head; LedgerError if the ledger does not contain it."""
        ...

    def policy(self) -> Signed | None:
        """The officer's signed policy."""
        ...

    @property
    def reply_quantum_ms(self) -> int:
        """Replies leave at multiples of this after the offer came; 0 sends at once."""
        ...
