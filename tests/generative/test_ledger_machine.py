"""The ledger beside its model: killed, overtaken, restored; and the same with broken ledgers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from federated.errors import LedgerError
from tests.generative.broken_ledgers import FAULTS
from tests.generative.ledger_machine import LedgerMachine

pytestmark = pytest.mark.slow


def run(declarations, *, examples: int, steps: int = 25, **more) -> None:
    machine = type("Machine", (LedgerMachine,), {"declarations": declarations})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_a_ledger_does_what_its_model_says(heart):
    run(heart, examples=120)


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_broken_ledger_is_caught(heart, monkeypatch, fault):
    FAULTS[fault](monkeypatch)
    with pytest.raises((AssertionError, LedgerError, ExceptionGroup)):
        run(heart, examples=400, phases=[Phase.generate], report_multiple_bugs=False)
