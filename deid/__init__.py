"""Notes and records made safe at the site: see README.md. The only importer of presidio, spacy."""

from deid.errors import DeidError, InputError, ModelError, TreatmentError
from deid.pseudonym import Keys
from deid.span import Span

__all__ = ["DeidError", "InputError", "Keys", "ModelError", "Span", "TreatmentError"]
