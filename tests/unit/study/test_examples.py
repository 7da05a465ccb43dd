"""Every study that ships can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.resolve import read_study

STUDIES = sorted(Path("policies/examples").glob("*study*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_an_example_compiles(path: Path) -> None:
    plan = compile_study(read_study(path, Catalogue()), Catalogue())
    assert plan.length > 0
    assert not any(block.by_order for block in plan.blocks)
