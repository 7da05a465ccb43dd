"""The quality of a load as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.console import quality_parts as parts
from gateway.console import words
from gateway.registry.quality.stage import Standing, standing
from gateway.registry.quality.trend import read_trend

if TYPE_CHECKING:
    from gateway.registry.quality.recorded import Recorded
    from gateway.site.config import SiteFolder

__all__ = ["lines", "stage_lines"]

_MOVED_MAX, _TREND_MAX = 8, 6


def lines(site: SiteFolder, tier: str | None, until: str | None) -> Iterator[str]:
    """Everything, group by group; ``tier`` limits completeness, ``until`` closes follow-up."""
    from gateway.cli.site_quality import recorded

    found = recorded(site)
    quality, problems = found.quality, found.meta["problems"]
    elements = [e for e in quality["completeness"] if tier is None or e["tier"] == tier]
    small = site.quality_checks().small
    yield from _completeness(elements, quality, small)
    yield from _conformance(quality, site, small)
    yield from _notes(quality)
    yield from _plausibility(quality, problems, found.meta["patients"])
    yield from _observation(quality, until, small)
    yield from _change(quality, site)
    if found.complete:
        yield from stage_lines(site, found, short=True)


def _completeness(
    elements: Sequence[Mapping[str, Any]], quality: Mapping[str, Any], small: int
) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for element in elements:
        groups.setdefault((element["instrument"], element["tier"] or "–"), []).append(element)
    yield "completeness"
    yield (
        f"{'form':<20} {'tier':<10} {'asked':>9} {'answered':>9} "
        f"{'known':>7} {'reason':>7} {'blank':>7}"
    )
    for (form, tier), members in groups.items():
        asked, answered, known, reason = (
            sum(m.get(part, 0) for m in members)
            for part in ("applies", "answered", "known", "with_reason")
        )
        yield (
            f"{form:<20} {tier:<10} {asked:>9} {words.percent(answered, asked):>9} "
            f"{words.percent(known, asked):>7} {reason:>7} {asked - answered:>7}"
        )
    block = quality.get("provider_block")
    if block is not None and "label" in block:
        share = words.share(block["present"], block["rows"], small)
        yield f"{block['label']}: {share} ({block['present']} of {block['rows']})"


def _conformance(quality: Mapping[str, Any], site: SiteFolder, small: int) -> Iterator[str]:
    fit = parts.conformance(quality, site.dictionary())
    if fit is not None:
        rate = words.per_100(fit.unfit, fit.cells)
        yield f"conformance: {fit.unfit} of {fit.cells} cells do not fit ({rate} per 100)"
        for one in fit.elements:
            codes = f", {one.codes} unmapped codes" if one.codes else ""
            yield f"  {one.label}: {one.unfit} of {one.cells}{codes}"
    for line in quality["derived"]:
        if line["differ"]:
            share = words.share(line["differ"], line["compared"], small)
            yield f"{line['element']}: entered differs from computed in {share}"


def _notes(quality: Mapping[str, Any]) -> Iterator[str]:
    stated = quality.get("stated", ())
    if any(line["agree"] + line["disagree"] + line["no_value"] for line in stated):
        yield "notes against fields: agree, disagree, no value in the field, not stated"
        for line in stated:
            outcomes = ("agree", "disagree", "no_value", "not_stated")
            yield f"  {line['element']:<18}" + "".join(f"{line[part]:>7}" for part in outcomes)


def _plausibility(
    quality: Mapping[str, Any], problems: Mapping[str, int], patients: int
) -> Iterator[str]:
    if problems:
        yield "problems: lines of the fix list, per 100 records"
    temporal = {r["rule"] for r in quality.get("plausibility", ()) if r["temporal"]}
    for rule, count in problems.items():
        when = "  temporal" if rule in temporal else ""
        yield f"{rule:<12} {count:>6} {words.per_100(count, patients):>9}{when}"
    unique = parts.uniqueness(quality)
    if unique is not None and unique.pairs:
        some = "1 pair" if unique.pairs == 1 else f"{unique.pairs} pairs"
        yield f"uniqueness: {some} of records may be one person (osteon site duplicates)"


def _observation(quality: Mapping[str, Any], until: str | None, small: int) -> Iterator[str]:
    for one in parts.follow_up(quality):
        closing = one.at(until)
        if closing is None or not closing.possible:
            continue
        seen, possible = closing.years
        few = "" if closing.patients >= small else f", only {closing.patients} patients"
        target = "" if one.target is None else f", target {words.percent_of(one.target)}"
        yield (
            f"follow-up to {closing.until}: C {words.percent(closing.observed, closing.possible)} "
            f"({seen:.1f} of {possible:.1f} patient-years{few}{target})  {one.label}"
        )
    for label, times in parts.windows(quality):
        yield f"{label}: captured of those due"
        for window in times:
            share = words.share(window.captured, window.due, small)
            yield f"  {window.label:<18} {share:>9}  ({window.captured} of {window.due})"
    for lag in parts.lags(quality):
        share = words.share(lag.in_time, lag.known, small)
        middle = "–" if lag.median_days is None else lag.median_days
        yield f"{lag.label}: median {middle} days, {share} within {lag.within_days}"


def _change(quality: Mapping[str, Any], site: SiteFolder) -> Iterator[str]:
    if quality.get("compared"):
        real = [m for m in parts.moved(quality, site.dictionary()) if m.change != "chance"]
        if not real:
            yield "change since the load before: none beyond chance"
        for one in real[:_MOVED_MAX]:
            yield (
                f"changed ({one.change}, index {one.index:.2f}): {one.label}: {one.most} "
                f"{words.percent_of(one.share_before)} before, {words.percent_of(one.share)} now"
            )
        if len(real) > _MOVED_MAX:
            yield f"and {len(real) - _MOVED_MAX} more"
    history = read_trend(site.trend_path)
    for said in history.told:
        yield f"warning: {said}"
    loads = parts.trend(history.loads)[-_TREND_MAX:]
    if len(loads) > 1:
        yield "answered, from load to load"
        for load in loads:
            tiers = "  ".join(
                f"{tier or 'no tier'} {words.percent_of(share)}"
                for tier, share in load.tiers.items()
            )
            yield f"  {words.when(load.at)}  {load.patients} patients  {tiers}"


def stage_lines(site: SiteFolder, found: Recorded, *, short: bool = False) -> Iterator[str]:
    """Where the site stands and what the next stage lacks."""
    stands = standing(found.quality["completeness"], found.quality["forms"], site.quality_checks())
    if stands is None:
        return
    at = f"stage {stands.stage}" if stands.stage else "not yet at stage 1"
    yield f"{at} of participation" + (
        f": {stands.steps[stands.stage - 1].title}" if stands.stage else ""
    )
    yield from _next(stands, short=short)


def _next(stands: Standing, *, short: bool) -> Iterator[str]:
    step = stands.next
    if step is None:
        yield "the highest there is"
        return
    yield (
        f"stage {step.stage} ({step.title}) needs {step.needed} of {step.elements} elements "
        f"that are asked for; {step.recorded} are recorded"
    )
    if step.forms_missing:
        yield f"and rows of: {', '.join(step.forms_missing)}"
    if not short:
        for one in step.lacking:
            yield f"  {one.element:<22} {one.answered:>6} of {one.asked:<6} ({one.instrument})"
