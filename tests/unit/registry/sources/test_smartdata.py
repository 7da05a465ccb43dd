"""Epic SmartData: the latest value of each context, its lines, and what extracts do to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import ElementMap, SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.raw import read_raw
from gateway.registry.staging import stage
from policies.decode import decode, parse_yaml
from policies.errors import DeclarationError
from tests.unit.registry.sources.formats import SMARTDATA_MAP, as_csv, as_smartdata
from tests.unit.registry.sources.test_formats import EXPORT
from tests.unit.registry.valve import dictionary, sitemap

DATA = "HLV_ID,ELEMENT_ID,CUR_VALUE_DATETIME,CONTEXT_NAME,RECORD_ID_VARCHAR,PAT_LINK_ID\n"
VALUE = "HLV_ID,LINE,SMRTDTA_ELEM_VALUE\n"


def smart_map(more: str = "") -> SiteMap:
    return decode(SiteMap, parse_yaml(SMARTDATA_MAP + more, where="map"), where="map")


def forms(folder: Path, path: Path, mapping: SiteMap) -> tuple[dict[str, list[Any]], list[Any]]:
    """The forms without places and names of instances, and the fix list."""
    with open_bench(folder / "spill") as bench:
        source = inspect(path, mapping, dictionary())
        stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=True)
        tables = {
            form: bench.run(
                f"SELECT * EXCLUDE (_at, _instance) FROM form_{form} ORDER BY _record, _seq"
            )
            for form in dictionary().instruments
        }
        return tables, bench.run("SELECT record, fields, rule, says FROM fix ORDER BY ALL")


@pytest.mark.parametrize("quirks", [True, False])
def test_a_redcap_export_and_a_smartdata_extract_are_the_same_forms(
    tmp_path: Path, quirks: bool
) -> None:
    as_csv(tmp_path / "flat.csv", EXPORT)
    as_smartdata(tmp_path / "extract", EXPORT, quirks=quirks)
    mapping = smart_map() if quirks else smart_map("ignore_unmapped: true\n")
    found, listed = forms(tmp_path, tmp_path / "extract", mapping)
    assert found == forms(tmp_path, tmp_path / "flat.csv", sitemap(""))[0]
    assert listed == []


def test_one_of_the_two_files_finds_the_other(tmp_path: Path) -> None:
    as_smartdata(tmp_path / "extract", EXPORT)
    folder = forms(tmp_path, tmp_path / "extract", smart_map())
    for name in ("SMRTDTA_ELEM_DATA.csv", "SMRTDTA_ELEM_VALUE.csv"):
        assert forms(tmp_path, tmp_path / "extract" / name, smart_map()) == folder


def test_an_element_that_nothing_reads_is_named(tmp_path: Path) -> None:
    as_smartdata(tmp_path / "extract", EXPORT)
    mapping = smart_map().model_copy(update={"ignore": ()})
    with pytest.raises(DeclarationError, match='nothing reads the columns "EPIC#32168"'):
        forms(tmp_path, tmp_path / "extract", mapping)


def extract(folder: Path, data: list[str], values: list[str]) -> Path:
    (folder / "x").mkdir()
    (folder / "x" / "data.csv").write_text(DATA + "\n".join(data) + "\n", encoding="utf-8")
    (folder / "x" / "value.csv").write_text(VALUE + "\n".join(values) + "\n", encoding="utf-8")
    return folder / "x"


def patient(hlv: str, element: str, when: str = "2026-02-03 09:00:00") -> str:
    return f"{hlv},ORTHO#{element},{when},PATIENT,P1,P1"


def person(folder: Path, data: list[str], values: list[str]) -> dict[str, Any]:
    with open_bench(folder / "spill") as bench:
        mapping = SiteMap(
            dictionary="valve",
            elements={
                name: given
                for name, given in smart_map().maps.items()
                if given.from_ in {"PAT_LINK_ID", *(row.split(",")[1].strip() for row in data)}
            },
            others="none",
        )
        source = inspect(extract(folder, data, values), mapping, dictionary())
        stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=True)
        names = list(bench.columns("form_person"))
        (row,) = bench.run("SELECT * FROM form_person")
        listed = bench.run("SELECT fields, rule FROM fix ORDER BY ALL")
        return dict(zip(names, row, strict=True)) | {"fix": listed}


def test_the_latest_value_wins_also_where_it_is_blank(tmp_path: Path) -> None:
    found = person(
        tmp_path,
        [
            patient("1", "ward", "2026-02-03 09:00:00"),
            patient("2", "ward", "2/3/2026 10:00:00 AM"),
            patient("3", "remark", "2026-02-03"),
            patient("4", "remark", "2026-02-04"),
        ],
        ["1,1,B1", "2,1,C2", "3,1,old"],
    )
    assert (found["ward"], found["remark"]) == ("C2", None)


def test_lines_are_put_together_in_their_order(tmp_path: Path) -> None:
    found = person(
        tmp_path,
        [patient("1", "remark"), patient("2", "races")],
        ["1,10,third", "1,2,second", "1,1,first", "2,1,Two", "2,2, one"],
    )
    assert found["remark"] == "first\nsecond\nthird"
    assert [found[f"races___{code}"] for code in "129"] == [True, True, False]


def test_a_value_that_may_be_cut_is_told(tmp_path: Path) -> None:
    found = person(
        tmp_path,
        [patient("1", "remark"), patient("2", "ward")],
        ["1,1," + "x" * 3000, "1,2,y", "2,1,B7"],
    )
    assert found["fix"] == [("ORTHO#remark", "cut")]


def test_values_of_no_element_are_told(tmp_path: Path) -> None:
    found = person(tmp_path, [patient("1", "ward")], ["1,1,B7", "9,1,x", "9,2,y"])
    assert found["fix"] == [("HLV_ID", "unread")]


@pytest.mark.parametrize("day", ["67604", "67604.0"])
def test_days_are_counted_from_the_last_of_1840(tmp_path: Path, day: str) -> None:
    found = person(tmp_path, [patient("1", "born")], [f"1,1,{day}"])
    assert str(found["born"]) == "2026-02-03"


@pytest.mark.parametrize("day", ["-5", "9999999", "12x"])
def test_what_is_no_day_number_is_listed(tmp_path: Path, day: str) -> None:
    found = person(tmp_path, [patient("1", "born")], [f"1,1,{day}"])
    assert (found["born"], found["fix"]) == (None, [("born", "type")])


@pytest.mark.parametrize(
    ("data", "values", "message"),
    [
        ([patient("", "ward")], ["1,1,B7"], "data.csv: row 2: field 'HLV_ID': is blank"),
        (
            [patient("1", "ward"), patient("2", "ward", "soon")],
            ["1,1,B7"],
            "data.csv: row 3: field 'CUR_VALUE_DATETIME': is no date and time",
        ),
        (
            [patient("1", "ward")],
            ["1,1,B7", "1,1,B8"],
            "value.csv: row 3: field 'SMRTDTA_ELEM_VALUE': has another value already",
        ),
    ],
)
def test_damaged_extracts_are_refused_by_row(
    tmp_path: Path, data: list[str], values: list[str], message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        person(tmp_path, data, values)
    assert message in str(caught.value)


def test_half_an_extract_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(DATA + patient("1", "ward") + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match="without its table of values") as caught:
        inspect(tmp_path / "data.csv", smart_map(), dictionary())
    assert caught.value.hint == "put both tables in one folder and name the folder"


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="a folder without a SmartData extract"):
        inspect(tmp_path, smart_map(), dictionary())


def test_a_value_id_of_two_patients_is_refused(tmp_path: Path) -> None:
    """The lines of a value are found by its id: the second patient would get the first one's."""
    other = patient("1", "ward").replace("P1", "P2")
    with pytest.raises(SourceError, match="another patient, context or element") as refused:
        person(tmp_path, [patient("1", "ward"), other], ["1,1,B1"])
    assert (refused.value.row, refused.value.field) == (3, "HLV_ID")


