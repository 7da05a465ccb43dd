"""A day of the month that stands alone, and all else that is counted in ordinals."""

import pytest

from deid.dates.find import find_dates


def found(text):
    return [text[match.start : match.end] for match in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Rehab bed expected the 19th.", ["the 19th"]),
        ("His wife has her cataract done on the 3rd so we moved it.", ["the 3rd"]),
        ("Power failed in the night of the 27th and he called.", ["the 27th"]),
        ("Since the fixator came off on the 18th Noor's foot is numb", ["the 18th"]),
        ("Slept most of the day on the 2nd. Comfort care.", ["the 2nd"]),
        ("Closure was pushed to the 24th, same theatre.", ["the 24th"]),
        ("Can she come the 17th instead?", ["the 17th"]),
        ("The family says the 22nd works best.", ["the 22nd"]),
        ("away between the 18th and the 25th", ["the 18th", "the 25th"]),
        ("no later than the 15th", ["the 15th"]),
        ("Drain check Thurs 14th, then home.", ["Thurs 14th"]),
        ("Stitches Wed 2nd.", ["Wed 2nd"]),
        ("theatre on 10th, home by 15th.", ["10th", "15th"]),
        ("OR the 19th, clinic the 26th.", ["the 19th", "the 26th"]),
        ("clinic on tues 14th may", ["tues 14th may"]),
    ],
)
def test_days_are_found(text, days):
    assert found(text) == days


@pytest.mark.parametrize(
    "text",
    [
        "He stubbed the 5th toe on the 3rd.", "callus under the 2nd, none on the 4th.",
        "stable on the 1st pass", "drain out on the 16th postoperative day", "by the 14th day",
        "weight on the 25th percentile", "after the 16th fraction", "on the 21st cycle",
        "pins in the 2nd and 3rd", "between the 11th and 12th ribs", "on the 13th floor",
        "before the 15th transfusion", "the 14th rib of the series", "on the 20th repetition",
        "Wed 2nd cycle", "since the 13th century", "until the 18th birthday",
        "on 5th toe", "after 12th cycle.", "until 8th week", "flexor of 4th, on 3rd.",
    ],
)  # fmt: skip
def test_what_else_is_counted_is_none(text):
    assert found(text) == []
