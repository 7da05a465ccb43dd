"""Where the words that a reviewer marks stand in a note."""

import pytest

from gateway.registry.marks import marked_spans


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Roe saw roe, and ROE.", "Roe", ["Roe", "roe", "ROE"]),
        ("Jane  Roe, Jane\nRoe", "Jane Roe", ["Jane  Roe", "Jane\nRoe"]),
        ("Al is also here", "Al", ["Al"]),  # not inside another word …
        ("scan_Roe_2", "Roe", ["Roe"]),
        ("xxRoeyy", "Roe", ["Roe"]),  # … unless it stands nowhere alone
        ("a (b) c", "(b)", ["(b)"]),
        ("... ", "...", []),
        ("", "Roe", []),
    ],
)
def test_every_place_of_the_words(text, words, found):
    spans = marked_spans(text, [("NAME", words)])
    assert [text[span.start : span.end] for span in spans] == found
    assert {span.source for span in spans} <= {"review"}
