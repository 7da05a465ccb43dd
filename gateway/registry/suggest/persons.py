"""Columns that look like direct identifiers of a person, by name or by the form of their values."""

from __future__ import annotations

import re
from collections.abc import Collection

from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.words import tokens, vocabulary

__all__ = ["identifies"]

_FORMS = {
    "e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "telephone number": re.compile(r"(\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}"),
    "number of a person": re.compile(r"\d{3}-\d{2}-\d{4}"),
}
_SHARE_MIN = 0.5


def identifies(column: Column) -> str | None:
    """What of a person the column seems to hold, or None."""
    for text in (column.name, column.label or ""):
        words = set(tokens(text))
        for kind, patterns in vocabulary()["identifiers"].items():
            if any(set(pattern) <= words for pattern in patterns):
                return str(kind)
    return _by_form(column.values)


def _by_form(values: Collection[str]) -> str | None:
    for kind, form in _FORMS.items():
        if values and sum(form.fullmatch(v) is not None for v in values) > _SHARE_MIN * len(values):
            return kind
    return None
