"""How long to leave a site alone: both forms of Retry-After, and our own waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.backoff import FIRST_WAIT, FOREVER, LONGEST_RETRY_AFTER, LONGEST_WAIT, backoff, retry_after

NOW = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7\t", 7.0),
        ("000000000000000005", 5.0),
        ("9999999999", 9999999999.0),
        ("Thu, 19 Nov 2026 12:02:00 GMT", 120.0),
        ("Thursday, 19-Nov-26 12:02:00 GMT", 120.0),  # the older forms, which RFC 9110 wants read too
        ("Thu Nov 19 12:02:00 2026", 120.0),
        ("Thu, 19 Nov 2026 13:02:00 +0100", 120.0),
    ],
)
def test_what_is_asked_for(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize("value", ["Thu, 19 Nov 2026 11:59:59 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_date_that_has_passed_asks_for_nothing_more(value: str) -> None:
    assert retry_after(value, NOW) == 0.0


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", " ", "soon", "-5", "1.5", "1e3", "5 seconds", "120, 120", "٣", "²", "0x10", "nan", "inf"),
        *("Thu, 99 Nov 2026 12:02:00 GMT", "Thu, 19 Nov 2026 12:02:00 +9999999", "Thu, 19 Nov 99999 00:00:00 GMT"),
    ],
)
def test_rubbish_asks_for_nothing(value: str | None) -> None:
    assert retry_after(value, NOW) is None


@pytest.mark.parametrize("value", ["99999999999", "9" * 400, "9" * 10_000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_without_end_is_a_long_wait(value: str) -> None:
    assert LONGEST_RETRY_AFTER < (retry_after(value, NOW) or 0.0) <= FOREVER


@given(st.text(max_size=40) | st.text(alphabet="0123456789 :,+-GMTNovThu", max_size=40))
def test_no_text_breaks_it(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= FOREVER


@given(st.integers(0, 10**7))
def test_both_forms_say_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(date, NOW) == retry_after(str(seconds), NOW) == seconds


@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_wait_is_at_least_half_of_what_it_may_be(attempt: int, seed: int) -> None:
    whole = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
    assert whole / 2 <= backoff(attempt, Random(seed)) <= whole


def test_waits_double() -> None:
    class Most(Random):
        def uniform(self, a: float, b: float) -> float:
            return b

    assert [backoff(attempt, Most()) for attempt in (1, 2, 3, 4)] == [5.0, 10.0, 20.0, 40.0]


def test_waits_differ() -> None:
    chance = Random(1)
    assert len({backoff(3, chance) for _ in range(20)}) == 20


def test_the_seed_decides() -> None:
    assert [backoff(n, Random(7)) for n in (1, 2, 3)] == [backoff(n, Random(7)) for n in (1, 2, 3)]


def test_first_and_longest_can_be_chosen() -> None:
    assert 0.5 <= backoff(9, Random(1), first=0.1, longest=1.0) <= 1.0
