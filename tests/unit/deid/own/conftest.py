from __future__ import annotations

import pytest

from deid.notes import NoteEngine


@pytest.fixture(scope="module")
def engine(model, safe_harbor, keys):
    return NoteEngine(safe_harbor, keys, model=model)
