"""A keyring in a file, for tests: what the library asks of an operating system's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring.backend
import keyring.errors

__all__ = ["FILE_VARIABLE", "FileKeyring", "LockedKeyring"]

FILE_VARIABLE = "OSTEON_TEST_KEYRING"


class FileKeyring(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def _all(self) -> dict[str, str]:
        path = Path(os.environ[FILE_VARIABLE])
        return json.loads(path.read_text()) if path.exists() else {}

    def _keep(self, found: dict[str, str]) -> None:
        path = Path(os.environ[FILE_VARIABLE])
        path.with_suffix(".new").write_text(json.dumps(found))
        path.with_suffix(".new").replace(path)

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._all() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        found = self._all()
        if found.pop(f"{service}/{username}", None) is None:
            raise keyring.errors.PasswordDeleteError("not found")
        self._keep(found)


class LockedKeyring(FileKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked(f"locked: {self._all()}")
