"""The main figures of every load, a line each, so that a site sees where it is heading.

``quality.jsonl`` in the site's folder only grows, by less than a kilobyte per load. A line that a
power cut has torn, or that is no load's, is passed over and counted; the figures of the current
load are put down again from its version.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["Trend", "note_load", "read_trend", "summary"]

_SECONDS_MAX = 253_402_300_799
"""The last second of the year 9999."""
_Count = Annotated[int, Field(ge=0)]


class _Load(BaseModel):
    """A line as :func:`summary` makes it; a later version may tell more."""

    model_config = ConfigDict(strict=True, extra="allow")

    version: str
    created_s: Annotated[int, Field(ge=0, le=_SECONDS_MAX)]
    patients: _Count
    tiers: dict[str, tuple[_Count, _Count, _Count]]
    provider: int | None
    cells: _Count
    unfit: _Count
    rule_failures: _Count
    duplicates: _Count
    follow_up: dict[str, tuple[_Count, _Count]]
    windows: dict[str, tuple[_Count, _Count]]
    moved: _Count


@dataclass(frozen=True)
class Trend:
    """The lines of ``file``, oldest first, and how many of it are torn or of something else."""

    file: str
    loads: tuple[dict[str, Any], ...]
    skipped: int

    @property
    def told(self) -> tuple[str, ...]:
        """What a person should know of it."""
        if not self.skipped:
            return ()
        lines = "1 line is" if self.skipped == 1 else f"{self.skipped} lines are"
        return (f"{self.file}: {lines} torn or of no load, and left out of the trend",)


def summary(version: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The line of one load, made of what its version recorded."""
    found = meta["quality"]
    tiers: dict[str, list[int]] = {}
    for element in found["completeness"]:
        counts = tiers.setdefault(element["tier"], [0, 0, 0])
        for i, part in enumerate(("applies", "answered", "known")):
            counts[i] += element[part]
    conformance, rules = found.get("conformance"), found.get("plausibility", ())
    return {
        "version": version,
        "created_s": meta["created_s"],
        "patients": meta["patients"],
        "tiers": tiers,
        "provider": (found.get("provider_block") or {}).get("present"),
        "cells": 0 if conformance is None else conformance["cells"],
        "unfit": 0 if conformance is None else sum(conformance["value"].values()),
        "rule_failures": sum(rule["failed"] for rule in rules if rule["severity"] != "info"),
        "duplicates": found.get("uniqueness", {}).get("pairs", 0),
        "follow_up": {
            one["name"]: [one["closings"][-1]["observed_days"], one["closings"][-1]["days"]]
            for one in found.get("follow_up", ())
        },
        "windows": {
            f"{one['name']}.{time['name']}": [time["captured"], time["due"]]
            for one in found.get("windows", ())
            for time in one["times"]
        },
        "moved": sum(one["change"] in ("moderate", "large") for one in found.get("drift", ())),
    }


def note_load(path: Path, version: str, meta: Mapping[str, Any]) -> None:
    """Append the load's line, unless it is the last one already. Readable by its owner only."""
    loads = read_trend(path).loads
    if loads and loads[-1]["version"] == version:
        return
    line = json.dumps(summary(version, meta), separators=(",", ":")).encode() + b"\n"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = os.lseek(handle, 0, os.SEEK_END)
        torn = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
        os.write(handle, b"\n" + line if torn else line)
        os.fsync(handle)
    finally:
        os.close(handle)


def read_trend(path: Path) -> Trend:
    """The loads, oldest first; none before the first."""
    try:
        texts = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return Trend(path.name, (), 0)
    found, skipped = [], 0
    for text in texts:
        try:
            found.append(_Load.model_validate_json(text).model_dump())
        except ValidationError:
            skipped += bool(text.strip())
    return Trend(path.name, tuple(found), skipped)
