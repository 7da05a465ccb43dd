"""The registry of valve surgery as a REDCap project behind its API."""

from __future__ import annotations

import csv
import io

from tests.integration.fake_redcap import TOKEN, FakeRedcap
from tests.integration.redcap_project import Project, User, metadata_of
from tests.unit.registry.valve import EXPORT, dictionary


def valve_project(text: str = EXPORT, missing: str = "") -> Project:
    data = list(csv.DictReader(io.StringIO(text)))
    return Project(metadata_of(dictionary()), data, ("defect", "visit"), missing=missing)


def faked(text: str = EXPORT, user: User | None = None, missing: str = "") -> FakeRedcap:
    return FakeRedcap({TOKEN: (valve_project(text, missing), user or User())})
