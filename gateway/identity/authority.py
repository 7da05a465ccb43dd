"""The network's private certificate authority: ECDSA P-256, short leaves, SAN URIs.

A member is named by the URI ``osteon://<network>/<role>/<name>`` (``osteon://<network>/coordinator``
for the coordinator) in its certificate's subject alternative names; the common name is for
human eyes and decides nothing. Times: leaves start five minutes early, for clocks that differ.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import IdentityError

__all__ = [
    "DAYS_DEFAULT",
    "Authority",
    "Member",
    "Role",
    "load_tls_key",
    "make_csr",
    "make_tls_key",
    "member_of",
    "split_address",
]

Role = Literal["site", "researcher", "coordinator"]
DAYS_DEFAULT = 30
_AUTHORITY_DAYS = 3650
_EARLY = dt.timedelta(minutes=5)
_URI = re.compile(
    r"osteon://(?P<network>[a-z][a-z0-9_]{0,62})/"
    r"(?:(?P<role>site|researcher)/(?P<name>[a-z][a-z0-9_]{0,62})|coordinator)\Z"
)


@dataclass(frozen=True)
class Member:
    """Who a certificate speaks for. The coordinator's name is ``coordinator``."""

    network: str
    role: Role
    name: str

    @property
    def uri(self) -> str:
        """The SAN URI."""
        tail = "coordinator" if self.role == "coordinator" else f"{self.role}/{self.name}"
        return f"osteon://{self.network}/{tail}"

    @classmethod
    def parse(cls, uri: str) -> Member | None:
        """The member that a SAN names, or None for any other SAN."""
        match = _URI.match(uri)
        if match is None:
            return None
        role: Role = "coordinator"
        if match["role"]:
            role = "site" if match["role"] == "site" else "researcher"
        return cls(match["network"], role, match["name"] or "coordinator")


def member_of(certificate: x509.Certificate) -> Member:
    """Who a certificate speaks for; IdentityError unless exactly one member is named."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise IdentityError("the certificate names no member") from error
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    members = [member for uri in uris if (member := Member.parse(uri))]
    if len(members) != 1:
        raise IdentityError("the certificate must name exactly one member")
    return members[0]


def split_address(address: str) -> tuple[str, int]:
    """``host:port`` (``[v6]:port``) → its parts; IdentityError otherwise."""
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise IdentityError(f'"{address}" is not HOST:PORT')
    return host, int(port)


def make_tls_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key, written with mode 0600; an existing file is never overwritten."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def load_tls_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a P-256 key."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise IdentityError(f"{path}: not a readable private key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise IdentityError(f"{path}: not a P-256 key")
    return key


def make_csr(key: ec.EllipticCurvePrivateKey, role: Role, name: str) -> str:
    """A PEM signing request; it proves possession of the key and nothing else."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{role} {name}"[:64])])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Authority:
    """A CA key with its self-signed certificate."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self.certificate = certificate

    @classmethod
    def create(cls, network: str, folder: Path) -> Authority:
        """Make ``ca_key.pem`` and ``ca.pem`` in ``folder``."""
        key = make_tls_key(folder / "ca_key.pem")
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"osteon {network}"[:64])])
        start = _now() - _EARLY
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=_AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        authority = cls(key, certificate)
        (folder / "ca.pem").write_text(authority.pem, encoding="ascii")
        return authority

    @classmethod
    def load(cls, folder: Path) -> Authority:
        """Read what :meth:`create` wrote."""
        try:
            certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        except (OSError, ValueError) as error:
            raise IdentityError(f"{folder / 'ca.pem'}: not a readable certificate") from error
        return cls(load_tls_key(folder / "ca_key.pem"), certificate)

    @property
    def pem(self) -> str:
        """The CA's certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def issue(
        self, csr_pem: str, member: Member, *, days: int = DAYS_DEFAULT, host: str | None = None
    ) -> str:
        """Certify the key of a request for ``member``, PEM.

        Only the key is taken from the request; names and usage are ours. ``host`` (the
        coordinator's) becomes a DNS or IP name. A certificate ends ``days`` from now; a number
        below zero gives one that has already ended, for rehearsing expiry.
        """
        try:
            csr = x509.load_pem_x509_csr(csr_pem.encode("ascii"))
        except (ValueError, UnicodeEncodeError) as error:
            raise IdentityError("not a certificate signing request") from error
        key = csr.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise IdentityError("the request's key is not P-256")
        if not csr.is_signature_valid:
            raise IdentityError("the request does not prove possession of its key")
        return self._certify(key, member, days, host)

    def _certify(
        self, key: ec.EllipticCurvePublicKey, member: Member, days: int, host: str | None
    ) -> str:
        end = _now() + dt.timedelta(days=days)
        start = min(_now(), end - dt.timedelta(days=1)) - _EARLY
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(member.uri)]
        if host:
            names.append(_host_name(host))
        usage = (
            ExtendedKeyUsageOID.SERVER_AUTH
            if member.role == "coordinator"
            else ExtendedKeyUsageOID.CLIENT_AUTH
        )
        label = f"{member.role} {member.name}"[:64]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)]))
            .issuer_name(self.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
