"""The names and listings of a matcher, and the relations between names."""

from __future__ import annotations

from collections.abc import Iterable

from normalize.matching.blocking import Blocks
from normalize.matching.listing import Listing
from normalize.matching.names import NameReader
from normalize.matching.reading import Reading
from normalize.matching.rules import contradict, judge_names


def sense(reading: Reading) -> tuple[object, ...]:
    """The parts of a name that can contradict another; names of equal sense only differ in spelling, maker or notes."""
    return reading.core, reading.versions, reading.sizes, reading.line, reading.dates, reading.form


class Names:
    """All names, by reading, and their listings. Names are numbered; a number is never reused."""

    __slots__ = (
        "_by_name",
        "_contradict",
        "_numbers",
        "_reader",
        "blocks",
        "doubts",
        "listings",
        "members",
        "merges",
        "readings",
    )

    def __init__(self) -> None:
        """Start without names."""
        self._reader = NameReader()
        self._by_name: dict[str, int] = {}
        self._numbers: dict[Reading, int] = {}
        self._contradict: dict[tuple[int, int], bool] = {}
        self.blocks = Blocks()
        self.readings: list[Reading] = []
        self.members: list[list[Listing]] = []
        """The current listings with each name, by the number of the name, unordered."""
        self.merges: dict[int, set[int]] = {}
        """Names that match by the rules, by number."""
        self.doubts: dict[int, list[int]] = {}
        """Doubtful pairs of names; each pair is stored under the later number."""
        self.listings: dict[str, Listing] = {}

    def put(self, listing: Listing) -> int:
        """Add a new listing and return the number of its name."""
        number = self._by_name.get(listing.name)
        if number is None:
            reading = self._reader.read(listing.name)
            number = self._numbers.get(reading)
            if number is None:
                number = self._enter(reading)
            self._by_name[listing.name] = number
        self.members[number].append(listing)
        self.listings[listing.listing_id] = listing
        return number

    def take(self, listing_id: str) -> int:
        """Remove a listing and return the number of its name.

        Raises:
            KeyError: the listing doesn't exist.

        """
        listing = self.listings.pop(listing_id)
        number = self.number(listing.name)
        self.members[number].remove(listing)
        return number

    def number(self, name: str) -> int:
        """Return the number of a name.

        Raises:
            KeyError: the name doesn't exist.

        """
        return self._by_name[name]

    def compact(self, name: str) -> str:
        """Return `name` without insignificant parts."""
        return self._reader.read(name).compact

    def one_name(self, left: int, right: int) -> bool:
        """Return whether two names match by the rules."""
        return right in self.merges.get(left, ())

    def contradict(self, left: int, right: int) -> bool:
        """Return whether two names can't belong to one tool."""
        pair = (left, right) if left < right else (right, left)
        found = self._contradict.get(pair)
        if found is None:
            found = self._contradict[pair] = contradict(self.readings[left], self.readings[right])
        return found

    def earliest(self, number: int) -> Listing | None:
        """Return the earliest current listing with a name, or None."""
        return min(self.members[number], key=lambda each: each.order, default=None)

    def _enter(self, reading: Reading) -> int:
        number = self._numbers[reading] = len(self.readings)
        self.readings.append(reading)
        self.members.append([])
        for other in self.blocks.add(reading):
            decision = judge_names(reading, self.readings[other]).decision
            if decision == "merge":
                self.merges.setdefault(number, set()).add(other)
                self.merges.setdefault(other, set()).add(number)
            elif decision == "review":
                self.doubts.setdefault(number, []).append(other)
        return number

    def doubted(self) -> Iterable[tuple[int, int]]:
        """Yield the doubtful pairs of names."""
        for number, others in self.doubts.items():
            for other in others:
                yield other, number
