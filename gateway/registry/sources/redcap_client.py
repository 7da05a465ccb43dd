"""What is asked of REDCap's API, through PyCap, and what can go wrong, as sentences.

The token travels in the body of the request and nowhere else. PyCap looks at no status code and
puts what the server says into its errors, records' names included: so every answer is judged here
before PyCap reads it, and no text of the server is passed on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateway.errors import NetworkError, SourceError

if TYPE_CHECKING:
    from requests import Response

__all__ = ["ANSWER_BYTES_MAX", "RedcapClient", "RedcapProject"]

ANSWER_BYTES_MAX = 256 << 20
_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = (10.0, 120.0)
"""To connect, and between two pieces of the answer."""
_ANSWER_S_MAX = 600.0
_PAUSES_S = (1.0, 3.0, 9.0)
"""Waits before the second, third and fourth attempt."""
_PAUSE_S_MAX = 60.0
_FULL_RIGHT = 'ask the project\'s owner for the rights "API Export" and "Full Data Set"'


@dataclass(frozen=True)
class RedcapProject:
    """A project behind REDCap's API. The token says which one, and is never shown."""

    url: str
    token: str = field(repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return self.host in ("127.0.0.1", "localhost", "::1")

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return urlsplit(self.url).hostname or ""


class _Again(Exception):
    """An answer that another attempt may mend; ``error`` is what to say if none does."""

    def __init__(self, error: NetworkError | SourceError, pause_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause_s = pause_s


class RedcapClient:
    """Asks one project. SourceError where the server's answer is of no use, NetworkError where
    there is none; ``sleep`` waits between attempts.
    """

    def __init__(
        self, project: RedcapProject, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        try:
            from redcap import Project
        except ImportError:
            raise SourceError(
                "the package pycap is missing, through which REDCap's API is asked",
                file=project.host,
                hint="pip install 'pycap>=2.7,<3'",
            ) from None
        self._host = project.host
        self._sleep = sleep
        self._started_s = 0.0
        self._project = Project(
            project.url,
            project.token,
            timeout=_TIMEOUT_S,
            allow_redirects=False,
            # PyCap's session outlives this client: no connection stays open in it.
            headers={"Connection": "close"},
            hooks={"response": self._heard},
            # Unencrypted requests stay on this machine: no proxy of the environment gets them.
            proxies=dict.fromkeys(("http", "https", "all")) if project.is_local else None,
        )

    def info(self) -> dict[str, Any]:
        """The project's settings."""
        found = self._ask(self._project.export_project_info)
        if not isinstance(found, dict):
            raise self._other("project settings")
        return found

    def metadata(self) -> list[dict[str, Any]]:
        """The project's dictionary; its first field names the record."""
        found = self._objects(self._ask(lambda: self._project.metadata), "a data dictionary")
        if not found or any(not isinstance(one.get("field_name"), str) for one in found):
            raise self._other("a data dictionary")
        return found

    def events(self) -> list[str]:
        """The events of a longitudinal project, in its order of arms and days."""
        found = self._objects(self._ask(self._project.export_events), "events")
        return [str(one.get("unique_event_name") or "") for one in found]

    def records(self, key: str) -> list[str]:
        """The names of the records, each once, in an order that depends on nothing else."""
        found = self._ask(
            lambda: self._project.export_records(
                fields=[key], raw_or_label="raw", event_name="unique"
            )
        )
        names = {str(row.get(key) or "") for row in self._objects(found, "records")}
        names.discard("")
        return sorted(names, key=lambda name: (len(name), name) if name.isdecimal() else (99, name))

    def rows(self, records: Sequence[str]) -> list[dict[str, Any]]:
        """All rows of these records: flat, raw codes, boxes as 0 and 1, a point in numbers."""
        found = self._ask(
            lambda: self._project.export_records(
                records=list(records),
                raw_or_label="raw",
                raw_or_label_headers="raw",
                event_name="unique",
                record_type="flat",
                export_survey_fields=True,
                export_data_access_groups=True,
                export_checkbox_labels=False,
                decimal_character=".",
            )
        )
        return self._objects(found, "records")

    def _ask(self, call: Callable[[], Any]) -> Any:
        pauses = list(_PAUSES_S)
        while True:
            self._started_s = time.monotonic()
            try:
                return self._once(call)
            except _Again as again:
                if not pauses:
                    raise again.error from None
                self._sleep(min(max(pauses.pop(0), again.pause_s), _PAUSE_S_MAX))

    def _once(self, call: Callable[[], Any]) -> Any:
        from requests import exceptions as failed

        try:
            return call()
        except failed.SSLError:
            raise NetworkError(
                f"{self._host}: the server's certificate is not trusted",
                code="tls",
                hint="name your hospital's certificate authority in REQUESTS_CA_BUNDLE",
            ) from None
        except failed.ProxyError:
            raise NetworkError(
                f"{self._host}: the proxy does not let the request through",
                code="proxy",
                hint="check HTTPS_PROXY, or name the server in NO_PROXY",
            ) from None
        except failed.Timeout:
            late = NetworkError(f"{self._host}: no answer in time", code="timeout", hint=_LATER)
            raise _Again(late) from None
        except (failed.JSONDecodeError, failed.ChunkedEncodingError, failed.ContentDecodingError):
            raise _Again(self._cut_off()) from None
        except failed.ConnectionError as error:
            raise self._unreachable(error) from None
        except failed.RequestException as error:
            if type(error) is failed.RequestException:
                # PyCap: the answer is an error under a status of success.
                said = SourceError("REDCap refuses the request", file=self._host, hint=_FULL_RIGHT)
                raise said from None
            raise SourceError(
                f"the address cannot be asked ({type(error).__name__})",
                file=self._host,
                hint="check the address",
            ) from None
        except (ValueError, RecursionError):
            # JSON nested too deeply, or with a number of thousands of digits.
            raise self._other("records") from None

    def _unreachable(self, error: Exception) -> Exception:
        if "NameResolution" in repr(error) or "Name or service" in repr(error):
            return NetworkError(
                f"{self._host}: no server of that name", code="dns", hint="check the address"
            )
        said = f"{self._host}: the server cannot be reached, or ended the connection"
        return _Again(NetworkError(said, code="refused", hint=_LATER))

    def _cut_off(self) -> SourceError:
        return SourceError("the answer breaks off", file=self._host, hint=_LATER)

    def _other(self, wanted: str) -> SourceError:
        return SourceError(
            f"answers with something else than {wanted}",
            file=self._host,
            hint="is this the address of a REDCap API? It ends in /api/",
        )

    def _objects(self, found: Any, wanted: str) -> list[dict[str, Any]]:
        if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
            raise self._other(wanted)
        return found

    def _heard(self, response: Response, *_: Any, **__: Any) -> None:
        """Called by requests before anyone reads the answer."""
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
            raise _Again(NetworkError(said, code="unavailable", hint=_LATER), pause_s)
        if 300 <= status < 400:
            raise self._redirected(response)
        body = self._body(response)
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
                hint=_FULL_RIGHT,
            )
        start = body.lstrip()[:1]
        if start == b"<":
            raise SourceError(
                "answers with a web page, not with data",
                file=self._host,
                hint="is it a proxy's page, a login, or REDCap's maintenance? "
                "The address of the API ends in /api/",
            )
        if not start:
            raise _Again(self._cut_off())
        if start not in b"[{":
            raise self._other("data")

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
        for piece in response.iter_content(_CHUNK_BYTES):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > ANSWER_BYTES_MAX:
                raise SourceError(
                    f"answers with more than {ANSWER_BYTES_MAX >> 20} MB at once",
                    file=self._host,
                    hint="export the project to a file and load that",
                )
            if time.monotonic() - self._started_s > _ANSWER_S_MAX:
                said = f"{self._host}: no whole answer in {_ANSWER_S_MAX / 60:.0f} minutes"
                raise NetworkError(said, code="timeout", hint=_LATER)
        response._content = b"".join(pieces)
        return response._content


_LATER = "try again later; nothing was changed"
_REFUSED = {
    401: (
        "a login is asked for before REDCap's API",
        "ask IT to let the API's address through without one",
    ),
    403: (
        "REDCap does not accept the token, or its user may not use the API",
        "is it this project's token, not withdrawn since? " + _FULL_RIGHT,
    ),
    404: ("there is no API at this address", "it ends in /api/; see REDCap's API page"),
}
