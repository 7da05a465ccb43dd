"""The batch: complete or absent, resumable, and bad input named by file, line and field."""

import json
import resource

import pytest

import deid.notes
from deid.errors import DeidError, InputError
from deid.pseudonym import Keys
from deid.runs.batch import clean_file
from deid.runs.intake import check_notes, read_patients
from deid.site_lists import SiteLists

KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
HEADER = "patient_id,first_name,last_name,mrn,birth_date\n"


@pytest.fixture(autouse=True)
def _one_model(model, monkeypatch):
    monkeypatch.setattr(deid.notes, "Model", lambda name: model)


@pytest.fixture
def files(tmp_path):
    patients = tmp_path / "patients.csv"
    patients.write_text(HEADER + "P1,Vera,Rasmussen,14767091,1950-09-09\nP2,Wei,Li,555123,\n")
    notes = tmp_path / "notes.jsonl"
    lines = [
        {
            "note_id": f"n{n}",
            "patient_id": f"P{n % 2 + 1}",
            "text": f"Ms. Rasmussen, visit {n}, saw Dr. Li.",
        }
        for n in range(12)
    ]
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return notes, tmp_path / "out.jsonl", patients


def run(files, safe_harbor, **more):
    notes, out, patients = files
    return clean_file(notes, out, patients, profile=safe_harbor, **more)


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_output_lines_have_the_agreed_shape(files, safe_harbor):
    summary = run(files, safe_harbor, keys=KEYS)
    lines = lines_of(files[1])
    assert [line["note_id"] for line in lines] == [f"n{n}" for n in range(12)]
    assert lines[0]["patient_id"] == KEYS.pseudonym("P1")
    assert set(lines[0]) == {"note_id", "patient_id", "text", "spans"}
    assert lines[0]["spans"][0] == {"start": 4, "end": 13, "category": "NAME"}
    assert (summary.notes, summary.cleaned, summary.resumed) == (12, 12, 0)
    assert sorted(path.name for path in files[1].parent.iterdir()) == [
        "notes.jsonl",
        "out.jsonl",
        "patients.csv",
    ]


def test_withheld_notes_are_written_without_text_and_counted(files, safe_harbor):
    summary = run(files, safe_harbor.model_copy(update={"note_length_max": 35}), keys=KEYS)
    withheld = [line for line in lines_of(files[1]) if line["text"] is None]
    assert withheld
    assert all(line["withheld"] == "too_long" for line in withheld)
    assert summary.withheld["too_long"] == len(withheld)
    assert summary.to_dict()["withheld"] + summary.cleaned == 12


class Stopped(Exception):
    pass


def stop_at(number):
    def progress(done):
        if done.notes == number:
            raise Stopped

    return progress


@pytest.mark.parametrize("keys", [KEYS, None])
def test_a_stopped_run_goes_on_with_the_same_keys(files, safe_harbor, keys):
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=keys, progress=stop_at(5))
    out = files[1]
    assert not out.exists()
    part = out.with_name("out.jsonl.part")
    before = part.read_bytes()
    part.write_bytes(before[:-7])  # torn in the middle of a line
    assert out.with_name("out.jsonl.journal").stat().st_mode & 0o077 == 0
    summary = run(files, safe_harbor, keys=keys)
    assert summary.resumed == 4
    assert summary.notes == 12
    assert out.read_bytes().startswith(before)
    assert len({line["patient_id"] for line in lines_of(out)}) == 2
    assert not part.exists()


def test_a_changed_input_starts_afresh(files, safe_harbor):
    with pytest.raises(Stopped):
        run(files, safe_harbor, progress=stop_at(5))
    notes = files[0]
    notes.write_text(notes.read_text().replace("visit", "call"))
    summary = run(files, safe_harbor)
    assert summary.resumed == 0
    assert all("call" in line["text"] for line in lines_of(files[1]))


def test_another_profile_or_key_starts_afresh(files, safe_harbor, limited):
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, progress=stop_at(5))
    assert run(files, limited, keys=KEYS).resumed == 0
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, replace=True, progress=stop_at(5))
    assert run(files, safe_harbor, keys=Keys.generate(), replace=True).resumed == 0


