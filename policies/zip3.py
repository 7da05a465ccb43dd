"""Which three-digit ZIP codes may stay: 45 CFR 164.514(b)(2)(i)(B).

An allow-list. The first three digits stay where the census counted more than a threshold of
people in all areas that share them; everything else, also what the census does not know, reads
``000``: military mail, post-office boxes, ranges that were never assigned, the island areas
(their own censuses are not in the table).

``census/zip3_2020.csv`` is the total population of every ZIP Code Tabulation Area, table P1 of
the 2020 Census (Demographic and Housing Characteristics File; a work of the U.S. Government, in
the public domain), summed by the first three digits: 894 prefixes, 334,726,586 people. The
American Community Survey of 2018–2022 puts the same prefixes above 20,000.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["TOO_SMALL", "people_by_prefix"]

TOO_SMALL = "000"


@cache
def people_by_prefix() -> Mapping[str, int]:
    """Residents by first three digits of the ZIP code, as counted in 2020."""
    table = resources.files("policies") / "census" / "zip3_2020.csv"
    rows = csv.DictReader(table.read_text(encoding="ascii").splitlines())
    return {row["prefix"]: int(row["people"]) for row in rows}
