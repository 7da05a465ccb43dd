"""A page as one HTML file that needs nothing else: complete or absent, and for its owner's eyes
only, since its counts are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import SiteError
from gateway.registry.private_file import replacing
from gateway.site.config import SiteFolder

__all__ = ["write_page"]


def write_page(
    path: Path,
    site: SiteFolder,
    template: str,
    values: Mapping[str, Any],
    *,
    force: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Write the page of ``template`` (``NAME_alone``) with ``values``, without a single outside
    reference. SiteError if the file exists, unless ``force``, or cannot be written.
    """
    from gateway.console.pages import TEMPLATES, environment

    if path.is_file() and not force:
        raise SiteError(f"{path}: there is a file already", hint="--force writes over it")
    text = (
        environment()
        .get_template(f"{template}.html.j2")
        .render(
            page=template,
            site=site.config.site,
            folder=site.path,
            now=now(),
            style=TEMPLATES.joinpath("console.css").read_text(encoding="utf-8"),
            **values,
        )
    )
    try:
        with replacing(path) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SiteError(
            f"cannot write {path} ({error.strerror})", hint="choose a file in a folder of yours"
        ) from error
