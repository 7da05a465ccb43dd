"""The quality of a load as a page of the console and as a file, and its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.console import quality_plots as plots
from gateway.console.page_file import write_page
from gateway.console.quality import TIERS, Quality, read_quality
from gateway.console.trouble import Trouble
from gateway.site.config import SiteFolder

__all__ = ["quality_values", "write_quality"]


def quality_values(quality: Quality | Trouble | None) -> dict[str, Any]:
    """What the template of the page's body needs."""
    told = quality if isinstance(quality, Quality) else None
    return {
        "quality": quality,
        "tiers": TIERS,
        "pictures": {} if told is None else _pictures(told),
        "has_target": told is not None and _target(told) is not None,
    }


def _target(quality: Quality) -> float | None:
    """The one target of follow-up, where there is exactly one."""
    targets = {one.target for one in quality.follow_up if one.target is not None}
    return targets.pop() if len(targets) == 1 else None


def _pictures(quality: Quality) -> dict[str, str]:
    answers = (
        [(tier or "no tier", cell.states) for tier, cell in quality.tiers.items()]
        if quality.complete
        else []
    )
    curves = [
        (one.label, [(c.until, c.share) for c in one.closings if c.share is not None])
        for one in quality.follow_up
    ]
    trends = [
        (
            tier,
            [
                (f"{number}. {line.at:%Y-%m-%d}", line.tiers[tier])
                for number, line in enumerate(quality.trend, start=1)
                if tier in line.tiers
            ],
        )
        for tier in quality.tiers
        if tier
    ]
    found = {
        "answers": plots.answers_picture(answers),
        "follow_up": plots.follow_up_picture(curves, _target(quality)),
        "trend": plots.trend_picture(trends),
    }
    for i, (_, times) in enumerate(quality.windows, start=1):
        found[f"windows{i}"] = plots.capture_picture([one.share for one in times])
    return found


def write_quality(site: SiteFolder, path: Path, *, force: bool = False) -> None:
    """Write the page for its owner's eyes only: its counts are exact. SiteError if the file exists,
    unless ``force``.
    """
    values = quality_values(read_quality(site))
    write_page(path, site, "quality_alone", values, force=force)
