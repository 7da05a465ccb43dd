"""The name recogniser that ships: it is the one described, needs no network, and finds names."""

from __future__ import annotations

import hashlib
import re
import socket

import pytest

from deid.adapter import Model
from deid.ner import SHIPPED
from deid.ner.compare import Score, score, uncued

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
