"""The coordinator's view of the roster file, which an admission replaces while we serve."""

from __future__ import annotations

from gateway.identity.network import NetworkFolder
from policies.roster import Roster
from policies.signing import Signed

__all__ = ["LiveRoster"]


class LiveRoster:
    """The current roster; :meth:`refresh` notices a new file. Serials never fall."""

    def __init__(self, folder: NetworkFolder) -> None:
        self._folder = folder
        self._seen = self._stamp()
        self.signed: Signed = folder.signed_roster()
        self.roster: Roster = folder.roster()

    def _stamp(self) -> tuple[int, int]:
        stat = (self._folder.path / "roster.signed.json").stat()
        return stat.st_mtime_ns, stat.st_ino

    def refresh(self) -> bool:
        """Read the file again if it changed; True if a higher serial was found."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        roster, signed = self._folder.roster(), self._folder.signed_roster()
        self._seen = stamp
        if roster.serial <= self.roster.serial:
            return False
        self.roster, self.signed = roster, signed
        return True
