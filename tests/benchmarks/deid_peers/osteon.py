"""This project's note engine, safe_harbor; patients come with the notes where they are known."""

import json
import sys
import time
from pathlib import Path

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.runs.intake import read_patients
from policies.profile import profile

rules = profile("safe_harbor")
engine = NoteEngine(rules, Keys(b"p" * 32, b"d" * 32, b"s" * 32))
patients = read_patients(Path(sys.argv[1]), rules.anchor_columns) if len(sys.argv) > 1 else None
unknown = Patient("\uf8ff")
engine.clean("Seen by Dr. Roe on March 3, 2021.", unknown)
for line in sys.stdin:
    note = json.loads(line)
    started = time.process_time()
    clean = engine.clean(note["text"], patients[note["patient_id"]] if patients else unknown)
    spent = time.process_time() - started
    spans = [[span.start, span.end, span.category, span.source] for span in clean.spans]
    answer = {"id": note["id"], "spans": spans, "cpu_s": spent, "withheld": clean.withheld}
    print(json.dumps(answer), flush=True)
