"""Values that change over time, each a pure function of a key and the moment.

A moment is a whole number of seconds since 1970 (UTC). HTTP dates have no finer resolution, so nothing happens between
two seconds.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

from samplesite.words import dice

T = TypeVar("T")

DAY = 86_400
NEVER = 1 << 62
OPENING = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
"""When the sample site opened. It has no state before that."""


def moment_of(text: str) -> int:
    """Return the moment of an ISO 8601 time; without a time zone, it is UTC."""
    time = datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def iso(moment: int) -> str:
    """Return a moment in ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Series(Generic[T]):
    """A value over time: it begins with `first` and is modified by `change` at random moments.

    The changes are generated on demand and always in the same order, so the order of requests doesn't matter.
    """

    def __init__(
        self,
        key: str,
        since: int,
        per_day: float,
        first: Callable[[random.Random], T],
        change: Callable[[random.Random, T], T],
    ) -> None:
        self._dice = dice(key)
        self._per_second = per_day / DAY
        self._change = change
        self.moments = [since]
        self.values = [first(self._dice)]
        self._next = since + self._gap()

    def _gap(self) -> int:
        return 1 + int(self._dice.expovariate(self._per_second)) if self._per_second else NEVER

    def grow(self, until: int) -> None:
        """Generate all changes up to `until`."""
        while self._next <= until:
            old = self.values[-1]
            new = self._change(self._dice, old)
            if new != old:
                self.moments.append(self._next)
                self.values.append(new)
            self._next += self._gap()

    def at(self, moment: int) -> T:
        """Return the value at `moment`; before the beginning, the first value."""
        self.grow(moment)
        return self.values[max(0, bisect_right(self.moments, moment) - 1)]
