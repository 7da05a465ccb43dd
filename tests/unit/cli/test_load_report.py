"""What a load says of a few: one patient is no patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.site import _print_report
from gateway.registry.load_report import LoadReport


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, ("1 row, 1 patient\n", "1 patient who opted out", "1 patient has withdrawn")),
        (2, ("2 rows, 2 patients\n", "2 patients who opted out", "2 patients have withdrawn")),
    ],
)
def test_numbers_and_nouns_agree(
    capsys: pytest.CaptureFixture[str], number: int, words: tuple[str, ...]
) -> None:
    report = LoadReport(
        version="v",
        changed=True,
        source="export.csv",
        kind="csv",
        rows=number,
        patients=number,
        excluded=number,
        units={},
        withdrawn=number,
        published=True,
    )
    _print_report(report, Path("site"))
    said = capsys.readouterr().out
    assert all(word in said for word in words)
