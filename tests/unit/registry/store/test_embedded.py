"""Files of the embedded store."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import StoreError
from gateway.registry.store.embedded import DuckDBStore
from tests.unit.registry.store.contract import bench, load


@pytest.fixture
def embedded(tmp_path: Path) -> DuckDBStore:
    return DuckDBStore(tmp_path / "store")


def test_versions_are_the_owners_alone(embedded: DuckDBStore, tmp_path: Path) -> None:
    load(embedded, tmp_path / "spill")
    current = embedded.current()
    assert current is not None
    assert current.path.stat().st_mode & 0o777 == 0o600


def test_a_load_that_fails_leaves_no_file(embedded: DuckDBStore, tmp_path: Path) -> None:
    def fail() -> None:
        with embedded.writing() as draft, bench(tmp_path / "spill") as made:
            draft.fill(made, ["unit_case"], {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in embedded.folder.iterdir()] == [".lock"]


def test_what_a_killed_load_left_is_removed(embedded: DuckDBStore) -> None:
    embedded.folder.mkdir()
    (embedded.folder / ".new-dead.duckdb").write_bytes(b"half")
    with embedded.writing():
        assert not (embedded.folder / ".new-dead.duckdb").exists()


def test_a_damaged_pointer_and_a_missing_version_are_named(
    embedded: DuckDBStore, tmp_path: Path
) -> None:
    name = load(embedded, tmp_path / "spill").name
    (embedded.folder / f"{name}.duckdb").unlink()
    with pytest.raises(StoreError, match=f"version {name} is missing"):
        embedded.current()
    wrong = ("{", "{}", "5", "[]", '{"version": 7}', '{"version": "../../x"}', "")
    for text in wrong:
        (embedded.folder / "current.json").write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match=r"current\.json is damaged"):
            embedded.current()
    for text in (
        *wrong,
        f'{{"version": "{name}"}}',
        f'{{"version": "{name}", "id": "a", "at_s": ""}}',
    ):
        (embedded.folder / "published.json").write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match=r"published\.json is damaged"):
            embedded.published()


def test_a_damaged_version_is_named(embedded: DuckDBStore, tmp_path: Path) -> None:
    load(embedded, tmp_path / "spill")
    current = embedded.current()
    assert current is not None
    current.path.write_bytes(b"broken")
    with pytest.raises(StoreError, match=f"version {current.name} cannot be read"):
        current.meta()
