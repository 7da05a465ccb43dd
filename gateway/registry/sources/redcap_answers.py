"""Answers of REDCap's API, judged before PyCap reads them.

PyCap looks at no status code, reads without bounds, and puts what the server says into its errors,
records' names included. So every answer is judged here first, and no text of the server is passed
on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from gateway.errors import NetworkError, SourceError

if TYPE_CHECKING:
    from requests import Response

__all__ = ["ANSWER_BYTES_MAX", "FULL_RIGHT", "LATER", "Again", "Answers", "TooLarge"]

T = TypeVar("T")
ANSWER_BYTES_MAX = 64 << 20
"""Read as objects, an answer takes some twenty times as much memory."""
_CHUNK_BYTES = 1 << 16
_ANSWER_S_MAX = 600.0
FULL_RIGHT = 'ask the project\'s owner for the rights "API Export" and "Full Data Set"'
LATER = "try again later; nothing was changed"
_REFUSED = {
    401: (
        "a login is asked for before REDCap's API",
        "ask IT to let the API's address through without one",
    ),
    403: (
        "REDCap does not accept the token, or its user may not use the API",
        "is it this project's token, not withdrawn since? " + FULL_RIGHT,
    ),
    404: ("there is no API at this address", "it ends in /api/; see REDCap's API page"),
}


class Again(Exception):
    """An answer that another attempt may mend; ``error`` is what to say if none does."""

    def __init__(self, error: NetworkError | SourceError, pause_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause_s = pause_s


def _arriving(response: Response) -> Iterator[bytes]:
    """What has arrived, piece by piece. ``iter_content`` waits until a piece is full, and of a
    server that sends a byte now and then nobody would look at the clock.
    """
    from requests import exceptions as failed
    from urllib3 import exceptions as low

    try:
        while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            yield piece
    except low.DecodeError as error:
        raise failed.ContentDecodingError(error) from None
    except low.ReadTimeoutError as error:
        raise failed.ConnectionError(error) from None
    except low.ProtocolError as error:
        raise failed.ChunkedEncodingError(error) from None


class TooLarge(SourceError):
    """An answer beyond bounds; half as much may be asked for."""


class Answers:
    """Judges the answers of one server; ``started_s`` is when the request began."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.started_s = 0.0

    def in_time(self, call: Callable[[], T]) -> T:
        """What ``call`` gives; NetworkError if it has given nothing by the end of the time for an
        answer.

        Nobody looks at the clock while a server sends its headers, and each byte of them may take
        as long as a whole piece of the answer. So the call waits in a thread, which is left behind:
        it ends with the connection, at the latest with the process.
        """
        ended: list[tuple[T, None] | tuple[None, BaseException]] = []

        def wait() -> None:
            try:
                ended.append((call(), None))
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                ended.append((None, error))

        self.started_s = time.monotonic()
        thread = threading.Thread(target=wait, name="redcap-request", daemon=True)
        thread.start()
        thread.join(_ANSWER_S_MAX)
        if not ended:
            raise self._late()
        found, error = ended[0]
        if error is not None:
            raise error
        return cast("T", found)

    def _late(self) -> NetworkError:
        said = f"{self._host}: no whole answer in {_ANSWER_S_MAX / 60:.0f} minutes"
        return NetworkError(said, code="timeout", hint=LATER)

    def cut_off(self) -> SourceError:
        """The answer is not whole."""
        return SourceError("the answer breaks off", file=self._host, hint=LATER)

    def other(self, wanted: str) -> SourceError:
        """The answer is whole, and not what was asked for."""
        return SourceError(
            f"answers with something else than {wanted}",
            file=self._host,
            hint="is this the address of a REDCap API? It ends in /api/",
        )

    def heard(self, response: Response, *_: Any, **__: Any) -> None:
        """Called by requests before anyone reads the answer.

        Raises SourceError or NetworkError, or Again where another attempt may mend it.
        """
        try:
            self._judge(response)
        except BaseException:
            response.close()
            raise

    def _judge(self, response: Response) -> None:
        status = response.status_code
        if status == 429 or status >= 500:
            said = f"{self._host}: the server answers with status {status}"
            after = response.headers.get("Retry-After", "")
            pause_s = float(after) if after.isascii() and after.isdecimal() else 0.0
            raise Again(NetworkError(said, code="unavailable", hint=LATER), pause_s)
        if 300 <= status < 400:
            raise self._redirected(response)
        body = self._body(response)
        page = body.lstrip()[:1] == b"<"
        if status == 403 and page:
            raise SourceError(
                "a firewall or proxy before REDCap refuses the request",
                file=self._host,
                hint="ask IT to let this machine reach the API's address",
            )
        if status in _REFUSED:
            says, hint = _REFUSED[status]
            raise SourceError(says, file=self._host, hint=hint)
        if status >= 400:
            rights = b"privilege" in body.lower() or b"permission" in body.lower()
            raise SourceError(
                "the token's user may not export this"
                if rights
                else f"REDCap refuses the request (status {status})",
                file=self._host,
                hint=FULL_RIGHT,
            )
        if page:
            raise SourceError(
                "answers with a web page, not with data",
                file=self._host,
                hint="is it a proxy's page, a login, or REDCap's maintenance? "
                "The address of the API ends in /api/",
            )
        if not body.strip():
            raise Again(self.cut_off())
        if body.lstrip()[:1] not in (b"[", b"{"):
            raise self.other("data")

    def _redirected(self, response: Response) -> SourceError:
        # Followed, a redirect would turn the request into another one and lose, or give away,
        # the token.
        try:
            host = urlsplit(response.headers.get("Location", "")).hostname
        except ValueError:
            host = None
        to = f" to {host}" if host and host.isascii() and host.isprintable() else ""
        return SourceError(
            f"the address redirects{to}",
            file=self._host,
            hint="give the address that REDCap's API page shows, beginning with redcap+https://",
        )

    def _body(self, response: Response) -> bytes:
        """The answer, read within bounds and kept for PyCap."""
        pieces: list[bytes] = []
        size_bytes = 0
        for piece in _arriving(response):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > ANSWER_BYTES_MAX:
                raise TooLarge(
                    f"answers with more than {ANSWER_BYTES_MAX >> 20} MB at once",
                    file=self._host,
                    hint="export the project to a file and load that",
                )
            if time.monotonic() - self.started_s > _ANSWER_S_MAX:
                raise self._late()
        response._content = b"".join(pieces)
        return response._content
