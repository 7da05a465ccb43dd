"""A name found once stands again; the word that it also is does not."""

import pytest

from deid.echoes import echoes
from deid.span import Span


def found(text, name, source="staff"):
    at = text.index(name)
    spans = [Span(at, at + len(name), "NAME", source)]
    return [(span.start, text[span.start : span.end]) for span in echoes(text, spans)]


@pytest.mark.parametrize(
    ("text", "name", "again"),
    [
        ("Joy Roe, DOB 1/2/12. It was good to see Joy together with", "Joy Roe", "Joy"),
        ("Dr Wm. Tell. He says Tell stuck a needle in it", "Wm. Tell", "Tell"),
        ("Dr Wm. Tell. Called Tell's office", "Wm. Tell", "Tell"),
        ("dr grant page (no relation to our NP page).", "grant page", "page"),
        ("Zornak, Jo. Then Zornak left", "Zornak, Jo", "Zornak"),
    ],
)
def test_a_name_stands_again(text, name, again):
    assert again in [word for at, word in found(text, name) if at >= text.index(name) + len(name)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Joy Roe came. She has joy in life", "Joy Roe"),
        ("Bora Hip came. Left Hip pain, at the Hip clinic", "Bora Hip"),
        ("Rich Long came. Long Leg Cast applied", "Rich Long"),
        ("dr page saw. Turn the page over", "page"),
    ],
)
def test_the_word_stays(text, name):
    end = text.index(name) + len(name)
    assert [word for at, word in found(text, name) if at >= end] == []
