"""A server that answers a byte at a time."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from gateway.errors import NetworkError
from gateway.registry.sources import redcap_answers
from gateway.registry.sources.redcap_api import project_at, read_project

STATUS = b"HTTP/1.1 200 OK\r\n"
HEAD = STATUS + b"Content-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD + b"Content-Length: 60000\r\n\r\n[", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (STATUS + b"X-Slow: ", b"a"),
        (STATUS, b"X: a\r\n"),
        (b"HTTP/1.1 200 ", b"O"),
    ],
)
def test_an_answer_that_trickles_ends_at_the_limit(
    monkeypatch: pytest.MonkeyPatch, head: bytes, piece: bytes
) -> None:
    monkeypatch.setattr(redcap_answers, "_ANSWER_S_MAX", 0.3)
    ended = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(head)
            try:
                for _ in range(200):
                    connection.sendall(piece)
                    if ended.wait(0.05):
                        return
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, args=(listening,))
        server.start()
        address = f"redcap+http://127.0.0.1:{listening.getsockname()[1]}/api/"
        began_s = time.monotonic()
        with pytest.raises(NetworkError, match="no whole answer in 0 minutes"):
            read_project(project_at(address, "0" * 32), sleep=lambda _: None)
        took_s = time.monotonic() - began_s
        ended.set()
        server.join()
    assert took_s < 8
