"""What ``osteon study preview`` prints, and ``submit`` before it asks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from federated.errors import StudyError

if TYPE_CHECKING:
    from federated.study.preview import Preview

__all__ = ["check_deadline", "show_preview"]


def show_preview(found: Preview, say: Callable[[str], Any]) -> None:
    """Say what a study costs, how sharp and how late its answers would be, and who admits it."""
    say(f"{found.title}")
    say(f"  cost per site     ε ≤ {found.epsilon:.3g} per patient at δ = 10⁻⁶")
    say(f"  if membership is known, values alone: ε ≤ {found.epsilon_substitution:.3g}")
    if found.sites_per_patient_max > 1:
        say(
            f"  a patient at {found.sites_per_patient_max} sites: ε ≤ {found.epsilon_duplicate:.3g}"
        )
    _show_wait(found, say)
    say("  precision (± at 95 %, noise alone)")
    together = "1 site" if found.pooled_sites == 1 else f"{found.pooled_sites} sites together"
    for part in found.accuracy:
        assumed = f"  assuming {part.assumed_rows} rows" if part.assumed_rows else ""
        plain = part.kind in ("count", "mean")  # in rows, in the value's own unit
        of = {
            "quantiles": " of ranks",
            "rate": " of rows, in events",
            "observed_expected": " of rows, in events",
        }.get(part.kind, "")
        near, far = (
            f"±{value:.3g}" if plain else f"±{100 * value:.3g} %{of}"
            for value in (part.per_site, part.pooled)
        )
        say(
            f"    {part.statistic:<28} {part.strata:>4} strata"
            f"   per site {near}   {together} {far}{assumed}"
        )
    if any(part.put_together_with for part in found.accuracy):
        say("    (those that count the same rows make one another sharper, and the ± knows of it;")
        say("    differences, tests and regressions read each alone)")
    for caution in found.cautions:
        if not caution.code.startswith("policy_"):
            say(f"  {caution.message}")
    for site in found.sites:
        if site.admitted:
            say(f"  {site.site:<20} admits it (its budget is checked when asked)")
        for message in site.messages:
            say(f"  {site.site:<20} refuses: {message}")
    for caution in found.cautions:
        if caution.code.startswith("policy_"):
            say(f"  {', '.join(caution.sites):<20} {caution.message}")


def _show_wait(found: Preview, say: Callable[[str], Any]) -> None:
    """How long an answer takes at the least, and what time it is given."""
    if found.wait_mean_s is None or found.wait_late_s is None:
        say("  time              for so small a charge no wait is long enough to hide a patient")
        say("                    in the time of a reply, so every site refuses; raise epsilon")
        return
    mean, late = _seconds(found.wait_mean_s), _seconds(found.wait_late_s)
    say(f"  time              a site waits {mean} on average before it replies, hardly ever over")
    say(f"                    {late}, which hides a patient in the time of its reply")
    say(f"                    (submit gives the sites {found.deadline_s} s, or as --deadline says)")


def check_deadline(shown: Preview, deadline_s: int | None) -> None:
    """Refuse before anything is spent where answers that are charged may come too late."""
    if deadline_s is None or shown.wait_late_s is None or deadline_s >= shown.wait_late_s:
        return
    raise StudyError(
        f"sites may wait {_seconds(shown.wait_late_s)} before they reply, and what comes after"
        f" {deadline_s} s is charged and missing from the result",
        where="--deadline",
        hint=f"leave it out ({shown.deadline_s} s), or add --anyway: asked once more, what came"
        " late is there, and free",
    )


def _seconds(of: float) -> str:
    """Rounded up: tenths below 10 s, else whole seconds."""
    return f"{math.ceil(10 * of) / 10:.1f} s" if of <= 9.9 else f"{math.ceil(of)} s"
