"""The head of a site's ledger, and the coordinator's countersignature on it (D6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from policies.decode import canonical
from policies.signing import Signed

__all__ = ["CONTEXT", "Countersign", "Head"]

CONTEXT = "ledger-head"


@dataclass(frozen=True)
class Head:
    """Place and digest of the last entry: ``seq`` counts from 1, ``hash`` is 64 hex digits,
    ``life_nano_rho`` is all that was ever charged (a function of questions, not of data).
    """

    site: str
    seq: int
    hash: str
    life_nano_rho: int

    def to_bytes(self) -> bytes:
        """Canonical JSON, the signed form."""
        return canonical(
            {
                "site": self.site,
                "seq": self.seq,
                "hash": self.hash,
                "life_nano_rho": str(self.life_nano_rho),
            }
        )


class Countersign(Protocol):
    """Asks the coordinator to countersign a head: over the stream, or in process in tests."""

    def __call__(self, head: Head, previous: Head | None) -> Signed:
        """Return the coordinator's signature over ``head`` (context ``ledger-head``).

        ``previous`` is the last countersigned head that ``head`` extends. Raises
        :class:`federated.errors.LedgerError` when the coordinator knows a later head, and
        TimeoutError when it cannot be reached.
        """
        ...
