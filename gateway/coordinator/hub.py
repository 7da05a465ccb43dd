"""The hub: puts questions to attached sites, gathers outcomes, ends studies. No gRPC here.

A study's life::

    submit ─► open ─► every site has an outcome, or the deadline ─► combine ─► complete
                                                                     ├──────► too_few_sites
                                                                     └──────► failed

Everything that must survive is in the journal before it is acted upon, so a hub that was
killed goes on where it stopped: open offers are put to a site whenever it attaches, and the
first outcome of an offer stands (an answer that does not fit the study becomes a failure).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import structlog

from federated.errors import TooFewSites
from federated.study.envelope import Envelope, open_envelope
from federated.study.outcome import Outcome
from gateway.coordinator.heads import countersign
from gateway.coordinator.journal import Journal, OfferRow, StudyRow
from gateway.coordinator.outcomes import checked, outcome_of
from gateway.coordinator.result import Planned, Science
from gateway.coordinator.roster import LiveRoster
from gateway.coordinator.session import Session
from gateway.coordinator.submission import check_limits
from gateway.errors import NotAdmitted, UnknownStudy
from gateway.wire import frames
from policies.errors import OsteonError, SignatureError
from policies.roster import Researcher
from policies.signing import Signed, SigningKey
from policies.site import open_policy

__all__ = ["Hub"]

_RECHECK_S: Final = 60.0


class Hub:
    """Coordinates one network. All methods run on the event loop."""

    def __init__(
        self,
        journal: Journal,
        roster: LiveRoster,
        key: SigningKey,
        science: Science,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._roster = roster
        self._key = key
        self._science = science
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._complete: dict[str, asyncio.Event] = {}
        self._watchers: set[asyncio.Event] = set()
        self._log: Any = structlog.get_logger("coordinator")

    def _now_s(self) -> int:
        return int(self._clock())

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up the studies that the journal holds open."""
        for study in self._journal.open_studies():
            self._log.info("study_resumed", study=study.id)
            self._follow(study)

    async def stop(self) -> None:
        """Send every site away and leave open studies to the next start."""
        for session in list(self._sessions.values()):
            session.close("stopping")
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def refresh_roster(self) -> None:
        """Tell attached sites of a new roster; members taken off it are sent away."""
        if not self._roster.refresh():
            return
        self._log.info("roster_changed", serial=self._roster.roster.serial)
        members = {site.name for site in self._roster.roster.sites}
        for session in list(self._sessions.values()):
            if session.site in members:
                session.send(frames.RosterChanged(self._roster.signed))
            else:
                session.close("not_in_roster")

    def _notify(self) -> None:
        for event in self._watchers:
            event.set()

    # -- sites -------------------------------------------------------------------------------

    def attach(self, site: str, hello: frames.Hello) -> Session:
        """Admit a site's stream: welcome it and put its open offers to it.

        Raises NotAdmitted if the roster does not list it, or the protocols do not overlap, or
        its policy is not its officer's.
        """
        self.refresh_roster()
        self._admit(site, hello)
        before = self._sessions.pop(site, None)
        if before is not None:
            before.close("superseded")
        session = Session(site)
        self._sessions[site] = session
        last = self._journal.last_head(site)
        session.send(
            frames.Welcome(
                protocol=min(hello.protocol_max, frames.PROTOCOL_MAX),
                countersigned_head=last[1] if last is not None else None,
                roster=self._roster.signed,
                time_unix_s=self._now_s(),
            )
        )
        for offer in self._journal.open_offers(site):
            self._offer(session, offer)
        self._log.info("site_attached", site=site)
        self._notify()
        return session

    def _admit(self, site: str, hello: frames.Hello) -> None:
        try:
            entry = self._roster.roster.site(site)
        except SignatureError as error:
            raise NotAdmitted(error.message, code="not_in_roster") from error
        if hello.site != site:
            raise NotAdmitted("the certificate speaks for another site", code="other_site")
        if hello.protocol_min > frames.PROTOCOL_MAX or hello.protocol_max < frames.PROTOCOL_MIN:
            raise NotAdmitted(
                f"the coordinator speaks protocol {frames.PROTOCOL_MIN} to {frames.PROTOCOL_MAX},"
                f" the node {hello.protocol_min} to {hello.protocol_max}",
                code="protocol",
                hint="bring both to the same version of osteon",
            )
        serial = 0
        if hello.policy is not None:
            try:
                policy = open_policy(hello.policy, entry.officer)
            except OsteonError as error:
                raise NotAdmitted(error.message, code="policy_invalid") from error
            if policy.site != site:
                raise NotAdmitted("the policy is another site's", code="policy_invalid")
            serial = policy.serial
        self._journal.seen(site, now_s=self._now_s(), policy=hello.policy, serial=serial)

    def detach(self, session: Session) -> None:
        """The stream has ended."""
        if self._sessions.get(session.site) is session:
            del self._sessions[session.site]
            self._journal.seen(session.site, now_s=self._now_s())
            self._log.info("site_detached", site=session.site)
            self._notify()

    def _offer(self, session: Session, offer: OfferRow) -> None:
        self._journal.sent(offer.id, now_s=self._now_s())
        session.send(frames.Offer(offer.id, offer.envelope, offer.deadline_s))

    def receive(self, session: Session, frame: frames.NodeFrame) -> None:
        """One frame of an attached site."""
        match frame:
            case frames.CountersignRequest():
                answer = countersign(
                    self._journal, self._key, session.site, frame, now_s=self._now_s()
                )
                if answer.refused:
                    self._log.warning(
                        "countersign_refused", site=session.site, reason=answer.refused
                    )
                session.send(answer)
            case frames.Reply():
                self._reply(session, frame)
            case frames.Heartbeat():
                self._journal.seen(session.site, now_s=self._now_s())
                session.send(frames.Heartbeat(self._now_s()))
            case frames.Hello():
                session.close("hello_twice")

    def _reply(self, session: Session, reply: frames.Reply) -> None:
        owner = self._journal.offer_owner(reply.offer_id)
        if owner is None or owner[1] != session.site:
            self._log.warning("reply_without_offer", site=session.site)
            return
        outcome = checked(reply, self._roster.roster.site(session.site))
        if self._journal.record(reply.offer_id, outcome, now_s=self._now_s()):
            self._log.info(
                "outcome",
                study=owner[0],
                site=session.site,
                state=outcome.state,
                reasons=outcome.reasons,
            )
        session.send(frames.Recorded(reply.offer_id))
        self._check_complete(owner[0])
        self._notify()

    # -- researchers -------------------------------------------------------------------------

    async def submit(self, researcher: str, signed: Signed) -> str:
        """Journal a signed envelope and put it to its sites; returns the study's id.

        The same envelope again is the same study. Raises SignatureError, StudyError or
        DeclarationError; nothing is journalled then.
        """
        self.refresh_roster()
        study_id = hashlib.sha256(signed.payload).hexdigest()
        envelope = self._opened(researcher, signed)
        if self._journal.study(study_id) is not None:
            return study_id
        check_limits(envelope, self._roster.roster, now_s=self._now_s())
        await asyncio.to_thread(self._science.check, envelope)
        deadline_s = min(self._now_s() + envelope.deadline_s, envelope.expires_s)
        new = self._journal.submit(
            study_id,
            signed,
            researcher=researcher,
            sites=envelope.sites,
            min_sites=envelope.min_sites,
            deadline_s=deadline_s,
            now_s=self._now_s(),
        )
        study = self._journal.study(study_id)
        if new and study is not None:
            self._log.info(
                "study_submitted", study=study_id, researcher=researcher, sites=envelope.sites
            )
            self._follow(study)
            for site in envelope.sites:
                session = self._sessions.get(site)
                for offer in self._journal.open_offers(site) if session else ():
                    if session and offer.study == study_id:
                        self._offer(session, offer)
        return study_id

    def _entry(self, researcher: str) -> Researcher:
        try:
            return self._roster.roster.researcher(researcher)
        except SignatureError as error:
            raise NotAdmitted(error.message, code="not_in_roster") from error

    def _opened(self, researcher: str, signed: Signed) -> Envelope:
        envelope = open_envelope(signed, self._entry(researcher).key)
        if envelope.researcher != researcher:
            raise SignatureError("the envelope names another researcher than its sender")
        return envelope

    def _owned(self, study_id: str, researcher: str) -> StudyRow:
        self._entry(researcher)
        study = self._journal.study(study_id)
        if study is None or study.researcher != researcher:
            # The same words in both cases: ids of other people's studies are not confirmed.
            raise UnknownStudy("no such study", hint="study ids are printed by osteon study submit")
        return study

    def _site_progress(self, study: StudyRow) -> tuple[frames.SiteProgress, ...]:
        return tuple(
            frames.SiteProgress(
                row.site, row.state, row.reasons, row.site in self._sessions, row.shortfalls
            )
            for row in self._journal.outcomes(study.id)
        )

    async def watch(self, study_id: str, researcher: str) -> AsyncIterator[frames.Progress]:
        """The study now and after every change, until it is finished."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        last: frames.Progress | None = None
        try:
            while True:
                changed.clear()
                study = self._owned(study_id, researcher)
                progress = frames.Progress(
                    study.state, self._site_progress(study), study.deadline_s
                )
                if progress != last:
                    yield progress
                    last = progress
                if study.state != "open":
                    return
                await changed.wait()
        finally:
            self._watchers.discard(changed)

    def result(self, study_id: str, researcher: str) -> frames.StudyResult:
        """Outcomes and, if complete, the result."""
        study = self._owned(study_id, researcher)
        return frames.StudyResult(study.state, self._site_progress(study), study.result or b"")

    def network_for(self, researcher: str) -> frames.NetworkView:
        """Roster, policies and signs of life, for members."""
        self.refresh_roster()
        self._entry(researcher)
        sites = []
        for site in self._roster.roster.sites:
            row = self._journal.site(site.name)
            sites.append(
                frames.NetworkSite(
                    site=site.name,
                    policy=row.policy if row else None,
                    last_seen_unix_s=row.last_seen_s if row else 0,
                    attached=site.name in self._sessions,
                )
            )
        return frames.NetworkView(self._roster.signed, tuple(sites))

    # -- ending a study ----------------------------------------------------------------------

    def _follow(self, study: StudyRow) -> None:
        self._complete[study.id] = asyncio.Event()
        self._check_complete(study.id)
        self._tasks[study.id] = asyncio.create_task(self._see_through(study))

    def _check_complete(self, study_id: str) -> None:
        event = self._complete.get(study_id)
        if event and all(row.state is not None for row in self._journal.outcomes(study_id)):
            event.set()

    async def _see_through(self, study: StudyRow) -> None:
        """Wait for the outcomes or the deadline, then end the study."""
        event = self._complete[study.id]
        # In steps, so that a clock set right (or a machine that slept) moves the deadline too.
        while not event.is_set() and (left := study.deadline_s - self._clock()) > 0:
            try:
                await asyncio.wait_for(event.wait(), min(left, _RECHECK_S))
            except TimeoutError:
                continue
        self._journal.give_up(study.id, now_s=self._now_s())
        state, result = await self._combined(study)
        self._journal.finish(study.id, state, result=result, now_s=self._now_s())
        self._log.info("study_finished", study=study.id, state=state)
        self._complete.pop(study.id, None)
        self._tasks.pop(study.id, None)
        self._notify()

    async def _fitting(self, study_id: str, planned: Planned) -> list[Outcome]:
        """The outcomes, once answers that do not fit the study are journalled as failures."""
        outcomes = [outcome_of(row) for row in self._journal.outcomes(study_id)]
        misfits = await asyncio.to_thread(planned.misfits, outcomes)
        for site, reason in misfits.items():
            self._log.warning("release_set_aside", study=study_id, site=site, reason=reason)
            self._journal.set_aside(study_id, site, reason)
        return [outcome_of(row) for row in self._journal.outcomes(study_id)]

    async def _combined(self, study: StudyRow) -> tuple[frames.StudyState, bytes | None]:
        envelope = Envelope.model_validate_json(study.envelope.payload)
        try:
            planned = await asyncio.to_thread(self._science.planned, envelope)
            outcomes = await self._fitting(study.id, planned)
            if sum(outcome.state == "answered" for outcome in outcomes) < study.min_sites:
                return "too_few_sites", None
            return "complete", await asyncio.to_thread(planned.combine, outcomes)
        except TooFewSites:
            return "too_few_sites", None
        except Exception as error:  # noqa: BLE001
            # One study that cannot be combined must not take the coordinator down. The releases
            # stay in the journal; the log names the place, not the numbers.
            self._log.error("combine_failed", study=study.id, error=type(error).__name__)
            return "failed", None
