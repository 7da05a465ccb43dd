"""The engine on published annotated notes: a guard against sliding back.

The corpora are not part of the project; tests/benchmarks/deid.md has the figures of all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deid.evaluation import evaluate
from deid.evaluation.summary import summary
from policies.profile import profile

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("OSTEON_CORPORA") or ROOT.parent / "shared/corpora")
NAMES = ("localscrub_synth", "localscrub_mts")
if not all((FOLDER / f"{name}.jsonl.gz").is_file() for name in NAMES):
    if os.environ.get("OSTEON_REQUIRE_ALL"):
        pytest.fail(f"required, but no localscrub_*.jsonl.gz in {FOLDER}", pytrace=False)
    pytest.skip(
        f"test_deid_corpora: no localscrub_*.jsonl.gz in {FOLDER}; name its folder in OSTEON_CORPORA",
        allow_module_level=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_little_leaks_and_little_is_removed_for_nothing(name):
    found = summary(evaluate(FOLDER / f"{name}.jsonl.gz", profile=profile("safe_harbor"), limit=60))
    everything = found["recall"][0]
    assert everything["category"] == "all"
    assert everything["spans"] > 350
    assert everything["recall"] >= 0.995
    assert found["notes_with_leak"]["as_written"]["share"] <= 0.05
    assert found["characters"]["clinical_removed"] <= 0.01
    assert found["withheld"] == 0
