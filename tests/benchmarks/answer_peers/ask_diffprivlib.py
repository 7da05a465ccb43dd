"""diffprivlib's tools on NumPy arrays.

It knows rows, not patients, and bounds nothing. Index rows are one a patient. Of all visits those
that come first in the stored order are taken here, by hand, and a patient of k rows is answered for
by asking with ε/k. How many rows there are is public to it.
"""

import numpy as np
from diffprivlib import tools
from protocol import ABOVE, HIGH, KEYS, LOW, OneByOne, rows_of, serve


class Diffprivlib(OneByOne):
    def load(self, path, form, rows_max):
        # Keys as numbers, which its histogram takes.
        columns = "_order, substr(clinic, 2)::INTEGER AS clinic, substr(stage, 2)::INTEGER AS stage, score"
        found = rows_of(path, form, columns).fetchnumpy()
        self.columns = {name: np.ma.filled(column, np.nan) if name == "score" else np.asarray(column) for name, column in found.items()}  # fmt: skip
        self.rows_max = None if form == "index" else rows_max

    def prepare_one(self, question, budget):
        epsilon = budget["epsilon"] / (self.rows_max or 1)

        def bounded(name):
            column = self.columns[name]
            return column[self.columns["_order"] <= self.rows_max] if self.rows_max else column

        def answer():
            if question == "count":
                return [tools.count_nonzero(np.ones_like(bounded("_order")), epsilon=epsilon)]
            if question in ABOVE:
                return [tools.count_nonzero(bounded("score") > ABOVE[question], epsilon=epsilon)]
            if question == "mean":
                # Its nanmean divides the noise by the length with the missing ones.
                scores = bounded("score")
                known = scores[~np.isnan(scores)]
                return [tools.mean(known, epsilon=epsilon, bounds=(LOW, HIGH))]
            element, keys = KEYS[question]
            ends = (-0.5, len(keys) - 0.5)
            return tools.histogram(bounded(element), epsilon=epsilon, bins=len(keys), range=ends)[0]

        return answer, lambda found: [float(number) for number in found]


serve(Diffprivlib())
