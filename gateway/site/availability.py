"""A draft of what a site declares to have: its stage and the elements that it does not record.

Others learn the declaration in the policy that the officer signs, never a figure (D8). The draft is
made at the site from its last load; a person reads it, and may declare less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import yaml

from federated.study.catalogue import Catalogue, Registry
from gateway.errors import SiteError
from gateway.registry.quality.recorded import Recorded
from gateway.registry.quality.stage import never_recorded, standing
from gateway.site.config import SiteFolder
from policies.decode import canonical, decode, parse_yaml
from policies.errors import DeclarationError
from policies.expression import names, parse
from policies.measure import Measure
from policies.site import SitePolicy

__all__ = ["Availability", "availability", "draft_policy"]


@dataclass(frozen=True)
class Availability:
    """What the last load supports beside what ``policy.yaml`` declares. ``stage`` None: the
    registry has no stages. ``lacking`` are not recorded and not declared absent; ``recorded``
    are declared absent and have answers. ``supported`` 0: not even the first stage. ``refuses``
    are the measures that questions could no longer ask of this site.
    """

    declared: int
    supported: int | None
    lacking: tuple[str, ...]
    recorded: tuple[str, ...]
    absent: tuple[str, ...]
    refuses: tuple[str, ...]

    @property
    def stage(self) -> int:
        """What to declare: what is supported, and 1, the lowest, below it."""
        return self.declared if self.supported is None else max(1, self.supported)

    @property
    def changes(self) -> bool:
        """Does the policy declare something else?"""
        return self.stage != self.declared or bool(self.lacking)


def availability(site: SiteFolder, recorded: Recorded) -> Availability:
    """Compare the last load with ``policy.yaml``. SiteError for a load that told too little."""
    if not recorded.complete:
        raise SiteError(
            "an earlier version of Osteon made the last load",
            hint=f"load the export again: osteon site ingest {site.path} SOURCE",
        )
    quality, checks, policy = recorded.quality, site.quality_checks(), site.policy()
    stands = standing(quality["completeness"], quality["forms"], checks)
    missing = never_recorded(quality["completeness"], quality["forms"], site.dictionary(), checks)
    lacking = tuple(name for name in missing if name not in policy.absent)
    asked = {e["element"] for e in quality["completeness"] if e["applies"]}
    return Availability(
        declared=policy.stage,
        supported=None if stands is None else stands.stage,
        lacking=lacking,
        recorded=tuple(n for n in policy.absent if n in asked and n not in missing),
        absent=(*policy.absent, *lacking),
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
    texts = [measure.cohort, measure.numerator, measure.known]
    found = set[str]()
    if measure.survival is not None:
        texts.append(measure.survival.event)
        found.add(measure.survival.time)
    for text in texts:
        if text is not None:
            found.update(names(parse(text, where=measure.measure)))
    return found


def draft_policy(site: SiteFolder, found: Availability) -> str:
    """``policy.yaml`` with the stage and absent elements of ``found`` and, where the present one
    is signed, a serial above it. The rest stays as the officer wrote it, comments too.

    What is declared absent stays so, even where it is recorded: to declare less is the officer's
    right.
    """
    text = (site.path / "policy.yaml").read_text(encoding="utf-8-sig")
    policy = site.policy()
    signed = site.signed_policy(None)
    serial = policy.serial
    if signed is not None and serial <= signed.serial:
        serial = signed.serial + 1
    values = {"serial": serial, "stage": found.stage, "absent": list(found.absent)}
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
