"""The root of Osteon's errors and those of the declarations.

::

    OsteonError                 exit 1
    ├── DeclarationError        exit 2   a YAML file, dictionary or study is wrong
    │   └── ExpressionError     exit 2   an expression does not parse or type-check
    ├── SignatureError          exit 3   a signature is missing, wrong or not trusted
    └── (deid.errors, federated.errors, gateway.errors derive from OsteonError)

An error's message holds names and places (file, row, field, element), never a data value.
"""

from __future__ import annotations

__all__ = ["DeclarationError", "ExpressionError", "OsteonError", "SignatureError"]


class OsteonError(Exception):
    """Base of every error that Osteon raises on purpose.

    ``exit_code`` is what the command line returns (README, "Exit codes"); ``code`` is a
    stable snake_case word for machines; ``hint`` is the next step for a person.
    """

    exit_code: int = 1
    code: str = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DeclarationError(OsteonError):
    """A declaration (dictionary, measure, policy, study …) is wrong.

    ``where`` names the file and the path inside it, e.g. ``study.yaml: ask[0].measure``.
    """

    exit_code = 2
    code = "declaration"

    def __init__(self, message: str, *, where: str = "", hint: str | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.where = where
        self.reason = message


class ExpressionError(DeclarationError):
    """An expression does not parse or type-check; ``position`` is the 0-based character."""

    code = "expression"

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        position: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.position = position


class SignatureError(OsteonError):
    """A signature is missing, does not verify, or its key is not in the roster."""

    exit_code = 3
    code = "signature"
