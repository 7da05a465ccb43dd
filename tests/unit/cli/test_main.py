"""The command: quick help, one sentence per error, the right exit code."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import pytest

from gateway.cli import environment
from gateway.cli.main import NOUNS, main
from gateway.errors import GatewayError


def osteon(*words, **options):
    command = [sys.executable, "-m", "gateway.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_help_names_every_noun_and_loads_nothing_heavy():
    code = (
        "import sys\nfrom gateway.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'pandas', 'ibis', 'duckdb', 'opendp', 'grpc', 'spacy', 'presidio_analyzer',\n"
        "         'altair', 'scipy', 'numpy', 'pyarrow', 'rich', 'structlog', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(noun in done.stdout for noun in NOUNS)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dictionary", "check", "nowhere"), "nowhere"),
        (("ledger", "show", "nowhere"), "no ledger here"),
        (("policy", "check", "nowhere.yaml"), "no such file"),
    ],
)
def test_bad_input_is_one_sentence_and_no_traceback(words, says):
    done = osteon(*words)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_are_json_where_json_was_asked_for(tmp_path):
    bad = tmp_path / "policy.yaml"
    bad.write_text("policy: a\nsurprise: 1\n")
    done = osteon("policy", "check", bad, "--json")
    assert done.returncode == 2
    said = json.loads(done.stderr)
    assert said["error"] == "declaration"
    assert "surprise: unknown key" in said["message"]


def test_a_dangling_branch_is_named(tmp_path):
    bad = tmp_path / "d.yaml"
    bad.write_text(
        "dictionary: d\nversion: 1\ntitle: t\nkey: k\ninstruments: {p: {label: P}}\n"
        "elements:\n  k: {instrument: p, label: K, type: text}\n"
        "  x: {instrument: p, label: X, type: text, branch: gone = 1}\n"
    )
    done = osteon("dictionary", "check", bad)
    assert done.returncode == 2
    assert "elements.x.branch" in done.stderr
    assert 'unknown element "gone"' in done.stderr


def test_an_unknown_command_is_a_usage_error():
    with pytest.raises(SystemExit) as stop:
        main(["nonsense"])
    assert stop.value.code == 2


def test_a_foreign_deid_distribution_stops_everything(monkeypatch):
    monkeypatch.setattr(environment, "distribution", lambda name: importlib.metadata.metadata)
    with pytest.raises(GatewayError, match="deid"):
        environment.check_environment()
