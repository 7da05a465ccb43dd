"""A project of the fake server read through REDCap's API, and loaded."""

from __future__ import annotations

from typing import Any

from gateway.registry.load import LoadReport, ingest
from gateway.registry.sources.redcap_api import ApiRows, project_at, read_project
from gateway.site.config import SiteFolder
from tests.integration.fake_redcap import TOKEN, FakeRedcap, serving

__all__ = ["ingested", "read"]


def read(fake: FakeRedcap, token: str = TOKEN) -> ApiRows:
    with serving(fake) as address:
        return read_project(project_at(address, token), sleep=lambda _: None)


def ingested(site: SiteFolder, fake: FakeRedcap, **options: Any) -> LoadReport:
    with serving(fake) as address:
        return ingest(site, project_at(address, TOKEN), **options)
