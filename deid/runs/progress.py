"""How far a run over notes has come, how fast it goes, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Done", "Pace", "Progress", "Rates"]

_WINDOW_S = 60.0
_SAMPLE_S = 0.5
_SURE_S = 2.0  # less than that tells more about start-up than about speed


@dataclass(frozen=True, slots=True)
class Done:
    """Notes and characters done, of how many; ``characters_total`` None where nobody counted."""

    notes: int
    notes_total: int
    characters: int = 0
    characters_total: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second of the clock; ``left_s`` are the seconds that the rest will take at that rate."""

    notes: float
    characters: float
    left_s: float | None


Progress = Callable[[Done], None]


class Pace:
    """Rates over the last minute. ``clock`` gives seconds.

    What was done before the first :meth:`rates` is not counted as speed: a run that goes on behind
    a million notes of an earlier one has done none of them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, Done]] = deque()

    def rates(self, done: Done) -> Rates | None:
        """The speed at this point, or None while it is too early to tell."""
        now = self._clock()
        if not self._seen or now - self._seen[-1][0] >= _SAMPLE_S:
            self._seen.append((now, done))
        # One sample older than the window stays, so that a slow note does not empty it.
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()
        then, before = self._seen[0]
        spent = now - then
        if spent < _SURE_S:
            return None
        notes = (done.notes - before.notes) / spent
        characters = (done.characters - before.characters) / spent
        return Rates(notes, characters, _left_s(done, notes, characters))


def _left_s(done: Done, notes: float, characters: float) -> float | None:
    """By characters where their number is known: a long note takes longer than a short one."""
    if done.characters_total is not None:
        rest, rate = done.characters_total - done.characters, characters
    else:
        rest, rate = done.notes_total - done.notes, notes
    if rest <= 0:
        return 0.0
    return rest / rate if rate > 0 else None
