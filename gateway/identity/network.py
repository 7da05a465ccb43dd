"""The network's folder at the coordinator: its authority, its committee key and its roster.

::

    network.yaml                                      name, address, sites_per_patient_max
    identity/ ca_key ca tls_key tls_cert signing_key committee_key (.pem)
    roster.signed.json                                signed anew, serial + 1, on every admission
    journal.sqlite port                               the running coordinator's

The committee's key admits members; it may live on a machine of its own, with the folder copied
there for each admission.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import yaml
from cryptography import x509
from pydantic import Field as Declared

from gateway.errors import IdentityError
from gateway.identity import authority
from gateway.identity.authority import Authority, Member
from gateway.identity.files import write_whole
from gateway.identity.folder import TlsFiles, check_dates
from gateway.identity.grant import Grant
from gateway.identity.request import Request
from policies.decode import Declaration, load
from policies.dictionary.model import Slug
from policies.roster import Coordinator, Researcher, Roster, Site, open_roster, sign_roster
from policies.signing import Signed, SigningKey

__all__ = ["Network", "NetworkFolder"]


class Network(Declaration):
    """``network.yaml``. ``committee`` is the committee's public key (base64)."""

    network: Slug
    address: str
    committee: str
    sites_per_patient_max: int = Declared(default=1, ge=1, le=100)


class NetworkFolder:
    """A coordinator's folder."""

    def __init__(self, path: Path, network: Network) -> None:
        self.path = path
        self.identity = path / "identity"
        self.network = network

    @classmethod
    def create(
        cls, path: Path, *, name: str, address: str, sites_per_patient_max: int = 1, days: int = 365
    ) -> NetworkFolder:
        """Make a new network: CA, coordinator certificate, keys and an empty roster."""
        authority.split_address(address)
        if (path / "network.yaml").exists():
            raise IdentityError(f"{path} already holds a network")
        identity = path / "identity"
        identity.mkdir(parents=True, exist_ok=True)
        identity.chmod(0o700)
        committee, signing = SigningKey.generate(), SigningKey.generate()
        network = Network(
            network=name,
            address=address,
            committee=committee.public_key,
            sites_per_patient_max=sites_per_patient_max,
        )
        committee.save(identity / "committee_key.pem")
        signing.save(identity / "signing_key.pem")
        Authority.create(name, identity)
        authority.make_tls_key(identity / "tls_key.pem")
        folder = cls(path, network)
        folder.renew(days=days)
        roster = Roster(
            network=name,
            serial=1,
            sites_per_patient_max=sites_per_patient_max,
            coordinator=Coordinator(address=address, key=signing.public_key),
        )
        folder._write_roster(roster)
        text = yaml.safe_dump(network.model_dump(mode="json"), sort_keys=False)
        # Last: the folder counts as a network once this file exists.
        write_whole(path / "network.yaml", text.encode())
        return folder

    @classmethod
    def load(cls, path: Path) -> NetworkFolder:
        """Open a folder made by :meth:`create`."""
        if not (path / "network.yaml").exists():
            raise IdentityError(
                f"{path} holds no network",
                hint=f"osteon network init {shlex.quote(str(path))} --name N --address HOST:PORT",
            )
        return cls(path, load(Network, path / "network.yaml"))

    def renew(self, *, days: int = 365) -> None:
        """Give the coordinator a new certificate for its key and address."""
        key = authority.load_tls_key(self.identity / "tls_key.pem")
        host, _ = authority.split_address(self.network.address)
        certificate = Authority.load(self.identity).issue(
            authority.make_csr(key, "coordinator", "coordinator"),
            Member(self.network.network, "coordinator", "coordinator"),
            days=days,
            host=host,
        )
        write_whole(self.identity / "tls_cert.pem", certificate.encode())

    def tls(self) -> TlsFiles:
        """For the server; CertificateExpired if the coordinator's certificate is over."""
        path = self.identity / "tls_cert.pem"
        pem = path.read_bytes()
        check_dates(
            x509.load_pem_x509_certificate(pem),
            f"certificate of osteon://{self.network.network}/coordinator ({path})",
            f"osteon network renew {shlex.quote(str(self.path))}",
        )
        return TlsFiles(
            ca=(self.identity / "ca.pem").read_bytes(),
            key=(self.identity / "tls_key.pem").read_bytes(),
            certificate=pem,
        )

    def signing_key(self) -> SigningKey:
        """Countersigns ledger heads."""
        return SigningKey.load(self.identity / "signing_key.pem")

    def signed_roster(self) -> Signed:
        """As stored."""
        path = self.path / "roster.signed.json"
        try:
            return Signed.from_bytes(path.read_bytes())
        except OSError as error:
            raise IdentityError(f"{path}: cannot be read ({error.strerror})") from error

    def roster(self) -> Roster:
        """Verified with the committee's key."""
        return open_roster(self.signed_roster(), self.network.committee)

    def _write_roster(self, roster: Roster) -> Signed:
        committee = SigningKey.load(self.identity / "committee_key.pem")
        if committee.public_key != self.network.committee:
            raise IdentityError("committee_key.pem is not this network's committee key")
        signed = sign_roster(roster, committee)
        write_whole(self.path / "roster.signed.json", signed.to_bytes())
        return signed

    def admit(
        self, request: Request, *, days: int = authority.DAYS_DEFAULT, replace: bool = False
    ) -> Grant:
        """Certify a member and sign the roster that lists it.

        A known name with the same keys is a renewal. With other keys it is refused unless
        ``replace``: whoever could swap a site's key could answer in its name.
        """
        roster = self.roster()
        entry: Site | Researcher
        members: tuple[Site, ...] | tuple[Researcher, ...]
        if request.role == "site":
            entry = Site(name=request.name, key=request.key, officer=request.officer or "")
            members = roster.sites
        else:
            entry = Researcher(name=request.name, key=request.key)
            members = roster.researchers
        known = [member for member in members if member.name == request.name]
        if known and known[0] != entry and not replace:
            raise IdentityError(
                f'{request.role} "{request.name}" is already a member with other keys',
                hint="add --replace if the keys were truly renewed",
            )
        member = Member(roster.network, request.role, request.name)
        ca = Authority.load(self.identity)
        certificate = ca.issue(request.csr, member, days=days)
        listed = sorted(
            [*(m for m in members if m.name != request.name), entry], key=lambda m: m.name
        )
        signed = self._write_roster(_with(roster, request.role, listed))
        return Grant(
            network=roster.network,
            role=request.role,
            name=request.name,
            certificate=certificate,
            ca=ca.pem,
            address=self.network.address,
            committee=self.network.committee,
            roster=signed.to_bytes().decode(),
        )

    def remove(self, role: Literal["site", "researcher"], name: str) -> None:
        """Take a member off the roster: its certificate opens nothing from then on."""
        roster = self.roster()
        members = roster.sites if role == "site" else roster.researchers
        rest = [member for member in members if member.name != name]
        if len(rest) == len(members):
            raise IdentityError(f'{role} "{name}" is not a member')
        self._write_roster(_with(roster, role, rest))


def _with(roster: Roster, role: str, members: Sequence[Site | Researcher]) -> Roster:
    field = "sites" if role == "site" else "researchers"
    return roster.model_copy(update={field: tuple(members), "serial": roster.serial + 1})
