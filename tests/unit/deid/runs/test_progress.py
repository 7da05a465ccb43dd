"""Rates and time left, with a clock that the test moves."""

import pytest

from deid.runs.progress import Done, Pace


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_speed_and_time_left_follow_from_the_clock(clock):
    pace = Pace(clock)
    assert pace.rates(Done(0, 100, 0, 200_000)) is None
    clock.now += 10
    rates = pace.rates(Done(20, 100, 50_000, 200_000))
    assert (rates.notes, rates.characters, rates.left_s) == (2.0, 5_000.0, 30.0)


def test_time_left_is_by_notes_where_nobody_counted_the_characters(clock):
    pace = Pace(clock)
    pace.rates(Done(0, 100))
    clock.now += 10
    assert pace.rates(Done(20, 100)).left_s == 40.0


def test_what_an_earlier_run_did_is_no_speed(clock):
    pace = Pace(clock)
    pace.rates(Done(1_000, 1_100))
    clock.now += 10
    rates = pace.rates(Done(1_010, 1_100))
    assert (rates.notes, rates.left_s) == (1.0, 90.0)


def test_the_first_seconds_tell_nothing(clock):
    pace = Pace(clock)
    pace.rates(Done(0, 100))
    clock.now += 1.9
    assert pace.rates(Done(50, 100)) is None


def test_only_the_last_minute_counts(clock):
    pace = Pace(clock)
    for second in range(300):
        clock.now = 100.0 + second
        rates = pace.rates(Done(min(second, 200) * 10, 4_000))
    assert rates.notes == 0.0  # fast once, standing still for more than a minute
    assert rates.left_s is None


def test_the_window_is_bounded(clock):
    pace = Pace(clock)
    for step in range(10_000):
        clock.now += 0.25
        pace.rates(Done(step, 10_000))
    assert len(pace._seen) < 130


def test_nothing_is_left_at_the_end(clock):
    pace = Pace(clock)
    pace.rates(Done(0, 5, 0, 50))
    clock.now += 5
    assert pace.rates(Done(5, 5, 50, 50)).left_s == 0.0
