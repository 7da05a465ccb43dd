"""Reason codes of an outcome in words: for the researcher who asked, and for the site's own pages.

A site sends codes alone. The sentences are those of the version that reads them, and hold no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from federated.admission import REASONS as ADMISSION
from federated.combine.intake import MISFITS

__all__ = ["REASONS", "in_sentences", "sentence"]

REASONS: Mapping[str, str] = {
    **ADMISSION,
    "envelope_not_valid": "nobody in the roster signed it for this site and this time",
    "study_not_valid": "the study does not decode, or names something unknown",
    "nothing_published": "the site has published nothing yet",
    "budget_envelope": "it would cost more than the researcher signed for",
    "budget_project_year": "it does not fit the project's budget of this year",
    "budget_project_life": "it does not fit the project's budget for life",
    "budget_researcher_year": "it does not fit the researcher's budget of this year",
    "budget_researcher_life": "it does not fit the researcher's budget for life",
    "budget_year": "it does not fit the site's budget of this year",
    "budget_life": "it does not fit the site's budget for life",
    "site_not_ready": "policy, roster or ledger do not verify, so no data was read; see its log",
    "store_not_ready": "the published snapshot could not be opened, so no data was read",
    "ledger_not_ready": "the ledger is damaged, behind or not countersigned, so nothing left",
    "countersign_unreachable": "the coordinator did not countersign in time, so nothing left",
    "could_not_answer": "it failed after data was read: charged, and the same on every retry",
    "internal_error": "the node stopped on a fault of its own; its log names it",
    **MISFITS,
}
"""Why a question was refused, failed or was set aside, by code."""


def sentence(code: str) -> str:
    """A code in words; one of a newer version as it is."""
    return REASONS.get(code, code.replace("_", " "))


def in_sentences(codes: Iterable[str]) -> str:
    """Codes in words, each once, in their order."""
    return "; ".join(dict.fromkeys(map(sentence, codes)))
