"""Sightings of a card: one card on one side of one capture, and what it says. Pure.

Their order, and what follows from it for a value, is told in `dataset.history`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from dataset.history import History, Moment, history_of

Value = str | int | None
V = TypeVar("V")

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


def histories_of(observations: Iterable[tuple[Sighting, V]]) -> list[History[V]]:
    """The histories on each kind of page that shows any of `observations`, the one whose word counts first."""
    seen = list(observations)
    by_kind = ([(sighting.moment, value) for sighting, value in seen if sighting.kind == kind] for kind in PAGE_KINDS)
    return [history_of(found) for found in by_kind if found]


def preferred_history(observations: Iterable[tuple[Sighting, V]]) -> History[V] | None:
    """The history on comparison cards where any showed the field, else that on tool pages; None where none did."""
    seen = list(observations)
    for kind in PAGE_KINDS:
        found = [(sighting.moment, value) for sighting, value in seen if sighting.kind == kind]
        if found:
            return history_of(found)
    return None
