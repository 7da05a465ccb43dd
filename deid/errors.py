"""Errors of making notes and records safe.

::

    OsteonError
    └── DeidError               exit 1
        ├── InputError          exit 2   a notes or patients file is wrong
        ├── ModelError          exit 1   the language model is missing or does not load
        └── TreatmentError      exit 2   a dictionary's de-identification hint makes no sense

Messages name file, line and field. They never hold a value: a message may be logged.
"""

from __future__ import annotations

from policies.errors import OsteonError

__all__ = ["DeidError", "InputError", "ModelError", "TreatmentError"]


class DeidError(OsteonError):
    """Base of the errors of the de-identification package."""

    code = "deid"


class InputError(DeidError):
    """An input file is wrong; ``line`` counts from 1, ``field`` is the key or column."""

    exit_code = 2
    code = "deid_input"

    def __init__(
        self,
        message: str,
        *,
        file: str,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        place = file if line is None else f"{file}:{line}"
        named = f"field '{field}' {message}" if field else message
        super().__init__(f"{place}: {named}", hint=hint)
        self.file = file
        self.line = line
        self.field = field


class ModelError(DeidError):
    """The spaCy model that the profile names is not installed or does not load."""

    code = "deid_model"


class TreatmentError(DeidError):
    """A dictionary element carries an unknown or contradictory hint."""

    exit_code = 2
    code = "deid_treatment"
