"""The console's pages as a web application: GET only, no cookie, no script, no form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from federated.report.words import days
from gateway.console import words
from gateway.console.budget import read_budget
from gateway.console.guard import Guard
from gateway.console.outcomes_page import outcomes_values, own_outcomes
from gateway.console.overview import policy_of, read_overview, status
from gateway.console.policy import read_policy
from gateway.console.quality import read_quality
from gateway.console.quality_page import quality_values
from gateway.console.questions import read_questions
from gateway.console.review import AGES, read_review
from gateway.console.trouble import Trouble, attempt
from gateway.console.worklists import STATES, read_worklist_counts
from gateway.site.config import SiteFolder

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["TEMPLATES", "create_app", "environment"]

TEMPLATES = Path(__file__).with_name("templates")
_ERRORS = {
    400: ("This address is not understood.", "Follow the links above."),
    404: ("There is no such page.", "Follow the links above."),
    405: ("This console only shows; it changes nothing.", "Use the osteon command."),
    500: (
        "The console met a fault of its own; the site's node is not affected.",
        "The terminal in which the console runs names the fault.",
    ),
}


@cache
def environment() -> Environment:
    """Where the pages' templates are read."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(age=words.age, epsilon=words.epsilon, percent=words.percent)
    made.globals.update(days=days)
    made.globals.update(per_100=words.per_100, percent_of=words.percent_of, share=words.share)
    made.filters["when"] = words.when
    made.tests["trouble"] = lambda part: isinstance(part, Trouble)
    return made


class _Pages:
    """The endpoints of one site's console."""

    def __init__(self, site: SiteFolder, now: Callable[[], datetime], *, remote: bool) -> None:
        self.site = site
        self.now = now
        self.remote = remote

    def _page(self, name: str, code: int = 200, **values: Any) -> Response:
        template = environment().get_template(f"{name}.html.j2")
        text = template.render(
            page=name,
            site=self.site.config.site,
            folder=self.site.path,
            now=self.now(),
            remote=self.remote,
            **values,
        )
        return HTMLResponse(text, code)

    def overview(self, _request: Request) -> Response:
        return self._page("overview", seen=read_overview(self.site, self.now))

    def status(self, _request: Request) -> Response:
        return JSONResponse(status(read_overview(self.site, self.now)))

    def budget(self, _request: Request) -> Response:
        declared = attempt(lambda: read_policy(self.site))
        budget = attempt(lambda: read_budget(self.site, policy_of(declared), self.now))
        return self._page("budget", budget=budget, declared=declared)

    def questions(self, request: Request) -> Response:
        before = request.query_params.get("before")
        # As many digits as an entry's number can have.
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise HTTPException(400)
        found = attempt(
            lambda: read_questions(self.site, None if before is None else int(before)),
            otherwise="keep the file as it is, and compare it with the last backup",
        )
        return self._page("questions", questions=found, before=before)

    def quality(self, _request: Request) -> Response:
        return self._page("quality", **quality_values(attempt(lambda: read_quality(self.site))))

    def worklists(self, _request: Request) -> Response:
        counted = attempt(lambda: read_worklist_counts(self.site))
        return self._page("worklists", counted=counted, states=STATES)

    def outcomes(self, _request: Request) -> Response:
        return self._page("outcomes", **outcomes_values(attempt(lambda: own_outcomes(self.site))))

    def review(self, _request: Request) -> Response:
        found = attempt(
            lambda: read_review(self.site, self.now),
            otherwise="keep the file as it is, and put the last backup back",
        )
        return self._page("review", review=found, ages=list(AGES))

    def style(self, _request: Request) -> Response:
        return Response(TEMPLATES.joinpath("console.css").read_bytes(), media_type="text/css")

    def error(self, _request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 500
        says, step = _ERRORS.get(code, _ERRORS[500])
        return self._page("error", code, trouble=Trouble(says, step))


def create_app(
    site: SiteFolder,
    *,
    remote: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ASGIApp:
    """The application. Every page is read afresh from the site's files."""
    pages = _Pages(site, now, remote=remote)
    app = Starlette(
        routes=[
            Route("/", pages.overview),
            Route("/budget", pages.budget),
            Route("/questions", pages.questions),
            Route("/quality", pages.quality),
            Route("/worklists", pages.worklists),
            Route("/outcomes", pages.outcomes),
            Route("/review", pages.review),
            Route("/status.json", pages.status),
            Route("/console.css", pages.style),
        ],
        exception_handlers={HTTPException: pages.error, 500: pages.error},
    )
    # Outside of Starlette, so that its own replies to faults carry the headers too.
    return Guard(app, remote=remote)
