"""A release: a site's noisy answer, the only thing computed from data that may leave a site."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from policies.decode import canonical

__all__ = ["Release", "release_key"]


def release_key(question: str, snapshot: str, mode: str) -> str:
    """Name of a question put to a snapshot (D7): 64 hex digits. Whoever knows the study can tell
    whether a release has its own: ``question`` and ``mode`` are the study's, ``snapshot`` stands
    in the release.
    """
    named = {"question": question, "snapshot": snapshot, "mode": mode}
    return hashlib.sha256(canonical(named)).hexdigest()


@dataclass(frozen=True)
class Release:
    """Noisy integers in the order of the study's plan.

    ``key`` names the question (:func:`release_key`): SHA-256 over canonical study, dictionary and
    derivation digests, snapshot id and mode. ``values`` carry the blocks' weights and are never
    clamped, so that sums over sites stay unbiased. ``nano_rho`` is what the ledger was charged
    (zCDP, 10⁻⁹). ``scale`` is the discrete Gaussian's σ. Two releases of one key are equal.
    """

    key: str
    study_digest: str
    site: str
    snapshot: str
    values: tuple[int, ...]
    scale: float
    nano_rho: int

    def to_bytes(self) -> bytes:
        """Canonical JSON, as stored by the ledger and signed by the site.

        The integers travel as text: RFC 8785 numbers are doubles and end at 2⁵³.
        """
        return canonical(
            {
                "key": self.key,
                "study_digest": self.study_digest,
                "site": self.site,
                "snapshot": self.snapshot,
                "values": [str(value) for value in self.values],
                "scale": self.scale,
                "nano_rho": self.nano_rho,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Release:
        """Inverse of :meth:`to_bytes`; ValueError on anything else."""
        import json

        plain = json.loads(data)
        release = cls(
            key=str(plain["key"]),
            study_digest=str(plain["study_digest"]),
            site=str(plain["site"]),
            snapshot=str(plain["snapshot"]),
            values=tuple(int(value) for value in plain["values"]),
            scale=float(plain["scale"]),
            nano_rho=int(plain["nano_rho"]),
        )
        if release.to_bytes() != data:
            raise ValueError("not the canonical form of a release")
        return release
