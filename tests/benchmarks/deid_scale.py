"""Memory and speed of ``osteon deid notes`` over many notes; writes deid_scale.md beside.

    python -m tests.benchmarks.deid_scale                                # the full sizes
    python -m tests.benchmarks.deid_scale --only real --workers 1 --notes 2000 --minutes 5

Real-length notes are transcriptions of MTSamples (folder in ``OSTEON_CORPORA``), over and over,
each time with other invented names and numbers, so that no cache and no string store gets away
with having seen a note before; short ones are a sentence each. They are written to a file and read
by the real command in a process of its own, whose resident size, and that of its workers, is read
from ``/proc`` (Linux) while it runs. Memory is never measured from inside.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("OSTEON_CORPORA") or ROOT.parent / "shared/corpora")
OUT = Path(__file__).with_suffix(".md")
SIZES = {"real": 100_000, "short": 1_000_000}
PATIENTS = 2_000  # more than the engine holds matchers for
IN_A_ROW = {"real": 1, "short": 500}  # notes of one patient, before the next one's
WARM_UP = 0.1  # of the notes: models load, pools fill
SAMPLE_S = 2.0
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pru", "ra", "si", "tho", "ve")


def invented(draw: random.Random) -> str:
    """A name that stood in no earlier note, in all likelihood: 14^4 ways and an ending."""
    return "".join(draw.choices(_SYLLABLES, k=4)).title() + draw.choice(("n", "sen", "ric", "lo"))


def short_note(number: int, draw: random.Random) -> str:
    """One sentence with a name, a date and a number."""
    return (
        f"Ms. {invented(draw)} was seen by Dr. {invented(draw)} on "
        f"{number % 12 + 1:02}/{number % 28 + 1:02}/2021 for Ewing sarcoma, lot {number:07}."
    )


def real_note(number: int, draw: random.Random, texts: list[str]) -> str:
    """A real transcription behind a head of its own, with a closing line."""
    return (
        f"PATIENT: {invented(draw).upper()}, {invented(draw)}   MRN: {10_000_000 + number}\n"
        f"{texts[number % len(texts)]}\n"
        f"Dictated by {invented(draw)} {invented(draw)}, MD, 555-{number % 1000:03}-"
        f"{number % 10_000:04}, {invented(draw).lower()}@hospital.org, accession S{number}"
    )


def write_inputs(kind: str, count: int, folder: Path) -> tuple[Path, Path, int]:
    """Notes and patients files; and how many characters the notes have."""
    draw = random.Random(20_260_601)
    texts: list[str] = []
    if kind == "real":
        with gzip.open(FOLDER / "mtsamples.jsonl.gz", "rt", encoding="utf-8") as file:
            texts = [json.loads(line)["text"] for line in file]
    patients, notes, characters = folder / "patients.csv", folder / "notes.jsonl", 0
    with patients.open("w", encoding="utf-8") as file:
        file.write("patient_id,first_name,last_name,mrn,birth_date\n")
        for n in range(PATIENTS):
            file.write(
                f"P{n},{invented(draw)},{invented(draw)},{80_000_000 + n},19{n % 90 + 10}-05-17\n"
            )
    with notes.open("w", encoding="utf-8") as file:
        for n in range(count):
            text = short_note(n, draw) if kind == "short" else real_note(n, draw, texts)
            characters += len(text)
            line = {"note_id": n, "patient_id": f"P{n // IN_A_ROW[kind] % PATIENTS}", "text": text}
            file.write(json.dumps(line) + "\n")
    return notes, patients, characters


@dataclass
class Measured:
    """One run: at each sample the notes done and the resident kB of each process by role."""

    kind: str
    workers: int
    asked: int
    samples: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    done: int = 0
    characters_done: float = 0.0
    seconds: float = 0.0
    cpu_s: float = 0.0
    ended: str = ""

    def slope(self, role: str) -> float:
        """KB per 1,000 notes by least squares, behind the warm-up; nan with too few samples."""
        steady = [
            (done / 1000, sizes[role])
            for done, sizes in self.samples
            if done >= WARM_UP * self.done and role in sizes
        ]
        if len(steady) < 5:
            return float("nan")
        return float(np.polyfit(*np.array(steady, dtype=float).T, 1)[0])

    def at(self, share: float) -> tuple[int, dict[str, int]]:
        """The sample nearest to that share of what was done."""
        return min(self.samples, key=lambda sample: abs(sample[0] - share * self.done))


def sizes(process: int) -> dict[str, int]:
    """Resident kB of the command and of each of its workers, in the order they were started."""
    found = {"command": _resident(process)}
    tasks = Path(f"/proc/{process}/task")
    children = {c for t in tasks.glob("*/children") for c in t.read_text().split()}
    workers = [
        child
        for child in sorted(children, key=int)
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    return found | {f"worker {n}": _resident(int(c)) for n, c in enumerate(workers, start=1)}


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(process)


def run(kind: str, workers: int, count: int, minutes: float) -> Measured:
    """The command on so many notes, stopped after so many minutes with what it has by then."""
    measured = Measured(kind, workers, count)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        notes, patients, characters = write_inputs(kind, count, folder)
        out = folder / "out.jsonl"
        command = [sys.executable, "-m", "gateway.cli.main", "deid", "notes", str(notes), str(out)]
        command += ["--patients", str(patients), "--workers", str(workers), "--json"]
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        _watch(process, out, measured, started + 60 * minutes)
        told, errors = process.communicate()
        measured.seconds = time.monotonic() - started
        if process.returncode == 0:
            measured.done, measured.ended = json.loads(told)["notes"], "whole"
        elif process.returncode == -signal.SIGTERM:
            measured.ended = f"stopped after {minutes:g} minutes"
        else:
            raise SystemExit(f"{kind}, {workers} workers: {errors.strip().splitlines()[-1:]}")
        measured.characters_done = characters * measured.done / count
    return measured


def _watch(process: subprocess.Popen[str], out: Path, measured: Measured, until: float) -> None:
    part, seen = Path(f"{out}.part"), 0
    while process.poll() is None:
        if time.monotonic() > until:
            process.terminate()
            return
        time.sleep(SAMPLE_S)
        try:
            with part.open("rb") as file:
                file.seek(seen)
                while block := file.read(1 << 20):
                    seen += len(block)
                    measured.done += block.count(b"\n")
            now = sizes(process.pid)
            measured.cpu_s = _cpu_s(process.pid)
        except (FileNotFoundError, ProcessLookupError):
            continue  # not begun yet, or just ended
        if measured.done:
            measured.samples.append((measured.done, now))


def _cpu_s(process: int) -> float:
    """Processor seconds of the command and its living children."""
    tasks = Path(f"/proc/{process}/task")
    family = [str(process), *(c for t in tasks.glob("*/children") for c in t.read_text().split())]
    ticks = 0
    for one in family:
        after_name = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def page(runs: list[Measured]) -> str:
    """The table of all runs."""
    lines = [
        "# `osteon deid notes` over many notes: memory and speed",
        "",
        "Made by `make bench-scale` (`python -m tests.benchmarks.deid_scale --help` for parts of it).",
        f"Python {platform.python_version()}, {os.cpu_count()} processors. Resident sizes in MB, read from outside",
        "while the command ran; those of workers apart from the command's. The slope is a least-squares",
        "line through all samples behind the first tenth of the notes, in kB per 1,000 notes.",
        f"{PATIENTS:,} patients come in turn: at each note where notes are long, after {IN_A_ROW['short']} where they are short.",
    ]
    for one in runs:
        lines += ["", *_section(one)]
    return "\n".join(lines) + "\n"


def _section(one: Measured) -> Iterator[str]:
    roles = sorted({role for _, found in one.samples for role in found})
    named = "real-length" if one.kind == "real" else "short"
    yield (
        f"## {one.done:,} {named} notes, {one.workers} worker{'s' * (one.workers > 1)}"
        + (f" ({one.ended}, of {one.asked:,})" if one.ended != "whole" else "")
    )
    yield ""
    yield (
        f"{one.characters_done:,.0f} characters in {one.seconds:,.0f} s by the clock, "
        f"{one.cpu_s:,.0f} s of processors: {one.done / one.cpu_s:,.0f} notes and "
        f"{one.characters_done / one.cpu_s:,.0f} characters a processor second."
    )
    yield ""
    yield "| notes done | " + " | ".join(roles) + " |"
    yield "|---" * (1 + len(roles)) + "|"
    for share in (0.02, 0.05, *(n / 10 for n in range(1, 11))):
        done, found = one.at(share)
        cells = (f"{found[role] / 1024:,.1f}" if role in found else "" for role in roles)
        yield f"| {done:,} | " + " | ".join(cells) + " |"
    slopes = (f"{one.slope(role):+.2f}" for role in roles)
    yield "| **slope**, kB per 1,000 notes | " + " | ".join(slopes) + " |"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.deid_scale")
    parser.add_argument("--only", choices=sorted(SIZES), help="one kind of notes")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--notes", type=int, help="so many notes instead of the full size")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop each run after these")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if not Path("/proc/self/status").exists():
        raise SystemExit("needs /proc (Linux)")
    runs = []
    for kind in [given.only] if given.only else sorted(SIZES):
        for workers in given.workers:
            done = run(kind, workers, given.notes or SIZES[kind], given.minutes)
            sys.stderr.write(f"{kind}, {workers} workers: {done.done} notes, {done.ended}\n")
            runs.append(done)
            given.out.write_text(page(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