def test_a_line_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no number") as refused:
        person(tmp_path, [patient("1", "remark")], ["1,1,one", "1,two,two"])
    assert (refused.value.row, refused.value.field) == (3, "LINE")
    assert "two" not in str(refused.value)


def test_values_without_a_line_are_told(tmp_path: Path) -> None:
    """A table of values that was cut off loads as blanks."""
    found = person(tmp_path, [patient("1", "ward"), patient("2", "remark")], ["1,1,B1"])
    assert found["remark"] is None
    assert found["fix"] == [("HLV_ID", "unread")]


@pytest.mark.parametrize(
    ("older", "later"),
    [
        ("2026-02-03T12:00:00+05:00", "2026-02-03T08:00:00Z"),
        ("2026-02-03 12:00:00-0530", "2026-02-03 12:00:00-06"),
        ("2026-02-03 09:14:22.1230000", "2026-02-03 09:14:22.1240000"),
        ("2/3/2026 9:14 AM", "2/3/2026 10:14 AM"),
        ("2/3/2026 11:59:00 AM", "2/3/2026 1:00:00 PM"),
        ("Feb  3 2026  9:14AM", "Feb  3 2026 10:14AM"),
        ("28-FEB-2026 09:14:22", "01-MAR-2026 09:14:22"),
        ("", "1999-12-31"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_later_of_two_times_wins(tmp_path: Path, older: str, later: str, swapped: bool) -> None:
    """In whatever order they stand, and whichever has the greater id."""
    ids = ("2", "1") if swapped else ("1", "2")
    data = [patient(ids[0], "remark", older), patient(ids[1], "remark", later)]
    found = person(
        tmp_path, data[::-1] if swapped else data, [f"{ids[0]},1,old", f"{ids[1]},1,new"]
    )
    assert found["remark"] == "new"


@pytest.mark.parametrize(
    "when",
    [
        *("2/3/26 9:14", "03-FEB-26", "infinity", "epoch", "290000-01-01", "0001-01-01"),
        *("2026-02-30", "13/02/2026 09:00", "2026-02-03 12:00:00 Asia/Tokyo", "46056.38"),
        *("2026-02-03 12:00:00+99:99", "2026-02-03-05"),
    ],
)
def test_what_is_no_time_is_refused(tmp_path: Path, when: str) -> None:
    data = [patient("1", "ward", "2026-02-03"), patient("2", "remark", when)]
    with pytest.raises(SourceError, match="is no date and time") as refused:
        person(tmp_path, data, ["1,1,B1"])
    assert (refused.value.row, refused.value.field) == (3, "CUR_VALUE_DATETIME")
    assert "YYYY-MM-DD" in str(refused.value.hint)
    assert when not in str(refused.value)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (("2026-02-03T12:00:00+05:00", "2026-02-03 11:00:00"), "names no zone"),
        (("2026-02-03 11:00:00", "", "2026-02-03T12:00:00Z"), "names its zone"),
        (("2/3/2026 11:00:00", "2026-02-03T12:00:00Z"), "names its zone"),
    ],
)
def test_times_with_and_without_a_zone_have_no_order(
    tmp_path: Path, times: tuple[str, ...], words: str
) -> None:
    data = [patient(str(i), "remark", when) for i, when in enumerate(times)]
    with pytest.raises(SourceError, match=words) as refused:
        person(tmp_path, data, ["1,1,B1"])
    assert (refused.value.row, refused.value.field) == (1 + len(times), "CUR_VALUE_DATETIME")


def test_spellings_of_an_element_and_a_context_are_one(tmp_path: Path) -> None:
    data = [
        patient("1", "remark").replace("ORTHO", "ortho"),
        patient("2", "remark", "2026-02-04").replace("remark", "Remark\u2009 "),
        patient("3", "ward").replace("PATIENT", "patient "),
    ]
    found = person(tmp_path, [patient("0", "remark", ""), *data], ["1,1,old", "2,1,new", "3,1,B1"])
    assert (found["remark"], found["ward"]) == ("new", "B1")
    assert [rule for _, rule in found["fix"]] == ["unread"], "the value without a line only"


def test_an_id_that_a_data_frame_wrote_is_the_same_id(tmp_path: Path) -> None:
    found = person(tmp_path, [patient("900100001", "ward")], ["900100001.0,1,B1"])
    assert (found["ward"], found["fix"]) == ("B1", [])


def test_a_line_of_no_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is blank") as refused:
        person(tmp_path, [patient("1", "ward")], ["1,1,B1", ",1,B2"])
    assert (refused.value.row, refused.value.field) == (3, "HLV_ID")


def test_an_element_named_like_a_column_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="appears twice"):
        person(tmp_path, ["1,pat_link_id,2026-02-03,PATIENT,P1,P1"], ["1,1,P2"])


