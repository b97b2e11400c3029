"""How long to leave a site alone after an answer that asks for it. Pure: times and the source of chance are passed in.

``Retry-After`` comes in two forms, seconds and an HTTP date (RFC 9110, 10.2.3). Without it, the wait doubles with
each try, and a part of it is left to chance so that crawlers of many people don't come back all at once ("equal
jitter" in M. Brooker, *Exponential Backoff And Jitter*, AWS Architecture Blog 2015).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

FIRST_WAIT = 5.0
"""The wait before the first retry, in politeness delays (of a second, where nothing else is said); it doubles with
each."""

LONGEST_WAIT = 300.0
"""The longest wait (seconds) that is our own choice."""

FOREVER = timedelta.max.total_seconds()
"""A number of seconds beyond this is taken for this."""

LONGEST_RETRY_AFTER = 3600.0
"""A site that asks for a longer wait (seconds) than this is not waited for: the crawl ends and can be continued."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds to wait that a ``Retry-After`` header asks for, from `now` (aware); None where it asks for nothing.

    What is no number of seconds and no date asks for nothing; a date that has passed asks for 0.
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d+", text, re.ASCII):
        return min(float(text), FOREVER)
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def backoff(attempt: int, chance: Random, *, first: float = FIRST_WAIT, longest: float = LONGEST_WAIT) -> float:
    """The wait in seconds before retry number `attempt` (from 1): half of it fixed, half of it left to `chance`."""
    whole = min(longest, first * 2.0 ** (attempt - 1))
    return whole / 2 + chance.uniform(0, whole / 2)
