"""Short ways of writing a sarcoma record down, and of reading what is derived from it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.library import load_named
from tests.spec.interpreter import Interpreter

DIAGNOSIS = date(2020, 1, 1)


def day(offset: int) -> date:
    """A date so many days after the diagnosis."""
    return DIAGNOSIS + timedelta(days=offset)


@cache
def dictionary() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


@cache
def derivations() -> Derivations:
    return every_form(dictionary(), load_named("derivations", Derivations, "sarcoma_v1"))


@cache
def interpreter() -> Interpreter:
    return Interpreter(dictionary(), derivations())


def lists(**forms: Any) -> dict[str, list[dict[str, Any]]]:
    """A record. A form is a row or a list of rows; patient and tumour are made up where they
    are not given."""
    record: dict[str, Any] = {"patient": {"record_id": "p"}, "tumor": tumor(), **forms}
    return {k: v if isinstance(v, list) else [v] for k, v in record.items()}


def tumor(**given: Any) -> dict[str, Any]:
    return {"tumor_seq": 1, "tumor_category": "2", "dx_date": DIAGNOSIS, **given}


def surgery(offset: int, **given: Any) -> dict[str, Any]:
    defaults = {"surg_tumor_ref": 1, "surg_index": "1", "surg_intent": "1", "surg_type": "1"}
    return {"surgery_date": day(offset), **defaults, **given}


def pathology(offset: int, **given: Any) -> dict[str, Any]:
    return {"path_tumor_ref": 1, "path_date": day(offset), "specimen_type": "4", **given}


def follow_up(offset: int, **given: Any) -> dict[str, Any]:
    return {"fu_tumor_ref": 1, "fu_date": day(offset), "vital_status": "1", **given}


def complication(offset: int, **given: Any) -> dict[str, Any]:
    return {"comp_tumor_ref": 1, "comp_date": day(offset), **given}


def units(**forms: Any) -> dict[str, list[dict[str, Any]]]:
    """Every unit's rows of one patient, see :func:`lists`."""
    return interpreter().derive(lists(**forms))


def case(**forms: Any) -> dict[str, Any]:
    """The patient's only case."""
    [row] = units(**forms)["case"]
    return row
