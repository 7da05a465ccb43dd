"""JSON made to take all memory is refused early, in whatever pieces it comes."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import pytest

from gateway.errors import SourceError
from gateway.registry.sources import json_bounds
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.fhir.files import Part, resources
from gateway.registry.sources.fhir.pages import Pages
from gateway.registry.sources.json_bounds import DEPTH_MAX, BoundedJson
from tests.unit.registry.valve import dictionary, sitemap


def passed(content: bytes, size: int = 7, *, items: bool = False) -> bytes:
    stream = BoundedJson(io.BytesIO(content), "data.json", items=items)
    return b"".join(iter(lambda: stream.read(size), b""))


@pytest.mark.parametrize("size", [1, 2, 3, 7, -1])
def test_brackets_in_texts_are_no_levels(size: int) -> None:
    texts = ["[" * 500, '\\"[{' * 300, "\\", '"', "\\\\", "ä[" * 300]
    content = json.dumps([{"a": text} for text in texts], ensure_ascii=False).encode()
    assert passed(content, size) == content


@pytest.mark.parametrize("size", [1, 3, -1])
@pytest.mark.parametrize("before", [b"", b'["\\"", ', b'["\\\\", '])
def test_levels_are_counted_across_pieces(size: int, before: bytes) -> None:
    deep = b"[" * (DEPTH_MAX - before.count(b"["))
    assert passed(before + deep, size) == before + deep
    with pytest.raises(SourceError, match="more than 200 levels deep"):
        passed(before + deep + b"{", size)


def test_a_value_and_an_object_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_bounds, "_VALUE_BYTES_MAX", 1000)
    monkeypatch.setattr(json_bounds, "_ITEM_BYTES_MAX", 5000)
    assert passed(b'["' + b"x" * 900 + b'"]')
    for endless in (b'"' + b"x" * 1100, b"1" * 1100, b" " * 1100):
        with pytest.raises(SourceError, match="has a value larger than"):
            passed(b"[" + endless)
    rows = b"[" + b'{"a": 1},' * 2000
    assert passed(rows, items=True) == rows
    wide = b"[{" + b'"a": 1,' * 1000
    assert passed(wide) == wide
    with pytest.raises(SourceError, match="has an object larger than"):
        passed(wide, items=True)


def read(path: Path, *, bundle: bool) -> object:
    if bundle:
        return list(resources(Part(path, path.name, bundle=True), Pages()))
    return inspect(path, sitemap(""), dictionary())


@pytest.mark.parametrize("form", ["redcap", "row", "bundle", "beside"])
def test_deep_json_is_refused_before_it_takes_memory(tmp_path: Path, form: str) -> None:
    deep = "[" * 20_000 + "]" * 20_000
    content = {
        "redcap": f"[{deep}]",
        "row": f'[{{"a":{deep}}}]',
        "bundle": '{"resourceType":"Bundle",\n"entry":[{"resource":{"resourceType":"Patient",'
        f'"x":{deep}}}}}]}}',
        "beside": f'{{"resourceType":"Bundle",\n"x":{deep},"entry":[]}}',
    }[form]
    path = tmp_path / "data.json"
    path.write_text(content, encoding="utf-8")
    tracemalloc.start()
    with pytest.raises(SourceError, match=r"data\.json.*nested more than 200 levels deep"):
        read(path, bundle=form in ("bundle", "beside"))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 16 << 20
