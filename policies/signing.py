"""Ed25519 signatures over canonical JSON (RFC 8785, RFC 8032).

A signature covers a context word as well as the bytes, so that a signed policy can never be
passed off as a signed envelope. Keys are named by the SHA-256 of their raw public bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from policies.decode import canonical
from policies.errors import DeclarationError, SignatureError

__all__ = ["Signed", "SigningKey", "key_id", "verify"]


def key_id(public_key: str) -> str:
    """Short name of a public key (base64 of 32 raw bytes): 16 hex digits of its SHA-256."""
    return hashlib.sha256(_raw(public_key)).hexdigest()[:16]


def _raw(public_key: str) -> bytes:
    try:
        raw = base64.b64decode(public_key, validate=True)
    except ValueError as error:
        raise SignatureError("a public key is not base64") from error
    if len(raw) != 32:
        raise SignatureError("a public key must have 32 bytes")
    return raw


def _message(context: str, payload: bytes) -> bytes:
    return b"osteon:" + context.encode("ascii") + b"\0" + payload


@dataclass(frozen=True)
class Signed:
    """Canonical bytes with one signature. ``context`` says what kind of thing was signed."""

    context: str
    payload: bytes
    key: str
    """:func:`key_id` of the signer."""
    signature: bytes

    def to_bytes(self) -> bytes:
        """JSON form for files."""
        return canonical(
            {
                "context": self.context,
                "payload": base64.b64encode(self.payload).decode(),
                "key": self.key,
                "signature": base64.b64encode(self.signature).decode(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Signed:
        """Inverse of :meth:`to_bytes`; :class:`SignatureError` on anything else."""
        try:
            plain = json.loads(data)
            return cls(
                context=str(plain["context"]),
                payload=base64.b64decode(plain["payload"], validate=True),
                key=str(plain["key"]),
                signature=base64.b64decode(plain["signature"], validate=True),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SignatureError("not a signed document") from error


def verify(signed: Signed, public_key: str, context: str) -> bytes:
    """Return the payload if ``public_key`` (base64) signed it in ``context``, else raise."""
    if signed.context != context or signed.key != key_id(public_key):
        raise SignatureError(f"not a {context} signed by key {key_id(public_key)}")
    try:
        Ed25519PublicKey.from_public_bytes(_raw(public_key)).verify(
            signed.signature, _message(context, signed.payload)
        )
    except InvalidSignature as error:
        raise SignatureError(f"the signature on this {context} does not verify") from error
    return signed.payload


class SigningKey:
    """An Ed25519 private key; its file is PKCS #8 PEM, readable by its owner only."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key from the operating system's entropy."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a PEM file."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError as error:
            hint = "keys are made by: osteon identity request"
            raise DeclarationError("no such file", where=str(path), hint=hint) from error
        except (OSError, ValueError, TypeError) as error:
            raise DeclarationError("not a readable signing key", where=str(path)) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise DeclarationError("not an Ed25519 key", where=str(path))
        return cls(private)

    def save(self, path: Path) -> None:
        """Write a new PEM file with mode 0600; an existing file is never overwritten."""
        pem = self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)

    @property
    def public_key(self) -> str:
        """Base64 of the 32 raw public bytes."""
        raw = self._private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return base64.b64encode(raw).decode()

    def sign(self, payload: bytes, context: str) -> Signed:
        """Sign bytes for one purpose."""
        return Signed(
            context=context,
            payload=payload,
            key=key_id(self.public_key),
            signature=self._private.sign(_message(context, payload)),
        )
