"""Files of the site's own eyes: complete or absent, and readable by their owner only.

A draft beside the file gets a name that nobody can foresee, so that two runs do not write into one
another's draft, and a link that somebody has laid leads nowhere.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["clear_drafts", "replacing"]

_RANDOM = "????????"
"""As many signs as the draft's name gets at random."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new, empty file in the folder of ``path`` that takes its place, on disk, when the block
    ends well, and is gone when it does not. OSError if it cannot be made or put in place.
    """
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    os.close(handle)
    draft = Path(made)
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def clear_drafts(path: Path) -> None:
    """Remove drafts of ``path`` that killed runs left. Only where no other run may be writing."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.{_RANDOM}"):
        left.unlink(missing_ok=True)
