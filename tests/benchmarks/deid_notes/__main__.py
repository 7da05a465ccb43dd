"""``python -m tests.benchmarks.deid_notes FOLDER [NOTES [SEED]]``: the frozen sample, or another."""

import sys
from pathlib import Path

from tests.benchmarks.deid_notes.sample import sample, write

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
write(sample(*map(int, sys.argv[2:4])), folder / "gold.jsonl", folder / "patients.csv")
