"""A store that an earlier version of the software filled: a load replaces it, the rest says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder
from tests.integration.command_line import osteon
from tests.unit.registry.valve import load, make_site


def filled(site: SiteFolder, spill: Path, meta: dict[str, Any]) -> str:
    """The name of a current version with that meta."""
    store = open_store(site)
    with store.writing() as draft, open_bench(spill) as bench:
        bench.run("CREATE TABLE unit_person (_patient VARCHAR)")
        draft.fill(bench, ["unit_person"], meta)
        return store.adopt(draft, now=datetime.now(UTC)).name


@pytest.mark.parametrize("lacking", [("quality",), ("quality", "load", "people", "opted_out")])
def test_an_older_store_is_named_and_replaced_by_a_load(
    tmp_path: Path, lacking: tuple[str, ...]
) -> None:
    site = make_site(tmp_path)
    load(site)
    store = open_store(site)
    recorded = store.current().meta()  # type: ignore[union-attr]
    older = {key: value for key, value in recorded.items() if key not in lacking} | {"load": "0"}
    name = filled(site, tmp_path, older)
    for command in ("quality", "stage"):
        said = osteon("site", command, site.path, status=1).stderr
        assert f"version {name} cannot be read" in said
        assert "osteon site ingest" in said
        assert "Traceback" not in said
    report = load(site)
    assert report.changed
    assert store.current().meta()["quality"] == recorded["quality"]  # type: ignore[union-attr]