def test_other_lists_start_afresh(files, safe_harbor):
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, progress=stop_at(5))
    staff = SiteLists(staff=("Quibbleworth",))
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, lists=staff, progress=stop_at(5))
    assert run(files, safe_harbor, keys=KEYS, lists=staff).resumed == 5


def test_a_whole_output_is_replaced_only_where_that_is_said(files, safe_harbor):
    run(files, safe_harbor, keys=KEYS)
    whole = files[1].read_bytes()
    with pytest.raises(InputError, match="exists already") as error:
        run(files, safe_harbor, keys=Keys.generate())
    assert "--force" in error.value.hint
    assert files[1].read_bytes() == whole
    assert not files[1].with_name("out.jsonl.journal").exists()
    run(files, safe_harbor, keys=Keys.generate(), replace=True)
    assert files[1].read_bytes() != whole


def test_a_killed_replacement_goes_on_without_saying_so_again(files, safe_harbor):
    files[1].write_text("earlier\n")
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, replace=True, progress=stop_at(5))
    assert files[1].read_text() == "earlier\n"  # whole until the new one is
    assert run(files, safe_harbor, keys=KEYS).resumed == 5
    assert len(lines_of(files[1])) == 12


def test_a_killed_run_on_other_notes_gives_no_leave_to_replace(files, safe_harbor):
    files[1].write_text("earlier\n")
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, replace=True, progress=stop_at(5))
    journal = files[1].with_name("out.jsonl.journal").read_bytes()
    files[0].write_text(files[0].read_text().replace("visit", "call"))
    with pytest.raises(InputError, match="exists already"):
        run(files, safe_harbor, keys=KEYS)
    assert files[1].with_name("out.jsonl.journal").read_bytes() == journal


def test_progress_tells_what_an_earlier_run_did_and_ends_at_the_total(files, safe_harbor):
    with pytest.raises(Stopped):
        run(files, safe_harbor, keys=KEYS, progress=stop_at(5))
    told = []
    run(files, safe_harbor, keys=KEYS, progress=told.append)
    texts = [json.loads(line)["text"] for line in files[0].read_text().splitlines()]
    assert [one.notes for one in told] == list(range(5, 13))
    assert told[0].characters == sum(map(len, texts[:5]))
    assert told[-1].characters == told[-1].characters_total == sum(map(len, texts))


