"""The ``.proto`` files, the committed stubs and our method names agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.wire import rpc
from gateway.wire.v1 import node_pb2_grpc, research_pb2_grpc

ROOT = Path(__file__).parents[3]
PROTOS = ROOT / "protos"


def test_the_committed_stubs_are_current(tmp_path: Path) -> None:
    sources = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    assert sources
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-I", str(PROTOS)),
            *(f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")),
            *sources,
        ],
        check=True,
        cwd=PROTOS,
    )
    fresh = {p.relative_to(tmp_path): p.read_text() for p in tmp_path.rglob("*_pb2*.py*")}
    held = {
        p.relative_to(ROOT): p.read_text() for p in (ROOT / "gateway/wire/v1").glob("*_pb2*.py*")
    }
    assert sorted(fresh) == sorted(held)
    stale = [str(path) for path, text in fresh.items() if held[path] != text]
    assert not stale, f"regenerate: {stale}"


def test_the_protos_pass_buf_lint() -> None:
    buf = Path(sys.executable).with_name("buf")
    found = subprocess.run([buf, "lint", PROTOS], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_buf_lint_would_notice_a_fault(tmp_path: Path) -> None:
    (tmp_path / "buf.yaml").write_text((PROTOS / "buf.yaml").read_text())
    bad = tmp_path / "gateway/wire/v1/bad.proto"
    bad.parent.mkdir(parents=True)
    bad.write_text('syntax = "proto3";\npackage gateway.wire.v1;\nmessage bad_name {}\n')
    buf = Path(sys.executable).with_name("buf")
    assert subprocess.run([buf, "lint", tmp_path], capture_output=True, check=False).returncode


class Paths:
    """A channel that only writes down the method paths a stub asks for."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def __getattr__(self, _kind: str) -> object:
        def method(path: str, *_: object, **__: object) -> None:
            self.found.add(path)

        return method


@pytest.mark.parametrize(
    ("ours", "generated"),
    [
        (rpc.NodeStub, node_pb2_grpc.NodeServiceStub),
        (rpc.ResearchStub, research_pb2_grpc.ResearchServiceStub),
    ],
)
def test_our_stubs_call_the_methods_of_the_contract(ours: type, generated: type) -> None:
    mine, theirs = Paths(), Paths()
    ours(mine)
    generated(theirs)
    assert mine.found == theirs.found
