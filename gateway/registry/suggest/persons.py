"""Columns that look like direct identifiers of a person, by name or by the form of their values."""

from __future__ import annotations

import re
from collections.abc import Collection

from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.words import tokens, vocabulary

__all__ = ["counts_rows", "identifies", "may_be_key", "names_patient"]

_FORMS = {
    "e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "telephone number": re.compile(r"(\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}"),
    "number of a person": re.compile(r"\d{3}-\d{2}-\d{4}"),
}
_SHARE_MIN = 0.5
_NUMBER = r"(?:id|nr|no|num|number|code|key)"
_PATIENT = re.compile(
    rf"^(?:(?:study )?(?:patient|pat|pt|subject|person|participant|record)s?(?: ?{_NUMBER})?"
    rf"|p ?id|usubjid|mrn|(?:medical record|chart|hospital|case|study) ?{_NUMBER})$"
)
_NUMBERED = re.compile(rf"(?:^| ){_NUMBER}$|^\w+ ?id$")
_OWN_SHARE = 0.8
_KEY_LENGTH_MAX = 40
"""Characters; longer ones are no numbers of a record."""


def identifies(column: Column) -> str | None:
    """What of a person the column seems to hold, or None."""
    for text in (column.name, column.label or ""):
        words = set(tokens(text))
        for kind, patterns in vocabulary()["identifiers"].items():
            if any(set(pattern) <= words for pattern in patterns):
                return str(kind)
    return _by_form(column.values)


def names_patient(column: Column) -> bool:
    """Does every row of the column seem to name its patient: by the heading, with more than one?"""
    return (
        column.always
        and column.distinct > 1
        and column.dates is None
        and _PATIENT.search(_spaced(column.name)) is not None
    )


def counts_rows(column: Column) -> bool:
    """Are its values whole numbers, another in every row, as a program numbers rows?"""
    whole = all(number.is_integer() for number in column.numbers)
    return column.unique and bool(column.numbers) and whole


def may_be_key(column: Column) -> bool:
    """Could it be the record's key: nearly every row has a value of its own, or it is so named?"""
    if not column.always or column.dates is not None or column.length > _KEY_LENGTH_MAX:
        return False
    broken = any(not number.is_integer() for number in column.numbers)
    own = column.distinct >= _OWN_SHARE * column.rows and not broken
    return own or names_patient(column) or _NUMBERED.search(_spaced(column.name)) is not None


def _spaced(name: str) -> str:
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower()


def _by_form(values: Collection[str]) -> str | None:
    for kind, form in _FORMS.items():
        if values and sum(form.fullmatch(v) is not None for v in values) > _SHARE_MIN * len(values):
            return kind
    return None
