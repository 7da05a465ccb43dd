"""What the scripts share. Standard library only: it runs in the environments of the others."""

import json
import sys
import time


def serve(find):
    """Answer every line with ``find(text)``; CPU seconds are of this process, all threads."""
    find("Seen by Dr. Roe on March 3, 2021.")  # first use loads what is loaded lazily
    for line in sys.stdin:
        note = json.loads(line)
        started = time.process_time()
        try:
            spans, failed = find(note["text"]), None
        except Exception as error:
            spans, failed = [], type(error).__name__
        spent = time.process_time() - started
        answer = {"id": note["id"], "spans": spans, "cpu_s": spent, "failed": failed}
        print(json.dumps(answer), flush=True)
