"""When an answer was made, from Age and Date; and what of them is ignored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.readings.times import MAX_LAG, answer_window, utc_moment, utc_text

NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)
HTTP_NOON = "Thu, 19 Nov 2026 12:00:00 GMT"


def window(*headers: tuple[str, str]) -> tuple[str, str, list[str]]:
    found = answer_window(NOON, headers)
    codes = [problem.code for problem in found.problems]
    return utc_text(found.made_from)[5:], utc_text(found.observed_at)[5:], codes


@pytest.mark.parametrize(
    ("headers", "made_from", "observed_at", "codes"),
    [
        ([], "11-17T12:00:00Z", "11-19T12:00:00Z", []),
        ([("Date", HTTP_NOON)], "11-17T12:00:00Z", "11-19T12:00:00Z", []),
        ([("Date", "Thu, 19 Nov 2026 11:00:00 GMT")], "11-17T11:00:00Z", "11-19T11:00:00Z", []),
        ([("Date", "Thu, 19 Nov 2026 11:00:00 +0200")], "11-17T09:00:00Z", "11-19T09:00:00Z", []),
        ([("AGE", "3600")], "11-19T11:00:00Z", "11-19T11:00:00Z", []),
        ([("Age", " 0 ")], "11-19T12:00:00Z", "11-19T12:00:00Z", []),
        ([("Age", "3600"), ("Date", HTTP_NOON)], "11-19T11:00:00Z", "11-19T11:00:00Z", []),
        ([("Age", "60"), ("Date", "Thu, 19 Nov 2026 10:00:00 GMT")], "11-19T10:00:00Z", "11-19T10:00:00Z", []),
        ([("Date", "Thu, 19 Nov 2026 12:05:00 GMT")], "11-17T12:05:00Z", "11-19T12:05:00Z", []),
        ([("Date", "Thu, 19 Nov 2026 12:05:01 GMT")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["late_date"]),
        ([("Date", "yesterday")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_date"]),
        ([("Date", "Thu, 31 Nov 2026 99:00:00 GMT")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_date"]),
        ([("Age", "-5")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_age"]),
        ([("Age", "1.5"), ("Date", "?")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_age", "bad_date"]),
        ([("Age", "99999999999999")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_age"]),
        ([("Age", "٣")], "11-17T12:00:00Z", "11-19T12:00:00Z", ["bad_age"]),
    ],
)
def test_the_window_follows_age_and_date(
    headers: list[tuple[str, str]], made_from: str, observed_at: str, codes: list[str]
) -> None:
    assert window(*headers) == (made_from, observed_at, codes)


@given(
    st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (zone beside it)
    st.lists(
        st.tuples(st.sampled_from(["Age", "Date"]), st.text(max_size=30) | st.just("Mon, 01 Jan 0001 00:00:00 +2359"))
    ),
)
def test_no_header_breaks_it(captured_at: datetime, headers: list[tuple[str, str]]) -> None:
    found = answer_window(captured_at, headers)
    assert found.made_from <= found.observed_at <= captured_at.replace(microsecond=0) + timedelta(minutes=5)
    assert found.observed_at - found.made_from <= MAX_LAG


def test_times_are_whole_utc_seconds() -> None:
    there = datetime(2026, 11, 19, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert utc_text(there) == "2026-11-19T12:00:00Z"
    assert utc_moment("2026-11-19T14:00:00+02:00") == utc_moment("2026-11-19T12:00:00Z") == NOON
