"""A site, a researcher and a coordinator for attacks: the real door, ledger, store and heads.

The coordinator countersigns with :func:`gateway.coordinator.heads.countersign` and forgets
nothing, so a ledger that goes back is found out here as it is in a network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis

from federated.errors import LedgerError
from federated.privacy.head import CONTEXT, Head
from federated.privacy.ledger import Ledger
from federated.study.catalogue import Catalogue
from federated.study.envelope import Envelope, seal
from federated.study.model import Study, StudyFile
from federated.study.outcome import Outcome
from federated.study.resolve import resolve
from gateway.coordinator.heads import countersign
from gateway.site.answer import AnsweringSite, answer
from gateway.wire.frames import CountersignRequest
from policies.decode import canonical, decode
from policies.roster import Coordinator, Researcher, Roster
from policies.signing import Signed, SigningKey, verify
from policies.site import SitePolicy

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA, BOB, COORDINATOR = (SigningKey.generate() for _ in range(3))
PEOPLE, VISITS = 120, 3


class Snapshot:
    """A published version that counts how often it is opened."""

    def __init__(self, path: Path, name: str = "s1") -> None:
        self.path, self.id, self.opened = path, name, 0

    def connect(self) -> Any:
        self.opened += 1
        return ibis.duckdb.connect(self.path, read_only=True)


@dataclass
class Hub:
    """The coordinator. ``away`` is what asking it raises; ``after`` is called once it signed."""

    key: SigningKey = COORDINATOR
    away: Exception | None = None
    after: Callable[[], None] = lambda: None
    heads: dict[str, tuple[Head, Signed]] = field(default_factory=dict)

    def last_head(self, site: str) -> tuple[Head, Signed] | None:
        return self.heads.get(site)

    def countersigned(self, head: Head, signed: Signed, *, now_s: int) -> None:
        self.heads[head.site] = head, signed

    def asked_by(self, site: AnsweringSite) -> Callable[[Head, Head | None], Signed]:
        """As the node asks: a refusal brings the head that the coordinator holds."""

        def ask(head: Head, previous: Head | None) -> Signed:
            if self.away is not None:
                raise self.away
            for _ in range(2):
                request = CountersignRequest("0" * 32, head, previous)
                given = countersign(self, self.key, site.name, request, now_s=0)
                if given.signed_head is not None:
                    self.after()
                    return given.signed_head
                if given.last_head is None:
                    break
                previous = head_of(given.last_head, self.key)
                site.ledger.witness(previous, given.last_head, self.key.public_key)
            raise LedgerError("the coordinator does not countersign")

        return ask


def head_of(signed: Signed, key: SigningKey) -> Head:
    plain = json.loads(verify(signed, key.public_key, CONTEXT))
    return Head(plain["site"], plain["seq"], plain["hash"], int(plain["life_nano_rho"]))


PERSON = {
    "_patient": "VARCHAR", "_row": "BIGINT", "_order": "INTEGER", "sex": "VARCHAR",
    "risk": "DOUBLE", "risk_band": "VARCHAR", "follow_days": "BIGINT", "open_days": "BIGINT",
    "died": "VARCHAR",
}  # fmt: skip
VISIT = PERSON | {
    "visit_no": "BIGINT", "valve": "VARCHAR", "leak": "VARCHAR", "first_visit": "BOOLEAN",
}  # fmt: skip
Row = dict[str, Any]


def people(count: int = PEOPLE) -> list[Row]:
    """Patients of two sexes, 30 to 79 points of risk, followed for up to three years."""
    return [
        {
            "_patient": f"p{i}", "_row": i, "_order": 1, "sex": "12"[i % 2],
            "risk": 30.0 + i % 50, "risk_band": "low" if i % 50 < 20 else "high",
            "follow_days": 9 * i, "open_days": i, "died": "01"[i % 3 == 0],
        }
        for i in range(count)
    ]  # fmt: skip


def visits(of: Sequence[Row], each: int = VISITS) -> list[Row]:
    """The same number of visits for every patient; the first is the index."""
    return [
        person | {
            "_row": each * i + j, "_order": j + 1, "visit_no": j + 1, "valve": "am"[i % 2],
            "leak": "019"[(i + j) % 3], "first_visit": j == 0,
        }
        for i, person in enumerate(of)
        for j in range(each)
    ]  # fmt: skip


def write_store(path: Path, persons: Sequence[Row], seen: Sequence[Row] | None = None) -> Path:
    """A store version with these rows."""
    tables = {
        "unit_person": (PERSON, persons),
        "unit_visit": (VISIT, visits(persons) if seen is None else seen),
    }
    with duckdb.connect(str(path)) as connection:
        for table, (columns, rows) in tables.items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"CREATE TABLE {table} ({listed})")
            for at in range(0, len(rows), 500):
                part = rows[at : at + 500]
                marks = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(part))
                values = [row[name] for row in part for name in columns]
                connection.execute(f"INSERT INTO {table} VALUES {marks}", values)
    return path


def policy_of(dictionary: str = "heart", **changes: Any) -> SitePolicy:
    plain = {
        "policy": "north", "serial": 1, "site": "north", "dictionary": dictionary,
        "purposes": ["DUO:0000006", "DUO:0000042"], "valid_until": "2027-01-01",
        "budget": {"study_epsilon": 2.0, "year_epsilon": 8.0, "life_epsilon": 12.0},
        "statistics": ["count", "proportion", "survival", "mean", "quantiles", "rate", "observed_expected"],
    }  # fmt: skip
    return decode(SitePolicy, plain | changes, where="policy")


def site_of(folder: Path, declarations: Path, snapshot: Snapshot, **changes: Any) -> AnsweringSite:
    """The site whose ledger is ``folder/ledger.sqlite``, opened as a new process would."""
    path = folder / "ledger.sqlite"
    if not path.exists():
        Ledger.create(path, "north")
    site = AnsweringSite(
        name="north",
        policy=policy_of(),
        roster=Roster(
            network="valves",
            serial=1,
            coordinator=Coordinator(address="localhost:1", key=COORDINATOR.public_key),
            researchers=(
                Researcher(name="ada", key=ADA.public_key),
                Researcher(name="bob", key=BOB.public_key),
            ),
        ),
        ledger=Ledger(path, NOW.timestamp),
        catalogue=Catalogue(declarations),
        published=lambda: snapshot,
        now=lambda: NOW,
        sleep=lambda _: None,  # a clock on which no time passes, as `now` says
    )
    return replace(site, **changes)


def study_of(site: AnsweringSite, **changes: Any) -> Study:
    plain = {
        "title": "Men", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "person",
        "ask": [{"count": True, "by": ["sex"]}], "privacy": {"epsilon": 0.5},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain | changes, where="study"), site.catalogue)


def sealed(study: Study, *, key: SigningKey = ADA, **changes: Any) -> Signed:
    return seal(
        Envelope(**(_limits(study.nano_rho) | {"study": study.model_dump(mode="json")} | changes)),
        key,
    )


def forged(study: dict[str, Any]) -> Signed:
    """Whatever a researcher writes by hand, signed as it stands."""
    return signed_bytes(canonical(_limits(10**9) | {"nonce": "0" * 32, "study": study}))


def signed_bytes(payload: bytes) -> Signed:
    return ADA.sign(payload, "envelope")


def _limits(nano_rho_max: int) -> dict[str, Any]:
    now_s = int(NOW.timestamp())
    return {
        "network": "valves", "researcher": "ada", "sites": ("north",), "min_sites": 1,
        "created_s": now_s, "expires_s": now_s + 600, "deadline_s": 60,
        "nano_rho_max": nano_rho_max,
    }  # fmt: skip


def ask(site: AnsweringSite, hub: Hub, study: Study, **changes: Any) -> Outcome:
    return answer(sealed(study, **changes), site, hub.asked_by(site))
