"""The second real case: lung cancer in 18 institutions (lifelines), lifelines as the oracle.

Every institution is a site with its own folder, load, ledger and noise; the answers are
combined and compared with the pooled data. The one patient without an institution is a site
of its own: noise must cope with a registry of one.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_lung

from federated.combine import combine
from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Ledger
from federated.study.catalogue import Catalogue, Registry
from federated.study.compile import compile_study
from federated.study.envelope import Envelope, seal
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.answer import AnsweringSite, answer
from gateway.site.config import create_site
from policies.decode import decode
from policies.roster import Coordinator, Researcher, Roster
from policies.signing import SigningKey
from policies.site import SitePolicy

ADA, COORDINATOR = SigningKey.generate(), SigningKey.generate()
EPSILON = 40.0
STUDY = {
    "title": "Lung", "purpose": "DUO:0000006", "dictionary": "lung", "unit": "patient",
    "ask": [
        {"measure": "patients"}, {"measure": "male_share"}, {"measure": "good_performance"},
        {"measure": "overall_survival", "weight": 3},
    ],
    "privacy": {"epsilon": EPSILON},
}  # fmt: skip


@pytest.fixture(scope="module")
def lung():
    return load_lung()


def countersign(head, previous):
    return COORDINATOR.sign(head.to_bytes(), CONTEXT)


def open_site_of(folder, name, rows) -> AnsweringSite:
    site = create_site(folder / name, dictionary="lung", name=name, sitemap="lung_map")
    export = folder / f"{name}.csv"
    rows.to_csv(export, index_label="patient_id")
    report = ingest(site, export)
    assert report.patients == len(rows)
    store = DuckDBStore(site.store_path)
    store.publish(every_days=0, force=False, now=datetime.now(UTC))
    policy = {
        "policy": name, "serial": 1, "site": name, "dictionary": "lung",
        "purposes": ["DUO:0000006"], "valid_until": "2999-01-01",
        "budget": {"study_epsilon": EPSILON, "year_epsilon": EPSILON, "life_epsilon": EPSILON},
    }  # fmt: skip
    return AnsweringSite(
        name=name,
        policy=decode(SitePolicy, policy, where="policy"),
        roster=Roster(
            network="lung",
            serial=1,
            coordinator=Coordinator(address="localhost:1", key=COORDINATOR.public_key),
            researchers=(Researcher(name="ada", key=ADA.public_key),),
        ),
        ledger=Ledger(site.path / "ledger.sqlite"),
        catalogue=Catalogue(site.path, Registry(site.dictionary(), site.derivations())),
        published=store.published,
        sleep=lambda _: None,
    )


@pytest.fixture(scope="module")
def result(lung, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lung")
    groups = lung["inst"].map(lambda i: "inst_missing" if i != i else f"inst_{int(i)}")
    sites = [open_site_of(folder, name, rows) for name, rows in lung.groupby(groups)]
    assert len(sites) == 19
    catalogue = Catalogue()
    study = resolve(decode(StudyFile, STUDY, where="study"), catalogue)
    now_s = int(datetime.now(UTC).timestamp())
    envelope = Envelope(
        network="lung", researcher="ada", study=study.model_dump(mode="json"),
        sites=tuple(site.name for site in sites), min_sites=len(sites), created_s=now_s,
        expires_s=now_s + 600, deadline_s=60, nano_rho_max=study.nano_rho,
    )  # fmt: skip
    signed = seal(envelope, ADA)
    outcomes = [answer(signed, site, countersign) for site in sites]
    return combine(compile_study(study, catalogue), outcomes, min_sites=len(sites))


def pooled(result, statistic, quantity="proportion"):
    return [
        row
        for row in result.rows
        if (row.statistic, row.site, row.quantity) == (statistic, None, quantity)
    ]


def test_all_institutions_answer(result):
    assert len(result.answered) == 19


def test_the_number_of_patients(result, lung):
    # The interval of a count is of the noise alone and misses one time in twenty; six standard
    # deviations of the noise miss never.
    (row,) = pooled(result, "patients", "count")
    assert abs(row.raw - len(lung)) < 6 * row.noise_sd
    assert row.lower <= row.estimate <= row.upper


def test_the_share_of_men(result, lung):
    (row,) = pooled(result, "male_share")
    assert row.lower <= (lung["sex"] == 1).mean() <= row.upper
    assert row.upper - row.lower < 0.25


def test_good_performance_leaves_out_the_unknown(result, lung):
    (row,) = pooled(result, "good_performance")
    told = lung["ph.ecog"].dropna()
    assert row.lower <= (told <= 1).mean() <= row.upper


def test_survival_agrees_with_lifelines(result, lung):
    # ``status`` is 2 for dead in R's data, 1 for dead in lifelines' copy; either way the larger.
    dead = lung["status"] == lung["status"].max()
    exact = KaplanMeierFitter().fit(lung["time"], dead)
    rows = pooled(result, "overall_survival", "survival")
    assert rows
    for row in rows:
        assert row.lower <= exact.predict(row.time_days) <= row.upper
        assert row.estimate == pytest.approx(exact.predict(row.time_days), abs=0.08)
