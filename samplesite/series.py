"""Values that change as time goes by, each a pure function of a key and the moment.

A moment is a whole second since 1970 (UTC): HTTP can tell no finer time, so nothing here happens between two seconds.
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
"""When the sample site opened. It has no state before."""


def moment_of(text: str) -> int:
    """The moment that ISO 8601 `text` names; a time without a zone is UTC."""
    time = datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def iso(moment: int) -> str:
    """A moment in ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Series(Generic[T]):
    """One value over time: it begins with `first` and goes through `change` at moments that the dice choose.

    Grown as far as it is asked for, always in the same order, so that it does not matter who asks for what first.
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
        """Throw the dice for all changes up to `until`."""
        while self._next <= until:
            old = self.values[-1]
            new = self._change(self._dice, old)
            if new != old:
                self.moments.append(self._next)
                self.values.append(new)
            self._next += self._gap()

    def at(self, moment: int) -> T:
        """The value at `moment`; before its time, the first one."""
        self.grow(moment)
        return self.values[max(0, bisect_right(self.moments, moment) - 1)]
