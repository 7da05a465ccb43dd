"""No patient moves what a site is proposed to declare (DESIGN D8): the draft is the same, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.registry.quality.recorded import read_recorded
from gateway.registry.store.opening import open_store
from gateway.site.availability import availability, draft_policy
from gateway.site.config import SiteFolder
from tests.unit.registry.quality.beat import load, make_site, row

WITHOUT = frozenset({"ward"})
Rows = list[dict[str, str]]
some = st.sampled_from(["", "-9"])


@st.composite
def patients(draw: st.DrawFn) -> list[Rows]:
    """Up to five patients who have this form and lack that, answer and do not."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        code = f"P{number}"
        rows = [row(code, sex=draw(some | st.just("f")), weight=draw(some | st.just("60")))]
        if draw(st.booleans()):
            rows.append(row(code, "op", 1, op_date="2020-01-01", risk=draw(some | st.just("7"))))
        if draw(st.booleans()):
            rows.append(row(code, "form", 1, form_on="2020-02-01", score=draw(some | st.just("3"))))
        found.append(rows)
    return found


def drafted(site: SiteFolder, given_: list[Rows]) -> tuple[str, Any]:
    load(site, [one for rows in given_ for one in rows], without=WITHOUT)
    version = open_store(site).current()
    assert version is not None
    found = availability(site, read_recorded(version))
    return draft_policy(site, found), found


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(everybody=patients(), data=st.data())
def test_a_patient_more_or_less_changes_no_byte(
    tmp_path_factory: Any, everybody: list[Rows], data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("availability")
    site = make_site(folder)
    whole, found = drafted(site, everybody)
    gone = data.draw(st.integers(0, len(everybody) - 1))
    less, _ = drafted(site, everybody[:gone] + everybody[gone + 1 :] or [[row("Q")]])
    assert whole == less
    assert found.lacking == ("ward",)
    assert "ward" in whole
