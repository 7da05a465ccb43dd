"""Keys of a site, and what follows from them alone: pseudonyms and date offsets.

All of it is HMAC-SHA256 (RFC 2104) over the patient id, so notes and tables agree without a
lookup table, and nobody without the key can compute or check a pseudonym. The three keys are
independent: whoever learns one learns nothing about what the others protect.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field

from deid.errors import DeidError

__all__ = ["OFFSET_DAYS_MAX", "Keys", "keyed"]

OFFSET_DAYS_MAX = 364
_KEY_BYTES = 32
_PSEUDONYM_BYTES = 10  # 80 bits: two of a million patients collide with odds below 10^-12


def keyed(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 of the parts, each with its length first so that no two lists run together."""
    message = b"".join(
        len(raw).to_bytes(8, "big") + raw for raw in (part.encode("utf-8") for part in parts)
    )
    return hmac.new(key, message, hashlib.sha256).digest()


def _plain(patient_id: str) -> str:
    plain = unicodedata.normalize("NFC", patient_id).strip()
    if not plain:
        raise DeidError("a patient id is empty")
    return plain


@dataclass(frozen=True)
class Keys:
    """The three secret keys of a site, 32 bytes each. Never printed."""

    pseudonym_key: bytes = field(repr=False)
    date_key: bytes = field(repr=False)
    surrogate_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        for key in (self.pseudonym_key, self.date_key, self.surrogate_key):
            if len(key) != _KEY_BYTES:
                raise DeidError("a de-identification key must have 32 bytes")

    @classmethod
    def generate(cls) -> Keys:
        """Fresh keys from the operating system's random source."""
        return cls(*(secrets.token_bytes(_KEY_BYTES) for _ in range(3)))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Keys:
        """Read what :meth:`to_bytes` wrote (96 bytes)."""
        if len(raw) != 3 * _KEY_BYTES:
            raise DeidError("de-identification keys must have 96 bytes together")
        return cls(raw[:32], raw[32:64], raw[64:])

    def to_bytes(self) -> bytes:
        """The three keys, one after another. Secret: only ever written encrypted."""
        return self.pseudonym_key + self.date_key + self.surrogate_key

    def pseudonym(self, patient_id: str) -> str:
        """16 letters and digits (a–z, 2–7) that stand for the patient in notes and tables."""
        raw = keyed(self.pseudonym_key, "pseudonym", _plain(patient_id))[:_PSEUDONYM_BYTES]
        return base64.b32encode(raw).decode("ascii").lower()

    def date_offset_days(self, patient_id: str) -> int:
        """Days by which every date of the patient moves: −364 … −1 or 1 … 364."""
        raw = keyed(self.date_key, "date offset", _plain(patient_id))
        days = int.from_bytes(raw, "big") % (2 * OFFSET_DAYS_MAX) - OFFSET_DAYS_MAX
        return days if days < 0 else days + 1

    def hash(self, scope: str, value: str) -> str:
        """Keyed hash of a value that is not a patient id (a surgeon, an accession number)."""
        raw = keyed(self.pseudonym_key, "hash", scope, value)[:_PSEUDONYM_BYTES]
        return base64.b32encode(raw).decode("ascii").lower()
