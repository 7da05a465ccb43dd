"""One entry in the operating system's keyring: Secret Service, KWallet, macOS or Windows.

Only what an operating system keeps for the logged-in person counts: backends that their own makers
do not recommend (priority below 1) write secrets into plain files, which the vault's own key file
does better. A backend raises whatever its system does, with texts that may hold anything: only
the kind of error is said.
"""

from __future__ import annotations

from typing import Any

from gateway.errors import SiteError

__all__ = ["delete_entry", "get_entry", "set_entry"]

_SERVICE = "osteon vault"
_ELSEWHERE = (
    "a server without a desktop session has none; keep the key in a file or in the environment "
    "(osteon site vault key SITE_DIR --to file, where the keyring can be reached)"
)


def get_entry(name: str) -> str | None:
    """The secret kept under this name, None if there is none."""
    found: str | None = _asked("get_password", name)
    return found


def set_entry(name: str, secret: str) -> None:
    """Keep the secret, and read it back: SiteError if the keyring does not give it again."""
    _asked("set_password", name, secret)
    if get_entry(name) != secret:
        raise SiteError("the keyring did not keep the vault's key", hint=_ELSEWHERE)


def delete_entry(name: str) -> None:
    """Delete the entry; one that is not there is no error."""
    if get_entry(name) is not None:
        _asked("delete_password", name)


def _asked(what: str, *words: str) -> Any:
    backend = _backend()
    try:
        return getattr(backend, what)(_SERVICE, *words)
    except Exception as error:  # noqa: BLE001 - whatever the operating system's library raises
        raise SiteError(
            f"the keyring refused ({type(error).__name__})",
            hint="unlock it by logging in as the user whose keyring it is, then try again",
        ) from None


def _backend() -> Any:
    try:
        import keyring
    except ModuleNotFoundError:
        raise SiteError(
            "the library for keyrings is not installed", hint="pip install 'osteon[keyring]'"
        ) from None
    try:
        backend = keyring.get_keyring()
        usable = backend.priority >= 1
    except Exception as error:  # noqa: BLE001 - as above
        raise SiteError(
            f"the keyring cannot be set up ({type(error).__name__})", hint=_ELSEWHERE
        ) from None
    if not usable:
        raise SiteError("no keyring of the operating system can be reached", hint=_ELSEWHERE)
    return backend
