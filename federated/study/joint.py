"""Several studies asked as one: what it would be charged to tell all that they tell, as exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from federated.errors import StudyError
from federated.study.accuracy import ASSUMED_ROWS, plus_minus
from federated.study.catalogue import Catalogue
from federated.study.charge import added_parents, charged, free_name
from federated.study.compile import compile_study
from federated.study.model import NANO_RHO_MAX, Privacy, Study

__all__ = ["as_one"]

_LABELS = ("name", "title")
_ALIKE = ("dictionary", "purpose", "project", "mode")


def as_one(studies: Sequence[Study], catalogue: Catalogue) -> Study:
    """One study of all their statistics, at the least charge found at which each is told with
    no more noise than its own study would (D18). Names are kept, numbered where taken.

    StudyError if they differ in dictionary, purpose, project or mode, or are too many for one.
    """
    first = studies[0]
    for study in studies[1:]:
        for part in _ALIKE:
            if getattr(study, part) != getattr(first, part):
                raise StudyError(
                    f"differ in their {part}: they cannot be one study", where=study.title
                )
    statistics: list[dict[str, Any]] = []
    wanted: dict[str, float] = {}
    names: dict[str, str] = {}
    for study in studies:
        for fields, most in _told(study, catalogue):
            # What two studies ask alike is told once, as exactly as the more exact of them.
            asked = repr([fields[part] for part in sorted(fields) if part not in _LABELS])
            if asked not in names:
                names[asked] = name = free_name(fields["name"], list(wanted))
                statistics.append(fields | {"name": name})
            name = names[asked]
            wanted[name] = min(wanted.get(name, most), most)
    shared = {part: getattr(first, part) for part in _ALIKE}
    title = " + ".join(study.title for study in studies)
    return charged(
        shared | {"title": title, "digests": dict(first.digests)},
        statistics,
        [1.0] * len(statistics),
        Privacy(within=wanted),
        catalogue,
        where="one study",
    )


def _told(study: Study, catalogue: Catalogue) -> Iterator[tuple[dict[str, Any], float]]:
    """Every statistic that was asked for, without its share, and the ± that it is told with."""
    plan = compile_study(study, catalogue)
    # No reading is off by more than its range: far above its own charge a plan tells the slope.
    ample = plan.at_charge(NANO_RHO_MAX)
    slope = plan.scale / ample.scale
    told = plus_minus(ample, sites=1, rows=ASSUMED_ROWS)
    added = added_parents(study)
    for statistic in study.statistics:
        if statistic.name in added:
            continue
        fields = dict(statistic)
        del fields["steps"], fields["parent"]
        yield fields, min(max(slope * told[statistic.name], 1e-6), 1e9)
