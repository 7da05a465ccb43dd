"""What the current load recorded about quality: the one place that reads it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import StoreError
from gateway.registry.store.store import Version

__all__ = ["Recorded", "read_recorded"]


@dataclass(frozen=True)
class Recorded:
    """``quality`` as :mod:`gateway.registry.quality.assess` made it; ``meta`` is all of the
    version's.
    """

    version: str
    quality: dict[str, Any]
    meta: dict[str, Any]

    @property
    def complete(self) -> bool:
        """False for a load of an earlier version of the software, which told less."""
        return "conformance" in self.quality


def read_recorded(version: Version) -> Recorded:
    """Read the version's meta. StoreError for a load of an earlier version of the software that
    recorded no quality at all.
    """
    meta = version.meta()
    quality = meta.get("quality", {})
    if "completeness" not in quality:
        raise StoreError(
            f"the store's version {version.name} cannot be read: an earlier version of Osteon "
            "made it",
            hint="load the last export again: osteon site ingest",
        )
    return Recorded(version.name, quality, meta)
