"""Bytes ↔ values of the researcher's service. Strictness as in :mod:`gateway.wire.codec`."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.errors import WireError
from gateway.wire import codec, frames
from gateway.wire.v1 import research_pb2 as pb
from policies.signing import Signed

__all__ = [
    "decode_ask",
    "decode_network",
    "decode_progress",
    "decode_result",
    "decode_study_id",
    "decode_submit",
    "encode_ask",
    "encode_network",
    "encode_network_request",
    "encode_progress",
    "encode_result",
    "encode_study_id",
    "encode_submit",
]

_SITES_MAX = 1000
_STATES: dict[frames.StudyState, pb.StudyState] = {
    "open": pb.STUDY_STATE_OPEN,
    "complete": pb.STUDY_STATE_COMPLETE,
    "too_few_sites": pb.STUDY_STATE_TOO_FEW_SITES,
    "failed": pb.STUDY_STATE_FAILED,
}
_STATE_NAMES: dict[int, frames.StudyState] = {int(n): name for name, n in _STATES.items()}


def _state(value: int) -> frames.StudyState:
    try:
        return _STATE_NAMES[value]
    except KeyError as error:
        raise WireError("state is not a known study state") from error


def encode_submit(envelope: Signed) -> bytes:
    """Submit's request."""
    return pb.SubmitRequest(envelope=codec.signed_message(envelope)).SerializeToString()


def decode_submit(data: bytes) -> Signed:
    """Inverse of :func:`encode_submit`."""
    return codec.signed(codec.parse(pb.SubmitRequest, data).envelope, "envelope")


def encode_study_id(study_id: str) -> bytes:
    """Submit's answer."""
    return pb.SubmitResponse(study_id=study_id).SerializeToString()


def decode_study_id(data: bytes) -> str:
    """Inverse of :func:`encode_study_id`."""
    return codec.identifier(codec.parse(pb.SubmitResponse, data).study_id, "study_id")


def encode_ask(ask: frames.Ask) -> bytes:
    """The request of Watch and of Result: the same single field in both."""
    return pb.WatchRequest(study_id=ask.study_id).SerializeToString()


def decode_ask(data: bytes) -> frames.Ask:
    """Inverse of :func:`encode_ask`."""
    return frames.Ask(codec.identifier(codec.parse(pb.WatchRequest, data).study_id, "study_id"))


def _site_messages(sites: Iterable[frames.SiteProgress]) -> list[pb.SiteProgress]:
    return [
        pb.SiteProgress(
            site=site.site,
            state=codec.state_number(site.state) if site.state else None,
            reasons=site.reasons,
            attached=site.attached,
            shortfalls=codec.shortfall_messages(site.shortfalls),
        )
        for site in sites
    ]


def _sites(messages: Iterable[pb.SiteProgress]) -> tuple[frames.SiteProgress, ...]:
    sites = tuple(
        frames.SiteProgress(
            site=codec.name(message.site, "sites.site"),
            state=codec.state(message.state, "sites.state") if message.state else None,
            reasons=codec.reasons(message.reasons, "sites.reasons"),
            attached=message.attached,
            shortfalls=codec.shortfalls(message.shortfalls, "sites.shortfalls"),
        )
        for message in messages
    )
    if len(sites) > _SITES_MAX:
        raise WireError(f"sites has more than {_SITES_MAX} entries")
    return sites


def encode_progress(progress: frames.Progress) -> bytes:
    """One event of Watch."""
    return pb.WatchResponse(
        state=_STATES[progress.state],
        sites=_site_messages(progress.sites),
        deadline_unix_s=progress.deadline_unix_s,
    ).SerializeToString()


def decode_progress(data: bytes) -> frames.Progress:
    """Inverse of :func:`encode_progress`."""
    message = codec.parse(pb.WatchResponse, data)
    return frames.Progress(
        state=_state(message.state),
        sites=_sites(message.sites),
        deadline_unix_s=codec.time_s(message.deadline_unix_s, "deadline_unix_s"),
    )


def encode_result(result: frames.StudyResult) -> bytes:
    """Result's answer."""
    return pb.ResultResponse(
        state=_STATES[result.state], sites=_site_messages(result.sites), result=result.result
    ).SerializeToString()


def decode_result(data: bytes) -> frames.StudyResult:
    """Inverse of :func:`encode_result`."""
    message = codec.parse(pb.ResultResponse, data)
    return frames.StudyResult(_state(message.state), _sites(message.sites), message.result)


def encode_network_request(_: None) -> bytes:
    """Network asks without a parameter."""
    return pb.NetworkRequest().SerializeToString()


def encode_network(view: frames.NetworkView) -> bytes:
    """Network's answer."""
    return pb.NetworkResponse(
        roster=codec.signed_message(view.roster),
        sites=[
            pb.NetworkSite(
                site=site.site,
                policy=codec.signed_message(site.policy),
                last_seen_unix_s=site.last_seen_unix_s,
                attached=site.attached,
            )
            for site in view.sites
        ],
    ).SerializeToString()


def decode_network(data: bytes) -> frames.NetworkView:
    """Inverse of :func:`encode_network`."""
    message = codec.parse(pb.NetworkResponse, data)
    if len(message.sites) > _SITES_MAX:
        raise WireError(f"sites has more than {_SITES_MAX} entries")
    return frames.NetworkView(
        roster=codec.signed(message.roster, "roster"),
        sites=tuple(
            frames.NetworkSite(
                site=codec.name(site.site, "sites.site"),
                policy=codec.signed_if(site, "policy", "site-policy"),
                last_seen_unix_s=codec.time_s(site.last_seen_unix_s, "sites.last_seen_unix_s"),
                attached=site.attached,
            )
            for site in message.sites
        ),
    )
