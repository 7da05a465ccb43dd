"""Validation rules: sentences about one row of a unit or form that should hold."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.dictionary.model import Slug
from policies.expression import Field, Scope

__all__ = ["TODAY", "UNDECIDED", "Rule", "Rules", "rule_scope"]

TODAY = "today"
"""In a rule: the day of the load. Nothing that is queried may depend on it: only rules know it."""
UNDECIDED = "a committee has to decide on this rule"


class Rule(Declaration):
    """What should be true of each row of ``on`` (an instrument or unit) where ``when`` is.

    One of: ``holds``, an expression, in which a missing answer is no failure; ``unique``, elements
    of the form that no two rows have all alike, in whichever records (they are listed for a person
    and nothing is merged); ``kept_by``, what else sees to it: the dictionary's ``references``, what
    notes have ``stated`` against fields, or the ``software``, which no record can break.

    ``elements`` are named in the fix list. ``check`` marks a rule on which a committee has to
    decide: it is a warning, and the fix list says so.
    """

    on: Slug
    severity: Literal["error", "warning", "info"]
    says: str
    holds: str | None = None
    when: str = "true"
    unique: tuple[Slug, ...] = ()
    kept_by: Literal["references", "stated", "software"] | None = None
    elements: tuple[Slug, ...] = Declared(min_length=1)
    fix: str | None = None
    check: bool = Declared(default=False, description="a committee must decide on this rule")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum((self.holds is not None, bool(self.unique), self.kept_by is not None)) != 1:
            raise ValueError("give exactly one of holds, unique and kept_by")
        if self.holds is None and self.when != "true":
            raise ValueError("when belongs to holds")
        if self.check and self.severity == "error":
            raise ValueError("a rule to be decided on (check) is a warning, not an error")
        return self

    @property
    def sentence(self) -> str:
        """``says`` as the fix list has it."""
        return f"{self.says} ({UNDECIDED})" if self.check else self.says


class Rules(Declaration):
    """The rules of one dictionary, by id."""

    rules: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    list: dict[str, Rule]


def rule_scope(scope: Scope) -> Scope:
    """A unit's scope as its rules see it: they know the day of the load too. An element of that
    name comes first.
    """
    return Scope({TODAY: Field("date"), **scope.fields}, scope.sources)
