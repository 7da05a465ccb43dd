"""Notes and patients files through a local Spark; prints the rows out as JSON lines.

    python spark_run.py NOTES.jsonl STRAY.jsonl PATIENTS.csv KEYS PARTITIONS

A process of its own, so that a Java machine and its Python workers end with it. Then the same with
a file that must be refused, whose error goes to standard error.
"""

import json
import sys
from functools import partial
from pathlib import Path

from pyspark.errors import PythonException
from pyspark.sql import DataFrame, SparkSession

from deid.pseudonym import Keys
from deid.runs.spark import OUTPUT_SCHEMA, note_function, people_of
from policies.profile import profile


def keys_in(path: str) -> Keys:
    return Keys.from_bytes(Path(path).read_bytes())


def session(partitions: str) -> SparkSession:
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", partitions)
        .config("spark.sql.codegen.wholeStage", "false")  # compiles longer than it saves here
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "7")
        .getOrCreate()
    )


def main() -> None:
    notes_path, stray_path, patients_path, keys_path, partitions = sys.argv[1:]
    spark = session(partitions)
    patients = spark.read.csv(patients_path, header=True)  # every column is text
    rules = profile("safe_harbor")
    rows = (row.asDict() for row in patients.toLocalIterator())
    people = people_of(keys_in(keys_path), rows, rules)
    clean = note_function(rules, partial(keys_in, keys_path), people)

    def cleaned(path: str) -> DataFrame:
        notes = spark.read.schema("note_id string, patient_id string, text string").json(path)
        rows = notes.join(patients, "patient_id", "left").repartition(int(partitions), "note_id")
        return rows.mapInPandas(clean, OUTPUT_SCHEMA)

    done = cleaned(notes_path)
    sys.stderr.write(f"partitions: {done.rdd.getNumPartitions()}\n")
    for row in done.collect():
        line = row.asDict(recursive=True)
        if line["withheld"] is None:
            del line["withheld"]
        print(json.dumps(line, ensure_ascii=False))
    try:
        cleaned(stray_path).collect()
    except PythonException as error:
        sys.stderr.write(f"refused: {error}\n")
    spark.stop()


if __name__ == "__main__":
    main()
