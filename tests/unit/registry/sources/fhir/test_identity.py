"""What names a patient is found wherever FHIR's Patient has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import SourceError
from gateway.registry.sources.fhir.identity import identifying
from tests.unit.registry.sources.fhir.hearts import Loaded, ndjson, patient


def test_every_name_number_and_address():
    found = list(
        identifying(
            patient(
                name=[
                    {"use": "old", "family": "Alt", "given": ["Ada"]},
                    {"text": "Ada Bea Neu", "family": "Neu", "given": ["Ada", " Bea "]},
                ],
                identifier=[{"value": "1"}, {"value": "2"}, {"system": "x"}],
                telecom=[
                    {"system": "phone", "value": "3"},
                    {"system": "email", "value": "a@b.org"},
                    {"value": "4"},
                ],
                address=[{"line": ["Nr 1", "Hof"], "city": "Ulm", "postalCode": "89073"}],
                contact=[
                    {"name": {"family": "Neu", "given": ["Leo"]}, "telecom": [{"value": "5"}]}
                ],
                extension=[
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
                        "valueString": "Ur",
                    }
                ],
            )
        )
    )
    assert found == [
        *[("given", "Ada"), ("family", "Alt"), ("name", "Ada Bea Neu"), ("given", "Ada")],
        *[("given", "Bea"), ("family", "Neu"), ("number", "1"), ("number", "2"), ("phone", "3")],
        *[("email", "a@b.org"), ("number", "4"), ("address", "Nr 1"), ("address", "Hof")],
        *[("city", "Ulm"), ("postal_code", "89073"), ("mother_maiden_name", "Ur")],
        *[("contact_name", "Leo Neu"), ("contact_number", "5")],
    ]


def test_what_has_another_shape_names_nobody():
    odd = patient(name="Ada", identifier={"value": 7}, telecom=[None, 3], contact=[{"name": []}])
    assert list(identifying(odd)) == []


def test_too_many_names_are_no_person(tmp_path: Path):
    many = [{"family": f"N{i}"} for i in range(501)]
    with pytest.raises(SourceError, match=r"a\.ndjson: row 1: is a Patient with more than 500"):
        Loaded(ndjson(tmp_path / "a.ndjson", patient(name=many)))
