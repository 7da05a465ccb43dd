"""What the documents say is true: commands parse, YAML decodes, named files exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from federated.study.catalogue import Catalogue
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.cli.main import NOUNS, build
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", ".demo", ".bench", ".pytest_cache", "node_modules"}
    & set(path.relative_to(ROOT).parts)
)


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), block)
        for path in DOCUMENTS
        for block in re.findall(rf"```{language}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    ]


COMMANDS = [
    (name, line.removeprefix("$ ").split("  #")[0].strip())
    for name, block in blocks("console")
    for line in block.splitlines()
    if line.startswith("$ osteon ")
]


def test_there_is_something_to_check():
    assert len(COMMANDS) >= 12
    assert blocks("yaml")


@pytest.mark.parametrize(("document", "line"), COMMANDS)
def test_a_command_in_a_document_parses(document, line):
    words = shlex.split(line)[1:]
    command = typer.main.get_command(build(words[0]))
    context = None
    while True:
        name = words.pop(0)
        assert name in command.commands, f"{document}: no command {name!r}"
        command = command.commands[name]
        if not hasattr(command, "commands"):
            break
    context = command.make_context(command.name, words)
    assert context is not None


@pytest.mark.parametrize(("document", "block"), blocks("yaml"))
def test_a_study_in_a_document_resolves(document, block):
    plain = parse_yaml(block, where=document)
    if "ask" in plain:
        resolve(decode(StudyFile, plain, where=document), Catalogue(), where=document)


DERIVED = [
    (document, plain["elements"])
    for document, block in blocks("yaml")
    for plain in [parse_yaml(block, where=document)]
    if any("cases" in element for element in plain.get("elements", {}).values())
]


def test_a_risk_model_is_shown():
    assert any("ssi_risk" in elements for _, elements in DERIVED)


@pytest.mark.parametrize(("document", "elements"), DERIVED)
def test_derived_elements_in_a_document_check(document, elements):
    registry = Catalogue().registry("sarcoma_v1")
    plain = registry.derivations.model_dump(mode="json", exclude_defaults=True)
    plain["elements"] |= elements
    derivations = decode(Derivations, plain, where=document)
    assert set(elements) <= set(derivations.check_against(registry.dictionary, where=document))


@pytest.mark.parametrize("document", [str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_files_named_in_a_document_exist(document):
    path = ROOT / document
    text = path.read_text("utf-8")
    named = re.findall(r"\]\(([^)#:]+)\)", text)
    named += list(re.findall(r"`((?:tests|federated|gateway|deid|policies)/[\w/.]+)`", text))
    missing = [
        name for name in named if not ((path.parent / name).exists() or (ROOT / name).exists())
    ]
    assert not missing


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_command_explains_itself(noun):
    group = typer.main.get_command(build(noun)).commands[noun]
    for name, command in group.commands.items():
        assert "Example: osteon" in (command.help or ""), f"osteon {noun} {name}: no example"
