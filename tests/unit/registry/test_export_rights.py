"""What an export lacks, and the right that explains it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.export_rights import dictionary_traits, likely_right, metadata_traits
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import Staged, stage
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary
from tests.unit.registry.sources.formats import as_eav
from tests.unit.registry.valve import DICTIONARY, EXPORT, dictionary, sitemap

IDENTIFIERS = {"surname", "born", "zip", "doctor"}
DATES = {"found", "seen"}
TRAITS = dictionary_traits(dictionary())


def without(columns: set[str], text: str = EXPORT) -> str:
    kept = csv.DictReader(io.StringIO(text))
    names = [name for name in kept.fieldnames or [] if name not in columns]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(kept)
    return out.getvalue()


def staged(
    folder: Path, text: str, map_text: str = "", *, declared: Dictionary | None = None, write=None
) -> Staged:
    path = folder / "export.csv"
    if write is None:
        path.write_text(text, encoding="utf-8")
    else:
        write(path, text)
    used = declared or dictionary()
    with open_bench(folder / "spill") as bench:
        mapping = sitemap(map_text)
        source = inspect(path, mapping, used)
        return stage(bench, source, mapping, used, where="map", accept_bad_values=False)


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        (IDENTIFIERS, "exactly the identifiers are missing: they may export without identifiers"),
        (IDENTIFIERS | DATES, "exactly the identifiers and dates are missing"),
        (DATES, "exactly the dates are missing: they may export de-identified data only"),
        (IDENTIFIERS | DATES | {"remark"}, "exactly the identifiers, dates and free texts"),
        ({"of", "seen", "doctor", "beats"}, "nothing of the form visit is there"),
        ({"height"}, None),
        ({"remark"}, None),
        (IDENTIFIERS | {"height"}, None),
        (IDENTIFIERS - {"zip"}, None),
        (set(), None),
    ],
)
def test_the_right_is_named_where_it_takes_exactly_these(
    missing: set[str], says: str | None
) -> None:
    found = likely_right(TRAITS, missing, "they")
    assert found is None if says is None else str(found).startswith(says)


def test_a_projects_own_fields_have_the_traits_of_their_metadata() -> None:
    rows = [
        ("record_id", "text", "", ""),
        ("intro", "descriptive", "", ""),
        ("note", "notes", "", ""),
        ("seen", "text", "datetime_seconds_mdy", "y"),
        ("mail", "text", "email", ""),
        ("free", "text", "", ""),
        ("side", "radio", "", ""),
    ]
    names = ("field_name", "field_type", "text_validation_type_or_show_slider_number", "identifier")
    found = metadata_traits([dict(zip(names, row, strict=True)) for row in rows])
    assert [(t.name, t.kind, t.identifier) for t in found] == [
        ("note", "note", False),
        ("seen", "date", True),
        ("mail", "other", False),
        ("free", "text", False),
        ("side", "other", False),
    ]


def test_a_whole_export_has_nothing_to_tell(tmp_path: Path) -> None:
    found = staged(tmp_path, EXPORT)
    assert (found.vanished, found.warnings) == ((), ())


def test_a_file_without_identifiers_is_told_and_why(tmp_path: Path) -> None:
    found = staged(tmp_path, without(IDENTIFIERS))
    assert found.vanished == ("surname", "born", "zip", "doctor")
    [said] = found.warnings
    assert said.startswith("4 elements (surname, born, zip, doctor) of the dictionary are not in")
    assert "who made this export may export without identifiers only" in said
    assert "`absent`" in said


def test_what_the_map_lists_as_absent_is_not_told(tmp_path: Path) -> None:
    found = staged(tmp_path, without({"height", "ward"}), "absent: [height, ward]")
    assert (found.vanished, found.warnings) == ((), ())
    found = staged(tmp_path, without({"height", "ward"}), "absent: [height]")
    assert found.vanished == ("ward",)
    assert "Likely" not in found.warnings[0]


def test_an_export_that_leaves_blanks_out_says_that_too(tmp_path: Path) -> None:
    found = staged(tmp_path, without({"height"}), write=as_eav)
    assert found.vanished == ("height",)
    assert "or no record answers it. " in found.warnings[0]
    assert "If that is meant, list it under `absent`" in found.warnings[0]
    several = staged(tmp_path, without({"height", "ward"}), write=as_eav).warnings[0]
    assert "or no record answers them. " in several
    assert "list them under `absent`" in several


def test_a_computed_field_may_be_missing(tmp_path: Path) -> None:
    assert staged(tmp_path, without({"score"})).warnings == ()


def test_a_plain_table_lacks_what_it_lacks(tmp_path: Path) -> None:
    found = staged(tmp_path, "code,sex\nA1,1\n")
    assert found.warnings == ()


def test_notes_without_their_patients_names_are_told(tmp_path: Path) -> None:
    text = DICTIONARY.replace("label: Remark, type: text", "label: Remark, type: note, deid: nlp")
    declared = decode(Dictionary, parse_yaml(text, where="valve"), where="valve")
    _, said = staged(tmp_path, without(IDENTIFIERS), declared=declared).warnings
    assert "notes are searched without" in said
    assert len(staged(tmp_path, without({"height"}), declared=declared).warnings) == 1


def test_a_missing_required_element_is_refused_with_the_likely_right(tmp_path: Path) -> None:
    text = DICTIONARY.replace("surname: {", "surname: {required: true, ").replace(
        "identifier: true, deid: drop", "identifier: true, deid: hash"
    )
    declared = decode(Dictionary, parse_yaml(text, where="valve"), where="valve")
    with pytest.raises(SourceError, match="'surname': is required") as caught:
        staged(tmp_path, without(IDENTIFIERS), declared=declared)
    assert "without identifiers only" in str(caught.value.hint)
