"""The note function in a real Spark session gives, to the byte, what ``osteon deid notes`` gives."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from deid.pseudonym import Keys
from deid.runs.batch import clean_file
from deid.surrogates.pools import pool
from policies.profile import profile
from tests.integration.needs_spark import needs_spark

ROOT = Path(__file__).parents[2]
RUN = Path(__file__).with_name("spark_run.py")
KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
# Of one length, from the pool that surrogates are drawn from: without the site's people, some of
# them would be drawn.
SURNAMES = [name for name in pool("family", "anglo", "n", 6, sibilant=False) if len(name) == 6][:25]
needs_spark("test_deid_spark")


# A Java machine and two Python workers that each load the model: half a minute on a free machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def write(path, lines):
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    patients = folder / "patients.csv"
    patients.write_text(
        "patient_id,first_name,last_name,mrn,birth_date,phone,diagnosis_date\n"
        + "".join(
            f"P{n},Ver{'aeiou'[n % 5]}na,{SURNAMES[n]},0{14_767_091 + n},1950-09-{n + 1:02},"
            f'"(704) 555-01{n:02}",2021-03-01\n'
            for n in range(25)
        )
    )
    lines = []
    for n in range(60):
        when = date(2021, 3, 1) + timedelta(days=n)
        text = (
            f"MRN 0{14_767_091 + n % 25}. Ms. {SURNAMES[n % 25]}, seen by Dr. Ewing on "
            f"{when:%B %d, %Y} for Ewing sarcoma; écrit à Zürich 🦴. Margin 2 mm, L4 free.\n"
        )
        if n % 20 == 3:
            text = "\ufffd" * 60 + text  # withheld as unreadable
        lines.append({"note_id": f"n{n:03}", "patient_id": f"P{n % 25}", "text": text})
    stray = {"note_id": "stray", "patient_id": "P99", "text": "Seen by Dr. Quibbleworth."}
    (folder / "keys").write_bytes(KEYS.to_bytes())
    return (
        write(folder / "notes.jsonl", lines),
        write(folder / "stray.jsonl", [*lines[:3], stray]),
        patients,
        folder / "keys",
    )


@pytest.fixture(scope="module")
def spark(files):
    return subprocess.run(
        [sys.executable, str(RUN), *map(str, files), "4"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=560,
        env=os.environ
        | {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONIOENCODING": "utf-8",
            "SPARK_LOCAL_IP": "127.0.0.1",
            # A short run: starting fast counts for more than running fast.
            "PYSPARK_SUBMIT_ARGS": "--driver-java-options "
            "'-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' pyspark-shell",
        },
    )


def test_spark_and_the_command_give_the_same_bytes(files, spark, tmp_path):
    notes, _, patients, _ = files
    out = tmp_path / "out.jsonl"
    clean_file(notes, out, patients, profile=profile("safe_harbor"), keys=KEYS)
    expected = out.read_text("utf-8")
    assert '"withheld": "unreadable"' in expected
    assert "🦴" in expected
    assert "partitions: 4" in spark.stderr
    rows = spark.stdout.splitlines(keepends=True)
    assert rows != sorted(rows)  # the partitions mixed them: nothing depends on the order
    assert "".join(sorted(rows)) == expected


def test_a_note_without_a_patient_stops_the_job_without_telling_its_text(spark):
    assert "field 'patient_id' has no patient beside it" in spark.stderr.split("refused:")[1]
    assert "Quibbleworth" not in spark.stderr
    assert '"note_id": "stray"' not in spark.stdout
