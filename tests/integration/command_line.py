"""The real command line, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "osteon"]

ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"USER": "reviewer", "LOGNAME": "reviewer", "COLUMNS": "200"}


def osteon(
    *words: object, status: int = 0, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``osteon`` with these words and ``given`` on its input; its exit status must be so."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli.main", *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        input=given,
        cwd=ROOT,
        env={**os.environ, **_ENVIRONMENT},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done
