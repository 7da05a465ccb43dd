"""What a preview says in words, and which deadlines are refused before anything is spent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federated.errors import StudyError
from federated.study.preview import Accuracy, Preview
from gateway.cli.study_preview import check_deadline, show_preview

FOUND = Preview(
    title="t", nano_rho=1, epsilon=1.0, epsilon_substitution=2.0, sites_per_patient_max=1,
    epsilon_duplicate=1.0, cells=1, sites=(), accuracy=(), wait_mean_s=6.81, wait_late_s=10.2,
    deadline_s=71,
)  # fmt: skip


def said(found: Preview) -> str:
    lines: list[str] = []
    show_preview(found, lines.append)
    assert max(map(len, lines)) <= 100
    return " ".join(" ".join(lines).split())


def test_the_wait_and_the_deadline_are_told_in_seconds_rounded_up() -> None:
    told = said(FOUND)
    assert "waits 6.9 s on average" in told
    assert "hardly ever over 11 s" in told
    assert "submit gives the sites 71 s" in told


def test_a_charge_too_small_is_told_with_the_next_step() -> None:
    told = said(replace(FOUND, wait_mean_s=None, wait_late_s=None, deadline_s=60))
    assert "every site refuses; raise epsilon" in told
    assert "None" not in told


def test_a_plus_minus_of_statistics_together_says_what_reads_them_alone() -> None:
    told = Accuracy("cases", "count", 1, 2.0, 6.0, None)
    assert "read each alone" not in said(replace(FOUND, accuracy=(told,)))
    both = replace(told, put_together_with=("stages",))
    assert "differences, tests and regressions read each alone" in said(
        replace(FOUND, accuracy=(both,))
    )


def test_a_deadline_shorter_than_the_wait_is_refused_with_the_next_step() -> None:
    with pytest.raises(StudyError, match="may wait 11 s before they reply") as caught:
        check_deadline(FOUND, 10)
    assert "leave it out (71 s)" in str(caught.value.hint)
    check_deadline(FOUND, 11)
    check_deadline(FOUND, None)
    check_deadline(replace(FOUND, wait_mean_s=None, wait_late_s=None), 1)
