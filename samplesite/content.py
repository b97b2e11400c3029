"""The content of a listing over time: its texts, its panel, its votes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from random import Random
from typing import Any

from samplesite import words
from samplesite.series import Series, iso
from samplesite.words import dice

SHIPS_FROM = 65
"""A critic who gives at least this score says ship."""


@dataclass(frozen=True)
class Review:
    """What one critic says about one listing."""

    persona: str
    score: int
    verdict: str
    quote: str


@dataclass(frozen=True)
class Card:
    """Everything that the site says about a listing at one moment, as its pages show it."""

    name: str
    category: str
    tagline: str
    description: str
    panel_verdict: str
    panel_ship_pct: int
    panel_ships: int
    panel_skips: int
    community_ship_pct: int | None
    community_ships: int
    community_votes: int
    entry: str
    pricing: str
    best_for: str
    reviewed_on: str
    website: str
    reviews: tuple[Review, ...]


FIELDS = tuple(field.name for field in fields(Card) if field.name != "reviews")


@dataclass(frozen=True)
class Tool:
    """A real tool: its constant properties, and how fast the others change."""

    id: str
    number: int
    name: str
    kind: str
    category: str
    pace: float


class Content:
    """The content of a listing over time: every distinct state with the moment when it began."""

    def __init__(self, key: str, tool: Tool, name: str, category: str, since: int) -> None:
        self.tool, self.name, self.category, self.since = tool, name, category, since
        pace = tool.pace

        def text(field: str, per_day: float, make: Any) -> Series[str]:
            def change(thrown: Random, _: str) -> str:
                made: str = make(thrown)
                return made

            return Series(f"{key}/{field}", since, per_day * pace, make, change)

        self.tagline = text("tagline", 1 / 60, words.tagline)
        self.best_for = text("best_for", 1 / 90, words.best_for)
        self.pricing = text("pricing", 1 / 50, words.pricing)
        self.entry = text("entry", 1 / 120, lambda thrown: thrown.choice(("Free", "Paid")))
        self.description = text("description", 1 / 70, lambda thrown: words.description(thrown, name, tool.kind))
        self.votes = _votes(f"{key}/votes", since)
        self.panel = _panel(key, tool, name, since)
        self._moments: list[int] = []
        self._cards: list[Card] = []
        self._grown = since - 1

    def _card(self, moment: int) -> Card:
        reviews = tuple(review for critic in self.panel if (review := critic.at(moment)))
        before = self._cards[-1] if self._cards else None
        same = before is not None and before.reviews == reviews
        return Card(
            name=self.name,
            category=self.category,
            tagline=self.tagline.at(moment),
            description=self.description.at(moment),
            **figures([review.verdict for review in reviews], self.votes.at(moment)),
            entry=self.entry.at(moment),
            pricing=self.pricing.at(moment),
            best_for=self.best_for.at(moment),
            reviewed_on=before.reviewed_on if before and same else iso(moment)[:10],
            website=f"{words.slugified(self.tool.name)}.example",
            reviews=reviews,
        )

    @cached_property
    def _series(self) -> list[Series[Any]]:
        texts = (self.tagline, self.best_for, self.pricing, self.entry, self.description)
        return [*texts, self.votes, *(series for critic in self.panel for series in critic.series)]

    def _grow(self, until: int) -> None:
        moments: set[int] = set()
        for series in self._series:
            series.grow(until)
            moments.update(series.moments[bisect_right(series.moments, self._grown) :])
        self._grown = until
        for moment in sorted(moments):
            card = self._card(moment)
            if not self._cards or card != self._cards[-1]:
                self._moments.append(moment)
                self._cards.append(card)

    def place(self, moment: int) -> int:
        """Return the number of the state at `moment`, which must not be before the beginning."""
        if moment > self._grown:
            self._grow(moment)
        return max(0, bisect_right(self._moments, moment) - 1)

    def card(self, place: int) -> Card:
        """Return the state with this number."""
        return self._cards[place]

    def began(self, place: int) -> int:
        """Return when the state with this number began."""
        return self._moments[place]


class _Critic:
    """A critic's review of a listing over time: present or withdrawn, with a changing score and text."""

    def __init__(self, key: str, persona: str, tool: Tool, name: str, since: int, *, stays: bool) -> None:
        self.persona = persona
        pace = tool.pace
        here = Series[bool](
            f"{key}/here",
            since,
            0 if stays else pace / 80,
            lambda thrown: stays or thrown.random() < 0.85,
            lambda _, was: not was,
        )
        self.here = here
        self.score = Series[int](f"{key}/score", since, pace / 15, _first_score, _next_score)

        def said(thrown: Random, _: str = "") -> str:
            return words.quote(thrown, persona, name, tool.kind)

        self.quote = Series[str](f"{key}/quote", since, pace / 45, said, said)
        self.series: tuple[Series[Any], ...] = (self.here, self.score, self.quote)

    def at(self, moment: int) -> Review | None:
        """Return the review at `moment`, or None if it is withdrawn or not yet written."""
        if not self.here.at(moment):
            return None
        score = self.score.at(moment)
        return Review(self.persona, score, "ship" if score >= SHIPS_FROM else "skip", self.quote.at(moment))


def _first_score(thrown: Random) -> int:
    return min(97, max(22, round(thrown.gauss(72, 13))))


def _next_score(thrown: Random, old: int) -> int:
    new = old + thrown.choice((-1, 1)) * thrown.randint(1, 12)
    return new if 5 <= new <= 99 else 2 * old - new


def _votes(key: str, since: int) -> Series[tuple[int, int]]:
    thrown = dice(key, "manner")
    liked = thrown.uniform(0.3, 0.95)
    per_day = 0 if thrown.random() < 0.15 else min(20.0, 0.4 * thrown.lognormvariate(0, 1.4))

    def vote(thrown: Random, old: tuple[int, int]) -> tuple[int, int]:
        return old[0] + (thrown.random() < liked), old[1] + 1

    def first(thrown: Random) -> tuple[int, int]:
        votes = 0 if per_day == 0 or thrown.random() < 0.3 else thrown.randint(1, 40)
        return sum(thrown.random() < liked for _ in range(votes)), votes

    return Series(key, since, per_day, first, vote)


def _panel(key: str, tool: Tool, name: str, since: int) -> list[_Critic]:
    """Return the critics who may judge a listing, in panel order. The first never withdraws."""
    thrown = dice(key, "panel")
    size = thrown.choices((1, 2, 3, 4, 5), weights=(1, 1, 4, 8, 2))[0]
    order = thrown.sample(words.PERSONAS, size)
    return [
        _Critic(f"{key}/{persona}", persona, tool, name, since, stays=number == 0)
        for number, persona in enumerate(order)
    ]


def figures(verdicts: Sequence[str], votes: tuple[int, int]) -> dict[str, Any]:
    """Return what a card prints about its critics' `verdicts` and the community's `votes` (for ship, and all)."""
    ships, panel = verdicts.count("ship"), len(verdicts)
    yes, of = votes
    return {
        "panel_verdict": "mixed" if ships * 2 == panel else "ship" if ships * 2 > panel else "skip",
        "panel_ship_pct": round(100 * ships / panel),
        "panel_ships": ships,
        "panel_skips": panel - ships,
        "community_ship_pct": round(100 * yes / of) if of else None,
        "community_ships": yes,
        "community_votes": of,
    }


def card_as_json(card: Card) -> dict[str, Any]:
    """Return the card with its reviews as plain values."""
    return {**asdict(card), "reviews": [asdict(review) for review in card.reviews]}
