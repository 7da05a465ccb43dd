"""What somebody who plans a study should know before asking, told to people and to programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Caution", "CautionCode"]

CautionCode = Literal[
    "policy_not_shown", "policy_not_usable", "no_site_admits", "only_first_rows_count"
]
"""Stable. The first two are about sites that nothing can be reckoned for; with the third, pooled
figures are those of all sites asked; the last names statistics that do not count all rows of
patients who have many.
"""


@dataclass(frozen=True)
class Caution:
    """``code`` is for programs, ``message`` for people; both name what it is about."""

    code: CautionCode
    message: str
    sites: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
