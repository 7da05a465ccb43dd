"""``osteon dictionary import``: what it cannot write it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.command_line import osteon

pytestmark = pytest.mark.slow

FIELDS = [
    {
        "field_name": name,
        "form_name": "visit",
        "field_type": "text",
        "field_label": name,
        "field_annotation": "",
    }
    for name in ("nr", "seen")
]


def test_a_file_that_is_there_or_a_folder_that_is_not_is_told(tmp_path: Path) -> None:
    source, out = tmp_path / "fields.json", tmp_path / "d.yaml"
    source.write_text(json.dumps(FIELDS), encoding="utf-8")
    words = ("dictionary", "import", source)
    assert "2 elements" in osteon(*words, out, "--name", "d").stdout
    written = out.read_bytes()
    told = osteon(*words, out, "--name", "d", status=2).stderr
    assert "there is a file already" in told
    assert "Traceback" not in told
    assert out.read_bytes() == written
    told = osteon(*words, tmp_path / "none" / "d.yaml", "--name", "d", status=2).stderr
    assert "cannot be written" in told
    assert "Traceback" not in told
