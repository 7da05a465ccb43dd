"""Validation rules: sentences about one row of a unit or form that should hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Declared

from policies.decode import Declaration
from policies.dictionary.model import Slug

__all__ = ["Rule", "Rules"]


class Rule(Declaration):
    """``holds`` is checked on each row of ``on`` (an instrument or unit) where ``when`` is
    true; a missing answer is no failure. ``elements`` are named in the fix list.
    """

    on: Slug
    severity: Literal["error", "warning", "info"]
    says: str
    holds: str
    when: str = "true"
    elements: tuple[Slug, ...] = Declared(min_length=1)
    fix: str | None = None
    check: bool = Declared(default=False, description="a committee must decide on this rule")


class Rules(Declaration):
    """The rules of one dictionary, by id."""

    rules: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    list: dict[str, Rule]
