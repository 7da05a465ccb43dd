"""A local Spark session for tests, in this process; its Java machine ends with it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ibis
import pyarrow as pa

from tests.integration.needs_spark import needs_spark

__all__ = ["backend", "put"]


@contextmanager
def backend(test: str) -> Iterator[Any]:
    """An Ibis backend on a session for small tables; skips ``test`` where Spark is missing."""
    needs_spark(test)
    os.environ |= {
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        # A short run: starting fast counts for more than running fast.
        "PYSPARK_SUBMIT_ARGS": "--driver-java-options "
        "'-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' pyspark-shell",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pyspark and of what it makes Ibis import
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.adaptive.enabled", "false")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .getOrCreate()
        )
        gateway = session.sparkContext._gateway
        try:
            yield ibis.pyspark.connect(session)
        finally:
            session.stop()
            gateway.shutdown()
            # A later session of this process needs a Java machine of its own.
            type(session.sparkContext)._gateway = type(session.sparkContext)._jvm = None
            gateway.proc.stdin.close()
            gateway.proc.wait(60)


def put(spark: Any, tables: Mapping[str, pa.Table]) -> None:
    """Name the tables in the session, in place of what had their names."""
    for name, table in tables.items():
        spark._session.createDataFrame(table).createOrReplaceTempView(name)
