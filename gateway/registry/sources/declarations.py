"""A declaration (a site map, a dictionary, rules) that is given where data is asked for."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.errors import SourceError

__all__ = ["refuse_declaration"]

_READ_BYTES = 65_536
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(?:\s|$)")
_INGEST = "osteon site ingest SITE_DIR EXPORT --map MAP.yaml"


def refuse_declaration(path: Path) -> None:
    """SourceError, with what to do with it, for YAML. A table's header is no ``key:`` line."""
    with path.open("rb") as stream:
        text = stream.read(_READ_BYTES).decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip() and line[0] not in "# \t-"]
    keys = [found[1] for found in map(_KEY.match, lines) if found is not None]
    if not keys or len(keys) < len(lines):
        return
    if "instruments" in keys:
        what, hint = "a dictionary", f"osteon site init SITE_DIR --dictionary {path.name}"
    elif "dictionary" in keys and {"elements", "source", "others", "rows"} & set(keys):
        what, hint = "a site map", f"give it after --map, and the export before it: {_INGEST}"
    else:
        what, hint = "a declaration", f"name the export to load: {_INGEST}"
    raise SourceError(f"is YAML, {what} and not data", file=path.name, hint=hint)
