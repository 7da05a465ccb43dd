"""``deid_notes`` with every name of its generator left out of the engine's list of names.

The list (``deid/lexicon/known_names.txt``) was made after the notes and holds many of their names, as
it holds many of any hospital's. What the engine finds without that help is measured here.

    python -m tests.benchmarks.deid_unlisted
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from unittest import mock

from deid import eponyms, vocabulary
from deid.evaluation.run import Evaluation, evaluate
from deid.recognizers import listed
from policies.profile import profile
from tests.benchmarks.deid_notes import people
from tests.benchmarks.deid_notes.sample import sample, write

_PART = re.compile(r"[a-z]+(?:'[a-z]+)?")


def generators_names() -> frozenset[str]:
    """The folded words of all names that the generator draws from."""
    names = [
        name for culture in people.CULTURES for part in culture for name in people._split(part)
    ]
    return frozenset(word for name in names for word in _PART.findall(vocabulary.fold(name)))


def measured(folder: Path, *, patients: bool) -> Evaluation:
    """The frozen notes in ``folder`` through the engine without those names."""
    fewer = vocabulary.known_names() - generators_names()
    with (
        mock.patch.object(listed, "known_names", return_value=fewer),
        mock.patch.object(eponyms, "known_names", return_value=fewer),
    ):
        return evaluate(
            folder / "gold.jsonl",
            profile=profile("safe_harbor"),
            patients=folder / "patients.csv" if patients else None,
        )


def main() -> None:
    ours = generators_names()
    print(f"{len(ours & vocabulary.known_names())} of {len(ours)} words of names are listed")
    with tempfile.TemporaryDirectory() as made:
        write(sample(), Path(made, "gold.jsonl"), Path(made, "patients.csv"))
        for patients in (False, True):
            scores = measured(Path(made), patients=patients).scores
            names = scores.recall["NAME"]
            print(
                f"patients known: {patients}; notes with a leak {scores.leaking_found} of "
                f"{scores.notes}; NAME {names.whole} of {names.spans}"
            )


if __name__ == "__main__":
    main()
