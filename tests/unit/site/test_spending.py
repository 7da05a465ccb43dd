"""Who spent what, as it is told: the figures that budgets are checked against."""

from __future__ import annotations

import shutil

import pytest

from federated.admission import budgets_of
from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Charge, Ledger, Spent
from gateway.site.spending import spending
from policies.decode import decode
from policies.signing import SigningKey
from policies.site import SitePolicy

COORDINATOR = SigningKey.generate()
POLICY = decode(
    SitePolicy,
    {
        "policy": "north", "serial": 1, "site": "north", "dictionary": "heart",
        "purposes": ["DUO:0000006"], "valid_until": "2099-01-01",
        "budget": {"study_epsilon": 1.0, "year_epsilon": 2.0, "life_epsilon": 5.0},
        "projects": {
            "alpha": {"year_epsilon": 1.0, "life_epsilon": 2.0, "researchers": ["ada"]},
            "beta": {"year_epsilon": 1.0, "life_epsilon": 2.0, "researchers": ["ada"]},
        },
    },
    where="policy",
)  # fmt: skip


def charge(n: int, project: str, nano_rho: int = 1_000_000) -> Charge:
    return Charge(
        key=f"{n:064x}",
        envelope=f"{n:032x}",
        researcher="ada",
        nano_rho=nano_rho,
        envelope_nano_rho_max=nano_rho,
        project=project,
    )


def test_what_was_lost_is_spent_of_a_project_that_was_never_charged(tmp_path):
    """After an adoption budgets count it against every project; what is shown says the same."""
    path, old = tmp_path / "ledger.sqlite", tmp_path / "old.sqlite"
    Ledger.create(path, "north")
    shutil.copy(path, old)
    ledger = Ledger(path)
    head = ledger.reserve(charge(1, "alpha"), budgets_of(POLICY, "alpha")).head
    restored = Ledger(old)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(head, COORDINATOR.sign(head.to_bytes(), CONTEXT), COORDINATOR.public_key)
    restored.adopt()
    shown = {(line.owner, line.name): line.spent for line in spending(restored, POLICY)}
    assert shown["project", "beta"] == Spent(1_000_000, 1_000_000)
    limit = budgets_of(POLICY, "beta").project_year
    with pytest.raises(BudgetExhausted) as refused:
        restored.reserve(charge(2, "beta", limit), budgets_of(POLICY, "beta"))
    assert "budget_project_year" in refused.value.reasons
