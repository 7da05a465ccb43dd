"""Keyed draws: the same site key, patient, kind and value always give the same numbers."""

from __future__ import annotations

import hmac

from deid.pseudonym import Keys, keyed

__all__ = ["Draw"]


class Draw:
    """Numbers of one patient. ``attempt`` counts re-draws, so that they too are the same at every
    run.
    """

    def __init__(self, keys: Keys, patient_id: str) -> None:
        self._key = keyed(keys.surrogate_key, "surrogates", patient_id)

    def __call__(self, kind: str, value: str, attempt: int = 0) -> int:
        """A whole number below 2²⁵⁶."""
        return int.from_bytes(self._digest(kind, value, attempt, 0), "big")

    def digits(self, kind: str, value: str, attempt: int, count: int) -> list[int]:
        """``count`` numbers below 2³², enough for a number of any length."""
        raw = b""
        block = 0
        while len(raw) < 4 * count:
            raw += self._digest(kind, value, attempt, block)
            block += 1
        return [int.from_bytes(raw[4 * i : 4 * i + 4], "big") for i in range(count)]

    def _digest(self, kind: str, value: str, attempt: int, block: int) -> bytes:
        message = f"{kind}\0{attempt}\0{block}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256")
