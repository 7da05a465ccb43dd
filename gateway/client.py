"""The researcher's client: preview, submit, wait, read.

::

    from gateway.client import Client

    client = Client()                          # ~/.config/osteon, or OSTEON_HOME
    study = client.read("margins.yaml")
    print(client.preview(study).epsilon)       # free
    result = client.run(study)
    result.to_pandas()
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import grpc

from federated.errors import BudgetExhausted, Refused, TooFewSites
from federated.privacy.budgets import advice
from federated.study.catalogue import Catalogue
from federated.study.cautions import Caution
from federated.study.envelope import Envelope, seal
from federated.study.model import Study
from gateway.errors import GatewayError, IdentityError, NetworkError, UnknownSite
from gateway.identity.dial import diagnose
from gateway.identity.folder import IdentityFolder
from gateway.wire import frames
from gateway.wire.rpc import CHANNEL_OPTIONS, ResearchStub, raised
from policies.errors import OsteonError
from policies.roster import Roster
from policies.site import SitePolicy, open_policy

if TYPE_CHECKING:
    from federated.combine.result import Result
    from federated.study.preview import Preview
    from federated.study.simulate import Simulation

__all__ = ["Client", "Member", "default_home", "no_result", "too_few_asked"]

_CALL_S = 30.0
_NEVER_SHOWN = "has not shown a policy yet: its node has not connected since it was signed"
_EXPIRY_SLACK_S = 300
"""Sites may answer in the last second of the deadline; their clocks may differ a little."""


def default_home() -> Path:
    """``OSTEON_HOME``, or ``~/.config/osteon``."""
    return Path(os.environ.get("OSTEON_HOME") or Path.home() / ".config" / "osteon")


@dataclass(frozen=True)
class Member:
    """A site of the network; ``policy`` is None until it has shown one that its officer signed
    with the key on the roster, and ``no_policy`` says why.
    """

    name: str
    attached: bool
    last_seen_unix_s: int
    policy: SitePolicy | None
    no_policy: Caution | None = None


class Client:
    """A researcher's view of one network. Usable as a context manager; calls are synchronous."""

    def __init__(self, home: Path | str | None = None, *, address: str | None = None) -> None:
        self.home = Path(home) if home is not None else default_home()
        self.identity = IdentityFolder.load(self.home)
        if self.identity.member.role != "researcher":
            raise IdentityError(f"{self.home} is the identity of a {self.identity.member.role}")
        self.address = address or self.identity.grant.address
        self._channel: grpc.Channel | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    @cached_property
    def catalogue(self) -> Catalogue:
        """Dictionaries and measures: those in the home folder, then those shipped."""
        return Catalogue(self.home)

    # -- calls -------------------------------------------------------------------------------

    def _stub(self) -> ResearchStub:
        if self._channel is None:
            # gRPC core's own messages repeat, without a cause, what we report with one.
            os.environ.setdefault("GRPC_VERBOSITY", "NONE")
            tls = self.identity.tls()
            self._channel = grpc.secure_channel(
                self.address,
                grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate),
                options=CHANNEL_OPTIONS,
            )
        return ResearchStub(self._channel)

    @contextmanager
    def _call(self) -> Iterator[ResearchStub]:
        """Every failure of gRPC leaves here as an OsteonError with its cause."""
        try:
            yield self._stub()
        except grpc.RpcError as error:
            cause = raised(error)
            if cause.code != "unavailable":
                raise cause from error
            self.close()
            raise diagnose(self.identity, self.address) from error

    # -- looking -----------------------------------------------------------------------------

    def roster(self) -> Roster:
        """The network's members; a newer signed roster is kept in the identity folder."""
        with self._call() as stub:
            return self.identity.replace_roster(stub.network(None, timeout=_CALL_S).roster)

    def network(self) -> tuple[Member, ...]:
        """The sites with their published policies, each verified with its officer's key."""
        with self._call() as stub:
            view: frames.NetworkView = stub.network(None, timeout=_CALL_S)
        roster = self.identity.replace_roster(view.roster)
        seen = {site.site: site for site in view.sites}
        return tuple(_member(site.name, site.officer, seen.get(site.name)) for site in roster.sites)

    def read(self, path: Path | str) -> Study:
        """Read and resolve a study file."""
        from federated.study.resolve import read_study

        return read_study(Path(path), self.catalogue)

    def preview(
        self, study: Study, *, sites: Sequence[str] | None = None, assumed_rows: int | None = None
    ) -> Preview:
        """Cost and expected accuracy at the sites asked (all by default). Spends nothing."""
        from federated.study import preview

        asked = self._members(sites)
        more = {} if assumed_rows is None else {"assumed_rows": assumed_rows}
        return preview.preview(
            study,
            self.catalogue,
            [member.policy for member in asked if member.policy],
            researcher=self.identity.member.name,
            today=_today(),
            without_policy=[m.no_policy for m in asked if m.no_policy],
            sites_per_patient_max=self.identity.roster().sites_per_patient_max,
            **more,
        )

    def simulate(
        self,
        studies: Sequence[Study],
        *,
        sites: Sequence[str] | None = None,
        years: int = 1,
        asked_every_days: int | None = None,
    ) -> Simulation:
        """Where each site's budget would end if the studies were asked in this order today, and for
        ``years`` years every ``asked_every_days`` days (None: once a year). What it takes for
        granted of new snapshots stands in ``Simulation.assumed()``.
        """
        from federated.study import simulate

        asked = self._members(sites)
        return simulate.simulate(
            studies,
            self.catalogue,
            [member.policy for member in asked if member.policy],
            researcher=self.identity.member.name,
            today=_today(),
            years=years,
            asked_every_days=asked_every_days,
            without_policy=[m.no_policy for m in asked if m.no_policy],
        )

    def as_one(self, studies: Sequence[Study]) -> Study:
        """One study that tells all that the given ones tell, as exactly; StudyError if they differ
        in dictionary, purpose or project.
        """
        from federated.study import joint

        return joint.as_one(studies, self.catalogue)

    def _members(self, sites: Sequence[str] | None) -> list[Member]:
        members = self.network()
        known = {member.name for member in members}
        for name in sites or ():
            if name not in known:
                raise UnknownSite(
                    f'"{name}" is not a site of this network',
                    hint=f"sites: {', '.join(sorted(known)) or 'none yet'}",
                )
        return [member for member in members if sites is None or member.name in sites]

    # -- asking ------------------------------------------------------------------------------

    def submit(
        self,
        study: Study,
        *,
        sites: Sequence[str] | None = None,
        min_sites: int = 1,
        deadline_s: int | None = None,
    ) -> str:
        """Sign an envelope for ``study`` and hand it in; returns the study's id.

        The envelope allows each site the study's own charge and no more. ``sites`` defaults to
        all of the roster. ``deadline_s`` is how long they may take, by default what leaves a minute
        beside the wait of a reply. Under ``Preview.wait_late_s`` a site may be charged and answer
        after it; the same question then has that answer at once, and free.
        """
        asked = tuple(sites) if sites is not None else tuple(s.name for s in self.roster().sites)
        if len(asked) < max(min_sites, 1):
            raise too_few_asked(len(asked), max(min_sites, 1))
        if deadline_s is None:
            deadline_s = self._deadline_s(study)
        now_s = int(time.time())
        envelope = Envelope(
            network=self.identity.member.network,
            researcher=self.identity.member.name,
            study=study.model_dump(mode="json"),
            sites=asked,
            min_sites=min_sites,
            created_s=now_s,
            expires_s=now_s + deadline_s + _EXPIRY_SLACK_S,
            deadline_s=deadline_s,
            nano_rho_max=study.nano_rho,
        )
        signed = seal(envelope, self.identity.signing_key())
        with self._call() as stub:
            return str(stub.submit(signed, timeout=_CALL_S))

    def _deadline_s(self, study: Study) -> int:
        from federated.privacy import reply_time
        from federated.study.compile import compile_study

        plan = compile_study(study, self.catalogue)
        return reply_time.deadline_s(plan.nano_rho, plan.parts)

    def wait(
        self, study_id: str, progress: Callable[[frames.Progress], None] | None = None
    ) -> frames.StudyResult:
        """Wait until the study is finished. ``progress`` is called at every change.

        A connection that breaks is dialled again: the study goes on without us.
        """
        while not self._watched(study_id, progress):
            time.sleep(1.0)
        with self._call() as stub:
            finished: frames.StudyResult = stub.result(frames.Ask(study_id), timeout=_CALL_S)
        return finished

    def _watched(self, study_id: str, progress: Callable[[frames.Progress], None] | None) -> bool:
        """Follow one Watch stream; False if it broke after it had begun."""
        state: frames.StudyState | None = None
        try:
            with self._call() as stub:
                for event in stub.watch(frames.Ask(study_id)):
                    state = event.state
                    if progress is not None:
                        progress(event)
        except NetworkError:
            if state is None:
                raise
            return state != "open"
        return state != "open"

    def result(self, study_id: str) -> Result:
        """The result of a finished study.

        Raises Refused or BudgetExhausted when every site refused by policy or for want of
        budget, TooFewSites when too few answered, GatewayError while it is still open.
        """
        with self._call() as stub:
            return _opened(stub.result(frames.Ask(study_id), timeout=_CALL_S))

    def run(
        self,
        study: Study | Path | str,
        *,
        sites: Sequence[str] | None = None,
        min_sites: int = 1,
        deadline_s: int | None = None,
        progress: Callable[[frames.Progress], None] | None = None,
    ) -> Result:
        """Submit, wait and read. ``study`` may be the path of a study file."""
        if not isinstance(study, Study):
            study = self.read(study)
        study_id = self.submit(study, sites=sites, min_sites=min_sites, deadline_s=deadline_s)
        return _opened(self.wait(study_id, progress))


