"""Countersigning: a ledger goes forward, or it is not signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from federated.privacy.head import CONTEXT, Head
from gateway.coordinator.heads import LEDGER_BEHIND, countersign
from gateway.coordinator.journal import Journal
from gateway.wire.frames import Countersigned, CountersignRequest
from policies.signing import SigningKey, verify

KEY = SigningKey.generate()


def head(seq: int, life: int | None = None, site: str = "north", mark: str = "a") -> Head:
    return Head(site, seq, mark * 64, 10 * seq if life is None else life)


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(tmp_path / "journal.sqlite") as journal:
        yield journal


def ask(journal: Journal, new: Head, previous: Head | None, site: str = "north") -> Countersigned:
    request = CountersignRequest("0" * 32, new, previous)
    return countersign(journal, KEY, site, request, now_s=1)


def test_a_chain_of_heads_is_signed_one_after_another(journal: Journal) -> None:
    previous = None
    for seq in (1, 2, 5):
        answer = ask(journal, head(seq), previous)
        assert answer.signed_head is not None
        assert verify(answer.signed_head, KEY.public_key, CONTEXT) == head(seq).to_bytes()
        previous = head(seq)
    assert journal.last_head("north")[0] == head(5)


def test_the_same_head_again_gives_the_same_signature(journal: Journal) -> None:
    first = ask(journal, head(1), None)
    assert ask(journal, head(1), None) == first
    assert ask(journal, head(1), head(1)) == first


@pytest.mark.parametrize(
    ("new", "previous"),
    [
        (head(3), None),  # a ledger that knows of no head
        (head(3), head(1)),  # one that knows an older head: a restored copy
        (head(3), head(2, mark="b")),  # another history
        (head(2, mark="b"), head(2)),  # the same place with other content
        (head(1), head(2)),  # backwards
        (head(3, life=19), head(2)),  # spent less than before
    ],
)
def test_a_head_that_does_not_extend_ours_is_refused_with_ours(
    journal: Journal, new: Head, previous: Head | None
) -> None:
    ask(journal, head(1), None)
    held = ask(journal, head(2), head(1)).signed_head
    answer = ask(journal, new, previous)
    assert answer.refused == LEDGER_BEHIND
    assert answer.signed_head is None
    assert answer.last_head == held
    assert journal.last_head("north")[0] == head(2)


def test_a_site_cannot_have_another_sites_head_signed(journal: Journal) -> None:
    assert ask(journal, head(1, site="south"), None).refused == "other_site"
    assert journal.last_head("south") is None


def test_a_number_too_large_for_the_journal_is_refused(journal: Journal) -> None:
    assert ask(journal, head(1, life=2**63), None).refused == LEDGER_BEHIND
