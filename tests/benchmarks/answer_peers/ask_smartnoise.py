"""SmartNoise SQL over a Pandas frame, which it puts into SQLite.

It has no public keys. A GROUP BY is asked with ``censor_dims``, which withholds keys of few
patients; without it the keys are read off the data. Its ε is one of each noisy column: the columns
of a question share what the question may cost.
"""

import warnings

from protocol import ABOVE, HIGH, KEYS, LOW, PATIENT, OneByOne, rows_of, serve
from snsql import Privacy
from snsql.metadata import Metadata
from snsql.sql.private_reader import PrivateReader
from snsql.sql.reader.pandas import PandasReader

warnings.filterwarnings("ignore")
SQL = {
    "count": "SELECT COUNT(*) AS n FROM s.visits",
    "mean": "SELECT AVG(score) AS m FROM s.visits",
    "strata": "SELECT stage, COUNT(*) AS n FROM s.visits GROUP BY stage",
    "keys": "SELECT clinic, COUNT(*) AS n FROM s.visits GROUP BY clinic",
    **{
        question: f"SELECT COUNT(*) AS n FROM s.visits WHERE score > {score}"
        for question, score in ABOVE.items()
    },
}


class SmartNoise(OneByOne):
    def load(self, path, form, rows_max):
        frame = rows_of(path, form, f"{PATIENT}, clinic, stage, score").df()
        self.index, self.rows_max = form == "index", rows_max
        self.rows = PandasReader(frame, self.metadata("count"))

    def metadata(self, question):
        bounding = (
            {"row_privacy": True}
            if self.index
            else {"max_ids": self.rows_max, "sample_max_ids": True}
        )
        patient = {"type": "int"} if self.index else {"type": "int", "private_id": True}
        table = bounding | {
            "censor_dims": question in KEYS,
            "clamp_counts": False,
            "patient": patient,
            "clinic": {"type": "string"},
            "stage": {"type": "string"},
            "score": {"type": "float", "lower": LOW, "upper": HIGH},
        }
        return Metadata.from_dict({"": {"s": {"visits": table}}})

    def prepare_one(self, question, budget):
        def reader(epsilon):
            privacy = Privacy(epsilon=epsilon, delta=budget["delta"])
            return PrivateReader(self.rows, self.metadata(question), privacy)

        columns = round(reader(1.0).get_privacy_cost(SQL[question])[0])
        asked = reader(budget["epsilon"] / columns)

        def answer():
            return asked.execute(SQL[question])[1:]

        def read(found):
            if question not in KEYS:
                return list(found[0])
            told = dict(found)
            return [told.get(key) for key in KEYS[question][1]]

        return answer, read


serve(SmartNoise())
