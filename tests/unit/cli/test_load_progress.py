"""What a load tells at a terminal and in a log."""

from __future__ import annotations

import io
import re

import pytest

from gateway.cli.load_progress import load_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, *steps: tuple[str, int, int], quiet: bool = False) -> str:
    with load_progress(quiet=quiet, stream=stream) as progress:
        for step in steps:
            progress(*step)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("derive", 3, 12), r"derive ━+.* 3 of 12 0:00:0\d"),
        (("export", 1200, 5000), r"export ━+.* 1,200 of 5,000 0:00:0\d"),
        (("store", 0, 1), r"store ━+ +0:00:0\d"),
        (("notes", 5, 10), r"notes ━+.* 5 of 10 notes.* 0:00:0\d"),
    ],
)
def test_a_terminal_gets_a_bar_for_each_step(
    monkeypatch: pytest.MonkeyPatch, step: tuple[str, int, int], said: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    assert re.search(said, shown(Terminal(), ("read", 1, 3), step))


def test_a_log_and_a_quiet_load_have_no_bar() -> None:
    assert shown(io.StringIO(), ("read", 1, 3), ("store", 0, 1)) == ""
    assert shown(Terminal(), ("read", 1, 3), quiet=True) == ""
