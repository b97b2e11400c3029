"""Sightings of a card, their order, and the state in which a field stands after them. Pure functions.

A sighting is one card on one side of one capture. Sightings count in order of (observed_at, captured_at,
capture_id, side); among those of one instant, the ones that equal the newest value come first, so that two
renderings of one moment never look like a change there and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Generic, NamedTuple, TypeVar

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
    """One card on one capture. Sorts in the order in which sightings count."""

    observed_at: str
    captured_at: str
    capture_id: str
    side: str
    kind: str
    complete: bool
    url: str | None
    alias: str | None
    """The id that the card's own texts give it, where no slug was known."""
    card_key: str | None
    card: CardReading


class State(NamedTuple, Generic[V]):
    """The newest run of equal observations of one field."""

    value: V
    first: Sighting
    last: Sighting
    changed: bool
    """Whether another value was seen before."""


def order(sighting: Sighting) -> tuple[str, str, str, str]:
    """The key by which sightings are ordered."""
    return sighting[:4]


def newest_state(observations: Iterable[tuple[Sighting, V]]) -> State[V] | None:
    """The state that `observations` (in order) end in, or None where there are none."""
    state: State[V] | None = None
    for _, group in groupby(observations, key=lambda observation: observation[0].observed_at):
        pending = list(group)
        while pending:
            if state is None:
                sighting, value = pending[0]
                state = State(value, sighting, sighting, changed=False)
            same = [sighting for sighting, value in pending if value == state.value]
            if same:
                state = state._replace(last=same[-1])
                if len(same) < len(pending):
                    pending = [each for each in pending if each[1] != state.value]
                    continue
                break
            sighting, value = pending[0]
            state = State(value, sighting, sighting, changed=True)
    return state


def preferred_state(observations: Sequence[tuple[Sighting, V]]) -> State[V] | None:
    """The newest state on comparison cards where any showed the field, else that on tool pages."""
    for kind in PAGE_KINDS:
        state = newest_state(each for each in observations if each[0].kind == kind)
        if state is not None:
            return state
    return None
