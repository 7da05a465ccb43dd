"""PipelineDP on its local backend: rows are a list of tuples, partitions are public.

``python ask_pipelinedp.py``: Laplace noise, its default; total bounds per patient, so that a
histogram takes the same rows as the others (``max_contributions``).
"""

import logging

import pipeline_dp
from pipeline_dp import Metrics
from protocol import ABOVE, HIGH, KEYS, LOW, PATIENT, OneByOne, rows_of, serve

logging.disable(logging.WARNING)
PLACES = {"patient": 0, "clinic": 1, "stage": 2, "score": 3}


class PipelineDP(OneByOne):
    def load(self, path, form, rows_max):
        self.rows = rows_of(path, form, f"{PATIENT}, clinic, stage, score").fetchall()
        self.index, self.rows_max = form == "index", rows_max

    def prepare_one(self, question, budget):
        if question in KEYS:
            element, public = KEYS[question]
            place = PLACES[element]
        else:
            place, public = None, [0]
        metric = Metrics.MEAN if question == "mean" else Metrics.COUNT
        values = {"min_value": LOW, "max_value": HIGH} if question == "mean" else {}
        if self.index:
            bounds = {"max_partitions_contributed": 1, "max_contributions_per_partition": 1,
                      "contribution_bounds_already_enforced": True}  # fmt: skip
        elif place is not None:
            bounds = {"max_contributions": self.rows_max}
        else:
            bounds = {"max_partitions_contributed": 1,
                      "max_contributions_per_partition": self.rows_max}  # fmt: skip
        extractors = pipeline_dp.DataExtractors(
            privacy_id_extractor=None if self.index else (lambda row: row[0]),
            partition_extractor=(lambda _: 0) if place is None else (lambda row: row[place]),
            value_extractor=(lambda row: row[3]) if values else (lambda _: 0),
        )

        def answer():
            accountant = pipeline_dp.NaiveBudgetAccountant(budget["epsilon"], budget["delta"])
            engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
            rows = self.rows
            if values:
                rows = (row for row in rows if row[3] is not None)
            elif question in ABOVE:
                rows = (row for row in rows if row[3] is not None and row[3] > ABOVE[question])
            found = engine.aggregate(
                rows,
                pipeline_dp.AggregateParams(metrics=[metric], **bounds, **values),
                extractors,
                public_partitions=public,
            )
            accountant.compute_budgets()
            return list(found)

        def read(found):
            told = {key: metrics[0] for key, metrics in found}
            return [told[key] for key in public]

        return answer, read


serve(PipelineDP())
