"""The line that says how far a run is: at a terminal, in a log, and not at all."""

import io

import pytest

from deid.runs.progress import Done, Rates
from gateway.cli.note_progress import note_progress, told


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_line_has_notes_rates_and_time_left():
    line = told(Done(1_200, 100_000, 2_700_000, 230_000_000), Rates(35.14, 80_912.0, 2_815.0))
    assert line == "1,200 of 100,000 notes, 35.1 notes/s, 80,912 characters/s, 0:46:55 left"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (None, "3 of 9 notes"),
        (Rates(0.0, 0.0, None), "3 of 9 notes, 0.0 notes/s"),
        (Rates(2.0, 0.0, 90_061.0), "3 of 9 notes, 2.0 notes/s, 25:01:01 left"),
    ],
)
def test_what_is_unknown_is_left_out(rates, said):
    assert told(Done(3, 9), rates) == said


def run(stream, seconds, *, quiet=False):
    clock = Clock()
    with note_progress(quiet=quiet, stream=stream, clock=clock) as progress:
        if progress is None:
            return
        for second in range(seconds):
            clock.now = float(second)
            progress(Done(second * 2, 100, second * 1_000, 50_000))


def test_a_log_gets_a_plain_line_every_five_seconds():
    log = io.StringIO()
    run(log, 13)
    assert log.getvalue().splitlines() == [
        "10 of 100 notes, 2.0 notes/s, 1,000 characters/s, 0:00:45 left",
        "20 of 100 notes, 2.0 notes/s, 1,000 characters/s, 0:00:40 left",
    ]


def test_a_short_run_leaves_no_trace_in_a_log():
    log = io.StringIO()
    run(log, 5)
    assert log.getvalue() == ""


def test_a_terminal_gets_one_line_that_renews_itself(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    screen = Terminal()
    run(screen, 40)
    shown = screen.getvalue()
    assert "78 of 100 notes, 2.0 notes/s, 1,000 characters/s, 0:00:11 left" in shown
    # Every line but the first erases the one before; the last is erased too.
    assert "\x1b[2K" in shown
    assert shown.rstrip("\n").endswith("\x1b[2K")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_says_nothing(stream):
    run(stream, 40, quiet=True)
    assert stream.getvalue() == ""
