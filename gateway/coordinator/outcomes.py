"""From a site's reply to a journalled outcome, and from there to what is combined."""

from __future__ import annotations

from federated.privacy.release import Release
from federated.study.outcome import Outcome
from gateway.coordinator.journal import OutcomeRow
from gateway.wire.frames import Reply
from policies.errors import SignatureError
from policies.roster import Site
from policies.signing import verify

__all__ = ["CONTEXT", "checked", "outcome_of"]

CONTEXT = "release"
"""What a site signs its releases as."""


def checked(reply: Reply, site: Site) -> OutcomeRow:
    """The outcome as the site told it; ``failed`` if its release is not its own.

    A release that a thief of the site's TLS key made up, or that another site gave, must not
    enter a result under this site's name.
    """
    if reply.release is not None:
        try:
            release = Release.from_bytes(verify(reply.release, site.key, CONTEXT))
        except SignatureError:
            return OutcomeRow(site.name, "failed", ("release_signature",))
        except (ValueError, KeyError, TypeError):
            return OutcomeRow(site.name, "failed", ("release_malformed",))
        if release.site != site.name:
            return OutcomeRow(site.name, "failed", ("release_signature",))
    return OutcomeRow(
        site.name, reply.state, reply.reasons, reply.release, reply.charged, reply.shortfalls
    )


def outcome_of(row: OutcomeRow) -> Outcome:
    """As the combination takes it; an open one counts as no_reply."""
    release = Release.from_bytes(row.release.payload) if row.release is not None else None
    return Outcome(
        row.site, row.state or "no_reply", row.reasons, release, row.charged, row.shortfalls
    )
