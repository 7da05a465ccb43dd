"""Three-digit ZIP codes: an allow-list from the census, which fails closed."""

from __future__ import annotations

import pytest

from policies.errors import DeclarationError
from policies.profile import Profile, profile
from policies.zip3 import people_by_prefix

SAFE = profile("safe_harbor").zip
SMALL_2000 = [
    "036",
    "059",
    "063",
    "102",
    "203",
    "556",
    "692",
    "790",
    "821",
    "823",
    "830",
    "831",
    "878",
    "879",
    "884",
    "890",
    "893",
]
"""As the guidance of HHS to 164.514(b) prints them."""
SMALL_2020 = [
    "036",
    "059",
    "102",
    "202",
    "203",
    "204",
    "205",
    "369",
    "556",
    "692",
    "753",
    "772",
    "821",
    "823",
    "878",
    "879",
    "884",
    "893",
]


def test_the_table_is_the_census_of_2020():
    people = people_by_prefix()
    # The total of the table as the Census Bureau serves it: one wrong digit would show.
    assert (len(people), sum(people.values())) == (894, 334_726_586)
    assert sorted(p for p, count in people.items() if count <= 20_000) == SMALL_2020
    assert all(len(p) == 3 and p.isdigit() for p in people)


def test_every_prefix_is_counted_large_or_reads_000():
    kept = {p for p in (f"{n:03d}" for n in range(1000)) if SAFE.area(f"{p}01") != "000"}
    assert all(people_by_prefix()[p] > 20_000 for p in kept)
    assert not kept & {*SMALL_2000, *SMALL_2020}
    assert not kept & {"000", "001", "090", "098", "213", "340", "962", "969"}
    assert len(kept) == 894 - len({*SMALL_2000, *SMALL_2020})


def test_the_threshold_counts():
    strict = SAFE.model_copy(update={"population_min": 30_000})
    assert (SAFE.area("51601"), strict.area("51601")) == ("516", "000")
    assert strict.area("02139") == "021"


def test_safe_harbor_cannot_lower_the_threshold(tmp_path):
    path = tmp_path / "p.yaml"
    text = (
        "name: mine\ntitle: Mine\nhipaa: {}\ndates: offset\n"
        "zip: {{keep: zip3, population_min: 10000}}\n"
    )
    path.write_text(text.format("safe_harbor"))
    with pytest.raises(DeclarationError, match="20000"):
        profile(str(path))
    path.write_text(text.format("limited"))
    assert isinstance(profile(str(path)), Profile)