@pytest.mark.parametrize("bytes_max", [100, 900])
def test_a_full_disk_is_named_and_the_run_goes_on_later(files, safe_harbor, bytes_max):
    notes, out, _ = files
    lines = [
        {"note_id": n, "patient_id": "P1", "text": f"Visit {n}. {'Wound dry. ' * 90}"}
        for n in range(12)
    ]
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, limits[1]))
    try:
        with pytest.raises(DeidError, match=r"out\.jsonl: cannot be written") as told:
            run(files, safe_harbor, keys=KEYS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert told.value.hint is not None
    assert not out.exists()
    run(files, safe_harbor, keys=KEYS)
    whole = out.read_bytes()
    run(files, safe_harbor, keys=KEYS, replace=True)
    assert out.read_bytes() == whole


def test_two_runs_on_one_file_are_refused(files, safe_harbor):
    def again(done):
        with pytest.raises(DeidError, match="another run"):
            run(files, safe_harbor)

    run(files, safe_harbor, progress=again)


def test_note_ids_that_tell_the_patient_are_counted(files, safe_harbor):
    notes = files[0]
    notes.write_text(json.dumps({"note_id": "14767091-1", "patient_id": "P1", "text": "x"}) + "\n")
    assert run(files, safe_harbor).telling_note_ids == 1


def test_an_odd_note_is_withheld_not_fatal(files, safe_harbor, monkeypatch):
    monkeypatch.setattr(deid.notes, "residual", lambda *_, **__: 1 / 0)
    summary = run(files, safe_harbor)
    assert summary.withheld == {"failed_ZeroDivisionError": 12}


GOOD_LINE = '{"note_id": "a", "patient_id": "P1", "text": "x"}\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no notes"),
        (b"\n\n", "holds no notes"),
        (GOOD_LINE.encode() + b"{nope\n", "notes.jsonl:2: is not JSON"),
        (b"[1]\n", "notes.jsonl:1: must be a JSON object"),
        (b'{"patient_id": "P1", "text": "x"}\n', "notes.jsonl:1: field 'note_id' is missing"),
        (b'{"note_id": "a", "text": "x"}\n', "field 'patient_id' is missing"),
        (b'{"note_id": "a", "patient_id": "P1"}\n', "field 'text' is missing"),
        (b'{"note_id": "a", "patient_id": "P1", "text": 7}\n', "field 'text' must be text"),
        (b'{"note_id": true, "patient_id": "P1", "text": ""}\n', "field 'note_id' must be"),
        (b'{"note_id": " ", "patient_id": "P1", "text": ""}\n', "field 'note_id' is empty"),
        (GOOD_LINE.encode() * 2, "notes.jsonl:2: field 'note_id' stood in an earlier line"),
        (
            b'{"note_id": "a", "patient_id": "P9", "text": "x"}\n',
            "field 'patient_id' is not in the",
        ),
        (
            '{"note_id": "a", "patient_id": "P1", "text": "é"}\n'.encode("latin-1"),
            "notes.jsonl:1: is not UTF-8",
        ),
        (GOOD_LINE.encode("utf-16"), "notes.jsonl:1: is not UTF-8"),
        (rb'{"note_id": "a", "patient_id": "P1", "text": "\ud800"}', "field 'text' holds half"),
    ],
)
def test_bad_notes_are_named_and_nothing_is_written(files, safe_harbor, content, said):
    files[0].write_bytes(content)
    with pytest.raises(InputError) as error:
        run(files, safe_harbor)
    assert said in error.value.message
    assert error.value.exit_code == 2
    assert {path.name for path in files[0].parent.iterdir()} == {"notes.jsonl", "patients.csv"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "holds no patients"),
        (b"patient_id,first_name,last_name,mrn\nP1,a,b,c\n", "field 'birth_date' is missing"),
        (HEADER.replace("mrn", "mrn,mrn").encode() + b"P1,a,b,c,c,\n", "field 'mrn' stands twice"),
        (
            HEADER.encode() + b"P1,Vera,Roe,1,1950-99-09\n",
            "patients.csv:2: field 'birth_date' is not a date",
        ),
        (
            HEADER.encode() + b"P1,Vera,Roe,1,\nP1,Wei,Li,2,\n",
            "patients.csv:3: field 'patient_id' stood",
        ),
        (HEADER.encode() + b",Vera,Roe,1,\n", "field 'patient_id' is empty"),
        (HEADER.encode() + b"P1,Vera\n", "patients.csv:2: has another number of cells"),
        (HEADER.encode() + b"P1,Vera,Roe,1,,extra\n", "another number of cells"),
        (HEADER.encode() + "P1,Véra,Roe,1,\n".encode("latin-1"), "patients.csv:2: is not UTF-8"),
        (HEADER.encode() + b'P1,"Vera,Roe,1,\n', "is not valid CSV"),
    ],
)
def test_bad_patients_are_named(files, safe_harbor, content, said):
    files[2].write_bytes(content)
    with pytest.raises(InputError) as error:
        run(files, safe_harbor)
    assert said in error.value.message
    assert "Vera" not in error.value.message


def test_places_are_checked(files, safe_harbor, tmp_path):
    notes, out, patients = files
    for source, target, people, said in [
        (tmp_path / "no.jsonl", out, patients, "no such file"),
        (notes, out, tmp_path / "no.csv", "no such file"),
        (notes, notes, patients, "would overwrite"),
        (notes, tmp_path / "no" / "out.jsonl", patients, "folder does not exist"),
        (tmp_path, out, patients, "is a folder"),
    ]:
        with pytest.raises(InputError, match=said):
            clean_file(source, target, people, profile=safe_harbor)


def test_bom_blank_lines_and_number_ids_are_taken(files):
    notes, _, patients = files
    patients.write_bytes(b"\xef\xbb\xbf" + HEADER.encode() + b'7,"Vera","Roe ""R"" X",1,9/9/1950\n')
    notes.write_bytes(b'\xef\xbb\xbf\n{"note_id": 1, "patient_id": 7, "text": "x"}\n\n')
    known = read_patients(patients)
    assert check_notes(notes, known).notes == 1
    assert known["7"].last_name == 'Roe "R" X'
