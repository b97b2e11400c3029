"""Sums over what several critics say of one listing, kept up with every listing that is folded.

Alpha and the pairwise figures (`dataset.schema.agreement`) are made of them, so that nobody has to pair all reviews
with each other to ask how far critics agree. Only standing reviews of standing listings count, and only critics whom a
page names. A critic with several standing reviews of one listing is left out there: it can't be told which one holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from dataset.schema.tables import table
from dataset.tables.rows import Rows
from dataset.tables.tallies import add_up, places

VALUES = {"verdict": {"ship": 1, "skip": 0}}
Judgements = Mapping[str, int]


class AgreementTallies:
    """What a build adds to the sums of pairs and panels, and takes away from them."""

    def __init__(self) -> None:
        self._pairs: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
        self._panels: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 4)

    def take(self, listings: Iterable[Sequence[Any]], reviews: Iterable[Sequence[Any]], sign: int) -> None:
        """Count `listings` with all their `reviews` (all columns, in order), or with `sign` -1 take them away."""
        of_listing = places("listings")
        by_listing: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
        place = places("reviews")["listing_id"]
        for review in reviews:
            by_listing[review[place]].append(review)
        for listing in listings:
            if listing[of_listing["withdrawn_at"]] is not None:
                continue
            for measure, given in _judgements(by_listing[listing[of_listing["listing_id"]]]):
                self._count(listing[of_listing["source"]], measure, given, sign)

    def _count(self, source: str, measure: str, given: Judgements, sign: int) -> None:
        values = list(given.values())
        if len(values) < 2:
            return
        total, squares = sum(values), sum(value * value for value in values)
        sums = (1, total, squares, len(values) * squares - total * total)
        _add(self._panels[source, measure, len(values)], sums, sign)
        for (one, value), (other, its) in combinations(sorted(given.items()), 2):
            apart = abs(value - its)
            sums_of_two = (1, apart, apart * apart, value + its, value * value + its * its)
            _add(self._pairs[source, measure, one, other], sums_of_two, sign)

    def write(self, rows: Rows) -> None:
        """Bring the tables of sums up to date."""
        add_up(rows, table("pair_tallies"), self._pairs)
        add_up(rows, table("panel_tallies"), self._panels)


def _add(sums: list[int], more: Sequence[int], sign: int) -> None:
    for place, each in enumerate(more):
        sums[place] += sign * each


def _judgements(reviews: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Judgements]]:
    """The verdicts and the scores of one listing, by critic."""
    at = places("reviews")
    standing = [
        review for review in reviews if review[at["withdrawn_at"]] is None and review[at["persona"]] is not None
    ]
    times = Counter(review[at["persona"]] for review in standing)
    sure = [review for review in standing if times[review[at["persona"]]] == 1]
    verdicts = {review[at["persona"]]: VALUES["verdict"].get(review[at["verdict"]]) for review in sure}
    yield "verdict", {persona: value for persona, value in verdicts.items() if value is not None}
    scores = {review[at["persona"]]: review[at["score"]] for review in sure}
    yield "score", {persona: value for persona, value in scores.items() if value is not None}
