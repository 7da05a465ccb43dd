"""What the coordinator hands back: a certificate and all a member must know of its network.

Nothing in a grant is secret. Its trust anchor is the committee's key: compare its short name
with the committee by another channel (telephone) before accepting, or pass it to ``accept``.
"""

from __future__ import annotations

import json
from typing import Literal

from gateway.errors import IdentityError
from policies.decode import Declaration, canonical, decode
from policies.dictionary.model import Slug
from policies.errors import OsteonError
from policies.roster import Roster, open_roster
from policies.signing import Signed

__all__ = ["Grant", "grant_bytes", "read_grant"]


class Grant(Declaration):
    """``certificate`` and ``ca`` are PEM, ``committee`` a base64 Ed25519 public key, ``roster``
    the signed roster in its file form.
    """

    network: Slug
    role: Literal["site", "researcher"]
    name: Slug
    certificate: str
    ca: str
    address: str
    committee: str
    roster: str

    def signed_roster(self) -> Signed:
        """The roster as it was signed."""
        return Signed.from_bytes(self.roster.encode())

    def open_roster(self) -> Roster:
        """The roster, verified with the committee's key of this grant."""
        return open_roster(self.signed_roster(), self.committee)


def grant_bytes(grant: Grant) -> bytes:
    """File form."""
    return canonical(grant)


def read_grant(data: bytes) -> Grant:
    """Inverse of :func:`grant_bytes`; IdentityError unless its roster verifies."""
    try:
        grant = decode(Grant, json.loads(data), where="grant")
        roster = grant.open_roster()
    except ValueError as error:
        raise IdentityError("not a grant file") from error
    except OsteonError as error:
        raise IdentityError(f"the grant is not valid: {error.message}") from error
    if roster.network != grant.network:
        raise IdentityError("the grant's roster belongs to another network")
    return grant
