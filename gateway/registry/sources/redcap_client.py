"""What is asked of REDCap's API, through PyCap, and what can go wrong on the way, as sentences.

The token travels in the body of the request and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import NetworkError, SourceError
from gateway.registry.sources.redcap_answers import FULL_RIGHT, LATER, Again, Answers

__all__ = ["RedcapClient", "RedcapProject"]

_TIMEOUT_S = (10.0, 120.0)
"""To connect, and between two pieces of the answer."""
_PAUSES_S = (1.0, 3.0, 9.0)
"""Waits before the second, third and fourth attempt."""
_PAUSE_S_MAX = 60.0


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
        self._answers = Answers(project.host)
        self._project = Project(
            project.url,
            project.token,
            timeout=_TIMEOUT_S,
            allow_redirects=False,
            # PyCap's session outlives this client: no connection stays open in it.
            headers={"Connection": "close"},
            hooks={"response": self._answers.heard},
            # Unencrypted requests stay on this machine: no proxy of the environment gets them.
            proxies=dict.fromkeys(("http", "https", "all")) if project.is_local else None,
        )

    def info(self) -> dict[str, Any]:
        """The project's settings."""
        found = self._ask(self._project.export_project_info)
        if not isinstance(found, dict):
            raise self._answers.other("project settings")
        return found

    def metadata(self) -> list[dict[str, Any]]:
        """The project's dictionary; its first field names the record."""
        found = self._objects(self._ask(lambda: self._project.metadata), "a data dictionary")
        if not found or any(not isinstance(one.get("field_name"), str) for one in found):
            raise self._answers.other("a data dictionary")
        return found

    def events(self) -> list[str]:
        """The events of a longitudinal project, in its order of arms and days."""
        found = self._objects(self._ask(self._project.export_events), "events")
        return [str(one.get("unique_event_name") or "") for one in found]

    def groups(self) -> bool | None:
        """Whether the project has data access groups; None where the token may not ask, as few
        may.
        """
        try:
            return bool(self._objects(self._ask(self._project.export_dags), "groups"))
        except (SourceError, NetworkError):
            return None

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
            try:
                return self._once(call)
            except Again as again:
                if not pauses:
                    raise again.error from None
                self._sleep(min(max(pauses.pop(0), again.pause_s), _PAUSE_S_MAX))

    def _once(self, call: Callable[[], Any]) -> Any:
        from requests import exceptions as failed

        try:
            return self._answers.in_time(call)
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
            late = NetworkError(f"{self._host}: no answer in time", code="timeout", hint=LATER)
            raise Again(late) from None
        except (failed.JSONDecodeError, failed.ChunkedEncodingError, failed.ContentDecodingError):
            raise Again(self._answers.cut_off()) from None
        except failed.ConnectionError as error:
            raise self._unreachable(error) from None
        except failed.RequestException as error:
            if type(error) is failed.RequestException:
                # PyCap: the answer is an error under a status of success.
                said = SourceError("REDCap refuses the request", file=self._host, hint=FULL_RIGHT)
                raise said from None
            raise SourceError(
                f"the address cannot be asked ({type(error).__name__})",
                file=self._host,
                hint="check the address",
            ) from None
        except (ValueError, RecursionError):
            # JSON nested too deeply, or with a number of thousands of digits.
            raise self._answers.other("records") from None

    def _unreachable(self, error: Exception) -> Exception:
        if "NameResolution" in repr(error) or "Name or service" in repr(error):
            return NetworkError(
                f"{self._host}: no server of that name", code="dns", hint="check the address"
            )
        said = f"{self._host}: the server cannot be reached, or ended the connection"
        return Again(NetworkError(said, code="refused", hint=LATER))

    def _objects(self, found: Any, wanted: str) -> list[dict[str, Any]]:
        if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
            raise self._answers.other(wanted)
        return found
