"""Countersigning ledger heads: the coordinator's part in keeping a ledger from going back (D6).

A head is signed only if it extends the last one signed for that site, or is that very one. A
site that restored an old copy of its ledger cannot name the head we hold, and is refused.
"""

from __future__ import annotations

from typing import Protocol

from federated.privacy.head import CONTEXT, Head
from gateway.wire.frames import Countersigned, CountersignRequest
from policies.signing import Signed, SigningKey

__all__ = ["LEDGER_BEHIND", "HeadStore", "countersign"]

LEDGER_BEHIND = "ledger_behind"
_OTHER_SITE = "other_site"
_I64_MAX = 2**63 - 1


class HeadStore(Protocol):
    """Where countersigned heads are kept: the journal."""

    def last_head(self, site: str) -> tuple[Head, Signed] | None:
        """The last head signed for a site."""
        ...

    def countersigned(self, head: Head, signed: Signed, *, now_s: int) -> None:
        """Keep a signature; returns once it is on disk."""
        ...


def countersign(
    store: HeadStore, key: SigningKey, site: str, request: CountersignRequest, *, now_s: int
) -> Countersigned:
    """Sign and store, or refuse with the head that we hold."""
    head, previous = request.head, request.previous
    if head.site != site or (previous is not None and previous.site != site):
        return Countersigned(request.request_id, refused=_OTHER_SITE)
    last = store.last_head(site)
    if last is not None and last[0] == head:
        return Countersigned(request.request_id, signed_head=last[1])
    held = last[0] if last is not None else None
    # A coordinator that lost its journal knows no head, so it cannot refuse one either.
    forward = held is None or (
        previous == held and head.seq > held.seq and head.life_nano_rho >= held.life_nano_rho
    )
    if not forward or head.life_nano_rho > _I64_MAX or head.seq > _I64_MAX:
        return Countersigned(
            request.request_id, refused=LEDGER_BEHIND, last_head=last[1] if last else None
        )
    signed = key.sign(head.to_bytes(), CONTEXT)
    store.countersigned(head, signed, now_s=now_s)
    return Countersigned(request.request_id, signed_head=signed)
