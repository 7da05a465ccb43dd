"""Is this Python environment ours alone?"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

from gateway.errors import GatewayError

__all__ = ["check_environment"]


def check_environment() -> None:
    """Refuse to run beside PyPI's other distribution named ``deid``.

    Installing both merges two folders of one name without a word, and half of the
    de-identification would be somebody else's.
    """
    try:
        distribution("deid")
    except PackageNotFoundError:
        return
    raise GatewayError(
        'the distribution "deid" is installed in this environment and overlaps with Osteon\'s',
        hint="install Osteon in an environment of its own",
    )
