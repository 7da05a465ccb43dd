"""A name that stands in its own replacement has leaked, though a layer found it."""

from __future__ import annotations

import pytest

from deid.evaluation.written import removed
from deid.runs.workers import Answer


def answer(source: str, spans: list[tuple[int, int, str]], news: list[str]) -> Answer:
    text, at, places = "", 0, []
    for (start, end, _), new in zip(spans, news, strict=True):
        text += source[at:start]
        places.append((len(text), len(text) + len(new)))
        text += new
        at = end
    sources = ("staff",) * len(spans)
    return Answer("1", "P", text + source[at:], tuple(spans), None, sources, tuple(places))


@pytest.mark.parametrize(
    ("name", "new", "gone"),
    [
        ("Linh Do", "Hoa Do", ["Linh "]),
        ("DO, LINH", "DO, HOA", [", LINH"]),
        ("Linh Do", "Hoa Tran", ["Linh Do"]),
        ("Ilse van den Broek", "Anke van den Smit", ["Ilse van den Broek"]),
        ("John Roe Jr.", "Paul Fox Jr.", ["John Roe Jr."]),
    ],
)
def test_words_that_stay(name, new, gone):
    source = f"Seen: {name} today"
    found = removed(source, answer(source, [(6, 6 + len(name), "NAME")], [new]))
    assert [source[span.start : span.end] for span in found] == gone


def test_other_categories_and_withheld_notes_are_as_found():
    source = "At Mercy Hospital"
    spans = [(3, 17, "ORG")]
    assert len(removed(source, answer(source, spans, ["Oak Hospital"]))) == 1
    withheld = Answer("1", "P", None, tuple(spans), "residual_name", ("hospital",))
    assert len(removed(source, withheld)) == 1
