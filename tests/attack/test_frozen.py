"""The injected bugs and the generators are those that were frozen (README.md here)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.attack import freeze

FROZEN = json.loads((freeze.ROOT / freeze.MANIFEST).read_text())


@pytest.mark.parametrize("group", FROZEN)
def test_nothing_changed_since_it_was_frozen(group: str) -> None:
    changed = freeze.changed()[group]
    assert not changed, (
        f"the {group} changed ({', '.join(changed)}): freeze them anew by `python -m "
        "tests.attack.freeze`, in a commit of its own that changes nothing else and says why"
    )


def test_a_file_that_changed_or_is_gone_is_named_until_it_is_frozen_anew(tmp_path: Path) -> None:
    for path in (str(freeze.MANIFEST), *(path for files in FROZEN.values() for path in files)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(freeze.ROOT / path, tmp_path / path)
    assert set(freeze.freeze(tmp_path)) == {p for of in freeze.changed().values() for p in of}
    bugs, generators = (list(files) for files in FROZEN.values())
    with (tmp_path / bugs[0]).open("a") as file:
        file.write("\n")
    assert freeze.changed(tmp_path) == {"injected bugs": bugs[:1], "generators": []}
    assert freeze.freeze(tmp_path) == bugs[:1]
    assert freeze.changed(tmp_path) == {"injected bugs": [], "generators": []}
    before = (tmp_path / freeze.MANIFEST).read_bytes()
    (tmp_path / generators[1]).unlink()
    assert freeze.changed(tmp_path) == {"injected bugs": [], "generators": generators[1:2]}
    with pytest.raises(FileNotFoundError):
        freeze.freeze(tmp_path)
    assert (tmp_path / freeze.MANIFEST).read_bytes() == before
