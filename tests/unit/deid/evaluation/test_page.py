"""The page stands alone, and shows the figures of the table."""

import re
from html.parser import HTMLParser

import pytest

from deid.evaluation.gold import GoldNote, GoldSpan
from deid.evaluation.page import crossed, render_page
from deid.evaluation.run import Evaluation
from deid.evaluation.score import FoundSpan, Scores
from deid.evaluation.summary import summary
from deid.evaluation.table import percent, told


class Reader(HTMLParser):
    """Collects tags, and every address that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.tables = 0

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for key, value in attrs if key in ("src", "href", "xlink:href")]
        self.tables += tag == "table"
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def found():
    scores = Scores()
    text = "Jane Roe, seen 3 March 2021 for <Ewing> sarcoma."
    spans = (GoldSpan(0, 8, "NAME"), GoldSpan(15, 27, "DATE"))
    scores.add(
        GoldNote(1, "n", text, spans),
        [FoundSpan(0, 8, "NAME", "staff"), FoundSpan(33, 38, "NAME", "model")],
        "trace",
    )
    return summary(
        Evaluation(
            "<gold>.jsonl",
            "safe_harbor",
            patients_known=True,
            notes_in_file=2,
            scores=scores,
            seconds=1,
        )
    )


def test_the_page_is_whole_and_fetches_nothing(found):
    page = render_page(found)
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert [one for one in reader.fetched if not one.startswith("#")] == []
    assert not re.search(r"url\((?!#)|@import|<script", page)
    assert reader.tables == 5
    assert page.count("<svg") == 1


def test_the_page_escapes_and_holds_no_text_of_notes(found):
    page = render_page(found)
    assert "&lt;gold&gt;.jsonl" in page
    for word in ("Jane", "Roe", "March", "Ewing"):
        assert word not in page
        assert word not in told(found)


def test_page_and_table_show_the_same_figures(found):
    page, table = render_page(found), told(found)
    assert "50.0 %" in page
    assert "50.0 %" in table
    assert "the first 1 of 2 notes" in page
    assert "the first 1 of 2 notes" in table
    assert "false findings by layer: model 1" in table


def test_a_page_without_marks_or_findings():
    scores = Scores()
    scores.add(GoldNote(1, "n", "nothing here", ()), [])
    empty = summary(
        Evaluation("g", "p", patients_known=False, notes_in_file=1, scores=scores, seconds=0)
    )
    page = render_page(empty)
    assert "marks nothing to remove" in page
    assert "Nothing was removed" in page
    assert "– " not in told(empty).splitlines()[0]


def test_none_stands_last_in_a_crossed_table():
    pairs = [
        {"gold": "none", "found": "ID", "spans": 2},
        {"gold": "NAME", "found": "none", "spans": 3},
        {"gold": "NAME", "found": "ORG", "spans": 1},
    ]
    assert crossed(pairs, "gold", "found") == {
        "columns": ["ID", "ORG", "none"],
        "rows": [("NAME", [0, 1, 3]), ("none", [2, 0, 0])],
    }


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "–"),
        (1.0, "100.0 %"),
        (0.0, "0.0 %"),
        (0.99999, "> 99.9 %"),
        (0.00001, "< 0.1 %"),
        (0.5, "50.0 %"),
    ],
)
def test_nearly_all_never_reads_as_all(share, shown):
    assert percent(share) == shown
