"""Absences: stretches of time in which a listing that lasts is not on the site, and after which it is there again."""

from __future__ import annotations

from bisect import bisect_right

from samplesite.series import DAY, OPENING
from samplesite.words import dice

FIRST, EVERY, TIMES = 40, 15, 6
"""The first begins in the five days after day 40 of the site, each of the others so many days after the one before."""


class Absences:
    """When a listing is away. An absence lasts from its first moment to the one before its end."""

    def __init__(self, starts: tuple[int, ...] = (), ends: tuple[int, ...] = ()) -> None:
        self.starts, self.ends = starts, ends

    @property
    def edges(self) -> list[tuple[int, bool]]:
        """Each moment at which the listing goes (False) or comes back (True)."""
        return [*((start, False) for start in self.starts), *((end, True) for end in self.ends)]

    def is_away(self, moment: int) -> bool:
        """Whether it is away at `moment`."""
        place = bisect_right(self.starts, moment) - 1
        return place >= 0 and moment < self.ends[place]

    def back(self, moment: int) -> int:
        """When it last came back by `moment`; 0 where it never did."""
        place = bisect_right(self.ends, moment) - 1
        return self.ends[place] if place >= 0 else 0


NONE = Absences()


def absences_of(seed: int, number: int) -> Absences:
    """The absences of the listings of a tool: every second tool has some, of half a day to nine days."""
    if number % 2 == 0:
        return NONE
    thrown = dice(seed, "away", number)
    starts = [OPENING + int((FIRST + EVERY * time + 5 * thrown.random()) * DAY) for time in range(TIMES)]
    return Absences(tuple(starts), tuple(start + int(thrown.uniform(0.5, 9) * DAY) for start in starts))
