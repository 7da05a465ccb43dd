"""The site at a glance, and what needs attention; also as plain values for machines."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from gateway.console import words
from gateway.console.budget import Budget, read_budget
from gateway.console.load import Load, Published, read_load, read_published
from gateway.console.policy import Declared, read_policy
from gateway.console.questions import Questions, read_questions
from gateway.console.review import Review, read_review
from gateway.console.trouble import Trouble, attempt
from gateway.site.config import SiteFolder
from policies.dictionary import Dictionary
from policies.site import SitePolicy

__all__ = ["Overview", "policy_of", "read_overview", "status"]

_NEARLY_OVER_DAYS = 30
_NEARLY_SPENT = 0.9


@dataclass(frozen=True)
class Overview:
    """Each part is what was read, None where there is nothing yet, or the trouble with it."""

    at: datetime
    site: str
    path: str
    dictionary: Dictionary | Trouble
    load: Load | Trouble | None
    published: Published | Trouble | None
    policy: Declared | Trouble
    budget: Budget | Trouble
    questions: Questions | Trouble | None
    review: Review | Trouble | None

    @property
    def attention(self) -> tuple[Trouble, ...]:
        """What somebody has to do, most pressing first."""
        parts = (
            self.dictionary,
            self.policy,
            self.budget,
            self.questions,
            self.load,
            self.published,
            self.review,
        )
        broken = [part for part in parts if isinstance(part, Trouble)]
        return (*broken, *_answering(self), *_upkeep(self), *_waiting(self))


def policy_of(declared: Declared | Trouble) -> SitePolicy | None:
    """The policy itself, None where it could not be read."""
    return declared.policy if isinstance(declared, Declared) else None


def read_overview(site: SiteFolder, now: Callable[[], datetime]) -> Overview:
    """Read every part; one that cannot be read does not hide the others."""
    declared = attempt(lambda: read_policy(site))
    policy = policy_of(declared)
    every_days = None if policy is None else policy.publish_every_days
    return Overview(
        at=now(),
        site=site.config.site,
        path=shlex.quote(str(site.path)),
        dictionary=attempt(site.dictionary),
        load=attempt(lambda: read_load(site)),
        published=attempt(lambda: read_published(site, every_days)),
        policy=declared,
        budget=attempt(lambda: read_budget(site, policy, now)),
        questions=attempt(lambda: read_questions(site)),
        review=attempt(lambda: read_review(site, now)),
    )


def _answering(seen: Overview) -> Iterator[Trouble]:
    """What keeps the site from answering."""
    if isinstance(seen.budget, Budget) and seen.budget.behind:
        yield Trouble(
            "The ledger is behind its countersigned head: an old copy was restored. Until the"
            " officer resolves it, only stored answers are given.",
            f"osteon ledger resolve {seen.path}",
        )
    if isinstance(seen.policy, Declared):
        policy, state = seen.policy.policy, seen.policy.state
        if state == "unsigned":
            yield Trouble(
                "The policy is not signed, so the node does not answer.",
                f"the officer reads policy.yaml, then: osteon policy sign {seen.path}",
            )
        elif state == "unchecked":
            yield Trouble(
                "The site has not joined a network, so nobody can check who signed its policy.",
                f"osteon identity request {seen.path} --role site --name {seen.site}",
            )
        if seen.at.date() > date.fromisoformat(policy.valid_until):
            yield Trouble(
                f"The policy ended on {policy.valid_until}, so every question is refused.",
                "the officer raises serial and valid_until in policy.yaml and signs it",
            )
    if seen.load is None:
        yield Trouble(
            "Nothing is loaded yet.", f"osteon site ingest {seen.path} SOURCE --map MAP.yaml"
        )
    elif seen.published is None:
        yield Trouble(
            "Nothing is published, so every question is refused.",
            f"osteon site publish {seen.path}",
        )


def _upkeep(seen: Overview) -> Iterator[Trouble]:
    """What will need somebody before long."""
    if isinstance(seen.policy, Declared):
        policy, draft = seen.policy.policy, seen.policy.draft
        days = (date.fromisoformat(policy.valid_until) - seen.at.date()).days
        if 0 <= days <= _NEARLY_OVER_DAYS:
            yield Trouble(
                f"The policy ends in {days} days.",
                "the officer raises serial and valid_until in policy.yaml and signs it",
            )
        if isinstance(draft, Trouble):
            yield draft
        elif draft is not None:
            yield Trouble(
                f"policy.yaml (serial {draft.serial}) differs from the policy in force"
                f" (serial {policy.serial}).",
                f"osteon policy sign {seen.path}",
            )
    if isinstance(seen.budget, Budget):
        for gauge in (seen.budget.year, seen.budget.life):
            if gauge.spent_share is not None and gauge.spent_share >= _NEARLY_SPENT:
                yield Trouble(
                    f"Budget {gauge.period[0].lower()}{gauge.period[1:]}: ε {gauge.spent_epsilon}"
                    f" of {gauge.limit_epsilon:g} is spent.",
                    "questions that do not fit are refused; stored answers stay free",
                )
    published = seen.published
    if isinstance(published, Published) and published.newer_load and _due(published, seen.at):
        yield Trouble(
            "A newer load waits, and the policy lets it be published now.",
            f"osteon site publish {seen.path}",
        )


def _waiting(seen: Overview) -> Iterator[Trouble]:
    if isinstance(seen.review, Review) and seen.review.oldest is not None:
        count, age = seen.review.waiting, words.age(seen.review.oldest, seen.at)
        some = "1 withheld note waits" if count == 1 else f"{count:,} withheld notes wait"
        yield Trouble(
            f"{some} for somebody to read; the oldest came {age}.",
            f"osteon deid review {seen.path}",
        )


def _due(published: Published, at: datetime) -> bool:
    return published.next_due is not None and at >= published.next_due


def status(seen: Overview) -> dict[str, Any]:
    """The overview as plain JSON values; a part in trouble is ``{"says", "next"}``."""
    dictionary, policy = seen.dictionary, seen.policy
    questions, review = seen.questions, seen.review
    return {
        "at": seen.at.isoformat(timespec="seconds"),
        "site": seen.site,
        "dictionary": asdict(dictionary)
        if isinstance(dictionary, Trouble)
        else {
            "name": dictionary.dictionary,
            "version": dictionary.version,
            "title": dictionary.title,
        },
        "load": _plain(seen.load),
        "published": _plain(seen.published),
        "policy": asdict(policy)
        if isinstance(policy, Trouble)
        else {
            "serial": policy.policy.serial,
            "valid_until": policy.policy.valid_until,
            "state": policy.state,
        },
        "budget": _plain(seen.budget),
        "audit": {"entries": questions.entries, "last_at": _plain(questions.last_at)}
        if isinstance(questions, Questions)
        else _plain(questions),
        "review": {
            "waiting": review.waiting,
            "oldest": _plain(review.oldest),
            "released": review.released,
            "kept": review.kept,
        }
        if isinstance(review, Review)
        else _plain(review),
        "attention": [asdict(trouble) for trouble in seen.attention],
    }


def _plain(part: Any) -> Any:
    """Dataclasses as mappings, times as ISO 8601."""
    if part is None:
        return None
    if isinstance(part, datetime):
        return part.isoformat(timespec="seconds")
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in asdict(part).items()
    }
