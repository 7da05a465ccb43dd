"""Notes that nobody should trust the layers with are withheld, and by which name."""

from __future__ import annotations

import base64
import re
import time

import pytest

from deid.confidence import doubt, unreadable
from deid.notes import NoteEngine
from deid.runs.time_limit import OutOfTime, limited
from deid.span import Span
from policies.profile import Confidence

LIMITS = Confidence()
NOTE = (
    "The patient was seen in clinic today. The wound is clean and dry, the drain was removed, and "
    "the margins were negative on the final report. Return in three months for a chest film."
)
GERMAN = (
    "Die Patientin wurde heute in der Sprechstunde gesehen. Die Wunde ist reizlos und trocken, die "
    "Drainage wurde entfernt und die Schnittränder waren im endgültigen Befund tumorfrei. Wir "
    "bitten um eine erneute Vorstellung nach drei Monaten mit einer Aufnahme der Lunge."
)


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x01\x02\x7f" * 20 + NOTE,
        "\ufffd" * 40 + NOTE,
        base64.b64encode(bytes(range(256)) * 4).decode("ascii"),
        "Пациентка осмотрена сегодня в клинике, рана чистая и сухая",
        "患者は本日外来を受診し創部は清潔で乾燥していたためドレーンを抜去した",
    ],
)
def test_what_is_no_text_to_read_is_unreadable(text: str) -> None:
    assert unreadable(text, LIMITS)


@pytest.mark.parametrize(
    "text", [NOTE, NOTE + "\x0c\x00", "β-catenin and TNF-α were positive, 5 µm", "Hänninen, Łódź"]
)
def test_a_slip_of_a_program_or_a_greek_letter_is_readable(text: str) -> None:
    assert not unreadable(text, LIMITS)


def test_another_language_is_doubtful_and_english_is_not() -> None:
    assert doubt(GERMAN, [], LIMITS) == "low_confidence_language"
    assert doubt(NOTE, [], LIMITS) is None


def test_a_note_of_which_little_is_left_is_doubtful() -> None:
    spans = [Span(0, len(NOTE) * 3 // 4, "NAME", "model")]
    assert doubt(NOTE, spans, LIMITS) == "low_confidence_share"
    assert doubt(NOTE, spans, Confidence(replaced_share_max=1.0)) is None


def test_the_engine_withholds_them(engine, patient) -> None:
    assert engine.clean("\x00\x01" * 40, patient).withheld == "unreadable"
    assert engine.clean(GERMAN, patient).withheld == "low_confidence_language"
    assert engine.clean(NOTE, patient).withheld is None


def test_a_search_without_end_is_stopped_and_the_next_one_runs() -> None:
    started = time.monotonic()
    with pytest.raises(OutOfTime), limited(0.2):
        re.match(r"(a+)+$", "a" * 64 + "b")
    assert time.monotonic() - started < 60
    with limited(5):
        assert re.match(r"a+", "aa")


def test_a_note_that_takes_too_long_is_withheld_and_the_next_is_not(
    engine, patient, monkeypatch
) -> None:
    def endless(text, matcher, dates):
        while True:
            pass

    hurried = NoteEngine(
        engine.profile.model_copy(update={"note_seconds_max": 1}),
        engine.keys,
        model=engine._model,
    )
    monkeypatch.setattr(hurried, "_spans", endless)
    assert hurried.clean(NOTE, patient).withheld == "out_of_time"
    monkeypatch.undo()
    assert hurried.clean(NOTE, patient).withheld is None


def test_a_person_who_read_the_note_settles_doubt_and_not_a_trace(engine, patient) -> None:
    assert engine.clean(GERMAN, patient, read=True).withheld is None
    trace = f"{GERMAN} xxHänninenRoe_scan"
    assert engine.clean(trace, patient, read=True).withheld == "residual_name"
    start = trace.index("xxHänn")
    marked = [Span(start, len(trace), "NAME", "review")]
    clean = engine.clean(trace, patient, marked=marked, read=True)
    assert clean.text is not None
    assert "nninen" not in clean.text
    assert clean.spans[-1].end == len(trace)
