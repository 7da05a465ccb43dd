"""A synthetic multi-centre musculoskeletal tumour registry whose truth is known."""

from gateway.demo.synthetic.generate import EXTRACT_DATE, generate
from gateway.demo.synthetic.truth import Defect, NoteTruth, SiteTruth, Truth

__all__ = ["EXTRACT_DATE", "Defect", "NoteTruth", "SiteTruth", "Truth", "generate"]
