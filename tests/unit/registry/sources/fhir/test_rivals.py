"""Several resources speak of one cell: which counts, whatever the order of the files."""

from __future__ import annotations

import base64
import itertools
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.registry.sitemap import SiteMap
from tests.unit.registry.sources.fhir.hearts import (
    ELEMENTS,
    Loaded,
    ndjson,
    observation,
    patient,
    sitemap,
)


def height(name: str, value: int, day: str | None, **fields: Any) -> dict[str, Any]:
    when = {} if day is None else {"effectiveDateTime": day}
    return observation(name, "height", valueQuantity={"value": value}, **when, **fields)


def heights(folder: Path, *resources: dict[str, Any], pick: str | None = None) -> list[Loaded]:
    """Loaded with the resources in every order."""
    given = ELEMENTS["height"] | ({} if pick is None else {"pick": pick})
    mapping = sitemap(ELEMENTS | {"height": given})
    found = []
    for i, order in enumerate(itertools.permutations(resources)):
        place = folder / str(i)
        place.mkdir()
        found.append(Loaded(ndjson(place / "a.ndjson", patient(), *order), mapping))
    return found


DAYS = (height("a", 150, "2020-01-01"), height("b", 190, "2020-06-01"), height("c", 170, None))


@pytest.mark.parametrize(
    ("pick", "value"), [(None, "190"), ("latest", "190"), ("first", "150"), ("max", "190")]
)
def test_the_latest_or_what_the_map_picks(tmp_path: Path, pick: str | None, value: str) -> None:
    for found in heights(tmp_path, *DAYS, pick=pick):
        assert found.form("person", "height") == [value]
        assert found.problems == []


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_what_is_final_goes_before_what_waits_to_be(tmp_path: Path, status: str) -> None:
    final = height("a", 150, "2020-01-01", status=status)
    later = height("b", 190, "2020-06-01", status="preliminary")
    for found in heights(tmp_path, final, later):
        assert found.form("person", "height") == ["150"]


def test_values_of_one_day_that_differ_are_listed(tmp_path: Path) -> None:
    one, other = height("a", 150, "2020-01-01"), height("b", 190, "2020-01-01")
    values = set()
    for found in heights(tmp_path, one, other):
        values.add(found.form("person", "height")[0])
        [problem] = found.problems
        assert problem[:4] == ("p", "person", "height", "contested")
        assert "has 2 different values of the same day" in problem[4]
    assert len(values) == 1


def test_the_same_value_twice_is_no_contest(tmp_path: Path) -> None:
    same = height("a", 150, "2020-01-01"), height("b", 150, "2020-01-01")
    for found in heights(tmp_path, *same):
        assert found.problems == []


def test_pick_belongs_to_fhir() -> None:
    with pytest.raises(ValidationError, match="pick belongs to maps with source: fhir"):
        SiteMap.model_validate({"dictionary": "v", "elements": {"a": {"from": "b", "pick": "max"}}})


def test_all_pages_of_a_note_are_read(tmp_path: Path) -> None:
    pages = [
        {"attachment": {"contentType": "text/plain", "data": base64.b64encode(text).decode()}}
        for text in (b"page one", b"page two", b"page one")
    ]
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "subject": {"reference": "Patient/p"},
        "content": pages,
    }
    path = {"from": "DocumentReference.content.attachment.data"}
    found = Loaded(
        ndjson(tmp_path / "a.ndjson", patient(), document), sitemap(ELEMENTS | {"remark": path})
    )
    assert found.form("person", "remark") == ["page one\n\npage two"]
