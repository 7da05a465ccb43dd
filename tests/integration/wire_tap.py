"""``osteon`` with a tap on the wire: every message that this process hands to gRPC is written down.

    python -m tests.integration.wire_tap FILE site serve SITE_DIR

FILE gets the bytes as they are sent, each message behind its length (4 bytes, big-endian); for
the metadata of a call, which is sent too, its text in the same way. Nothing else is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import grpc.aio
from grpc.aio import _channel

from gateway.cli.main import main

_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def tap(path: Path) -> None:
    """From here on, what is sent is appended to the file."""

    def note(data: bytes) -> None:
        with path.open("ab") as file:
            file.write(len(data).to_bytes(4, "big") + data)

    for kind in _KINDS:
        real = getattr(_channel.Channel, kind)

        def tapped(self, method, request_serializer=None, *rest, real=real, **named):
            def serialised(message):
                data = request_serializer(message) if request_serializer else message
                note(data)
                return data

            call = real(self, method, serialised, *rest, **named)

            def called(*words, **options):
                note(repr((method, options.get("metadata"))).encode())
                return call(*words, **options)

            return called

        setattr(_channel.Channel, kind, tapped)


def messages(path: Path) -> Iterator[bytes]:
    """What was written down, in order."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


if __name__ == "__main__":
    assert grpc.aio.Channel
    tap(Path(sys.argv[1]))
    main(sys.argv[2:])
