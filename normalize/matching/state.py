"""The names and listings that a matcher holds, and how names stand to each other."""

from __future__ import annotations

from collections.abc import Iterable

from normalize.matching.blocking import Blocks
from normalize.matching.listing import Listing
from normalize.matching.names import NameReader
from normalize.matching.reading import Reading
from normalize.matching.rules import contradict, judge_names


def sense(reading: Reading) -> tuple[object, ...]:
    """What of a name can contradict another: names of equal sense are spellings, or differ in maker and notes."""
    return reading.core, reading.versions, reading.sizes, reading.line, reading.dates, reading.form


class Names:
    """Every name ever held, by its reading, and its listings. Names are numbered; a number is never given twice."""

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
        """No names yet."""
        self._reader = NameReader()
        self._by_name: dict[str, int] = {}
        self._numbers: dict[Reading, int] = {}
        self._contradict: dict[tuple[int, int], bool] = {}
        self.blocks = Blocks()
        self.readings: list[Reading] = []
        self.members: list[list[Listing]] = []
        """By a name's number, the listings that bear it now, in no order."""
        self.merges: dict[int, set[int]] = {}
        """Names that the rules take for one, by number."""
        self.doubts: dict[int, list[int]] = {}
        """Names of which the rules doubt whether they are one; each pair stands with the later number."""
        self.listings: dict[str, Listing] = {}

    def put(self, listing: Listing) -> int:
        """Hold a listing that is not held. Gives its name's number."""
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
        """Hold a listing no longer. Gives its name's number.

        Raises:
            KeyError: it is not held.

        """
        listing = self.listings.pop(listing_id)
        number = self.number(listing.name)
        self.members[number].remove(listing)
        return number

    def number(self, name: str) -> int:
        """The number of a held name.

        Raises:
            KeyError: it is not held.

        """
        return self._by_name[name]

    def compact(self, name: str) -> str:
        """`name` without what doesn't count."""
        return self._reader.read(name).compact

    def one_name(self, left: int, right: int) -> bool:
        """Whether the rules take two names for one."""
        return right in self.merges.get(left, ())

    def contradict(self, left: int, right: int) -> bool:
        """Whether two names can't be of one tool."""
        pair = (left, right) if left < right else (right, left)
        found = self._contradict.get(pair)
        if found is None:
            found = self._contradict[pair] = contradict(self.readings[left], self.readings[right])
        return found

    def earliest(self, number: int) -> Listing | None:
        """The earliest listing that bears a name; None where none does now."""
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
        """Pairs of names of which the rules doubt whether they are one."""
        for number, others in self.doubts.items():
            for other in others:
                yield other, number
