"""What repeats in ODM beside forms, values as elements, and what is no data of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from tests.unit.registry.valve import dictionary, sitemap


def form(name: str, key: str = "1", group: str = "1", **items: str) -> str:
    listed = "".join(f'<ItemData ItemOID="{k}" Value="{v}"/>' for k, v in items.items())
    return (
        f'<FormData FormOID="Form.{name}" FormRepeatKey="{key}">'
        f'<ItemGroupData ItemGroupOID="g" ItemGroupRepeatKey="{group}">{listed}</ItemGroupData>'
        "</FormData>"
    )


def event(key: str, content: str) -> str:
    return (
        f'\n<StudyEventData StudyEventOID="Event.v" StudyEventRepeatKey="{key}">{content}'
        "</StudyEventData>"
    )


def read(folder: Path, subject: str, sql: str, *, of: str = "") -> tuple[Any, Any]:
    path = folder / "o.xml"
    path.write_text(
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><ClinicalData>'
        f'<SubjectData SubjectKey="A"{of}>{subject}</SubjectData></ClinicalData></ODM>',
        encoding="utf-8",
    )
    source = inspect(path, sitemap(), dictionary())
    with open_bench(folder / "spill") as bench:
        staged = stage(bench, source, sitemap(), dictionary(), where="map", accept_bad_values=True)
        assert dict(staged.unread) == ({"ItemDataBase64Binary": 1} if "Base64" in subject else {})
        return bench.run(sql), bench.run("SELECT fields, rule FROM fix")


PERSON = form("person", sex="1", age="50")


def test_the_forms_of_an_event_that_repeats_stay_apart(tmp_path: Path) -> None:
    visits = event("1", form("visit", of="1", seen="2021-01-01")) + event(
        "2", form("visit", of="1", beats="70")
    )
    found, listed = read(
        tmp_path, PERSON + visits, "SELECT CAST(seen AS VARCHAR), beats FROM form_visit ORDER BY 1"
    )
    assert found == [("2021-01-01", None), (None, 70)]
    assert [fault for fault in listed if fault[1] == "duplicate"] == []


def test_a_form_once_per_patient_in_an_event_that_repeats_is_not_merged(tmp_path: Path) -> None:
    twice = event("1", PERSON) + event("2", form("person", height="170"))
    found, listed = read(tmp_path, twice, "SELECT age, height FROM form_person")
    assert found == [(50, None)]
    assert ("person", "duplicate") in listed


@pytest.mark.parametrize(
    ("subject", "of", "says"),
    [
        (form("visit", group="2", seen="2021-01-01"), "", "ItemGroupData.*within a form"),
        (
            event("2", form("visit", seen="2021-01-01"))
            + event("1", form("visit", "2", beats="7")),
            "",
            "FormData.*within an event that repeats",
        ),
        (event("x", PERSON), "", "StudyEventRepeatKey.*whole number"),
        (PERSON, ' TransactionType="Remove"', "SubjectData.*is a removal"),
        (PERSON.replace("Value=", 'TransactionType="Remove" Value='), "", "ItemData.*removal"),
    ],
)
def test_what_flat_rows_cannot_hold_is_refused(
    tmp_path: Path, subject: str, of: str, says: str
) -> None:
    with pytest.raises(SourceError, match=says):
        read(tmp_path, subject, "SELECT 1", of=of)


def test_typed_elements_and_null_values_are_read(tmp_path: Path) -> None:
    typed = (
        '<ItemDataInteger ItemOID="age">5<!-- -->0</ItemDataInteger>'
        '<ItemDataBase64Binary ItemOID="scan">AAAA</ItemDataBase64Binary>'
        '<ItemData ItemOID="height" IsNull="Yes" Value="170"/></ItemGroupData>'
    )
    subject = form("person", sex="1").replace("</ItemGroupData>", typed)
    found, _ = read(tmp_path, subject, "SELECT age, height FROM form_person")
    assert found == [(50, None)]


def test_a_tag_without_end_is_refused_before_it_is_read_over_and_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.registry.sources.odm._TAG_BYTES_MAX", 1 << 20)
    long = f"<ItemData ItemOID='remark' Value='{'x' * (4 << 20)}'/>"
    with pytest.raises(SourceError, match=r"row 1: .*has a tag without end"):
        read(tmp_path, long, "")
