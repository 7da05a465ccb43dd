"""Researchers take turns at a node, and none is kept from one by how much another asks."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.site.turns import Turns, signer
from policies.signing import SigningKey


def order(acts):
    """What is taken, where a text puts its first letter's item and None takes one."""

    async def run():
        turns, taken = Turns(), []
        for act in acts:
            if act is None:
                taken.append(await asyncio.wait_for(turns.take(), 5))
            else:
                turns.put(act[0], act)
        return taken

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("acts", "taken"),
    [
        (["a1", "a2", "a3", None, None, None], ["a1", "a2", "a3"]),
        (
            ["a1", "a2", "b1", "a3", "b2", None, None, None, None, None],
            ["a1", "b1", "a2", "b2", "a3"],
        ),
        (["a1", "a2", "a3", None, "b1", None, None], ["a1", "b1", "a2"]),
        # Who has just had a turn is last again, also where nothing of theirs waited meanwhile.
        (["a1", None, "a2", "b1", None, None], ["a1", "b1", "a2"]),
        (["a1", None, "b1", "a2", "c1", None, None, None], ["a1", "b1", "c1", "a2"]),
    ],
)
def test_whose_turn_it_is(acts, taken):
    assert order(acts) == taken


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.booleans(), max_size=60))
def test_nobody_has_two_turns_while_another_waits_and_nothing_is_lost(names, puts):
    """Whoever waits is served after at most one of each other, in the order of their own asking."""
    acts, waiting, left = [], 0, [f"{name}{i}" for i, name in enumerate(names)]
    for put in [*puts, *[True] * len(left), *[False] * len(left)]:
        if put and left:
            acts.append(left.pop(0))
            waiting += 1
        elif not put and waiting:
            acts.append(None)
            waiting -= 1
    taken = order(acts)
    assert sorted(taken) == sorted(act for act in acts if act)
    came, went = [], 0
    waits: dict[str, list[str]] = {}
    for act in acts:
        if act is not None:
            came.append(act)
            continue
        one, went = taken[went], went + 1
        assert one == min(
            (item for item in came if item[0] == one[0]), key=lambda item: int(item[1:])
        )
        came.remove(one)
        waits.pop(one[0], None)
        for other in {item[0] for item in came} - {one[0]}:
            waits.setdefault(other, []).append(one[0])
            assert len(set(waits[other])) == len(waits[other])


def test_a_taker_that_waits_is_woken():
    async def run():
        turns = Turns()
        taking = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        assert not taking.done()
        turns.put("a", "a1")
        return await asyncio.wait_for(taking, 5)

    assert asyncio.run(run()) == "a1"


def test_a_turn_is_the_signers_whatever_name_the_envelope_holds():
    ada, bob, nobody = (SigningKey.generate() for _ in range(3))
    roster = SimpleNamespace(
        researchers=[
            SimpleNamespace(name="ada", key=ada.public_key),
            SimpleNamespace(name="bob", key=bob.public_key),
        ]
    )
    payload = b'{"researcher": "ada"}'
    assert signer(ada.sign(payload, "envelope"), roster) == "ada"
    assert signer(bob.sign(payload, "envelope"), roster) == "bob"
    assert signer(nobody.sign(payload, "envelope"), roster) == ""
    assert signer(ada.sign(payload, "site-policy"), roster) == ""
