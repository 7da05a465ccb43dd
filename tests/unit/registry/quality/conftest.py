"""A workbench for one test."""

from __future__ import annotations

import pytest

from gateway.registry.bench import open_bench


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path / "spill") as opened:
        yield opened
