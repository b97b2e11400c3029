"""Sightings of a card: one card on one side of one capture, and what it says. Pure.

Their order, and what follows from it for a value, is told in `dataset.folding.history`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from dataset.folding.history import History, Moment, history_of_runs

Value = str | int | None
V = TypeVar("V")

Runs = list[tuple[list[Moment], V]]
"""Moments, in order, that show the same thing one after another."""

PAGE_KINDS = ("compare", "tool")
"""The kinds of page that show cards, the one whose word counts more first."""


class ReviewReading(NamedTuple):
    """One review as one card shows it; a part that isn't shown is None."""

    persona: str | None
    score: int | None
    verdict: str | None
    quote: str


class CardReading(NamedTuple):
    """What a card says: the fields shown (None: shown empty), its reviews in page order, and whether these are all."""

    fields: dict[str, Value]
    reviews: tuple[ReviewReading, ...]
    all_reviews: bool = True


class Sighting(NamedTuple):
    """One card on one capture. Sorts in the order in which sightings count.

    `alias` is the id that the card's own texts give it, where no slug was known; `former` the slug's own id, where the
    listing moved from that slug to another.
    """

    moment: Moment
    kind: str
    complete: bool
    url: str | None
    alias: str | None
    card_key: str | None
    card: CardReading
    former: str | None = None

    @property
    def observed_at(self) -> str:
        """When the answer was made, at the latest."""
        return self.moment.observed_at

    @property
    def capture_id(self) -> str:
        """The capture that shows it."""
        return self.moment.capture_id


def order(sighting: Sighting) -> Moment:
    """The key by which sightings are ordered."""
    return sighting.moment


def runs_by_kind(shown: Iterable[tuple[Sighting, V]]) -> list[Runs[V]]:
    """What sightings, which must be in order, show: runs of one object for each kind of page, as `PAGE_KINDS` has them.

    A kind of page that shows nothing is left out.
    """
    runs: dict[str, Runs[V]] = {kind: [] for kind in PAGE_KINDS}
    for sighting, value in shown:
        of_kind = runs.get(sighting.kind)
        if of_kind is None:
            continue
        if of_kind and of_kind[-1][1] is value:
            of_kind[-1][0].append(sighting.moment)
        else:
            of_kind.append(([sighting.moment], value))
    return [found for found in runs.values() if found]


def field_histories(runs: Iterable[Runs[CardReading]], name: str) -> list[History[Value]]:
    """The histories of the field `name` on each kind of page that shows it, given the runs of cards by kind."""
    shown = ([(moments, card.fields[name]) for moments, card in of_kind if name in card.fields] for of_kind in runs)
    return [history_of_runs(found) for found in shown if found]
