"""Who is at a vault: any number of commands that use its key, or one that changes it.

Whoever opens a vault holds it as long as the object lives; a rotation holds it alone. So no
process can still write with a key that has been replaced: such rows would be lost for good. The
lock is the operating system's (flock on the folder): it ends with the process, also under kill -9,
and it writes nothing. It is sure among the processes of one machine; a site's folder belongs there.
"""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.errors import StoreError, VaultInUse

__all__ = ["Hold"]

_STEP_SECONDS = 0.05


class Hold:
    """A hold on the vault in ``folder``, until closed or forgotten.

    Raises VaultInUse if others are still in the way after ``wait_seconds``, StoreError if the
    folder cannot be locked.
    """

    def __init__(self, folder: Path, *, alone: bool = False, wait_seconds: float = 0.0) -> None:
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise StoreError(
                f"{folder}: the vault cannot be reached ({type(error).__name__})",
                hint="it is for its owner alone: give the command as that user",
            ) from error
        try:
            _wait(handle, folder, alone=alone, until=time.monotonic() + wait_seconds)
        except BaseException:
            os.close(handle)
            raise
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


def _wait(handle: int, folder: Path, *, alone: bool, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise _in_the_way(folder, alone=alone) from None
            time.sleep(_STEP_SECONDS)
        except OSError as error:  # some network file systems have no locks
            raise StoreError(
                f"{folder}: the vault cannot be locked on this file system",
                hint="keep the site's folder on a disk of this machine",
            ) from error
        else:
            return


def _in_the_way(folder: Path, *, alone: bool) -> VaultInUse:
    if alone:
        return VaultInUse(
            f"{folder}: the vault is in use: a load, a review or another command is running",
            hint="let it end, then give the command again; nothing was changed",
        )
    return VaultInUse(
        f"{folder}: another command is changing the vault's key",
        hint="let it end, then give the command again",
    )
