"""The invented notes are right, owe nothing to the recognisers, and stay as they were measured."""

import ast
import csv
import hashlib
import io
import re
from pathlib import Path

import pytest

from deid.evaluation.gold import check_gold, read_gold
from tests.benchmarks import deid_notes
from tests.benchmarks.deid_notes import identifiers, people
from tests.benchmarks.deid_notes.markup import mark, plain, wrapped
from tests.benchmarks.deid_notes.sample import NOTES, sample, write

LEXICON = Path(__file__).parents[3] / "deid" / "lexicon"
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Frozen before the engine first saw it. A change of the generator is a new benchmark: say so in
# tests/benchmarks/deid.md, and never change it because of what the engine misses.
GOLD_SHA256 = "002d58c11fb9bf1f7913475ed5841b15a326fc3ef8006100dd68b57798c5b5a2"
PATIENTS_SHA256 = "f59d211e0b0d5c4942bef7676dc321e8f93e2c4a8ee8fecbccebacdfa446b342"


@pytest.fixture(scope="module")
def made():
    return sample()


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_sample_is_the_frozen_one(made):
    assert len(made.notes) == NOTES == 400
    assert digest(made.gold_text()) == GOLD_SHA256
    assert digest(made.patients_text()) == PATIENTS_SHA256


def test_another_seed_is_another_sample_and_the_same_seed_the_same():
    assert sample(20, 1).gold_text() == sample(20, 1).gold_text() != sample(20, 2).gold_text()


def test_the_files_are_valid_gold(made, tmp_path):
    gold, patients = tmp_path / "gold.jsonl", tmp_path / "patients.csv"
    write(made, gold, patients)
    ids = {row["patient_id"] for row in csv.DictReader(io.StringIO(made.patients_text()))}
    assert check_gold(gold, ids) == NOTES
    for note in read_gold(gold):
        assert "⟦" not in note.text
        assert all(note.text[span.start : span.end].strip() for span in note.spans)


def test_every_name_and_number_is_marked_wherever_it_stands(made):
    """But for eponyms: Codman's triangle and Foley's catheter stay where they are theirs."""
    left = set()
    for note in made.notes:
        text = note["text"]
        covered = {at for span in note["spans"] for at in range(span["start"], span["end"])}
        for span in note["spans"]:
            value = text[span["start"] : span["end"]]
            if span["category"] in ("DATE", "AGE") or len(value) < 4:
                continue
            for match in re.finditer(rf"\b{re.escape(value)}\b", text):
                if not covered & set(range(*match.span())):
                    left.add(value)
    assert left <= {"Codman", "Foley", "Ewing", "Paget", "Baker", "Hodgkin"}


def test_every_category_has_many_spans(made):
    counts = {}
    for note in made.notes:
        for span in note["spans"]:
            counts[span["category"]] = counts.get(span["category"], 0) + 1
    assert set(counts) == {"NAME", "DATE", "AGE", "LOCATION", "ORG", "ID", "CONTACT"}
    assert min(counts.values()) > 80


def test_no_name_stands_in_a_list_of_the_recognisers():
    known = {
        word.casefold()
        for name in ("given_names.txt", "surnames.txt", "nicknames.txt", "places.txt")
        for line in (LEXICON / name).read_text("utf-8").splitlines()
        if not line.startswith("#")
        for word in WORD.findall(line)
    }
    assert "james" in known
    ours = [
        name for culture in people.CULTURES for names in culture for name in people._split(names)
    ]
    ours += [*identifiers.CITIES, *identifiers.STREETS, *identifiers.HOSPITALS]
    ours += identifiers.EMPLOYERS
    # particles ("al", "Ben") are written small or are no name of their own
    shared = [
        name
        for name in ours
        if name.casefold() in known
        or any(
            part[0].isupper() and part.casefold() in known
            for part in re.split("[ -]", name)
            if part
        )
    ]
    assert shared == []


def test_the_generator_uses_nothing_of_the_engine():
    for path in Path(deid_notes.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("deid", "gateway") for name in names), path


def test_marks_become_offsets():
    text, spans = plain(f"Seen by {mark('NAME', 'Ö. Roe')} on {mark('DATE', '3/4')}.")
    assert text == "Seen by Ö. Roe on 3/4."
    assert [(text[s["start"] : s["end"]], s["category"]) for s in spans] == [
        ("Ö. Roe", "NAME"),
        ("3/4", "DATE"),
    ]
    with pytest.raises(ValueError, match="not closed"):
        plain("⟦NAME|Roe")


def test_wrapping_moves_no_character():
    text = "a long line of words " * 8
    out = wrapped(text, 30)
    assert len(out) == len(text)
    assert out.replace("\n", " ") == text
    assert max(map(len, out.split("\n"))) <= 30
