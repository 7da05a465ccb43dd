"""What the operating system does not let one read is named, with the next step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.raw import read_raw
from tests.unit.registry.valve import EXPORT, dictionary, export, sitemap

FHIR = "source: fhir\nforms: {person: Patient}\nelements: {code: {from: Patient.id}}"
LOOK = """
import sys
from pathlib import Path
from gateway.errors import SourceError
from gateway.registry.sources.detect import inspect
from tests.unit.registry.valve import dictionary, sitemap

for path in sys.argv[2:]:
    try:
        inspect(Path(path), sitemap(sys.argv[1]), dictionary())
    except SourceError as error:
        print(error, "|", error.hint)
"""


def looked(*paths: Path, mapping: str = "") -> list[str]:
    """What an account without a superuser's rights is told of each."""
    before = []
    if os.geteuid() == 0:  # root reads everything, unless it gives that right up
        if shutil.which("setpriv") is None:
            message = "test_unreadable: runs as root, and there is no setpriv"
            if os.environ.get("OSTEON_REQUIRE_ALL"):
                pytest.fail(message)
            pytest.skip(message)
        before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    done = subprocess.run(
        [*before, sys.executable, "-c", LOOK, mapping, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    file, folder, shut = export(tmp_path), tmp_path / "folder", tmp_path / "shut"
    folder.mkdir()
    shut.mkdir()
    inside = export(shut)
    for path in (file, folder, shut):
        path.chmod(0)
    try:
        told = looked(file, folder, inside) + looked(folder, mapping=FHIR)
    finally:
        for path in (folder, shut):
            path.chmod(0o700)
    assert [line.partition(": ")[0] for line in told] == [
        "export.csv",
        "folder",
        "export.csv",
        "folder",
    ]
    assert all("may not be read by this account | give it the right" in line for line in told)


def test_a_file_that_vanishes_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = export(tmp_path)
    source = inspect(path, sitemap(), dictionary())
    path.unlink()
    with (
        open_bench(tmp_path / "spill") as bench,
        pytest.raises(SourceError, match=r"^export\.csv: is no longer there"),
    ):
        read_raw(bench, source)


def test_a_disk_that_fails_is_told_in_the_systems_words() -> None:
    with pytest.raises(SourceError, match=r"^mem: cannot be read \(Input/output error\)") as caught:
        inspect(Path("/proc/self/mem"), sitemap(), dictionary())
    assert "reachable" in str(caught.value.hint)


def test_a_name_longer_than_the_system_takes_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="File name too long"):
        inspect(tmp_path / ("x" * 300), sitemap(), dictionary())


def test_the_file_that_can_be_read_is(tmp_path: Path) -> None:
    assert inspect(export(tmp_path, EXPORT), sitemap(), dictionary()).kind == "redcap"
