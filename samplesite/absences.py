"""Absences: periods in which a permanent listing is missing from the site before it comes back."""

from __future__ import annotations

from bisect import bisect_right

from samplesite.series import DAY, OPENING
from samplesite.words import dice

FIRST, EVERY, TIMES = 40, 15, 6
"""The first absence begins within five days after day 40 of the site; the others begin this many days apart."""


class Absences:
    """The absences of a listing. An absence lasts from its first moment until just before its end."""

    def __init__(self, starts: tuple[int, ...] = (), ends: tuple[int, ...] = ()) -> None:
        self.starts, self.ends = starts, ends

    @property
    def edges(self) -> list[tuple[int, bool]]:
        """Yield each moment at which the listing vanishes (False) or comes back (True)."""
        return [*((start, False) for start in self.starts), *((end, True) for end in self.ends)]

    def is_away(self, moment: int) -> bool:
        """Return whether it is absent at `moment`."""
        place = bisect_right(self.starts, moment) - 1
        return place >= 0 and moment < self.ends[place]

    def back(self, moment: int) -> int:
        """Return when it last came back before or at `moment`; 0 if never."""
        place = bisect_right(self.ends, moment) - 1
        return self.ends[place] if place >= 0 else 0


NONE = Absences()


def absences_of(seed: int, number: int) -> Absences:
    """Return the absences for a tool's listings: every second tool has some, of half a day to nine days."""
    if number % 2 == 0:
        return NONE
    thrown = dice(seed, "away", number)
    starts = [OPENING + int((FIRST + EVERY * time + 5 * thrown.random()) * DAY) for time in range(TIMES)]
    return Absences(tuple(starts), tuple(start + int(thrown.uniform(0.5, 9) * DAY) for start in starts))
