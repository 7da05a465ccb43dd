"""Every file that others wrote loads, or is refused with a sentence: no traceback, no silence.

The folder is that of ``OSTEON_SAMPLES`` (see :mod:`tests.integration.test_redcap_samples`). What a
file is made for is tried elsewhere; here each is given to maps that were written for none of them,
as a data manager does who picks the wrong file, and once more with its end cut off.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.suggest.suggest import suggest
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary
from policies.errors import OsteonError
from policies.library import load_named

pytestmark = pytest.mark.slow

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
MAPS = {
    "sarcoma_redcap_map": "source: redcap\ndictionary: sarcoma_v1\nelements: same\n",
    "plain": "source: table\ndictionary: sarcoma_v1\nignore_unmapped: true\n",
    "unsaid": "dictionary: sarcoma_v1\nignore_unmapped: true\n",
}


@pytest.fixture(scope="module", autouse=True)
def _samples() -> None:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


def read(path: Path, mapping: SiteMap, dictionary: Dictionary, spill: Path) -> str | None:
    """What refused the file; None if it loads."""
    try:
        with open_bench(spill) as bench:
            source = inspect(path, mapping, dictionary)
            stage(bench, source, mapping, dictionary, where="map", accept_bad_values=True)
    except OsteonError as error:
        return str(error)
    return None


def test_there_are_samples() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_file_loads_or_is_refused(
    path: Path, name: str, dictionary: Dictionary, tmp_path: Path
) -> None:
    mapping = decode(SiteMap, parse_yaml(MAPS[name], where=name), where=name)
    refused = read(path, mapping, dictionary, tmp_path / "spill")
    assert refused is None or (len(refused) > 15 and path.name in refused), refused
    content = path.read_bytes()
    cut = tmp_path / path.name
    cut.write_bytes(content[: len(content) * 2 // 3])
    refused = read(cut, mapping, dictionary, tmp_path / "spill")
    assert refused is None or len(refused) > 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_draft_is_made_or_the_file_is_refused(path: Path, dictionary: Dictionary) -> None:
    said = None
    try:
        said = suggest(path, dictionary).text
    except OsteonError as error:
        said = str(error)
    assert path.name in said
