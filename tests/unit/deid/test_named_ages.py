"""Ages behind people's names, and the readings that stand there too."""

from __future__ import annotations

import pytest

from deid.named_ages import named_ages
from deid.span import Span


def _found(text: str, cap: int = 90) -> list[str]:
    """Ages behind the one name of ``text``, which stands in brackets."""
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    return [
        plain[a.start : a.end] for a in named_ages(plain, [Span(start, end, "NAME", "model")], cap)
    ]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("his mother, [Effie], 98.", "98"),
        ("PT: [IRONS, DELBERT]  91 M   CALLER: NEPHEW", "91"),
        ("Mrs [Ó Dálaigh], 94, pathological fracture", "94"),
        ("[ILLINGWORTH] 96, PALLIATIVE", "96"),
        ("wife [Delphine] (90? no 70, fix)", "90"),
        ("II:2 [Fannie], alive, 91, Mount Hope", "91"),
        ("his mother [opal] is 93 and worried sick", "93"),
        ("great-gma [Luna] 90\nsibs: none", "90"),
        ("mother [Araxie] (103) who calls", "103"),
        ("Mr. [Pfeiffer], 96 , 2/1", "96"),
    ],
)
def test_an_age_behind_a_name_is_found(text, age):
    assert _found(text) == [age]


@pytest.mark.parametrize(
    "text",
    [
        "[Effie], 88.",
        "per [Roe], 98.6 and falling",
        "sats by [Roe] 94% on air",
        "BP taken by [Roe], 98/60",
        "[GARCIA] 112, bed by the window",
        "[Roe] 94 mg",
        "Tmax per [Roe], 99, HR 90",
        "[Roe], 94 mL from the drain",
        "[Roe] 130 M",
    ],
)
def test_readings_rooms_and_younger_ages_stay(text):
    assert _found(text) == []


def test_the_cap_is_the_profiles():
    assert _found("his mother, [Effie], 88.", cap=85) == ["88"]
