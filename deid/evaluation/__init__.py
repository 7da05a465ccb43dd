"""How well notes are de-identified: recall, precision and leaks against annotated notes."""

from deid.evaluation.gold import GoldNote, GoldSpan, read_gold
from deid.evaluation.run import Evaluation, evaluate
from deid.evaluation.score import FoundSpan, Scores

__all__ = ["Evaluation", "FoundSpan", "GoldNote", "GoldSpan", "Scores", "evaluate", "read_gold"]
