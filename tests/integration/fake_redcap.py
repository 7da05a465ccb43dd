"""A REDCap server on loopback, as far as its API goes: POST forms with a token.

``FakeRedcap.faults`` are taken one by one, in place of the answers of the next requests: a word
below, a status, or the bytes to answer with.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.integration.redcap_project import Project, Refused, User, as_csv, as_json, as_xml

TOKEN = "0123456789ABCDEF0123456789ABCDEF"
_LISTS = ("records", "fields", "forms", "events")
_TYPES = {"json": "application/json", "csv": "text/csv", "xml": "text/xml", "odm": "text/xml"}
_PAGE = "<!DOCTYPE html><html><body>Please log in</body></html>"


@dataclass
class FakeRedcap:
    """Projects by token. ``asked`` lists what was asked for, ``dies_at`` the request (from 1) at
    which the process ends.
    """

    tokens: dict[str, tuple[Project, User]]
    faults: list[str | bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dies_at: int | None = None

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/api/", self._api, methods=["POST"])])

    async def _api(self, request: Request) -> Response:
        given = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        form = FormData(given)
        self.asked.append(str(form.get("content", "")))
        if self.dies_at is not None and len(self.asked) >= self.dies_at:
            os._exit(9)
        style = str(form.get("format") or "xml")
        fault = self.faults.pop(0) if self.faults else ""
        if isinstance(fault, bytes):
            return Response(fault, media_type=_TYPES["json"])
        if fault == "redirect":
            return RedirectResponse("https://elsewhere.example.org/redcap/api/", status_code=301)
        if fault == "page":
            return Response(_PAGE, media_type="text/html")
        if fault == "break":
            return StreamingResponse(_broken(), media_type=_TYPES["json"])
        if fault == "large":
            return Response("[" + " " * 4096 + "]", media_type=_TYPES["json"])
        if fault.isdigit():
            return Response(_PAGE, int(fault), media_type="text/html")
        try:
            body = self._answer(form, style)
        except Refused as refused:
            return _error(refused, str(form.get("returnFormat") or style))
        if fault == "cut":
            body = body[: len(body) // 2]
        if fault == "error":
            body = as_json({"error": "A problem with record Quibbleworth"})
        if fault == "blank":
            body = ""
        return Response(body, media_type=_TYPES.get(style, "text/html"))

    def _answer(self, form: FormData, style: str) -> str:
        if str(form.get("token")) not in self.tokens:
            raise Refused(403, "You do not have permissions to use the API")
        project, user = self.tokens[str(form.get("token"))]
        content = form.get("content")
        if content == "record" and form.get("data") is not None:
            return _import(project, form, style)
        if content == "record":
            return _records(project, user, form, style)
        if content == "dag" and not user.groups:
            raise Refused(
                400,
                "Insufficient user privileges: You must have 'API Export' privileges "
                "and 'Data Access Groups' privileges in the project.",
            )
        plain: dict[Any, Any] = {
            "dag": [{"unique_group_name": name} for name in project.groups()],
            "metadata": project.fields,
            "project": project.info(),
            "exportFieldNames": project.export_names(),
            "repeatingFormsEvents": [{"form_name": n} for n in project.repeats],
            "event": project.events,
            "arm": project.arms,
            "formEventMapping": [
                {"arm_num": e["arm_num"], "unique_event_name": e["unique_event_name"], "form": f}
                for e in project.events
                for f in project.forms
            ],
        }
        if content == "version":
            return "14.5.10"
        if content not in plain:
            raise Refused(400, 'The value of the parameter "content" is not valid')
        if content in ("event", "arm", "formEventMapping") and not project.events:
            raise Refused(400, "You cannot export arms/events for classic projects")
        found = plain[content]
        if style == "json":
            return as_json(found)
        rows = [found] if isinstance(found, dict) else found
        return as_xml(rows) if style == "xml" else as_csv(list(rows[0]), rows)


def _records(project: Project, user: User, form: FormData, style: str) -> str:
    given: dict[str, Any] = {
        name: [v for k, v in form.multi_items() if re.fullmatch(rf"{name}(\[\d*\])?", k)]
        for name in _LISTS
    }
    given |= {
        "label": form.get("rawOrLabel") == "label",
        "checkbox_label": _true(form.get("exportCheckboxLabel")),
        "groups": _true(form.get("exportDataAccessGroups")),
        "survey": _true(form.get("exportSurveyFields")),
        "decimal": form.get("decimalCharacter"),
    }
    columns, rows = project.export(given, user)
    if style == "odm":
        return project.odm(rows)
    if form.get("type") == "eav":
        rows = project.eav(rows)
        columns = list(rows[0]) if rows else []
    if style == "json":
        return as_json(rows)
    if style == "xml":
        return as_xml(rows)
    delimiter = {"tab": "\t"}.get(str(form.get("csvDelimiter")), str(form.get("csvDelimiter", ",")))
    return as_csv(columns, rows, delimiter)


def _import(project: Project, form: FormData, style: str) -> str:
    data = str(form["data"])
    rows = json.loads(data) if style == "json" else list(csv.DictReader(io.StringIO(data)))
    taken = project.take(rows, overwrite=form.get("overwriteBehavior") == "overwrite")
    if str(form.get("returnFormat") or style) == "json":
        return as_json({"count": len(taken)})
    return str(len(taken))


def _true(given: Any) -> bool:
    return str(given).lower() in ("1", "true")


def _error(refused: Refused, style: str) -> Response:
    if style == "json":
        return Response(as_json({"error": refused.says}), refused.status, media_type=_TYPES["json"])
    if style == "csv":
        return Response(f"ERROR: {refused.says}", refused.status, media_type=_TYPES["csv"])
    head = '<?xml version="1.0" encoding="UTF-8" ?>'
    body = f"{head}<hash><error>{refused.says}</error></hash>"
    return Response(body, refused.status, media_type=_TYPES["xml"])


async def _broken() -> AsyncIterator[bytes]:
    yield b'[{"code":"A1"'
    raise ConnectionResetError


def listen(port: int = 0) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    bound.listen(64)
    return bound


@contextmanager
def serving(fake: FakeRedcap, *, certificate: Path | None = None, port: int = 0) -> Iterator[str]:
    """Run the server in a thread; gives the address as ``osteon site ingest`` takes it."""
    bound = listen(port)
    config = uvicorn.Config(
        fake.app(), log_level="critical", lifespan="off", ssl_certfile=certificate
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    scheme = "https" if certificate else "http"
    try:
        yield f"redcap+{scheme}://127.0.0.1:{bound.getsockname()[1]}/api/"
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()
