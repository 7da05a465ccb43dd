"""The word lists and sentence templates of ``templates.yaml``."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from policies.decode import parse_yaml

__all__ = ["listed"]


@cache
def _data() -> dict[str, Any]:
    source = resources.files("deid").joinpath("ner", "templates.yaml")
    data: dict[str, Any] = parse_yaml(source.read_text(encoding="utf-8"), where="templates.yaml")
    return data


@cache
def listed(name: str) -> list[str]:
    """One list: templates as written, lines where there are several, else words."""
    value = _data()[name]
    if isinstance(value, list):
        return [str(item) for item in value]
    text = str(value).strip()
    return text.splitlines() if "\n" in text else text.split()
