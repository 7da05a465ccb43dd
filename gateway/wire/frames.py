"""What travels between node, coordinator and researcher, as values.

Each class mirrors one protobuf message; the meaning of the fields is told in
``protos/gateway/wire/v1``. Times are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from federated.privacy.budgets import Shortfall
from federated.privacy.head import Head
from federated.study.outcome import State
from policies.signing import Signed

__all__ = [
    "PROTOCOL_MAX",
    "PROTOCOL_MIN",
    "Ask",
    "CountersignRequest",
    "Countersigned",
    "GoAway",
    "Heartbeat",
    "Hello",
    "HubFrame",
    "Malformed",
    "NetworkSite",
    "NetworkView",
    "NodeFrame",
    "Offer",
    "Progress",
    "Recorded",
    "Reply",
    "RosterChanged",
    "SiteProgress",
    "StudyResult",
    "StudyState",
    "Welcome",
]

PROTOCOL_MIN = 1
PROTOCOL_MAX = 1

StudyState = Literal["open", "complete", "too_few_sites", "failed"]
"""open: sites may still answer. complete: combined. too_few_sites: fewer than asked for
answered. failed: the answers could not be combined."""


@dataclass(frozen=True)
class Hello:
    """The node's first frame."""

    site: str
    protocol_min: int
    protocol_max: int
    ledger_head: Head | None
    policy: Signed | None


@dataclass(frozen=True)
class CountersignRequest:
    """The node asks for the hub's signature over ``head``, which extends ``previous``."""

    request_id: str
    head: Head
    previous: Head | None


@dataclass(frozen=True)
class Reply:
    """The outcome of one offer; ``release`` is the site's signature over the release's bytes."""

    offer_id: str
    state: State
    reasons: tuple[str, ...] = ()
    release: Signed | None = None
    charged: bool = False
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True)
class Heartbeat:
    """Nothing else to say."""

    time_unix_s: int


@dataclass(frozen=True)
class Welcome:
    """The hub's first frame."""

    protocol: int
    countersigned_head: Signed | None
    roster: Signed
    time_unix_s: int


@dataclass(frozen=True)
class Offer:
    """A question put to a site."""

    offer_id: str
    envelope: Signed
    deadline_unix_s: int


@dataclass(frozen=True)
class Countersigned:
    """The signed head; or ``refused``, a reason code, with the head the hub holds instead."""

    request_id: str
    signed_head: Signed | None = None
    refused: str = ""
    last_head: Signed | None = None


@dataclass(frozen=True)
class Recorded:
    """The hub has stored this offer's outcome; the node may forget the reply."""

    offer_id: str


@dataclass(frozen=True)
class RosterChanged:
    """A roster with a higher serial."""

    roster: Signed


@dataclass(frozen=True)
class GoAway:
    """The hub ends the stream; ``code`` says why."""

    code: str


@dataclass(frozen=True)
class Malformed:
    """Bytes that are not a message, or one that breaks a limit; ``reason`` names the field."""

    reason: str


NodeFrame = Hello | CountersignRequest | Reply | Heartbeat
HubFrame = Welcome | Offer | Countersigned | Heartbeat | GoAway | Recorded | RosterChanged


@dataclass(frozen=True)
class SiteProgress:
    """One site's part in a study; ``state`` is None while its outcome is open."""

    site: str
    state: State | None
    reasons: tuple[str, ...] = ()
    attached: bool = False
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True)
class Progress:
    """A study as it stands."""

    state: StudyState
    sites: tuple[SiteProgress, ...]
    deadline_unix_s: int


@dataclass(frozen=True)
class StudyResult:
    """A finished study; ``result`` is the combined result as JSON, empty if there is none."""

    state: StudyState
    sites: tuple[SiteProgress, ...]
    result: bytes = b""


@dataclass(frozen=True)
class NetworkSite:
    """A site as the coordinator last saw it; ``last_seen_unix_s`` is 0 if never."""

    site: str
    policy: Signed | None
    last_seen_unix_s: int
    attached: bool


@dataclass(frozen=True)
class NetworkView:
    """The roster and its sites."""

    roster: Signed
    sites: tuple[NetworkSite, ...]


@dataclass(frozen=True)
class Ask:
    """A researcher's request for one study, by its id."""

    study_id: str
