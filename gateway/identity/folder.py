"""The identity folder of a site or a researcher: ``DIR/identity``.

::

    tls_key.pem signing_key.pem [officer_key.pem]   made here, never leave
    request.json                                    goes to the coordinator
    tls_cert.pem ca.pem grant.json                  come back
    roster.signed.json                              the newest roster seen, serial never falls
"""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.errors import CertificateExpired, IdentityError, NotAdmitted
from gateway.identity import authority
from gateway.identity.authority import Member
from gateway.identity.files import write_whole
from gateway.identity.grant import Grant, read_grant
from gateway.identity.request import Request, sign_request
from policies.roster import Roster, open_roster
from policies.signing import Signed, SigningKey, key_id

__all__ = ["IdentityFolder", "TlsFiles", "accept", "check_dates", "make_request"]


@dataclass(frozen=True)
class TlsFiles:
    """PEM bytes for a TLS endpoint: the CA to trust, our key and our certificate."""

    ca: bytes
    key: bytes
    certificate: bytes


def make_request(home: Path, role: Literal["site", "researcher"], name: str) -> Path:
    """Make keys where none exist and write ``request.json``; returns its path.

    Run again before a certificate ends: the keys stay, so the same member is renewed.
    """
    folder = home / "identity"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    tls_key = (
        authority.load_tls_key(folder / "tls_key.pem")
        if (folder / "tls_key.pem").exists()
        else authority.make_tls_key(folder / "tls_key.pem")
    )
    key = _signing_key(folder / "signing_key.pem")
    officer = _signing_key(folder / "officer_key.pem") if role == "site" else None
    request = Request(
        role=role,
        name=name,
        csr=authority.make_csr(tls_key, role, name),
        key=key.public_key,
        officer=officer.public_key if officer else None,
    )
    path = folder / "request.json"
    write_whole(path, sign_request(request, key).to_bytes())
    return path


def _signing_key(path: Path) -> SigningKey:
    if path.exists():
        return SigningKey.load(path)
    key = SigningKey.generate()
    key.save(path)
    return key


def accept(home: Path, data: bytes, *, committee: str | None = None) -> IdentityFolder:
    """Check a grant against our own keys and store it.

    ``committee`` is the short name (key id) of the committee key, as learnt elsewhere. A folder
    that already belongs to a network keeps its committee key and never goes back to an older
    roster.
    """
    folder = home / "identity"
    grant = read_grant(data)
    certificate = _certificate(grant.certificate.encode(), "the grant's certificate")
    ca = _certificate(grant.ca.encode(), "the grant's CA certificate")
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise IdentityError("the grant's certificate was not issued by the grant's CA") from error
    key = authority.load_tls_key(folder / "tls_key.pem")
    if certificate.public_key() != key.public_key():
        raise IdentityError(
            "the grant was made for another request",
            hint="send the newest request.json to the coordinator",
        )
    member = Member(grant.network, grant.role, grant.name)
    if authority.member_of(certificate) != member:
        raise IdentityError("the grant's certificate names another member")
    roster = grant.open_roster()
    _check_listed(roster, member, SigningKey.load(folder / "signing_key.pem").public_key)
    _check_anchor(folder, grant, committee, roster)
    write_whole(folder / "roster.signed.json", grant.signed_roster().to_bytes())
    write_whole(folder / "ca.pem", grant.ca.encode())
    write_whole(folder / "tls_cert.pem", grant.certificate.encode())
    # Last: the folder counts as a member's once this file exists.
    write_whole(folder / "grant.json", data)
    return IdentityFolder.load(home)


def _check_anchor(folder: Path, grant: Grant, committee: str | None, roster: Roster) -> None:
    if committee is not None and committee != key_id(grant.committee):
        raise IdentityError("the grant names another committee key than the one expected")
    if not (folder / "grant.json").exists():
        return
    held = read_grant((folder / "grant.json").read_bytes())
    if held.committee != grant.committee:
        raise IdentityError(
            "this folder belongs to a network with another committee key",
            hint="use a new folder to join another network",
        )
    path = folder / "roster.signed.json"
    if path.exists():
        serial = open_roster(Signed.from_bytes(path.read_bytes()), held.committee).serial
        if serial > roster.serial:
            raise IdentityError(f"the grant's roster ({roster.serial}) is older than {serial}")


