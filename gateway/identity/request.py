"""What a site or a researcher sends to join: public keys only, signed by the new signing key.

The file is made by ``osteon identity request`` and read by ``osteon network admit``. Private
keys stay in the folder where they were made.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import model_validator

from policies.decode import Declaration, canonical, decode
from policies.dictionary.model import Slug
from policies.errors import DeclarationError, SignatureError
from policies.signing import Signed, SigningKey, key_id, verify

__all__ = ["CONTEXT", "Request", "open_request", "sign_request"]

CONTEXT = "join-request"


class Request(Declaration):
    """``csr`` is PEM; ``key`` and ``officer`` are base64 Ed25519 public keys."""

    role: Literal["site", "researcher"]
    name: Slug
    csr: str
    key: str
    officer: str | None = None

    @model_validator(mode="after")
    def _officer(self) -> Self:
        if (self.officer is None) != (self.role == "researcher"):
            raise ValueError("a site names its officer's key, a researcher names none")
        return self


def sign_request(request: Request, key: SigningKey) -> Signed:
    """Sign with the very key that the request names."""
    return key.sign(canonical(request), CONTEXT)


def open_request(data: bytes) -> Request:
    """Read a request and check that its signer holds the key it names."""
    signed = Signed.from_bytes(data)
    try:
        request = decode(Request, json.loads(signed.payload), where="request")
        verify(signed, request.key, CONTEXT)
        if request.officer is not None:
            key_id(request.officer)
    except json.JSONDecodeError as error:
        raise DeclarationError("is not a join request", where="request") from error
    except SignatureError as error:
        raise DeclarationError(error.message, where="request") from error
    return request
