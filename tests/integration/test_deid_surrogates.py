"""One note with everything in it, through the command line, under each way of replacing."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deid.own.patient import Patient
from gateway.registry.vault import Vault

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "gateway.cli.main", "deid", "notes"]
TEXT = """ORTHOPAEDIC ONCOLOGY CLINIC NOTE
Patient: HÄNNINEN-ROE, VERA Q.    MRN: 00482913    DOB: 09/09/1950
Larkspur General Hospital, 6516 Larkspur Ave, Quarry Bend, MN 55123
Date of visit: March 14, 2022
Mrs. Hanninen-Roe is a 71-year-old woman with Ewing sarcoma of the left femur, Enneking stage IIB,
seen with her husband Erik Hänninen. Her mother, Mrs. Maria Garcia, lived to 103 years old.
Vera's pain is better; the Roes live in San Antonio. Referred by Dr. Minh Le.
Films were read by Takeshi Yamamoto, M.D. Her nurse is Mary Smith, RN.
On 02/28/2022 a GMRS was implanted (lot 067413, serial number SN-88231A). Pathology S22-10442: R0.
SSN 123-45-6789. Phone (704) 731-8842, cell 731-8842 ext. 12, e-mail vera.roe@example.com,
portal https://mychart.larkspur.org/vroe. Her IP was 10.1.2.3. ZIP code 55123.
"""
ROW = {
    "patient_id": "P-0001",
    "first_name": "Vera",
    "last_name": "Hänninen-Roe",
    "mrn": "00482913",
    "birth_date": "1950-09-09",
    "diagnosis_date": "2021-11-02",
    "phone": "(704) 731-8842",
    "next_of_kin": "Erik Hänninen",
}
IDENTIFYING = (
    *("Vera", "Hänninen", "Hanninen", "Roe", "Erik", "Garcia", "Takeshi", "Yamamoto", "Smith"),
    *("482913", "88231", "067413", "10442", "123-45-6789", "731-8842", "vroe", "10.1.2.3"),
    *("Larkspur", "Quarry", "6516", "55123", "103 years", "09/09/1950", "March 14", "Antonio"),
)
CLINICAL = (
    "Ewing sarcoma of the left femur",
    "Enneking stage IIB",
    "71-year-old woman",
    "GMRS",
    "R0",
)
SHIPPED = Path(__file__).parents[2] / "policies" / "profiles" / "safe_harbor.yaml"


@pytest.fixture
def note(tmp_path):
    def write(texts):
        with (tmp_path / "notes.jsonl").open("w") as file:
            for i, text in enumerate(texts):
                record = {"note_id": f"n{i}", "patient_id": ROW["patient_id"], "text": text}
                file.write(json.dumps(record) + "\n")
        with (tmp_path / "patients.csv").open("w", newline="") as file:
            rows = csv.DictWriter(file, ROW)
            rows.writeheader()
            rows.writerow(ROW)

    write([TEXT])
    return write


def cleaned(tmp_path, name, *more):
    out = tmp_path / f"{name}.jsonl"
    files = (str(tmp_path / "notes.jsonl"), str(out), "--patients", str(tmp_path / "patients.csv"))
    done = subprocess.run(
        [*COMMAND, *files, *more],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in out.read_text().splitlines()]


def check_safe(line):
    text = line["text"]
    assert [word for word in IDENTIFYING if word.casefold() in text.casefold()] == []
    assert [words for words in CLINICAL if words not in text] == []
    # The output is the input between the spans, in order: offsets hold.
    places = [(span["start"], span["end"]) for span in line["spans"]]
    between = [
        TEXT[a:b]
        for a, b in zip(
            [0, *(e for _, e in places)], [s for s, _ in places] + [len(TEXT)], strict=True
        )
    ]
    pattern = "(.*?)".join(re.escape(part) for part in between)
    found = re.fullmatch(pattern, text, re.DOTALL)
    assert found
    return {TEXT[a:b]: new for (a, b), new in zip(places, found.groups(), strict=True)}


def test_surrogates_read_like_a_note(note, tmp_path):
    new = check_safe(cleaned(tmp_path, "out")[0])
    family, given = re.fullmatch(
        r"([A-ZÄÖÅ]+-[A-ZÄÖÅ]+), ([A-Z]+) [A-Z]\.", new["HÄNNINEN-ROE, VERA Q."]
    ).groups()
    assert new["Hanninen-Roe"].upper() == family.translate(str.maketrans("ÄÖÅ", "AOA"))
    assert new["Vera"].upper() == given
    assert re.fullmatch(r"0{2}\d{6}", new["00482913"])
    assert new["(704) 731-8842"][-8:] == new["731-8842 ext. 12"][:8]
    assert re.search(r"555-01\d\d", new["(704) 731-8842"])


def test_placeholders_say_what_stood_there(note, tmp_path):
    rules = tmp_path / "typed.yaml"
    rules.write_text(
        SHIPPED.read_text().replace("surrogates: surrogate", "surrogates: placeholder")
    )
    new = check_safe(cleaned(tmp_path, "out", "--profile", str(rules))[0])
    assert new["Vera"] == "[NAME]"
    assert new["00482913"] == "[ID]"
    assert new["(704) 731-8842"] == "[CONTACT]"
    assert new["103 years old"] == "90+ years old"


def test_removal_leaves_nothing(note, tmp_path):
    rules = tmp_path / "removed.yaml"
    rules.write_text(SHIPPED.read_text().replace("surrogates: surrogate", "surrogates: remove"))
    new = check_safe(cleaned(tmp_path, "out", "--profile", str(rules))[0])
    assert {new["Vera"], new["00482913"], new["(704) 731-8842"]} == {""}


def test_the_same_whatever_workers_order_and_run_and_changed_only_by_whom_the_site_meets(
    note, tmp_path
):
    vault = Vault.create(tmp_path / "site" / "vault")
    texts = [
        f"Seen by Dr. {name} with Vera." for name in ("Garcia", "Zhang", "Okafor", "Larsen")
    ] * 5
    note(texts)
    site = ("--site", str(tmp_path / "site"))
    one = [line["text"] for line in cleaned(tmp_path, "one", *site)]
    assert one[:4] * 5 == one
    note(list(reversed(texts)))
    two = [line["text"] for line in cleaned(tmp_path, "two", *site, "--workers", "2")]
    assert two == list(reversed(one))
    clash = one[0].split()[3]
    vault.meet([Patient("P-2", "Jane", clash)])
    three = [line["text"] for line in cleaned(tmp_path, "three", *site)][::-1]
    assert clash not in three[0]
    assert three[1:4] == one[1:4]
