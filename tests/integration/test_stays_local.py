"""What a site knows of its notes and whom its worklists name stays there: nothing of it is on the
wire or in a log.

A node's own process is tapped where it hands bytes to gRPC. The figures looked for are of a size
that nothing else has here, and every message is taken apart, so that a number is found in
whatever field it would hide.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.local import LocalNetwork
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import open_site
from gateway.wire.v1 import node_pb2
from tests.integration.command_line import ROOT, osteon
from tests.integration.wire_tap import messages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

AGREE, DISAGREE, KEPT = 1237, 2311, 1
WITHHELD = AGREE + DISAGREE
SERIAL = 86753  # of the policy: must be found, or the search is blind
DECLARED = {
    "dictionaries/eye.yaml": """
dictionary: eye
version: 1
title: Tumours of the eye
key: code
instruments:
  person: {label: Person}
  report: {label: Report, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  family: {instrument: person, label: Family, type: text, identifier: true, deid: drop, hipaa: A}
  seen: {instrument: person, label: Seen, type: date, roles: [anchor]}
  eye: {instrument: person, label: Eye, type: category, choices: {l: Left, r: Right}}
  body: {instrument: report, label: Body, type: note, identifier: true, deid: nlp}
""",
    "derivations/eye.yaml": """
derivations: eye
version: 1
dictionary: eye
units:
  person: {instrument: person}
""",
    "stated/eye.yaml": """
stated: eye
version: 1
dictionary: eye
note: body
checks:
  side: {states: laterality, element: eye, means: {left: [l], right: [r]}}
""",
    "worklists/eye.yaml": """
worklists: eye
version: 1
dictionary: eye
identifiers: [family]
lacking:
  lenses:
    label: Zorblens
    unit: person
    since: seen
    needs: [{label: zorblens, missing: "eye = 'l'", step: order a zorblens}]
""",
    "measures/eye/left.yaml": """
measure: left
version: 1
title: Left eye
dictionary: eye
unit: person
kind: proportion
numerator: eye = 'l'
known: eye in ['l', 'r']
""",
    "map.yaml": "dictionary: eye\n",
}
POLICY = f"""
policy: rules
serial: {SERIAL}
site: north
dictionary: eye
purposes: ['DUO:0000006']
budget: {{year_epsilon: 1.3, life_epsilon: 20, study_epsilon: 1}}
valid_until: '2099-12-31'
"""
STUDY = """
title: {title}
purpose: DUO:0000006
dictionary: eye
unit: person
ask: [{{measure: left}}]
privacy: {{epsilon: {epsilon}}}
"""
HEADER = "code,redcap_repeat_instrument,redcap_repeat_instance,family,seen,eye,body\n"
SIGNATURE_BYTES = 64
RUBBLE = "\ufffd" * 90
LISTED = ("zzymara qoppel", "frobnitz infirmary", "wibbletonoma")
WORDS = (
    *LISTED, "quibbleworth", "orbit tumor", "quarantine", "withheld", "unreadable", "kept_by",
    "disagree", "not_stated", "no_value", "reviewer", "zorblens",
)  # fmt: skip


def export(folder: Path) -> Path:
    """30 patients, all of the left eye; the notes say left and right so many times."""
    rows = [f"P{i},,,Quibbleworth{i},2020-01-01,l," for i in range(30)]
    sides = ["left"] * AGREE + ["right"] * DISAGREE
    rows += [
        f'P{i % 30},report,{i // 30 + 1},,,,"Specimen: {side} orbit tumor. {RUBBLE} {i}"'
        for i, side in enumerate(sides)
    ]
    path = folder / "export.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


class Tapped(LocalNetwork):
    """A network whose node runs behind the tap."""

    @property
    def capture(self) -> Path:
        return self.folder / "sent.bin"

    def start(self, name, *command):
        if name in self.sites:
            command = ("-m", "tests.integration.wire_tap", str(self.capture), *command)
            log = self._logs.enter_context((self.folder / f"{name}.log").open("ab"))
            self._running[name] = subprocess.Popen(
                [sys.executable, *command], stdout=log, stderr=log, cwd=ROOT
            )
            return self._running[name]
        return super().start(name, *command)


def declare(folder: Path) -> None:
    for name, text in DECLARED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def ask(network: Tapped, title: str, *, epsilon=1.0, status=0):
    path = network.folder / f"{title}.yaml"
    path.write_text(STUDY.format(title=title, epsilon=epsilon))
    words = ("--as", network.home, "--yes", "--min-sites", 1, "--deadline", 60, "--json")
    return osteon("study", "submit", path, *words, status=status)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A site with lists, withheld notes and decisions, that answered, refused and loaded anew."""
    folder = tmp_path_factory.mktemp("local")
    declare(folder / "declared")
    network = Tapped(
        folder,
        "clinics",
        ("north",),
        dictionary=str(folder / "declared/dictionaries/eye.yaml"),
        sitemap=str(folder / "declared/map.yaml"),
    )
    network.found()
    site = network.site_dir("north")
    for place in (network.network_dir, network.home, site):
        shutil.copytree(folder / "declared", place, dirs_exist_ok=True)
    (site / "deid").mkdir()
    for name, entry in zip(("staff", "facilities", "terms"), LISTED, strict=True):
        (site / "deid" / f"{name}.txt").write_text(f"{entry}\n")
    (site / "policy.yaml").write_text(POLICY)
    source = export(folder)
    osteon("site", "ingest", site, source)
    osteon("site", "publish", site)
    osteon("policy", "sign", site)
    with network:
        wait(lambda: network.capture.exists() and any(map(signed_policy, sent(network))))
        ask(network, "first")
        ask(network, "refused", epsilon=0.9, status=4)  # the year's budget does not hold it
        osteon("deid", "review", site, given="f Zzymara House\nk\nq\n")
        osteon("site", "ingest", site, source)
        osteon("site", "publish", site, "--force")
        ask(network, "second", epsilon=0.2)
    return network


def wait(what, seconds=60.0):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.2)


