"""Forms as Parquet through the registry's derivations and rules on a local Spark.

    python spark_registry_run.py TODAY FOLDER...

A process of its own, so that a Java machine ends with it. Each folder holds ``dictionary.yaml``,
``derivations.yaml``, ``rules.yaml`` and ``forms/<instrument>.parquet``; ``units/<unit>`` and
``failed`` are written beside them, and ``totals.json``. A folder whose forms are refused gets
``refused.txt``.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from gateway.errors import SourceError
from gateway.registry.warehouse import derive_and_check
from policies.decode import load
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.rule import Rules


def session() -> SparkSession:
    return (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        # For a few hundred rows: what it takes to plan again, broadcast and compile is never won.
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.autoBroadcastJoinThreshold", "-1")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .getOrCreate()
    )


def main() -> None:
    today, *folders = sys.argv[1:]
    spark = session()
    for folder in map(Path, folders):
        dictionary = load(Dictionary, folder / "dictionary.yaml")
        started = time.monotonic()
        try:
            found = derive_and_check(
                spark,
                {form: folder / "forms" / f"{form}.parquet" for form in dictionary.instruments},
                dictionary,
                load(Derivations, folder / "derivations.yaml"),
                load(Rules, folder / "rules.yaml"),
                date.fromisoformat(today),
            )
        except SourceError as error:
            (folder / "refused.txt").write_text(str(error), encoding="utf-8")
            continue
        for unit, frame in found.units.items():
            frame.write.parquet(str(folder / "units" / unit))
        found.failed.write.parquet(str(folder / "failed"))
        (folder / "totals.json").write_text(json.dumps(found.totals), encoding="utf-8")
        sys.stderr.write(f"{folder.name}: {time.monotonic() - started:.1f} s\n")
    if spark.catalog.listTables():
        raise RuntimeError("the bench left views in the session")
    spark.stop()


if __name__ == "__main__":
    main()
