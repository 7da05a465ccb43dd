"""The wheel holds everything the source tree runs with, and nothing else of it."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "deid", "federated", "policies")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == set(listed)


def test_the_command_runs_from_the_wheel_alone(wheel, tmp_path):
    """Away from the source tree, with the wheel in front of everything else on the path."""
    home = tmp_path / "venv"
    venv.create(home, system_site_packages=False, with_pip=False)
    site = next((home / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    theirs = [p for p in sys.path if p.endswith("site-packages")]
    (site / "theirs.pth").write_text("\n".join(theirs))
    code = (
        "import policies, gateway.cli.main as m, sys;"
        f"assert policies.__file__.startswith({str(site)!r}), policies.__file__;"
        "m.main(['dictionary', 'check', 'sarcoma_v1', '--derivations', 'sarcoma_v1'])"
    )
    done = subprocess.run(
        [home / "bin" / "python", "-c", code],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "elements: 145" in done.stdout
