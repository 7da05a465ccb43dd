"""One load of a large registry beside DuckDB's bare copy of the same file; writes registry_scale.md.

    python -m tests.benchmarks.registry_scale                     # 10^6 patients, 3·10^6 rows
    python -m tests.benchmarks.registry_scale --patients 200000   # three minutes

The synthetic registry is written over and over as one REDCap export, three rows for each patient
(patient, tumour, and a surgery or a follow-up), each time with other record ids, numbers and
names, so that nobody looks like anybody else. Then, each in a process of its own whose largest
resident size the kernel tells: ``CREATE TABLE AS SELECT *`` into a DuckDB file, and
``osteon site ingest --no-notes``: site map, validation, derivation, de-identification, quality and
store. The figure is the ratio of the two times.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import string
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.synthetic import generate

OUT = Path(__file__).with_suffix(".md")
ROOT = Path(__file__).parents[2]
OPERATIONS = 300
FORMS = ("", "tumor")
THIRD = ("surgery", "follow_up")
BARE = """
import duckdb, sys
duckdb.connect(sys.argv[2]).execute(
    f"CREATE TABLE whole AS SELECT * FROM read_csv('{sys.argv[1]}', all_varchar = {sys.argv[3]})"
)
"""


@dataclass(frozen=True)
class Run:
    """Seconds by the clock, seconds of processors, and the largest resident size in MB."""

    clock_s: float
    processor_s: float
    peak_mb: float


def records(source: Path) -> tuple[list[str], list[list[list[str]]]]:
    """The header, and three rows for each record of the export."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    form = header.index("redcap_repeat_instrument")
    chosen: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        held = chosen.setdefault(row[0], {})
        kind = row[form] if row[form] in FORMS else "third" if row[form] in THIRD else None
        if kind is not None:
            held.setdefault(kind, row)
    return header, [list(held.values()) for held in chosen.values() if len(held) == 3]


def letters(number: int) -> str:
    """A name of letters only."""
    name = ""
    while number or not name:
        number, at = divmod(number, 26)
        name += string.ascii_lowercase[at]
    return name.title()


def lines(patients: int, source: Path) -> Iterator[str]:
    """The export, line by line."""
    header, base = records(source)
    yield ",".join(header)
    changed = {name: header.index(name) for name in ("record_id", "mrn", "last_name", "phone")}
    for number in range(patients):
        fresh = {
            "record_id": f"R{number:08}",
            "mrn": f"{10_000_000 + number}",
            "last_name": letters(number * 7919 + 11),
            "phone": f"603555{number % 10_000:04}",
        }
        for row in base[number % len(base)]:
            cells = list(row)
            for name, at in changed.items():
                if cells[at]:
                    cells[at] = fresh[name]
            yield ",".join(cell if _plain(cell) else _quoted(cell) for cell in cells)


def _plain(cell: str) -> bool:
    return not ("," in cell or '"' in cell or "\n" in cell)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def run(*command: str) -> Run:
    """A command in a process of its own; it must succeed."""
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    null = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawn(
        command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)]
    )
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"{command[1:4]} ended with {os.waitstatus_to_exitcode(status)}")
    clock = time.monotonic() - began
    return Run(clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> None:
    """Write the export, run both, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = generate(folder / "base", seed=11, sites=1, operations=OPERATIONS, notes=0)
        source = folder / "base" / made.sites[0].site / "redcap.csv"
        export = folder / "export.csv"
        with export.open("w", encoding="utf-8", newline="") as stream:
            for line in lines(asked.patients, source):
                stream.write(line + "\n")
        size_mb = export.stat().st_size / 1e6
        osteon = (sys.executable, "-m", "gateway.cli.main", "site")
        site = str(folder / "site")
        run(*osteon, "init", site, "--dictionary", "sarcoma_v1", "--map", "sarcoma_redcap_map")
        bare = {
            kind: run(sys.executable, "-c", BARE, str(export), str(folder / f"{kind}.duckdb"), kind)
            for kind in ("false", "true")
        }
        loaded = run(*osteon, "ingest", site, str(export), "--no-notes", "--accept-bad-values")
    rows = 3 * asked.patients
    table = [
        ("`CREATE TABLE AS SELECT *`, types guessed", bare["false"]),
        ("`CREATE TABLE AS SELECT *`, all text", bare["true"]),
        ("`osteon site ingest --no-notes`", loaded),
    ]
    text = [
        "# One load of a large registry",
        "",
        "Made by `python -m tests.benchmarks.registry_scale`, which says what is measured.",
        f"Python {platform.python_version()}, {os.cpu_count()} processors.",
        f"{asked.patients:,} patients, {rows:,} rows, {size_mb:,.0f} MB.",
        "",
        "| | seconds | of processors | rows a second | largest resident size, MB |",
        "|---|---|---|---|---|",
        *(
            f"| {what} | {one.clock_s:,.1f} | {one.processor_s:,.1f} | {rows / one.clock_s:,.0f} "
            f"| {one.peak_mb:,.0f} |"
            for what, one in table
        ),
        "",
        f"The load takes {loaded.clock_s / bare['false'].clock_s:.1f} times as long as the bare",
        f"copy, {loaded.processor_s / bare['false'].processor_s:.1f} times the processors.",
        "",
    ]
    asked.out.write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
