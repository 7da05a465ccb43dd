"""OpenDP's Polars interface: a context, its own truncation by identifier, public keys as a frame.

``python ask_opendp.py epsilon|rho``: Laplace noise for pure ε, Gaussian for zCDP.
"""

import sys

import opendp.prelude as dp
import polars as pl
from protocol import ABOVE, HIGH, KEYS, LOW, PATIENT, OneByOne, rows_of, serve

dp.enable_features("contrib")


class OpenDP(OneByOne):
    def load(self, path, form, rows_max):
        self.frame = rows_of(path, form, f"{PATIENT}, clinic, stage, score").pl()
        self.form, self.rows_max = form, rows_max

    def prepare_one(self, question, budget):
        loss = (
            {"epsilon": budget["epsilon"]} if sys.argv[1] == "epsilon" else {"rho": budget["rho"]}
        )
        # Index rows are one a patient; of all visits the library itself keeps so many of a patient.
        identified = {"identifier": pl.col("patient")} if self.form == "visits" else {}
        # The longest table is taken as public, as a power of ten: noise on a float sum needs it.
        longest = 10 ** len(str(self.frame.height))
        by = [KEYS[question][0]] if question in KEYS else []
        margin = {"max_groups": len(KEYS[question][1])} if by else {}
        context = dp.Context.compositor(
            data=self.frame.lazy(),
            privacy_unit=dp.unit_of(contributions=1, **identified),
            privacy_loss=dp.loss_of(**loss),
            split_evenly_over=1,
            margins=[dp.polars.Margin(by=by, max_length=longest, **margin)],
        )
        query = context.query()
        if question == "mean":
            query = query.filter(pl.col("score").is_not_null())
        elif question in ABOVE:
            query = query.filter(pl.col("score") > ABOVE[question])
        if identified:
            query = query.truncate_per_group(self.rows_max)
        if by:
            keys = pl.LazyFrame({by[0]: KEYS[question][1]})
            query = query.group_by(by[0]).agg(dp.len(signed=True)).with_keys(keys)
        elif question == "mean":
            known = pl.col("score").fill_null(LOW).fill_nan(LOW)
            query = query.select(known.dp.mean((LOW, HIGH)))
        else:
            query = query.select(dp.len(signed=True))
        # The noise is found here, by a search that reads the plan over and over, once for all turns
        # of the same question; a release spends the context, so the measurement is called itself.
        measurement = query.resolve()

        def answer():
            return measurement(self.frame.lazy()).collect()

        def read(found):
            if not by:
                return [found.item()]
            told = dict(found.iter_rows())
            return [told[key] for key in KEYS[question][1]]

        return answer, read


serve(OpenDP())
