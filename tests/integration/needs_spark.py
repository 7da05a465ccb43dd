"""What a test on Spark needs: pyspark (spark.txt beside) and Java."""

import importlib.util
import os
import shutil

import pytest


def needs_spark(test: str) -> None:
    """Skip the module ``test`` by name where something is missing; fail where all is required."""
    there = {"pyspark": importlib.util.find_spec("pyspark"), "java": shutil.which("java")}
    missing = " and ".join(name for name, found in there.items() if not found)
    if missing and os.environ.get("OSTEON_REQUIRE_ALL"):
        pytest.fail(f"required, but missing: {missing}", pytrace=False)
    if missing:
        pytest.skip(
            f"{test}: no {missing}; see tests/integration/spark.txt", allow_module_level=True
        )
