"""Joining a network: who certifies whom, what is refused, and what happens at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography import x509

from gateway.errors import CertificateExpired, IdentityError
from gateway.identity.authority import Authority, Member, make_csr, make_tls_key, split_address
from gateway.identity.folder import IdentityFolder, accept, make_request
from gateway.identity.grant import Grant, grant_bytes, read_grant
from gateway.identity.network import NetworkFolder
from gateway.identity.request import open_request
from policies.errors import DeclarationError, SignatureError
from policies.roster import sign_roster
from policies.signing import SigningKey, key_id


@pytest.fixture
def network(tmp_path: Path) -> NetworkFolder:
    return NetworkFolder.create(tmp_path / "net", name="midwest", address="localhost:7443")


def admit(network: NetworkFolder, home: Path, role: str, name: str, **more: object) -> bytes:
    request = open_request(make_request(home, role, name).read_bytes())
    return grant_bytes(network.admit(request, **more))


def test_a_site_joins_and_holds_a_certificate_that_names_it(
    network: NetworkFolder, tmp_path: Path
) -> None:
    identity = accept(tmp_path / "north", admit(network, tmp_path / "north", "site", "north"))
    assert identity.member == Member("midwest", "site", "north")
    names = identity.certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [
        "osteon://midwest/site/north"
    ]
    assert identity.roster().site("north").key == identity.signing_key().public_key
    assert identity.roster().site("north").officer == identity.officer_key().public_key
    assert identity.tls().certificate


def test_the_coordinators_certificate_carries_its_host_name(network: NetworkFolder) -> None:
    certificate = x509.load_pem_x509_certificate(network.tls().certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_no_private_key_is_in_a_request_or_grant(network: NetworkFolder, tmp_path: Path) -> None:
    grant = admit(network, tmp_path / "north", "site", "north")
    request = (tmp_path / "north/identity/request.json").read_bytes()
    for sent in (grant, request):
        assert b"PRIVATE" not in sent
    folder = tmp_path / "north/identity"
    for key in ("tls_key.pem", "signing_key.pem", "officer_key.pem"):
        assert (folder / key).stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_each_admission_raises_the_rosters_serial(network: NetworkFolder, tmp_path: Path) -> None:
    serials = [network.roster().serial]
    for name in ("north", "south"):
        admit(network, tmp_path / name, "site", name)
        serials.append(network.roster().serial)
    assert serials == [1, 2, 3]
    assert [site.name for site in network.roster().sites] == ["north", "south"]


def test_a_renewal_keeps_the_keys_and_a_stranger_cannot_take_a_name(
    network: NetworkFolder, tmp_path: Path
) -> None:
    first = accept(tmp_path / "a", admit(network, tmp_path / "a", "site", "north"))
    key = first.signing_key().public_key
    again = accept(tmp_path / "a", admit(network, tmp_path / "a", "site", "north", days=60))
    assert again.signing_key().public_key == key
    with pytest.raises(IdentityError, match="already a member with other keys"):
        admit(network, tmp_path / "b", "site", "north")
    accept(tmp_path / "b", admit(network, tmp_path / "b", "site", "north", replace=True))
    assert network.roster().site("north").key != key


def test_a_removed_member_is_off_the_roster(network: NetworkFolder, tmp_path: Path) -> None:
    admit(network, tmp_path / "north", "site", "north")
    network.remove("site", "north")
    with pytest.raises(SignatureError, match="not in the roster"):
        network.roster().site("north")
    with pytest.raises(IdentityError, match="not a member"):
        network.remove("site", "north")


def test_an_expired_certificate_is_named_with_its_end_and_the_next_step(
    network: NetworkFolder, tmp_path: Path
) -> None:
    identity = accept(
        tmp_path / "north", admit(network, tmp_path / "north", "site", "north", days=-1)
    )
    end = identity.certificate.not_valid_after_utc.strftime("%Y-%m-%d")
    with pytest.raises(CertificateExpired, match=f"osteon://midwest/site/north.*{end}") as raised:
        identity.tls()
    assert "osteon identity request" in (raised.value.hint or "")
    network.renew(days=-1)
    with pytest.raises(CertificateExpired, match="midwest/coordinator") as raised:
        network.tls()
    assert "osteon network renew" in (raised.value.hint or "")


def test_a_request_must_be_signed_by_the_key_it_names(tmp_path: Path) -> None:
    data = make_request(tmp_path / "a", "site", "north").read_bytes()
    other = make_request(tmp_path / "b", "site", "north").read_bytes()
    mixed = json.loads(data) | {"signature": json.loads(other)["signature"]}
    with pytest.raises(DeclarationError, match="request"):
        open_request(json.dumps(mixed).encode())


def test_the_authority_certifies_only_keys_that_were_proved(tmp_path: Path) -> None:
    authority = Authority.create("midwest", tmp_path)
    csr = make_csr(make_tls_key(tmp_path / "k.pem"), "site", "north")
    forged = csr.replace(csr.splitlines()[-2][:8], "AAAAAAAA")
    with pytest.raises(IdentityError):
        authority.issue(forged, Member("midwest", "site", "north"))


def change(grant: bytes, **fields: object) -> bytes:
    return grant_bytes(Grant(**(read_grant(grant).model_dump() | fields)))


def test_a_grant_for_others_or_from_others_is_refused(
    network: NetworkFolder, tmp_path: Path
) -> None:
    grant = admit(network, tmp_path / "north", "site", "north")
    other = admit(network, tmp_path / "south", "site", "south")
    with pytest.raises(IdentityError, match="another request"):
        accept(tmp_path / "north", other)
    with pytest.raises(IdentityError, match="another member"):
        accept(tmp_path / "north", change(grant, name="south"))
    stranger = NetworkFolder.create(tmp_path / "evil", name="midwest", address="localhost:1")
    with pytest.raises(IdentityError, match="not issued by"):
        accept(tmp_path / "north", change(grant, ca=(stranger.identity / "ca.pem").read_text()))
    with pytest.raises(IdentityError, match="not valid"):
        accept(tmp_path / "north", change(grant, committee=stranger.network.committee))
    with pytest.raises(IdentityError, match="not a grant"):
        accept(tmp_path / "north", b"\x00")


def test_the_committee_key_can_be_checked_and_is_pinned(
    network: NetworkFolder, tmp_path: Path
) -> None:
    home = tmp_path / "north"
    grant = admit(network, home, "site", "north")
    with pytest.raises(IdentityError, match="another committee key"):
        accept(home, grant, committee="0" * 16)
    accept(home, grant, committee=key_id(network.network.committee))
    stranger = NetworkFolder.create(tmp_path / "evil", name="midwest", address="localhost:1")
    with pytest.raises(IdentityError, match="another committee key"):
        accept(home, admit(stranger, home, "site", "north"))


def test_a_roster_never_goes_back_and_is_the_committees(
    network: NetworkFolder, tmp_path: Path
) -> None:
    old = network.signed_roster()
    identity = accept(tmp_path / "north", admit(network, tmp_path / "north", "site", "north"))
    with pytest.raises(IdentityError, match="older"):
        identity.replace_roster(old)
    forged = sign_roster(network.roster().model_copy(update={"serial": 99}), SigningKey.generate())
    with pytest.raises(SignatureError):
        identity.replace_roster(forged)
    admit(network, tmp_path / "south", "site", "south")
    assert identity.replace_roster(network.signed_roster()).serial == 3
    assert identity.roster().serial == 3


def test_an_unfinished_folder_says_what_comes_next(tmp_path: Path) -> None:
    with pytest.raises(IdentityError) as raised:
        IdentityFolder.load(tmp_path / "nobody")
    assert "identity request" in (raised.value.hint or "")
    make_request(tmp_path / "north", "site", "north")
    with pytest.raises(IdentityError) as raised:
        IdentityFolder.load(tmp_path / "north")
    assert "identity accept" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("uri", "member"),
    [
        ("osteon://midwest/site/north", Member("midwest", "site", "north")),
        ("osteon://midwest/researcher/rita", Member("midwest", "researcher", "rita")),
        ("osteon://midwest/coordinator", Member("midwest", "coordinator", "coordinator")),
        ("osteon://midwest/site/north\n", None),
        ("osteon://midwest/site/north/../south", None),
        ("osteon://midwest/coordinator/x", None),
        ("spiffe://midwest/site/north", None),
    ],
)
def test_only_exact_uris_name_a_member(uri: str, member: Member | None) -> None:
    assert Member.parse(uri) == member


@pytest.mark.parametrize("address", ["localhost", ":1", "a:b", "a:70000", "a:"])
def test_an_address_is_host_and_port(address: str) -> None:
    assert split_address("[::1]:7443") == ("::1", 7443)
    with pytest.raises(IdentityError):
        split_address(address)