def sent(network: Tapped) -> list[bytes]:
    return list(messages(network.capture))


def signed_policy(message: bytes) -> bool:
    return f'"serial":{SERIAL}'.encode() in message


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data: bytes) -> Iterator[int | bytes]:
    """The fields of a message by its wire format alone; IndexError or ValueError if it is none."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
            yield value
            continue
        if kind == 2:
            size, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}[kind]
        piece = data[at : at + size]
        if len(piece) < size:
            raise ValueError
        at += size
        yield piece if kind == 2 else int.from_bytes(piece, "little")


def parts(data: bytes) -> list[int | bytes]:
    """The fields, or none where the bytes are no message; those of a signature would be chance."""
    try:
        return [] if len(data) == SIGNATURE_BYTES else list(fields(data))
    except (IndexError, ValueError, KeyError):
        return []


def signed(data: bytes) -> bool:
    """Whether a signature is in it, at any depth."""
    return len(data) == SIGNATURE_BYTES or any(
        signed(part) for part in parts(data) if isinstance(part, bytes)
    )


def packed(data: bytes) -> set[int]:
    """The values, if the bytes are a packed field."""
    found, at = set(), len(data) if signed(data) else 0
    while at < len(data):
        try:
            value, at = varint(data, at)
        except IndexError:
            break
        found |= {value, (value >> 1) ^ -(value & 1)}
    return found


def numbers(data: bytes) -> set[int]:
    """Every number in a message: in a field of any depth, as packed values, or as digits."""
    found = {int(run) for run in re.findall(rb"(?<![0-9A-Za-z.])[0-9]{1,18}(?![0-9A-Za-z])", data)}
    found |= packed(data)
    for part in parts(data):
        found |= numbers(part) if isinstance(part, bytes) else {part, (part >> 1) ^ -(part & 1)}
    return found


FIGURES = {AGREE, DISAGREE, WITHHELD, WITHHELD - KEPT}


def test_there_is_something_to_leak(network):
    meta = DuckDBStore(network.site_dir("north") / "store").current().meta()
    (side,) = meta["quality"]["stated"]
    assert (side["agree"], side["disagree"]) == (AGREE, DISAGREE)
    assert meta["notes"]["withheld"] == {"unreadable": WITHHELD - KEPT, "kept_by_reviewer": KEPT}
    assert "Zzymara House" in (network.site_dir("north") / "deid/facilities.txt").read_text()
    listed = osteon("deid", "review", network.site_dir("north"), "--list", "--json")
    assert json.loads(listed.stdout)["waiting"] == WITHHELD - KEPT
    named = osteon("site", "worklist", network.site_dir("north"), "--json")
    [lenses] = json.loads(named.stdout)["lists"]
    assert {line["who"]["family"] for line in lenses["lines"]} == {
        f"Quibbleworth{i}" for i in range(30)
    }


def test_the_tap_hears_declaration_answers_and_refusal(network):
    frames = [
        node_pb2.AttachRequest.FromString(message)
        for message in sent(network)
        if not message.startswith(b"(")  # a call's method and metadata
    ]
    assert {"hello", "countersign_request", "reply"} <= {f.WhichOneof("frame") for f in frames}
    replies = [frame.reply for frame in frames if frame.WhichOneof("frame") == "reply"]
    assert sum(bool(reply.release.payload) for reply in replies) == 2
    assert any("budget_year" in reply.reasons for reply in replies)
    assert SERIAL in set.union(*map(numbers, sent(network)))


def test_the_search_finds_a_figure_in_any_field():
    assert DISAGREE in numbers(b'{"notes":{"unreadable":2311}}')
    low, high = 0x80 | (DISAGREE & 0x7F), DISAGREE >> 7
    values = bytes([5, low, high])
    inside = b"\x0a" + bytes([len(values)]) + values
    assert DISAGREE in numbers(b"\x12" + bytes([len(inside)]) + inside)
    assert DISAGREE in numbers(b"\x09" + DISAGREE.to_bytes(8, "little"))
    assert DISAGREE in numbers(node_pb2.Heartbeat(time_unix_s=DISAGREE).SerializeToString())
    assert DISAGREE not in numbers(b'{"values":[12311,23110,"a2311f"]}')


def test_no_figure_of_notes_is_on_the_wire(network):
    for message in sent(network):
        assert not numbers(message) & FIGURES


def test_no_word_of_notes_lists_or_quarantine_is_on_the_wire(network):
    everything = b"\n".join(sent(network)).lower()
    assert [word for word in WORDS if word.encode() in everything] == []
    assert "zzymara house" not in everything.decode("utf-8", "replace")


def test_neither_is_in_a_log_nor_with_the_others(network):
    """Logs of both processes, the audit log, and all that coordinator and researcher hold."""
    said = "".join(
        (network.folder / f"{name}.log").read_text("utf-8") for name in ("north", "coordinator")
    )
    audit = osteon("site", "audit", network.site_dir("north"), "--json").stdout
    for text in (said.lower(), audit.lower()):
        assert [word for word in (*WORDS, "zzymara house") if word in text] == []
        assert not {int(run) for run in re.findall(r"(?<![\w.])\d+(?![\w])", text)} & FIGURES
    declared = {path.name for path in (network.folder / "declared").rglob("*")}
    for place in (network.network_dir, network.home):
        for path in place.rglob("*"):
            if path.is_file() and path.name not in declared:
                raw = path.read_bytes().lower()
                assert [w for w in WORDS if len(w) > 4 and w.encode() in raw] == [], path


def test_the_declaration_is_the_policy_and_nothing_else(network):
    """The one document that a node sends unasked has no room for a figure."""
    policy = open_site(network.site_dir("north")).policy()
    assert policy.serial == SERIAL
    assert not {"notes", "stated", "quality", "withheld"} & set(policy.model_dump())
