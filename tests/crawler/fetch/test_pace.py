"""When the next request may go: never too early, whatever the site answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.pace import FLOOR, THROTTLE_MAX, Pace

seconds = st.integers(0, 200 * 64).map(lambda each: each / 64)
"""Times that floats hold exactly, so that sums of them can be compared exactly."""


def test_the_first_request_may_go_at_once() -> None:
    assert Pace().wait(1234.5) <= 0


def test_the_next_one_waits_for_the_floor() -> None:
    pace = Pace()
    pace.sent(100.0)
    assert pace.wait(100.25) == FLOOR - 0.25


@pytest.mark.parametrize(("floor", "crawl_delay", "latency", "delay"), [(3, 2, 1, 3), (1, 5, 2, 5), (1, 2, 4, 4)])
def test_the_longest_delay_counts(floor: float, crawl_delay: float, latency: float, delay: float) -> None:
    pace = Pace(floor, crawl_delay)
    pace.answered(latency, 200)
    assert pace.delay == delay


def test_a_slow_answer_slows_down_at_once() -> None:
    pace = Pace()
    pace.answered(8.0, 200)
    assert pace.delay == 8.0


@pytest.mark.parametrize("status", [200, 304])
def test_quick_answers_speed_up_bit_by_bit(status: int) -> None:
    pace = Pace(throttle=8.0)
    delays = []
    for _ in range(4):
        pace.answered(0.0, status)
        delays.append(pace.delay)
    assert delays == [4.0, 2.0, 1.0, FLOOR]


@pytest.mark.parametrize("status", [204, 301, 404, 429, 500, 503])
def test_a_quick_answer_of_another_kind_does_not_speed_up(status: int) -> None:
    pace = Pace(throttle=8.0)
    pace.answered(0.0, status)
    assert pace.delay == 8.0


def test_a_slow_error_slows_down() -> None:
    pace = Pace(throttle=2.0)
    pace.answered(6.0, 500)
    assert pace.delay == 6.0


def test_the_throttle_has_an_end() -> None:
    pace = Pace()
    pace.answered(10_000.0, 200)
    assert pace.delay == THROTTLE_MAX


def test_the_end_of_the_throttle_is_none_for_the_crawl_delay() -> None:
    pace = Pace(crawl_delay=300.0)
    pace.answered(100.0, 200)
    assert pace.delay == 300.0


def test_without_a_floor_there_is_no_throttle() -> None:
    pace = Pace(0.0)
    pace.answered(10.0, 200)
    assert pace.delay == 0.0


def test_without_a_floor_the_crawl_delay_is_kept() -> None:
    assert Pace(0.0, crawl_delay=3.0).delay == 3.0


def autothrottle(delay: float, latency: float, status: int, floor: float) -> float:
    """The next delay by the rule that AutoThrottle documents, for one request at a time; 304 is as 200."""
    if status not in (200, 304) and (delay + latency) / 2 <= delay and latency <= delay:
        return delay
    return min(max(floor, (delay + latency) / 2, latency), max(floor, THROTTLE_MAX))


@given(st.floats(0.01, 10), st.lists(st.tuples(st.floats(0, 100), st.sampled_from([200, 304, 404, 503])), max_size=30))
def test_the_throttle_is_scrapys(floor: float, answers: list[tuple[float, int]]) -> None:
    pace, theirs = Pace(floor), floor
    for latency, status in answers:
        pace.answered(latency, status)
        theirs = autothrottle(theirs, latency, status, floor)
        assert pace.delay == pytest.approx(theirs)


def test_a_hold_is_waited_for() -> None:
    pace = Pace()
    pace.hold(500.0)
    assert pace.wait(100.0) == 400.0


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    pace = Pace()
    pace.hold(500.0)
    pace.hold(200.0)
    assert pace.wait(100.0) == 400.0


def test_a_hold_that_is_over_leaves_the_delay() -> None:
    pace = Pace()
    pace.hold(50.0)
    pace.sent(100.0)
    assert pace.wait(100.0) == FLOOR


def test_the_delay_counts_from_when_the_request_left() -> None:
    pace = Pace()
    pace.sent(10.0)
    pace.left(10.75)
    assert pace.wait(11.0) == FLOOR - 0.25


def test_the_shortest_gap_is_told() -> None:
    pace = Pace()
    for moment in (10.0, 14.0, 16.5, 30.0):
        pace.sent(moment)
    assert pace.shortest_gap == 2.5


def test_one_request_has_no_gap() -> None:
    pace = Pace()
    pace.sent(10.0)
    assert pace.shortest_gap is None


steps = st.tuples(
    st.integers(0, 20 * 64).map(lambda each: each / 64),  # how much later than it may the request goes
    seconds,  # the latency
    st.sampled_from([200, 301, 304, 404, 429, 503]),
    st.none() | seconds,  # for how long the site asks to be left alone
)


@given(seconds, seconds, st.lists(steps, max_size=30))
def test_whatever_the_answers_no_gap_is_too_short(
    floor: float, crawl_delay: float, answers: list[tuple[float, float, int, float | None]]
) -> None:
    pace, now, holds = Pace(floor, crawl_delay), 1000.0, 0.0
    for number, (late, latency, status, hold) in enumerate(answers):
        before = now
        now += max(0.0, pace.wait(now)) + late
        assert pace.wait(now) <= 0
        assert now >= holds
        if number:
            assert now - before >= max(floor, crawl_delay)
        pace.sent(now)
        pace.answered(latency, status)
        if hold is not None:
            holds = max(holds, now + hold)
            pace.hold(now + hold)
    assert pace.shortest_gap is None or pace.shortest_gap >= max(floor, crawl_delay)
