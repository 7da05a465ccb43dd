"""Who is at a vault: any number of commands that use its key, or one that changes it.

Whoever opens a vault holds it as long as the object lives; a rotation holds it alone. So no
process can still write with a key that has been replaced: such rows would be lost for good. The
lock is the operating system's (flock on the folder): it ends with the process, also under kill -9,
and it writes nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.errors import StoreError

__all__ = ["Hold"]

_STEP_SECONDS = 0.05


class Hold:
    """A hold on the vault in ``folder``, until closed or forgotten.

    Raises StoreError if others are still in the way after ``wait_seconds``.
    """

    def __init__(self, folder: Path, *, alone: bool = False, wait_seconds: float = 0.0) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        until = time.monotonic() + wait_seconds
        while not _locked(handle, alone=alone):
            if time.monotonic() >= until:
                os.close(handle)
                raise _in_the_way(folder, alone=alone)
            time.sleep(_STEP_SECONDS)
        self._end = weakref.finalize(self, os.close, handle)

    def close(self) -> None:
        """Let go; a second time does nothing."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def _locked(handle: int, *, alone: bool) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _in_the_way(folder: Path, *, alone: bool) -> StoreError:
    if alone:
        return StoreError(
            f"{folder}: the vault is in use: a load, a review or another command is running",
            hint="let it end, then give the command again; nothing was changed",
        )
    return StoreError(
        f"{folder}: another command is changing the vault's key",
        hint="let it end, then give the command again",
    )
