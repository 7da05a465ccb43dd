"""Files that are complete or absent, whoever else writes beside them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gateway.registry.private_file import clear_drafts, replacing


def test_the_file_takes_its_place_whole_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("before")
    path.chmod(0o644)
    with replacing(path) as draft:
        draft.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


def test_what_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError), replacing(path) as draft:
        draft.write_text("half\ud800", encoding="utf-8")
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


def test_two_runs_have_two_drafts_and_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    path, other = tmp_path / "list.csv", tmp_path / "other"
    other.write_text("not mine")
    (tmp_path / ".list.csv.new").symlink_to(other)
    with replacing(path) as first, replacing(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"
    assert other.read_text() == "not mine"


def test_drafts_of_killed_runs_go(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    kept = [path, tmp_path / "other.csv"]
    for one in [*kept, tmp_path / ".list.csv.a1_b2c3d"]:
        one.write_text("")
    clear_drafts(path)
    assert sorted(tmp_path.iterdir()) == kept