def _today() -> date:
    return datetime.now(UTC).date()


def _member(name: str, officer: str, seen: frames.NetworkSite | None) -> Member:
    never = Caution("policy_not_shown", _NEVER_SHOWN, sites=(name,))
    if seen is None:
        return Member(name, False, 0, None, never)
    policy: SitePolicy | None = None
    why: Caution | None = never
    if seen.policy is not None:
        # One site's stale signature must not keep anybody from the others.
        try:
            policy, why = open_policy(seen.policy, officer), None
        except OsteonError as error:
            said = f"its policy cannot be used: {error.message}; its officer signs it again"
            why = Caution("policy_not_usable", said, sites=(name,))
    return Member(name, seen.attached, seen.last_seen_unix_s, policy, why)


def _opened(finished: frames.StudyResult) -> Result:
    from federated.combine.result import Result

    match finished.state:
        case "complete":
            return Result.from_json(finished.result)
        case "open":
            raise GatewayError(
                "the study is still open", hint="wait for its deadline, or for more sites"
            )
        case "failed":
            raise GatewayError(
                "the answers could not be combined", hint="ask the coordinator: its log says why"
            )
        case _:
            raise no_result(finished.sites)


def too_few_asked(asked: int, needed: int) -> UnknownSite:
    """Fewer sites are asked than a result needs."""
    are = "1 site is" if asked == 1 else f"{asked} sites are"
    need = "1 is" if needed == 1 else f"{needed} are"
    return UnknownSite(
        f"{are} asked, {need} needed", hint="ask more sites, or lower the number needed (min_sites)"
    )


