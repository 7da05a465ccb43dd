"""Why a connection fails, hop by hop: name, port, TLS, certificates on both sides.

gRPC reports most failures as "unavailable". After such a failure we walk the same way with the
standard library and say which hop failed and what to do about it.
"""

from __future__ import annotations

import socket
import ssl

from cryptography import x509

from gateway.errors import NetworkError
from gateway.identity.authority import split_address
from gateway.identity.folder import IdentityFolder

__all__ = ["diagnose"]

_TIMEOUT_S = 5.0
# The HTTP/2 preface with an empty SETTINGS frame: a server that accepts us answers it.
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def diagnose(identity: IdentityFolder, address: str) -> NetworkError:
    """The cause as an error with its hop as code: dns, refused, unreachable, port, tls,
    hostname, wrong_ca, coordinator_certificate_expired, certificate_refused or unavailable.

    Raises CertificateExpired if our own certificate is over.
    """
    identity.check_certificate()
    host, port = split_address(address)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return NetworkError(
            f'the name "{host}" cannot be resolved', code="dns", hint="check DNS and the address"
        )
    try:
        raw = socket.create_connection((host, port), timeout=_TIMEOUT_S)
    except ConnectionRefusedError:
        return NetworkError(
            f"{address} refuses connections",
            code="refused",
            hint="is the coordinator running (osteon network serve)?",
        )
    except OSError as error:
        return NetworkError(
            f"{address} cannot be reached ({error.strerror or 'no answer in time'})",
            code="unreachable",
            hint="check the firewall: one outgoing TCP connection is needed",
        )
    with raw:
        return _handshake(identity, raw, host, address)


def _handshake(
    identity: IdentityFolder, raw: socket.socket, host: str, address: str
) -> NetworkError:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(identity.folder / "ca.pem")
    context.load_cert_chain(identity.folder / "tls_cert.pem", identity.folder / "tls_key.pem")
    try:
        with context.wrap_socket(raw, server_hostname=host) as secure:
            # With TLS 1.3 the server judges our certificate after our side of the handshake.
            secure.sendall(_PREFACE)
            if secure.recv(9):
                return NetworkError(f"{address} answers, but the call failed", code="unavailable")
    except ssl.SSLCertVerificationError as error:
        return _verification(error, host, address)
    except ssl.SSLError as error:
        if "ALERT" in (error.reason or ""):
            return _refused(identity, address)
        return NetworkError(
            f"{address} does not speak TLS as expected",
            code="tls",
            hint="is the port right, and does no proxy inspect TLS on the way?",
        )
    except OSError:
        pass
    return _refused(identity, address)


def _refused(identity: IdentityFolder, address: str) -> NetworkError:
    return NetworkError(
        f"{address} does not accept the certificate of {identity.member.uri}",
        code="certificate_refused",
        hint="was it issued by this network? request and accept a grant again",
    )


def _verification(error: ssl.SSLCertVerificationError, host: str, address: str) -> NetworkError:
    reason = error.verify_message.lower()
    if "expired" in reason or "not yet valid" in reason:
        end = _end_of(address)
        return NetworkError(
            f"the coordinator's certificate ({address}) expired{end}",
            code="coordinator_certificate_expired",
            hint="at the coordinator: osteon network renew NETWORK_DIR, then serve again",
        )
    if "mismatch" in reason:
        return NetworkError(
            f'the coordinator\'s certificate is not for "{host}"',
            code="hostname",
            hint="dial the address that the network was founded with",
        )
    return NetworkError(
        f"the coordinator's certificate ({address}) was not issued by this network's CA",
        code="wrong_ca",
        hint="is this the right coordinator, and does no proxy inspect TLS on the way?",
    )


def _end_of(address: str) -> str:
    """`` on <date>`` of the server's certificate, as far as it can be had."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only its date is read, nothing is sent
    host, port = split_address(address)
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT_S) as raw,
            context.wrap_socket(raw, server_hostname=host) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
    except OSError:
        return ""
    if der is None:
        return ""
    end = x509.load_der_x509_certificate(der).not_valid_after_utc
    return f" on {end:%Y-%m-%d %H:%M} UTC"
