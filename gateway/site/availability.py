"""A draft of what a site declares to lack, from what its source has no place for.

Others learn the declaration in the policy that the officer signs, never a figure (D8). The draft
follows from the site map and the source's columns, so no patient moves it by a byte
(``tests/attack/test_availability.py``). What the last load counts stands beside it on the officer's
screen: whether "hardly ever recorded" is declared, and which stage, is the officer's judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import yaml

from federated.study.catalogue import Catalogue, Registry
from gateway.errors import SiteError
from gateway.registry.quality.recorded import Recorded
from gateway.registry.quality.stage import Lacking, rarely_recorded, standing, without_place
from gateway.site.config import SiteFolder
from policies.decode import canonical, decode, parse_yaml
from policies.errors import DeclarationError
from policies.expression import names, parse
from policies.measure import Measure
from policies.site import SitePolicy

__all__ = ["Availability", "availability", "draft_policy"]


@dataclass(frozen=True)
class Availability:
    """What the source has a place for, and what the last load counts, beside ``policy.yaml``.

    ``lacking`` have no place and are not declared absent: the draft adds them. ``refuses`` are the
    measures that questions could then no longer ask of this site. For the screen only:
    ``supported`` is the stage that the last load reaches (0: not the first; None: the registry has
    none), ``rarely`` are elements that hardly a row answers and that are not declared absent,
    ``recorded`` are declared absent and have answers.
    """

    declared: int
    supported: int | None
    lacking: tuple[str, ...]
    rarely: tuple[Lacking, ...]
    recorded: tuple[str, ...]
    absent: tuple[str, ...]
    refuses: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Does the draft declare something else than the policy?"""
        return bool(self.lacking)


def availability(site: SiteFolder, recorded: Recorded) -> Availability:
    """Compare the last load with ``policy.yaml``. SiteError for a load that told too little."""
    if not recorded.complete or "mapped" not in recorded.meta:
        raise SiteError(
            "an earlier version of Osteon made the last load",
            hint=f"load the export again: osteon site ingest {site.path} SOURCE",
        )
    quality, checks, policy = recorded.quality, site.quality_checks(), site.policy()
    dictionary = site.dictionary()
    stands = standing(quality["completeness"], quality["forms"], checks)
    missing = without_place(recorded.meta["mapped"], dictionary)
    lacking = tuple(name for name in missing if name not in policy.absent)
    absent = (*policy.absent, *lacking)
    rarely = rarely_recorded(quality["completeness"], dictionary, checks)
    answered = {e["element"] for e in quality["completeness"] if e["answered"]}
    return Availability(
        declared=policy.stage,
        supported=None if stands is None else stands.stage,
        lacking=lacking,
        rarely=tuple(one for one in rarely if one.element not in absent),
        recorded=tuple(n for n in policy.absent if n in answered),
        absent=absent,
        refuses=_refused(site, set(lacking)),
    )


def _refused(site: SiteFolder, absent: set[str]) -> tuple[str, ...]:
    """Measures that rest on an absent element, as admission follows them."""
    registry = Registry(site.dictionary(), site.derivations())
    catalogue, dictionary = Catalogue(site.path, registry), site.config.dictionary
    return tuple(
        name
        for name in catalogue.measures(dictionary)
        if absent & registry.recorded(_named(catalogue.measure(dictionary, name)))
    )


def _named(measure: Measure) -> set[str]:
    ratio = measure.ratio
    value = measure.mean or measure.quantiles or ratio
    of = value.of if value is not None else None
    texts = [measure.cohort, measure.numerator, measure.known, of]
    if ratio is not None:
        texts.append(ratio.event)
    found = set[str]()
    if measure.survival is not None:
        texts += [measure.survival.event, measure.survival.competing]
        found.add(measure.survival.time)
    for text in texts:
        if text is not None:
            found.update(names(parse(text, where=measure.measure)))
    return found


def draft_policy(site: SiteFolder, found: Availability) -> str:
    """``policy.yaml`` with the absent elements of ``found`` and, where the present one is signed,
    a serial above it. The rest stays as the officer wrote it, comments too.

    What is declared absent stays so, even where it is recorded: to declare less is the officer's
    right.
    """
    text = (site.path / "policy.yaml").read_text(encoding="utf-8-sig")
    policy = site.policy()
    signed = site.signed_policy(None)
    serial = policy.serial
    if signed is not None and serial <= signed.serial:
        serial = signed.serial + 1
    values = {"serial": serial, "absent": list(found.absent)}
    drafted = text
    try:
        for key, value in values.items():
            if value != policy.model_dump(mode="json")[key]:
                drafted = _with(drafted, key, value)
        decoded = decode(SitePolicy, parse_yaml(drafted, where="draft"), where="draft")
    except (yaml.YAMLError, DeclarationError):
        raise _unkept() from None
    wanted = policy.model_copy(update=cast("dict[str, Any]", {**values, "absent": found.absent}))
    if canonical(decoded) != canonical(wanted):
        raise _unkept()
    return drafted


def _with(text: str, key: str, value: Any) -> str:
    """The YAML text with one top-level key given another value, or added at the end."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise _unkept()
    lines = text.splitlines(keepends=True)
    written = yaml.safe_dump({key: value}, sort_keys=False, width=90)
    for name, held in node.value:
        if name.value != key:
            continue
        first, end = name.start_mark.line, held.end_mark.line + (held.end_mark.column > 0)
        # A block ends where the next key begins: comments and blank lines above that are its own.
        while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1][0] == "#"):
            end -= 1
        return "".join([*lines[:first], written, *lines[end:]])
    whole = text if text.endswith("\n") or not text else f"{text}\n"
    return whole + written


def _unkept() -> SiteError:
    return SiteError(
        "policy.yaml is written in a way that a draft cannot keep",
        hint="write its keys one below the other, without anchors",
    )