def test_an_extract_in_parts_is_refused_with_the_next_step(tmp_path: Path) -> None:
    folder = extract(tmp_path, [patient("1", "ward")], ["1,1,B1"])
    (folder / "more.csv").write_text(VALUE + "1,2,B2\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"more\.csv and value\.csv") as refused:
        inspect(folder, smart_map(), dictionary())
    assert "in one file" in str(refused.value.hint)


def test_many_elements_take_no_longer_for_being_many(tmp_path: Path) -> None:
    """Rows are put together in batches: more rows than one, and columns that few rows have."""
    rows, columns = 40, 3_000
    data, values = [], []
    for i in range(rows):
        for j in (i, columns - 1 - i, columns // 2):
            data.append(f"{len(data)},E{j},2026-02-03,ENCOUNTER,{i},P{i}")
            values.append(f"{len(values)},1,{i}.{j}")
    data += [f"{len(data) + j},E{j},2026-02-03,ENCOUNTER,last,P" for j in range(columns)]
    source = inspect(extract(tmp_path, data, values), smart_map(), dictionary())
    with open_bench(tmp_path / "spill") as bench:
        fixlist.create(bench)
        assert read_raw(bench, source) == rows + 1
        for i in (0, 7, rows - 1):
            (row,) = bench.run(f"SELECT * FROM raw WHERE c2 = '{i}'")
            cells = dict(zip(source.header, row[1:], strict=True))
            filled = {name: cell for name, cell in cells.items() if cell and name[0] == "E"}
            numbers = sorted({i, columns - 1 - i, columns // 2})
            assert filled == {f"E{j}": f"{i}.{j}" for j in numbers}
            assert source.lines(bench, [row[0]]) == {row[0]: 2 + 3 * i}


def test_what_a_patient_has_once_is_the_latest_of_all_contexts(tmp_path: Path) -> None:
    """Rows of two visits: the later answer counts, and what only one visit asked stays."""
    data = [
        "1,ORTHO#remark,2026-02-03,ENCOUNTER,E1,P1",
        "2,ORTHO#ward,2026-02-03,ENCOUNTER,E1,P1",
        "3,ORTHO#remark,2026-03-03,ENCOUNTER,E2,P1",
        "4,ORTHO#races,2026-03-03,ENCOUNTER,E2,P1",
        "5,ORTHO#ward,2026-01-03,ENCOUNTER,E0,P1",
    ]
    found = person(tmp_path, data, ["1,1,alive", "2,1,B1", "3,1,dead", "4,1,One", "5,1,b1"])
    assert (found["remark"], found["ward"], found["races___1"]) == ("dead", "B1", True)
    assert found["fix"] == [("ORTHO#remark", "context")], "case alone is no difference"


def test_a_later_blank_of_another_context_counts_too(tmp_path: Path) -> None:
    data = [
        "1,ORTHO#remark,2026-02-03,ENCOUNTER,E1,P1",
        "2,ORTHO#remark,2026-03-03,ENCOUNTER,E2,P1",
    ]
    found = person(tmp_path, data, ["1,1,old", "2,1,"])
    assert (found["remark"], found["fix"]) == (None, [("ORTHO#remark", "context")])


def test_contexts_of_forms_that_repeat_stay_rows_of_their_own(tmp_path: Path) -> None:
    data = [
        "1,ORTHO#remark,2026-02-03,ENCOUNTER,E1,P1",
        "2,ORTHO#nr,2026-02-03,ENCOUNTER,E1,P1",
        "3,ORTHO#remark,2026-03-03,ENCOUNTER,E2,P1",
        "4,ORTHO#nr,2026-03-03,ENCOUNTER,E2,P1",
    ]
    given = {"code": "PAT_LINK_ID", "remark": "ORTHO#remark", "nr": "ORTHO#nr"}
    maps = {name: ElementMap.model_validate({"from": column}) for name, column in given.items()}
    mapping = SiteMap(dictionary="valve", elements=maps, others="none")
    path = extract(tmp_path, data, ["1,1,old", "2,1,1", "3,1,new", "4,1,2"])
    tables, listed = forms(tmp_path, path, mapping)
    assert len(tables["person"]) == 1
    assert "new" in tables["person"][0]
    assert [[cell for cell in row if isinstance(cell, int)][-1] for row in tables["defect"]] == [
        1,
        2,
    ]
    assert [row[1:3] for row in listed] == [("ORTHO#remark", "context")]