def _check_listed(roster: Roster, member: Member, key: str) -> None:
    listed = (
        roster.site(member.name).key
        if member.role == "site"
        else roster.researcher(member.name).key
    )
    if listed != key:
        raise NotAdmitted(
            f'the roster lists {member.role} "{member.name}" with another key', code="other_key"
        )


def _certificate(pem: bytes, what: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise IdentityError(f"{what} is not a readable certificate") from error


def check_dates(certificate: x509.Certificate, what: str, next_step: str) -> None:
    """CertificateExpired unless it is valid now; the message names it and its end."""
    now = dt.datetime.now(dt.UTC)
    if now >= certificate.not_valid_after_utc:
        end = certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M UTC")
        raise CertificateExpired(f"{what} expired on {end}", hint=next_step)
    if now < certificate.not_valid_before_utc:
        start = certificate.not_valid_before_utc.strftime("%Y-%m-%d %H:%M UTC")
        raise CertificateExpired(
            f"{what} is valid only from {start}", hint="check this machine's clock"
        )


class IdentityFolder:
    """An enrolled member's folder. Files are read when asked for, so renewals need no restart."""

    def __init__(self, home: Path, grant: Grant) -> None:
        self.home = home
        self.folder = home / "identity"
        self.grant = grant
        self.member = Member(grant.network, grant.role, grant.name)

    @classmethod
    def load(cls, home: Path) -> IdentityFolder:
        """Open ``home/identity``; IdentityError names the next step if it is not complete."""
        folder = home / "identity"
        path = folder / "grant.json"
        if not path.exists():
            if (folder / "request.json").exists():
                raise IdentityError(
                    f"{home} has asked to join but holds no grant yet",
                    hint=f"osteon identity accept {shlex.quote(str(home))} GRANT.json",
                )
            raise IdentityError(
                f"{home} holds no identity",
                hint=f"osteon identity request {shlex.quote(str(home))} --role … --name …",
            )
        return cls(home, read_grant(path.read_bytes()))

    @property
    def certificate(self) -> x509.Certificate:
        """Our own certificate."""
        path = self.folder / "tls_cert.pem"
        return _certificate(self._bytes(path), str(path))

    def check_certificate(self) -> None:
        """CertificateExpired if it is over, with the command that renews it."""
        home = shlex.quote(str(self.home))
        what = f"certificate of {self.member.uri} ({self.folder / 'tls_cert.pem'})"
        check_dates(
            self.certificate,
            what,
            f"osteon identity request {home} --role {self.member.role} --name {self.member.name}, "
            f"let the coordinator admit it again, then osteon identity accept {home} GRANT.json",
        )

    def tls(self) -> TlsFiles:
        """Fresh from disk; raises if our certificate has expired."""
        self.check_certificate()
        return TlsFiles(
            ca=self._bytes(self.folder / "ca.pem"),
            key=self._bytes(self.folder / "tls_key.pem"),
            certificate=self._bytes(self.folder / "tls_cert.pem"),
        )

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise IdentityError(f"{path}: cannot be read ({error.strerror})") from error

    def signing_key(self) -> SigningKey:
        """Signs releases (site) or envelopes (researcher)."""
        return SigningKey.load(self.folder / "signing_key.pem")

    def officer_key(self) -> SigningKey:
        """Signs the site's policy."""
        return SigningKey.load(self.folder / "officer_key.pem")

    def roster(self) -> Roster:
        """The newest roster seen, verified with the committee's key."""
        path = self.folder / "roster.signed.json"
        return open_roster(Signed.from_bytes(self._bytes(path)), self.grant.committee)

    def replace_roster(self, signed: Signed) -> Roster:
        """Keep a newer roster; an older one is refused, an equal one is not written again."""
        roster = open_roster(signed, self.grant.committee)
        held = self.roster()
        if roster.network != self.member.network:
            raise IdentityError("the roster belongs to another network")
        if roster.serial < held.serial:
            raise IdentityError(f"the roster ({roster.serial}) is older than ours ({held.serial})")
        if roster.serial > held.serial:
            write_whole(self.folder / "roster.signed.json", signed.to_bytes())
        return roster
