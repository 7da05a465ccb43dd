"""Osteon: a study of the questions, from its text to the noisy vector; read as a result shows it."""

import tempfile
from pathlib import Path

import ibis
from protocol import ABOVE, KEYS, serve

from federated.aggregate.exact import aggregate
from federated.combine import combine
from federated.privacy.measurement import release_values
from federated.privacy.release import Release, release_key
from federated.study.outcome import Outcome
from tests.benchmarks.answer_parts.world import declare, plan_of

ASKS = {
    "count": {"count": True},
    "strata": {"count": True, "by": ["stage"]},
    "keys": {"count": True, "by": ["clinic"]},
    "mean": {"mean": {"of": "score"}},
    **{question: {"count": True, "where": f"score > {score}"} for question, score in ABOVE.items()},
}


class Osteon:
    def __init__(self, folder):
        self.catalogue = declare(folder)

    def load(self, path, form, rows_max):
        self.backend = ibis.duckdb.connect(path, read_only=True)
        self.rows_max = 1 if form == "index" else rows_max
        self.index = form == "index"

    def prepare(self, questions, budget):
        asks = []
        for question in questions:
            ask = ASKS[question] | {"name": question}
            if self.index:
                ask["where"] = f"first and {ask['where']}" if "where" in ask else "first"
            asks.append(ask)

        def answer():
            plan = plan_of(self.catalogue, *asks, rows_max=self.rows_max, epsilon=budget["epsilon"])
            exact = aggregate(plan, self.backend)
            return plan, release_values(
                exact, scale=plan.scale, l2_squared=plan.l2_squared, nano_rho=plan.nano_rho
            )

        return answer, read


def read(found):
    plan, values = found
    snapshot = "-".join(map(str, values[:4]))
    key = release_key(plan.study_digest, snapshot, plan.mode)
    release = Release(key, plan.study_digest, "s", snapshot, values, plan.scale, plan.nano_rho)
    rows = combine(plan, [Outcome("s", "answered", release=release, charged=True)]).pooled
    told = {}
    for block in plan.blocks:
        mine = [row for row in rows if row.statistic == block.name and row.quantity == block.kind]
        if block.name in KEYS:
            element, keys = KEYS[block.name]
            by_key = {row.stratum[element]: row.estimate for row in mine}
            told[block.name] = [by_key[key] for key in keys]
        else:
            told[block.name] = [row.estimate for row in mine]
    return told


with tempfile.TemporaryDirectory() as name:
    serve(Osteon(Path(name)))
