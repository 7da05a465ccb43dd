"""What a simulation foresees is what a site does: admission, ledger and snapshots over years."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest

from federated.privacy.ledger import Ledger
from federated.privacy.loss import epsilon_of, nano_rho_for
from federated.study.catalogue import Catalogue
from federated.study.model import Study, StudyFile
from federated.study.resolve import resolve
from federated.study.simulate import BudgetRow, simulate
from gateway.errors import PublishRefused
from gateway.registry.store.store import Snapshot, Store
from gateway.site.answer import AnsweringSite, answer
from policies.decode import decode
from policies.roster import Coordinator, Researcher, Roster, Site
from policies.site import SitePolicy
from tests.unit.site.test_answer import ADA, COORDINATOR, OFFICER, Witness, envelope

TODAY = date(2026, 11, 30)
YEARS = 3
LIMITS = {"study_epsilon": 1.0, "year_epsilon": 1.3, "life_epsilon": 2.2}


@dataclass(frozen=True)
class Load:
    """A version of the store: new every day, of the same rows."""

    name: str
    path: Path

    def connect(self) -> Any:
        return ibis.duckdb.connect(self.path, read_only=True)


class DailyLoads(Store):
    """Keeps pointers alone; when it may publish is the real store's."""

    def __init__(self, path: Path) -> None:
        self.path, self.day = path, TODAY
        self.snapshot: Snapshot | None = None

    def current(self) -> Any:
        return Load(self.day.isoformat(), self.path)

    def published(self) -> Snapshot | None:
        return self.snapshot

    def _locked(self) -> Any:
        return nullcontext()

    def _point(self, name: str, content: dict[str, Any]) -> None:
        at = datetime.fromtimestamp(content["at_s"], UTC)
        self.snapshot = Snapshot(content["id"], self.current(), at)

    def _prune(self, kept: int = 0) -> None: ...

    def _spare(self, kept: int) -> list[str]:
        return []

    def writing(self) -> Any:
        raise NotImplementedError

    def adopt(self, draft: Any, *, now: datetime) -> Any:
        raise NotImplementedError


def policy(publish_every_days: int) -> SitePolicy:
    plain = {
        "policy": "north", "serial": 1, "site": "north", "dictionary": "heart",
        "purposes": ["DUO:0000006"], "valid_until": "2036-01-01", "budget": LIMITS,
        "projects": {"p": {"life_epsilon": 1.2}, "q": {}}, "publish_every_days": publish_every_days,
    }  # fmt: skip
    return decode(SitePolicy, plain, where="policy")


def study(catalogue: Catalogue, **changes: Any) -> Study:
    plain = {
        "title": "Men", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "person",
        "ask": [{"count": True, "by": ["sex"]}], "privacy": {"epsilon": 0.5}, "project": "p",
    }  # fmt: skip
    return resolve(decode(StudyFile, plain | changes, where="study"), catalogue)


def really(
    policy: SitePolicy, studies: list[Study], days: set[str], folder: Path, catalogue: Catalogue
) -> list[tuple[Any, ...]]:
    """What becomes of the list at a real site that publishes as soon as it may, day by day."""
    Ledger.create(folder / "ledger.sqlite", "north")
    store = DailyLoads(folder / "v1.duckdb")
    with duckdb.connect(str(store.path)) as made:
        made.execute(
            "CREATE TABLE unit_person AS SELECT 'p' || i AS _patient, 1 AS _order,"
            " CASE WHEN i % 4 = 0 THEN '1' ELSE '2' END AS sex FROM range(40) t(i)"
        )
    roster = Roster(
        network="valves",
        serial=1,
        coordinator=Coordinator(address="localhost:1", key=COORDINATOR.public_key),
        sites=(Site(name="north", key="x", officer=OFFICER.public_key),),
        researchers=(Researcher(name="ada", key=ADA.public_key),),
    )

    def now() -> datetime:
        return datetime.combine(store.day, time(12), UTC)

    ledger = Ledger(folder / "ledger.sqlite", lambda: now().timestamp())
    site = AnsweringSite(
        name="north", policy=policy, roster=roster, ledger=ledger, catalogue=catalogue,
        published=store.published, now=now, sleep=lambda _: None,
    )  # fmt: skip
    found = []
    while store.day <= date.fromisoformat(max(days)):
        with suppress(PublishRefused):
            store.publish(every_days=policy.publish_every_days, force=False, now=now())
        for one in studies if store.day.isoformat() in days else ():
            before, at_s = ledger.spent().life, int(now().timestamp())
            sealed = envelope(one, created_s=at_s, expires_s=at_s + 60)
            outcome = answer(sealed, site, Witness())
            spent = ledger.spent()
            cost = spent.life - before
            left = [max(0, nano_rho_for(LIMITS[f"{of}_epsilon"]) - getattr(spent, of)) for of in ("year", "life")]  # fmt: skip
            found.append((store.day.isoformat(), outcome.reasons, *map(epsilon_of, (cost, *left))))
        store.day += timedelta(1)
    return found


def foreseen(row: BudgetRow) -> tuple[Any, ...]:
    left = row.left_year_epsilon, row.left_life_epsilon
    return row.asked_on, row.reasons, row.cost_epsilon, *left


@pytest.mark.parametrize(
    ("publish_every_days", "asked_every_days"),
    [(90, None), (90, 45), (90, 120), (0, 100), (400, None), (400, 150), (3650, 45)],
)
def test_charges_and_refusals_are_those_of_a_real_site_over_its_snapshots(
    publish_every_days: int, asked_every_days: int | None, heart: Path, tmp_path: Path
) -> None:
    catalogue = Catalogue(heart)
    first = study(catalogue)
    other = study(catalogue, ask=[{"count": True}], privacy={"epsilon": 0.3}, project="q")
    in_no_name = study(catalogue, ask=[{"count": True}], project=None)
    studies = [first, other, in_no_name, study(catalogue, title="Men again")]
    of = policy(publish_every_days)
    found = simulate(
        studies, catalogue, [of], researcher="ada", today=TODAY, years=YEARS,
        asked_every_days=asked_every_days,
    )  # fmt: skip
    real = really(of, studies, set(found.asked_on), tmp_path, catalogue)
    assert [foreseen(row) for row in found.rows] == real
    costs = [row.cost_epsilon for row in found.rows if not row.reasons]
    assert min(costs) == 0 < max(costs)
