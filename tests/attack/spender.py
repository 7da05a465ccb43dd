"""A process that spends: asks its ledger questions in a random order until it is stopped.

    python -m tests.attack.spender LEDGER SEED QUESTIONS

A line ``key draw`` on standard output is a reply that left. The draw is random, so that two
draws for one key cannot be equal by chance.
"""

from __future__ import annotations

import random
import secrets
import sys
from pathlib import Path

from federated.errors import BudgetExhausted
from federated.privacy.ledger import Budgets, Charge, Ledger, Reservation
from federated.privacy.release import Release

COST = 10
BUDGETS = Budgets(year=300, life=300, researcher_year=200, project_year=150)
"""Thirty questions in all, twenty of one researcher, fifteen of one project."""


def charge(number: int) -> Charge:
    """Question ``number``; its researcher and project follow from it."""
    who, project = ("ada", "bob", "eve")[number % 3], ("alpha", "beta")[number % 2]
    return Charge(f"q{number}", f"e{number}", who, COST, COST, project)


def main(path: Path, seed: int, questions: int) -> None:
    """Ask for ever."""
    chance, ledger = random.Random(seed), Ledger(path)
    while True:
        one = charge(chance.randrange(questions))
        try:
            got = ledger.reserve(one, BUDGETS)
        except BudgetExhausted:
            continue
        if isinstance(got, Reservation):
            ledger.touch(got)
            draw = (secrets.randbits(60),)
            got = ledger.post(got, Release(one.key, "d" * 64, "north", "s", draw, 1.0, COST))
        if got.release is not None:
            sys.stdout.write(f"{one.key} {got.release.values[0]}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
