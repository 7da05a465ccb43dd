"""What the coordinator checks of an envelope before it journals the study.

These checks spare everybody a pointless round; the sites do not rely on them (D12).
"""

from __future__ import annotations

from typing import Final

from federated.errors import StudyError
from federated.study.envelope import Envelope
from policies.errors import SignatureError
from policies.roster import Roster

__all__ = ["check_limits"]

_SKEW_S: Final = 300


def check_limits(envelope: Envelope, roster: Roster, *, now_s: int) -> None:
    """SignatureError if it is out of date, StudyError if it does not fit this network."""
    if envelope.network != roster.network:
        raise StudyError(f'the envelope is for network "{envelope.network}"', where="envelope")
    if envelope.expires_s <= now_s:
        raise SignatureError(
            "the envelope has expired", hint="check this machine's clock, then submit again"
        )
    if envelope.created_s > now_s + _SKEW_S:
        raise SignatureError(
            "the envelope is dated in the future", hint="check this machine's clock"
        )
    unknown = sorted(set(envelope.sites) - {site.name for site in roster.sites})
    if unknown:
        raise StudyError(f"not in the roster: {', '.join(unknown)}", where="envelope: sites")
    if len(set(envelope.sites)) != len(envelope.sites):
        raise StudyError("a site is listed twice", where="envelope: sites")
    if envelope.min_sites > len(envelope.sites):
        raise StudyError("more sites needed than asked", where="envelope: min_sites")
