"""JSON that is read as a stream, within bounds.

A streaming parser keeps the path of every level that is open, and every text until it ends: some
kilobytes of brackets, or one text without an end, would take all memory. So the bytes are looked
through before the parser gets them: how deep they nest, and how much comes without a comma or
bracket in between.
"""

from __future__ import annotations

import re
from typing import Protocol

from gateway.errors import SourceError

__all__ = ["DEPTH_MAX", "BoundedJson", "Readable"]

DEPTH_MAX = 200
"""Real resources nest a dozen levels."""
_VALUE_BYTES_MAX = 64 << 20
_ITEM_BYTES_MAX = 64 << 20
_READ_BYTES_MAX = 1 << 16
_TEXTS = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # whole
    rb'|(")[^"\\]*+(?:\\.[^"\\]*+)*+(\\?)\Z',  # goes on in the next piece, perhaps after a \
    re.DOTALL,
)
_BETWEEN = b"[]{},:"
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NOTHING_BETWEEN = bytes(set(range(256)) - set(_BETWEEN))
_OPENING = frozenset(b"[{")


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


class BoundedJson:
    """The bytes of ``stream``; SourceError (``name`` is the file's) for what no honest file holds.

    ``items``: what stands in the document is a list, and each of its items is bounded too.
    """

    def __init__(self, stream: Readable, name: str, *, items: bool = False) -> None:
        self._stream = stream
        self._name = name
        self._items = items
        self._open_text = b""
        self._depth = 0
        self._value_bytes = 0
        self._item_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """See :class:`Readable`."""
        wanted = size if 0 <= size <= _READ_BYTES_MAX else _READ_BYTES_MAX
        piece = self._stream.read(wanted)
        self._look(piece)
        return piece

    def _look(self, piece: bytes) -> None:
        """Sizes are counted in whole pieces: they are that much too small, and never too large."""
        plain = _TEXTS.sub(rb"\1\2", self._open_text + piece)
        self._open_text = next((end for end in (b'"', b'"\\') if plain.endswith(end)), b"")
        lowest = self._depth
        for bracket in plain.translate(None, _NO_BRACKETS):
            self._depth += 1 if bracket in _OPENING else -1
            lowest = min(lowest, self._depth)
            if self._depth > DEPTH_MAX:
                raise SourceError(f"is nested more than {DEPTH_MAX} levels deep", file=self._name)
        between = plain.translate(None, _NOTHING_BETWEEN)
        self._value_bytes = 0 if between else self._value_bytes + len(piece)
        self._item_bytes = 0 if lowest <= 1 else self._item_bytes + len(piece)
        if self._value_bytes > _VALUE_BYTES_MAX:
            raise SourceError(
                f"has a value larger than {_VALUE_BYTES_MAX >> 20} MB", file=self._name
            )
        if self._items and self._item_bytes > _ITEM_BYTES_MAX:
            raise SourceError(
                f"has an object larger than {_ITEM_BYTES_MAX >> 20} MB", file=self._name
            )
