"""Signatures, the roster, and the policy that an officer signs."""

from __future__ import annotations

import base64
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from policies.decode import canonical, decode, digest
from policies.errors import DeclarationError, SignatureError
from policies.library import load_named
from policies.roster import Coordinator, Researcher, Roster, Site, open_roster, sign_roster
from policies.signing import Signed, SigningKey, key_id, verify
from policies.site import CONTEXT, SitePolicy, open_policy, sign_policy


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


def test_a_signature_verifies(key):
    signed = key.sign(b"payload", "roster")
    assert verify(signed, key.public_key, "roster") == b"payload"
    assert verify(Signed.from_bytes(signed.to_bytes()), key.public_key, "roster") == b"payload"


@pytest.mark.parametrize(
    "change",
    [
        {"payload": b"payloae"},
        {"signature": bytes(64)},
        {"signature": b""},
        {"context": "envelope"},
        {"key": "0" * 16},
    ],
)
def test_any_change_breaks_it(key, change):
    signed = replace(key.sign(b"payload", "roster"), **change)
    with pytest.raises(SignatureError) as caught:
        verify(signed, key.public_key, "roster")
    assert caught.value.exit_code == 3


def test_a_signature_holds_in_its_context_only(key):
    signed = key.sign(b"payload", "roster")
    with pytest.raises(SignatureError, match="not a envelope"):
        verify(signed, key.public_key, "envelope")
    with pytest.raises(SignatureError, match="does not verify"):
        verify(replace(signed, context="envelope"), key.public_key, "envelope")


def test_another_key_does_not_verify(key):
    other = SigningKey.generate()
    signed = key.sign(b"payload", "roster")
    with pytest.raises(SignatureError):
        verify(signed, other.public_key, "roster")
    with pytest.raises(SignatureError, match="does not verify"):
        verify(replace(signed, key=key_id(other.public_key)), other.public_key, "roster")


@pytest.mark.parametrize("public", ["", "???", base64.b64encode(bytes(31)).decode()])
def test_a_broken_public_key_is_refused(key, public):
    with pytest.raises(SignatureError, match="public key"):
        verify(key.sign(b"payload", "roster"), public, "roster")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'"x"', b"\xff", b'{"context": 1}'])
def test_a_broken_document_is_refused(data):
    with pytest.raises(SignatureError, match="not a signed document"):
        Signed.from_bytes(data)


def test_key_files_are_private_and_never_overwritten(tmp_path: Path, key):
    path = tmp_path / "signing_key.pem"
    key.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.load(path).public_key == key.public_key
    with pytest.raises(FileExistsError):
        key.save(path)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content):
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DeclarationError, match=r"no such file|not a readable signing key"):
        SigningKey.load(path)


def roster(**changes: object) -> Roster:
    plain = Roster(
        network="demo",
        serial=1,
        coordinator=Coordinator(address="localhost:9000", key="k"),
        sites=(Site(name="a", key="k", officer="o"),),
        researchers=(Researcher(name="r", key="k"),),
    )
    return plain.model_copy(update=changes)


def test_a_roster_opens_with_the_committees_key(key):
    opened = open_roster(sign_roster(roster(), key), key.public_key)
    assert opened == roster()
    assert (opened.site("a").officer, opened.researcher("r").key) == ("o", "k")
    with pytest.raises(SignatureError):
        open_roster(sign_roster(roster(), key), SigningKey.generate().public_key)


@pytest.mark.parametrize("ask", [lambda r: r.site("b"), lambda r: r.researcher("a")])
def test_who_is_not_in_the_roster_is_refused(ask):
    with pytest.raises(SignatureError, match="is not in the roster"):
        ask(roster())


def test_a_member_is_listed_once():
    twice = roster().model_dump(mode="json")
    twice["sites"] *= 2
    with pytest.raises(DeclarationError, match="a member is listed twice"):
        decode(Roster, twice, where="roster")


def policy(**changes: object) -> dict[str, object]:
    plain = load_named("examples", SitePolicy, "site_policy").model_dump(mode="json")
    return plain | changes


def test_a_policy_opens_with_the_officers_key_only(key):
    plain = decode(SitePolicy, policy(), where="policy")
    signed = sign_policy(plain, key)
    assert open_policy(signed, key.public_key) == plain
    with pytest.raises(SignatureError):
        open_policy(signed, SigningKey.generate().public_key)
    with pytest.raises(SignatureError):
        open_policy(key.sign(canonical(plain), "roster"), key.public_key)


def test_a_policy_signed_before_there_were_projects_still_opens(key):
    old = policy()
    del old["projects"], old["budget"]["researcher_life_epsilon"]
    opened = open_policy(key.sign(canonical(old), CONTEXT), key.public_key)
    assert opened.projects is None
    assert opened.budget.researcher_life_epsilon is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"serial": 0}, "serial"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["research"]}, "not a GA4GH DUO code"),
        ({"stage": 4}, "stage"),
        ({"statistics": ["median"]}, "statistics"),
        ({"valid_until": "next year"}, "valid_until"),
        ({"alow": True}, "alow: unknown key"),
        (
            {"budget": {"year_epsilon": 3, "life_epsilon": 2, "study_epsilon": 1}},
            "expected study_epsilon <= year_epsilon <= life_epsilon",
        ),
        ({"budget": {"year_epsilon": 0, "life_epsilon": 2, "study_epsilon": 0}}, "year_epsilon"),
        ({"limits": {"rows_max": 0}}, "rows_max"),
        ({"projects": {}}, "projects"),
        ({"projects": {"Not a name": {}}}, "projects"),
        ({"projects": {"p": {"year_epsilon": 2, "life_epsilon": 1}}}, "year_epsilon <= life"),
        ({"projects": {"p": {"researchers": []}}}, "researchers"),
        ({"projects": {"p": {"epsilon": 1}}}, "unknown key"),
        (
            {
                "budget": {
                    "year_epsilon": 3,
                    "life_epsilon": 9,
                    "study_epsilon": 1,
                    "researcher_year_epsilon": 2,
                    "researcher_life_epsilon": 1,
                }
            },
            "researcher_year_epsilon <= researcher_life_epsilon",
        ),
    ],
)
def test_a_policy_that_says_nonsense_is_refused(change, said):
    with pytest.raises(DeclarationError, match=said):
        decode(SitePolicy, policy(**change), where="policy")


def test_defaults_are_part_of_the_digest():
    short = policy()
    del short["limits"]
    assert digest(decode(SitePolicy, short, where="p")) == digest(
        decode(SitePolicy, policy(), where="p")
    )