def no_result(sites: Sequence[frames.SiteProgress]) -> OsteonError:
    """Why there is no result: refused by policy or budget if all sites did, else too few sites."""
    silent = [site for site in sites if site.state != "answered"]
    named = "; ".join(
        f"{site.site}: {site.state or 'no_reply'}"
        + (f" ({', '.join(site.reasons)})" if site.reasons else "")
        + (f": {'; '.join(one.sentence() for one in site.shortfalls)}" if site.shortfalls else "")
        for site in silent
    )
    reasons = tuple(dict.fromkeys(reason for site in silent for reason in site.reasons))
    if len(silent) == len(sites) and all(site.state == "refused" for site in silent):
        if all(any(r.startswith("budget_") for r in site.reasons) for site in silent):
            short = tuple(one for site in silent for one in site.shortfalls)
            return BudgetExhausted(
                f"no site has budget left – {named}",
                reasons=reasons,
                shortfalls=short,
                hint=advice(short) if short else None,
            )
        return Refused(f"every site refused – {named}", reasons=reasons, hint=_next_steps(silent))
    return TooFewSites(f"too few sites answered – {named}", hint=_next_steps(silent))


def _next_steps(silent: Sequence[frames.SiteProgress]) -> str:
    """What the codes mean, and what to do about sites that refused, failed or did not reply."""
    from federated.combine.intake import MISFITS, NEXT
    from federated.reasons import in_sentences

    codes = [reason for site in silent for reason in site.reasons]
    said = [in_sentences(codes)] if codes else []
    if any(site.state == "refused" for site in silent):
        said.append("osteon study preview says what each site allows and has left")
    if MISFITS.keys() & set(codes):
        said.append(NEXT)
    # What failed after data was read fails again.
    elif any(site.state != "refused" and "could_not_answer" not in site.reasons for site in silent):
        said.append(
            "submit it again when all are connected: what was answered is not charged twice"
        )
    return ". ".join(said)
