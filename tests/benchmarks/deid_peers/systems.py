"""The systems that read the notes, each in an environment of its own."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.environments import Peer

__all__ = ["HERE", "PEERS"]

HERE = Path(__file__).parent
PEERS = (
    Peer("osteon", "osteon.py"),
    Peer("presidio, small model", "presidio.py", "presidio.txt", ("sm",)),
    Peer("presidio, medium model", "presidio.py", "presidio.txt", ("md",)),
    Peer("philter-lite", "philter.py", "philter.txt"),
)
