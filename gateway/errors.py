"""Errors of the processes: a site, a coordinator, their commands.

::

    OsteonError
    └── GatewayError            exit 1
        ├── SourceError         exit 2   a source file cannot be read as what it claims to be
        │   └── LoadRefused     exit 2   cells are wrong; carries the first problems and a count
        ├── SiteError           exit 2   a site folder is missing, incomplete or in the way
        ├── StoreError          exit 1   the registry store is damaged, locked or empty
        │   └── VaultInUse      exit 1   another command uses the vault, or changes its key
        ├── QuarantineError     exit 1   a withheld note does not open, or the queue is damaged
        ├── PublishRefused      exit 3   the policy's time between snapshots has not passed
        ├── IdentityError       exit 2   an identity folder, request or grant is wrong
        │   └── CertificateExpired exit 1   names the certificate, its end and the next command
        ├── NetworkError        exit 1   the other side cannot be reached; the cause is named
        │   └── NotAdmitted     exit 3   the roster does not list this member
        ├── WireError           exit 1   a message breaks the protocol
        ├── JournalError        exit 1   the coordinator's journal is damaged or in use
        ├── UnknownStudy        exit 2   the coordinator holds no such study for this researcher
        ├── UnknownSite         exit 2   the network has no such site, or too few
        ├── UnknownNote         exit 2   the quarantine has no such note, or several
        └── AuditError          exit 1   the audit log's chain is broken

Messages name file, row, field and rule. They never hold a cell's value.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.errors import OsteonError

__all__ = [
    "AuditError",
    "CertificateExpired",
    "GatewayError",
    "IdentityError",
    "JournalError",
    "LoadRefused",
    "NetworkError",
    "NotAdmitted",
    "PublishRefused",
    "QuarantineError",
    "SiteError",
    "SourceError",
    "StoreError",
    "UnknownNote",
    "UnknownSite",
    "UnknownStudy",
    "VaultInUse",
    "WireError",
]


class GatewayError(OsteonError):
    """Base of the errors of the gateway package."""

    code = "gateway"


class SourceError(GatewayError):
    """A source file is wrong. ``row`` is the line of the file, counted from 1."""

    exit_code = 2
    code = "source"

    def __init__(
        self,
        message: str,
        *,
        file: str,
        row: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        place = file if row is None else f"{file}: row {row}"
        super().__init__(f"{place}: field '{field}': {message}" if field else f"{place}: {message}")
        self.hint = hint
        self.file = file
        self.row = row
        self.field = field


class LoadRefused(SourceError):
    """Nothing was loaded because cells are wrong. ``problems`` are the first, as sentences;
    ``listed`` is the file in the site's folder that has them all, ``hints`` what may explain them.
    """

    code = "load_refused"

    def __init__(
        self,
        problems: Sequence[str],
        *,
        file: str,
        count: int,
        listed: str | None = None,
        hints: Sequence[str] = (),
    ) -> None:
        told = "".join(f"{hint}; " for hint in hints)
        first = "".join(f"\n  {problem}" for problem in problems)
        more = f"\n  … and {count - len(problems)} more" if count > len(problems) else ""
        wrong = "1 cell is wrong" if count == 1 else f"{count} cells are wrong"
        every = f"{listed} in the site's folder lists every one; " if listed else ""
        super().__init__(
            f"nothing was loaded: {wrong}{first}{more}",
            file=file,
            hint=f"{told}{every}correct the source, or load with --accept-bad-values: "
            "wrong cells become missing and are written to the fix list",
        )
        self.problems = tuple(problems)
        self.count = count


class SiteError(GatewayError):
    """A site folder is missing, incomplete, or would be overwritten."""

    exit_code = 2
    code = "site"


class StoreError(GatewayError):
    """The registry store is damaged, locked, or holds no version."""

    code = "store"


class VaultInUse(StoreError):
    """Another command uses the vault, or is changing its key."""

    code = "vault_in_use"


class QuarantineError(GatewayError):
    """The queue of withheld notes is damaged, or was written with another key."""

    code = "quarantine"


class PublishRefused(GatewayError):
    """The policy's time between snapshots has not passed."""

    exit_code = 3
    code = "publish_refused"


class IdentityError(GatewayError):
    """An identity folder, a request or a grant is incomplete or does not fit."""

    exit_code = 2
    code = "identity"


class CertificateExpired(IdentityError):
    """A certificate is past its end, or not yet valid."""

    exit_code = 1
    code = "certificate_expired"


class NetworkError(GatewayError):
    """The other side cannot be reached; ``code`` names the failing hop (dns, refused, tls …)."""

    code = "network"

    def __init__(self, message: str, *, code: str = "network", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class NotAdmitted(NetworkError):
    """The roster does not list this member, or lists it with another key."""

    exit_code = 3


class WireError(GatewayError):
    """A message breaks the protocol or one of its limits; the message names the field."""

    code = "wire"


class JournalError(GatewayError):
    """The coordinator's journal is damaged, or another process holds it."""

    code = "journal"


class UnknownStudy(GatewayError):
    """The coordinator holds no such study for this researcher."""

    exit_code = 2
    code = "unknown_study"


class UnknownSite(GatewayError):
    """The network has no site of that name, or fewer sites than were asked for."""

    exit_code = 2
    code = "unknown_site"


class UnknownNote(GatewayError):
    """The quarantine holds no note of that id, several, or none that this can be done to."""

    exit_code = 2
    code = "unknown_note"


class AuditError(GatewayError):
    """The audit log's chain is broken; the message names the first bad entry."""

    code = "audit"
