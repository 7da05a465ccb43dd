"""The envelope: a researcher's signed question with its limits (D12).

The coordinator passes envelopes on but cannot write one. A site checks signature, roster and
limits itself, and never charges an envelope more than ``nano_rho_max`` in all.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from pydantic import Field

from policies.decode import Declaration, canonical, decode
from policies.errors import DeclarationError
from policies.signing import Signed, SigningKey, verify

__all__ = ["CONTEXT", "Envelope", "open_envelope", "seal"]

CONTEXT = "envelope"


class Envelope(Declaration):
    """What a researcher signs. Times are whole seconds since 1970 (UTC)."""

    network: str
    researcher: str
    study: dict[str, Any]
    """The study in its canonical form, see :mod:`federated.study.model`."""
    sites: tuple[str, ...] = Field(min_length=1, max_length=1000)
    min_sites: int = Field(ge=1, description="fewest sites (k of n) for a result")
    nonce: str = Field(default_factory=lambda: secrets.token_hex(16), pattern="^[0-9a-f]{32}$")
    created_s: int = Field(ge=0)
    expires_s: int = Field(ge=0)
    deadline_s: int = Field(ge=1, le=30 * 86_400, description="seconds to wait for sites")
    nano_rho_max: int = Field(ge=1, description="largest charge at one site, ever")
    attempts: int = Field(default=1, ge=1, le=10)


def seal(envelope: Envelope, key: SigningKey) -> Signed:
    """Sign an envelope."""
    return key.sign(canonical(envelope), CONTEXT)


def open_envelope(signed: Signed, public_key: str) -> Envelope:
    """Verify and decode; SignatureError or DeclarationError otherwise."""
    payload = verify(signed, public_key, CONTEXT)
    try:
        plain = json.loads(payload)
    except (ValueError, RecursionError) as error:
        # A researcher's signature vouches for the sender, not for the bytes.
        raise DeclarationError("is not JSON that can be read", where="envelope") from error
    return decode(Envelope, plain, where="envelope")
