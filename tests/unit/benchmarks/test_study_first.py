"""What study.md says of DESIGN.md D18's first columns: they come about as it says."""

from pathlib import Path

import pytest

from tests.benchmarks.study import COLLUDING, EPSILONS, KNOWN, MEASURES, PATIENTS, SITES, TRUE
from tests.benchmarks.study_first import Network, beside_d18

D18 = {"per site": (17.6, 5.6, 2.5), "pooled": (5.5, 2.2, 1.3)}
PAGE = Path("tests/benchmarks/study.md").read_text(encoding="utf-8")


def test_its_steps_lead_from_d18_to_the_line_of_the_engine():
    net = Network(MEASURES, PATIENTS, SITES, KNOWN, TRUE, COLLUDING)
    words, _, steps = beside_d18(net, EPSILONS).rpartition("\n\n")
    assert words in PAGE
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in steps.splitlines()[2:]]
    for mode, figures in D18.items():
        first, *_, last = (line for line in lines if line[1] == mode)
        assert [float(cell) for cell in first[2:]] == pytest.approx(figures, rel=0.03)
        engine = next(
            line for line in PAGE.splitlines() if line.startswith(f"| measure by measure | {mode} ")
        )
        told = [float(cell) for cell in engine.split("|")[3:6]]
        assert [float(cell) for cell in last[2:]] == pytest.approx(told, rel=0.05)
