"""Files that are damaged anywhere are refused with a sentence, or read; never more than that."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import LoadRefused, SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.errors import DeclarationError
from tests.unit.registry.sources.formats import FORMATS
from tests.unit.registry.sources.test_formats import EXPORT
from tests.unit.registry.valve import dictionary, sitemap

SECRET = "Söhne"  # of a surname: no message may carry it
cuts = st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 2000))
puts = st.tuples(st.just("put"), st.floats(0, 1), st.binary(min_size=1, max_size=64))
sets = st.tuples(
    st.just("set"),
    st.floats(0, 1),
    st.sampled_from([b"\0", b"\xff\xff\xff\x7f", b"<", b'"', b"\n", b"PK", b"\xe9", b"[" * 5000]),
)
ends = st.tuples(st.just("end"), st.floats(0, 1), st.none())
damages = st.lists(st.one_of(cuts, puts, sets, ends), min_size=1, max_size=4)


@cache
def whole(kind: str, folder: Path) -> bytes:
    path = folder / f"{kind}.whole"
    FORMATS[kind](path, EXPORT)
    return path.read_bytes()


def damaged(content: bytes, what: list[tuple[str, float, object]]) -> bytes:
    for kind, share, given_ in what:
        at = int(share * len(content))
        if kind == "cut":
            content = content[:at] + content[at + given_ :]
        elif kind == "put":
            content = content[:at] + given_ + content[at:]
        elif kind == "set":
            content = content[:at] + given_ + content[at + len(given_) :]
        else:
            content = content[:at]
    return content


def fault(folder: Path, path: Path) -> SourceError | LoadRefused | DeclarationError | None:
    """What a load says of the file; anything else that it raises comes through."""
    mapping = sitemap("")
    try:
        source = inspect(path, mapping, dictionary())
        with open_bench(folder / "spill") as bench:
            stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=True)
    except (SourceError, LoadRefused, DeclarationError) as error:
        return error
    return None


@pytest.mark.parametrize("kind", FORMATS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(what=damages)
def test_a_damaged_file_is_refused_by_name_or_read(
    tmp_path: Path, kind: str, what: list[tuple[str, float, object]]
) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(damaged(whole(kind, tmp_path), what))
    said = fault(tmp_path, path)
    if said is not None:
        assert str(said).startswith("map" if isinstance(said, DeclarationError) else "data.bin")
        assert SECRET not in f"{said} {said.hint}"
        assert said.__cause__ is None
