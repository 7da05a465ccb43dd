"""Freezes the injected bugs and the generators of the audits: ``python -m tests.attack.freeze``.

``frozen.json`` beside this names each file with its SHA-256, in groups. Another file is frozen by a
line for it, of any digest, before the command (README.md here says what freezing is for).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["MANIFEST", "changed", "freeze"]

ROOT = Path(__file__).parents[2]
MANIFEST = Path(__file__).with_name("frozen.json").relative_to(ROOT)


def changed(root: Path = ROOT) -> dict[str, list[str]]:
    """Of each group the files that are not, or no longer, what was frozen."""
    frozen = json.loads((root / MANIFEST).read_text())
    return {
        group: [path for path, digest in files.items() if _digest(root / path) != digest]
        for group, files in frozen.items()
    }


def freeze(root: Path = ROOT) -> list[str]:
    """Write the digests as the files are now; the paths whose digest that changes.

    FileNotFoundError, and nothing is written, where a file is missing.
    """
    frozen = json.loads((root / MANIFEST).read_text())
    found = [path for files in changed(root).values() for path in files]
    now = {
        group: {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in files}
        for group, files in frozen.items()
    }
    (root / MANIFEST).write_text(json.dumps(now, indent=2) + "\n")
    return found


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


if __name__ == "__main__":
    for path in freeze():
        print(f"frozen anew: {path}")
    print("Commit this alone, and say in the message why.")
