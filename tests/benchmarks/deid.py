"""De-identification side by side with its peers; writes deid.md beside.

    make bench-deid
    python -m tests.benchmarks.deid [--notes 20] [--out FILE] [--timeout 1800]

Every system reads the same notes in the same run, one after the other, each in an environment of
its own. Nothing is known of any patient, but for the row that says so. The first run installs the
peers under ``.bench`` from a package index; nothing else touches a network.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deid.evaluation.score import FoundSpan, Scores
from tests.benchmarks.deid_peers.corpora import Corpus, corpora, eponyms
from tests.benchmarks.deid_peers.systems import HERE, PEERS
from tests.benchmarks.deid_peers.table import Measured, page
from tests.benchmarks.environments import ROOT, Peer, Unavailable, interpreter

OUT = Path(__file__).with_suffix(".md")


@dataclass
class Run:
    """Answers of one system by note id; ``reason`` says why some are missing."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str = ""


def run(peer: Peer, notes: Sequence[Corpus], scratch: Path, timeout_s: float, *more: str) -> Run:
    """All notes of the corpora through one process."""
    try:
        python = interpreter(peer, HERE)
    except Unavailable as error:
        return Run(reason=str(error))
    asked, told, errors = (scratch / name for name in ("asked.jsonl", "told.jsonl", "errors.txt"))
    with asked.open("w", encoding="utf-8") as file:
        for corpus in notes:
            for note in corpus.notes:
                line = {
                    "id": f"{corpus.name}/{note.note_id}",
                    "text": note.text,
                    "patient_id": note.patient_id,
                }
                file.write(json.dumps(line) + "\n")
    command = [str(python), str(HERE / peer.script), *peer.words, *more]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} if peer.pins is None else dict(os.environ)
    reason = ""
    with asked.open("rb") as source, told.open("wb") as sink, errors.open("wb") as log:
        process = subprocess.Popen(command, stdin=source, stdout=sink, stderr=log, env=environment)
        try:
            if process.wait(timeout_s):
                last = errors.read_text("utf-8", "replace").strip().splitlines()[-1:]
                reason = f"ended with {process.returncode}: {' '.join(last)[:150]}"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            reason = f"stopped after {timeout_s:.0f} s"
    lines = told.read_text("utf-8").split("\n")[:-1]  # a last line without its end is not whole
    return Run({line["id"]: line for line in map(json.loads, lines)}, reason)


def measured(name: str, corpus: Corpus, done: Run) -> Measured | None:
    """The scores of one system on one corpus; None unless every note was answered."""
    scores, seconds, characters, touched, failed = Scores(), 0.0, 0, [], 0
    for note in corpus.notes:
        answer = done.answers.get(f"{corpus.name}/{note.note_id}")
        if answer is None:
            return None
        found = [FoundSpan(*span) for span in answer["spans"]]
        scores.add(note, found, answer.get("withheld"))
        failed += answer.get("failed") is not None
        seconds += answer["cpu_s"]
        characters += len(note.text)
        if found:
            touched.append(note.text)
    return Measured(name, scores, characters / seconds if seconds else 0.0, touched, failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.deid")
    parser.add_argument("--notes", type=int, help="only so many notes of each corpus")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds for each system")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        notes, missing = corpora(scratch, given.notes)
        everything = [*notes, eponyms()]
        runs: dict[str, Run] = {}
        for peer in PEERS:
            started = time.monotonic()
            runs[peer.name] = run(peer, everything, scratch, given.timeout)
            say(peer.name, runs[peer.name], started)
        known = [corpus for corpus in notes if corpus.patients]
        for corpus in known:
            started = time.monotonic()
            name = f"{PEERS[0].name}, patient known"
            runs[name] = run(PEERS[0], [corpus], scratch, given.timeout, str(corpus.patients))
            say(name, runs[name], started)
    tables = []
    for corpus in everything:
        rows = [measured(name, corpus, done) for name, done in runs.items()]
        tables.append((corpus, [row for row in rows if row is not None]))
    absent = [f"{name}: {done.reason}" for name, done in runs.items() if done.reason]
    absent += [f"corpus {name}: not in the folder of corpora" for name in missing]
    given.out.write_text(page(tables, absent, platform.python_version()), encoding="utf-8")
    print(f"wrote {given.out}")


def say(name: str, done: Run, started: float) -> None:
    spent = time.monotonic() - started
    sys.stderr.write(f"{name}: {len(done.answers)} notes in {spent:.0f} s {done.reason}\n")


if __name__ == "__main__":
    main()
