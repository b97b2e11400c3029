"""How many requests a crawl may make: in this run, and in a day. Pure: the day is passed in.

Each request is taken from the budget before it goes: the first tries, the retries, the redirects and robots.txt.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Budget:
    """The requests of one run to one site. None means no limit.

    `spent_on_day` are the requests made on `day` (``2026-11-19``, UTC), at first those of other runs. Other days are
    remembered: a clock that is set back past midnight gives no day a second budget.
    """

    per_run: int | None = None
    per_day: int | None = None
    day: str = ""
    spent_on_day: int = 0
    spent: int = 0
    _other_days: Counter[str] = field(default_factory=Counter, init=False, repr=False)

    def refusal(self, day: str) -> str | None:
        """Why no request may go on `day`; None where one may."""
        if self.per_run is not None and self.spent >= self.per_run:
            return f"the budget of {self.per_run:,} requests for this run is used up"
        spent_on_day = self.spent_on_day if day == self.day else self._other_days[day]
        if self.per_day is not None and spent_on_day >= self.per_day:
            return f"the budget of {self.per_day:,} requests a day is used up for {day} (UTC)"
        return None

    def take(self, day: str) -> None:
        """Take one request of `day` from the budget. Raises `ValueError` where none is left."""
        refusal = self.refusal(day)
        if refusal is not None:
            raise ValueError(refusal)
        if day != self.day:
            self._other_days[self.day] = self.spent_on_day
            self.day, self.spent_on_day = day, self._other_days[day]
        self.spent += 1
        self.spent_on_day += 1
