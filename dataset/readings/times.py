"""When an answer was made: the window [made_from, observed_at], from when it was fetched and its headers.

A cache may hand out an answer long after it was made; it says so in ``Age`` (seconds it has been kept) and
``Date`` (when the origin made it, though some caches rewrite it). History goes by observed_at, never by when
we happened to ask. Pure functions; all times are aware and UTC, and come out in whole seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

MAX_LAG = timedelta(days=2)
"""How old an answer may be that says nothing of its age."""

CLOCK_SKEW = timedelta(minutes=5)
"""A Date this much after the fetch is still taken for clocks that differ; later ones are ignored."""

LONGEST_AGE = timedelta(days=366)
"""An Age beyond this is not sane: HTTP lets nothing be kept for longer than a year."""


HEADER_CODES = ("bad_age", "bad_date", "late_date")
"""The codes of problems that are about an answer's own headers, not about what it shows."""


class HeaderProblem(NamedTuple):
    """A header that says something impossible."""

    code: str
    field: str
    message: str


class Window(NamedTuple):
    """An answer was made at made_from or later, and at observed_at or earlier."""

    made_from: datetime
    observed_at: datetime
    problems: tuple[HeaderProblem, ...]


def utc_text(moment: datetime) -> str:
    """`moment` as the dataset writes it: ISO 8601, UTC, whole seconds (what is beyond is cut)."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def utc_moment(text: str) -> datetime:
    """The instant that `text` (ISO 8601) names; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _age_and_date(headers: Iterable[tuple[str, str]]) -> tuple[str | None, str | None]:
    """The first value of each of the two headers that tell when an answer was made."""
    found: dict[str, str] = {}
    for key, value in headers:
        name = key.strip().lower()
        if name in ("age", "date"):
            found.setdefault(name, value.strip())
    return found.get("age"), found.get("date")


def _age(value: str, captured_at: datetime) -> timedelta | None:
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
        return None
    age = timedelta(seconds=int(value))
    return age if age <= LONGEST_AGE and captured_at - datetime.min.replace(tzinfo=UTC) > age else None


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        # A Date without a zone ("-0000") is UTC; one with a zone may run out of the calendar in UTC.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def answer_window(
    captured_at: datetime, headers: Iterable[tuple[str, str]] = (), *, max_lag: timedelta = MAX_LAG
) -> Window:
    """The window in which the answer fetched at `captured_at` with `headers` was made.

    observed_at is the earlier of (captured_at - Age) and Date, from what is given, else captured_at;
    made_from is observed_at where the answer bears Age, else observed_at - `max_lag`. An Age that is no sane
    whole number, and a Date that can't be read or lies more than five minutes after captured_at, are ignored
    and reported.
    """
    captured_at = captured_at.astimezone(UTC).replace(microsecond=0)
    problems: list[HeaderProblem] = []
    candidates: list[datetime] = []
    age_text, date_text = _age_and_date(headers)
    age = None if age_text is None else _age(age_text, captured_at)
    if age is not None:
        candidates.append(captured_at - age)
    elif age_text is not None:
        problems.append(HeaderProblem("bad_age", "Age", f"the Age header {_cut(age_text)} is no sane whole number"))
    if date_text is not None:
        date = _date(date_text)
        if date is None:
            problems.append(HeaderProblem("bad_date", "Date", f"the Date header {_cut(date_text)} is no date"))
        elif date > captured_at + CLOCK_SKEW:
            message = f"the Date header {_cut(date_text)} lies after the fetch at {utc_text(captured_at)}"
            problems.append(HeaderProblem("late_date", "Date", message))
        else:
            candidates.append(date)
    observed_at = min(candidates, default=captured_at)
    try:
        made_from = observed_at if age is not None else observed_at - max_lag
    except OverflowError:
        made_from = observed_at
    return Window(made_from, observed_at, tuple(problems))


def _cut(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:60] + "…")
