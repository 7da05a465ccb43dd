"""Whatever a FHIR file holds, a load reads it or says a sentence: no other error, no value told."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.fhir.path import PathError, parse_form, parse_from
from gateway.registry.staging import stage
from policies.decode import load
from policies.dictionary import Dictionary
from policies.library import find, load_named
from tests.integration.mcode import RESOURCES, as_bundle
from tests.unit.registry.sources.fhir.hearts import sitemap as valve_map
from tests.unit.registry.valve import dictionary as valve_dictionary

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
names = st.sampled_from(
    """
    resourceType id subject patient code coding system reference extension url valueCode
    valueQuantity value unit comparator name family birthDate _birthDate onsetDateTime
    effectiveDateTime focus hasMember contained meta lastUpdated status verificationStatus
    stage assessment content attachment data contentType entry resource fullUrl request method
    """.split()  # noqa: SIM905
)
words = st.sampled_from(
    """
    Patient Condition Observation Bundle DELETE valve which rate leak height p q #p Patient/p
    urn:uuid:p 2020-01-01 2020 mm kg masked entered-in-error Observation/o Condition/c male
    """.split()  # noqa: SIM905
)
nodes = st.recursive(
    scalars | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
resources = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Patient", "Condition", "Observation", "Bundle"]) | st.text()},
    optional={
        "id": words | scalars,
        "subject": st.fixed_dictionaries({"reference": words}) | nodes,
        "code": st.fixed_dictionaries(
            {"coding": st.lists(st.fixed_dictionaries({"code": words}), max_size=2)}
        )
        | nodes,
        "valueQuantity": st.fixed_dictionaries({"value": scalars, "code": words}) | nodes,
        **dict.fromkeys(
            ("focus", "hasMember", "stage", "contained", "name", "extension", "meta", "status",
             "entry", "birthDate", "_birthDate", "onsetDateTime", "effectiveDateTime", "valueCode"),
            nodes,
        ),
    },
)  # fmt: skip


def read(content: bytes, sitemap: SiteMap, dictionary: Dictionary) -> str | None:
    """The refusal's text, None if it loads; any other error is the test's failure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.bin"
        path.write_bytes(content)
        with open_bench(Path(folder) / "spill") as bench:
            try:
                source = inspect(path, sitemap, dictionary)
                stage(bench, source, sitemap, dictionary, where="map", accept_bad_values=True)
            except SourceError as refused:
                return str(refused)
    return None


@given(st.lists(resources, min_size=1, max_size=6))
@settings(max_examples=60)
def test_any_resources(members: list[dict[str, Any]]) -> None:
    content = "\n".join(json.dumps(one) for one in members).encode()
    read(content, valve_map(), valve_dictionary())


@given(st.lists(nodes, min_size=1, max_size=6))
@settings(max_examples=40)
def test_any_entries_of_a_bundle(entries: list[Any]) -> None:
    document = {"resourceType": "Bundle", "entry": entries}
    read(json.dumps(document, indent=1).encode(), valve_map(), valve_dictionary())


@given(st.text(alphabet="Patient.nmeObsrvo[]=!,'| ()0", max_size=40))
@settings(max_examples=400)
def test_any_path_is_read_or_told(text: str) -> None:
    for parse in (parse_form, parse_from):
        with suppress(PathError):
            assert parse(text) is not None


def mutated(content: bytes, data: st.DataObject) -> bytes:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        match data.draw(st.sampled_from(["set", "cut", "double", "insert"])):
            case "set":
                changed[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
            case "cut":
                del changed[at : at + data.draw(st.integers(1, 400))]
            case "double":
                changed[at:at] = changed[at : at + data.draw(st.integers(1, 400))]
            case _:
                changed[at:at] = data.draw(
                    st.sampled_from(
                        [b"\x00", b"\xff", b"{", b"]", b'"', b"\n", b"1e999999999", b"\\ud800"]
                    )
                )
    return bytes(changed)


@pytest.fixture(scope="module")
def shipped() -> tuple[SiteMap, Dictionary]:
    sitemap = load(SiteMap, find("examples", "sarcoma_mcode_map"))
    return sitemap, load_named("dictionaries", Dictionary, "sarcoma_v1")


@pytest.mark.parametrize("kind", ["lines", "bundle"])
@given(data=st.data())
@settings(max_examples=25)
def test_damaged_exports(
    shipped: tuple[SiteMap, Dictionary], kind: str, data: st.DataObject
) -> None:
    if kind == "lines":
        content = "\n".join(json.dumps(one) for one in RESOURCES).encode()
    else:
        with tempfile.TemporaryDirectory() as folder:
            content = as_bundle(Path(folder) / "b").read_bytes()
    refused = read(mutated(content, data), *shipped)
    assert refused is None or "Thornwaite" not in refused


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=40)
def test_damaged_samples(shipped: tuple[SiteMap, Dictionary], data: st.DataObject) -> None:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    files = [
        *sorted((SAMPLES / "mcode_extraction_csv").glob("*.json")),
        *(SAMPLES / "fhir_ndjson" / f"{name}.ndjson" for name in ("conditions", "observation")),
    ]
    content = data.draw(st.sampled_from(files)).read_bytes()
    read(mutated(content, data), *shipped)
