"""The truth of the sample site: what each listing says at a moment, as a pure function of the seed and that moment.

A *tool* is a real thing; a *listing* is what the site shows of it under one slug. A tool may stand under several slugs,
each with a panel, a tagline and votes of its own. Listings appear, change, move to another slug, and vanish.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any

from samplesite import words
from samplesite.absences import NONE, Absences, absences_of
from samplesite.series import DAY, NEVER, OPENING, Series, iso
from samplesite.words import dice

MARCH = OPENING + 28 * DAY
"""The first of March 2026: in the days after it, each larger world goes through all that can happen to a listing."""

SHIPS_FROM = 65
"""A critic who gives so many points, or more, says ship."""


@dataclass(frozen=True)
class Review:
    """What one critic says of one listing."""

    persona: str
    score: int
    verdict: str
    quote: str


@dataclass(frozen=True)
class Card:
    """All that the site says of one listing at one moment, as its pages show it."""

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
    """A real tool: what does not change about it, and how fast the rest does."""

    id: str
    number: int
    name: str
    kind: str
    category: str
    pace: float


class Content:
    """What is said of a tool in one place, over time: every distinct state with the moment at which it began."""

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
        ships = sum(review.verdict == "ship" for review in reviews)
        yes, votes = self.votes.at(moment)
        before = self._cards[-1] if self._cards else None
        same = before is not None and before.reviews == reviews
        return Card(
            name=self.name,
            category=self.category,
            tagline=self.tagline.at(moment),
            description=self.description.at(moment),
            panel_verdict=_verdict(ships, len(reviews)),
            panel_ship_pct=round(100 * ships / len(reviews)),
            panel_ships=ships,
            panel_skips=len(reviews) - ships,
            community_ship_pct=round(100 * yes / votes) if votes else None,
            community_ships=yes,
            community_votes=votes,
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
        """The number of the state at `moment`, which is not before the content began."""
        if moment > self._grown:
            self._grow(moment)
        return max(0, bisect_right(self._moments, moment) - 1)

    def card(self, place: int) -> Card:
        """The state of that number."""
        return self._cards[place]

    def began(self, place: int) -> int:
        """When the state of that number began."""
        return self._moments[place]


class _Critic:
    """One critic's review of one listing over time: there or withdrawn, with a score and words that change."""

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
        """The review at `moment`, None where it is withdrawn or not yet written."""
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
    """The critics who may judge a listing, in the order of its panel. The first of them never withdraws."""
    thrown = dice(key, "panel")
    size = thrown.choices((1, 2, 3, 4, 5), weights=(1, 1, 4, 8, 2))[0]
    order = thrown.sample(words.PERSONAS, size)
    return [
        _Critic(f"{key}/{persona}", persona, tool, name, since, stays=number == 0)
        for number, persona in enumerate(order)
    ]


def _verdict(ships: int, panel: int) -> str:
    if ships * 2 == panel:
        return "mixed"
    return "ship" if ships * 2 > panel else "skip"


@dataclass(frozen=True)
class Gone:
    """What a slug answers after its listing: 404 or 410, or 301 with the slug to which the listing moved."""

    status: int
    to: str | None = None


@dataclass(frozen=True)
class Listing:
    """One slug: the tool and the content behind it, from when until when it stands on the site, and what then.

    While it is away, the site answers as if it had never been there.
    """

    slug: str
    content: Content
    since: int
    until: int = NEVER
    gone: Gone = Gone(404)
    away: Absences = NONE

    @property
    def tool(self) -> Tool:
        """The real tool."""
        return self.content.tool

    def is_present(self, moment: int) -> bool:
        """Whether the site shows it at `moment`."""
        return self.since <= moment < self.until and not self.away.is_away(moment)

    @property
    def edges(self) -> list[tuple[int, bool]]:
        """Each moment at which it comes to the site (True) or goes (False), in no order."""
        last = [] if self.until == NEVER else [(self.until, False)]
        return [(self.since, True), *last, *self.away.edges]

    @property
    def lasts(self) -> bool:
        """Whether it stands on the site from the opening on, for good."""
        return (self.since, self.until) == (OPENING, NEVER)

    def card(self, moment: int) -> Card:
        """What the site says of it at `moment`."""
        return self.content.card(self.content.place(moment))

    def changed(self, moment: int) -> int:
        """When what the site says at `moment` began to be so."""
        return max(self.since, self.away.back(moment), self.content.began(self.content.place(moment)))

    def turns(self, since: int, until: int) -> Iterator[int]:
        """The moments after `since`, up to `until`, at which the card changes while it is shown."""
        start, end = max(since, self.since), min(until, self.until - 1)
        if end <= start:
            return
        content = self.content
        for place in range(content.place(start) + 1, content.place(end) + 1):
            moment = content.began(place)
            if not self.away.is_away(moment) and self.away.back(moment) != moment:
                yield moment


class World:
    """All listings of a seed, over all time. With `absences`, some of those that last go for days, and come back."""

    def __init__(self, seed: int, tools: int, *, absences: bool = False) -> None:
        self.seed, self.tools = seed, tools
        found: list[Listing] = []
        for number in range(tools):
            away = absences_of(seed, number) if absences else NONE
            found.extend(_with_absences(each, away) for each in _listings(seed, number, tools))
        self.listings = {listing.slug: listing for listing in sorted(found, key=lambda each: each.slug)}
        assert len(self.listings) == len(found), "every listing has a slug of its own"
        self.lasting = [slug for slug, each in self.listings.items() if each.lasts and each.away is NONE]
        self.edges = sorted({edge for each in found for edge, _ in each.edges})

    def at(self, moment: int | datetime) -> Snapshot:
        """The site at a moment (as a datetime or in seconds since 1970)."""
        if isinstance(moment, datetime):
            moment = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        return Snapshot(self, max(moment, OPENING))

    def edge(self, moment: int) -> int:
        """When the set of listings last changed."""
        place = bisect_right(self.edges, moment)
        return self.edges[place - 1] if place else OPENING


class Snapshot:
    """The site at one moment. Cheap to make: everything is looked up when it is asked for."""

    def __init__(self, world: World, moment: int) -> None:
        self.world, self.moment = world, moment

    @cached_property
    def present(self) -> dict[str, Listing]:
        """The listings that the site shows, by slug, in plain string order."""
        return {slug: each for slug, each in self.world.listings.items() if each.is_present(self.moment)}

    def listing(self, slug: str) -> Listing | None:
        """The listing that the site shows under `slug`."""
        found = self.world.listings.get(slug)
        return found if found is not None and found.is_present(self.moment) else None

    def gone(self, slug: str) -> Gone | None:
        """What became of a listing that the site once showed under `slug`, and for now or for good doesn't."""
        found = self.world.listings.get(slug)
        if found is not None and found.away.is_away(self.moment):
            return Gone(404)
        return found.gone if found is not None and found.until <= self.moment else None

    def card(self, slug: str) -> Card:
        """The card of a listing that is present."""
        return self.world.listings[slug].card(self.moment)

    def changed(self, slug: str) -> int:
        """When the card of a present listing last changed."""
        return self.world.listings[slug].changed(self.moment)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """All comparisons, the slugs of each in plain string order."""
        slugs = list(self.present)
        for place, first in enumerate(slugs):
            for second in slugs[place + 1 :]:
                yield first, second

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """The slugs in each category that has any."""
        found: dict[str, list[str]] = {}
        for slug, listing in self.present.items():
            found.setdefault(listing.content.category, []).append(slug)
        return dict(sorted(found.items()))

    def judged(self, persona: str, category: str) -> list[tuple[str, Card, Review]]:
        """What a critic says of the tools of a category."""
        found = []
        for slug in self.categories.get(category, ()):
            card = self.card(slug)
            found += [(slug, card, review) for review in card.reviews if review.persona == persona]
        return found


def _listings(seed: int, number: int, tools: int) -> list[Listing]:
    """The listings of one tool: its own, perhaps more under other slugs, perhaps one that it moves to."""
    thrown = dice(seed, "tool", number)
    category = thrown.choice(words.CATEGORIES)
    kind = thrown.choice(words.KINDS[category])
    name = words.name_of(seed, number)
    tool = Tool(f"tool-{number + 1}", number, name, kind, category, thrown.lognormvariate(0, 1.0))
    since, until, gone, moves = _life(thrown, number, tools)
    slug = f"{words.slugified(name)}-{words.slugified(kind)}"
    content = Content(f"{seed}/{number}/0", tool, name, category, since)
    first = Listing(slug, content, since, until, gone)
    found = [first]
    if moves != NEVER:
        moved = replace(first, slug=f"{slug}-{thrown.choice(('next', 'app', 'hq'))}", since=moves)
        found = [replace(first, until=moves, gone=Gone(301, moved.slug)), moved]
    for other in range(_others(thrown, number)):
        there = _twin(category) if thrown.random() < 0.5 else category
        called = words.other_spelling(thrown, name) if thrown.random() < 0.7 else name
        slug_there = f"{words.slugified(called)}-{words.slugified(kind)}-{('review', 'launch', 'beta')[other]}"
        said = Content(f"{seed}/{number}/{other + 1}", tool, called, there, since)
        found.append(Listing(slug_there, said, since, until, gone))
    return found


def _with_absences(listing: Listing, away: Absences) -> Listing:
    return replace(listing, away=away) if listing.lasts else listing


def _others(thrown: Random, number: int) -> int:
    """Under how many more slugs a tool stands: the second tool of every world under at least one."""
    way = thrown.random()
    more = 2 if way < 0.04 else 1 if way < 0.18 else 0
    return max(more, 1) if number == 1 else more


def _twin(category: str) -> str:
    """The other name of a category that has two."""
    twins = {"Audio & Voice": "Voice & Audio", "Models": "AI Models"}
    return (twins | {there: here for here, there in twins.items()}).get(category, category)


def _life(thrown: Random, number: int, tools: int) -> tuple[int, int, Gone, int]:
    """When a tool appears, when it vanishes and how, and when it moves to another slug."""
    since, until, moves = OPENING, NEVER, NEVER
    gone = Gone(thrown.choice((404, 410)))
    way, when = thrown.random(), thrown.random()
    if tools >= 8 and 2 <= number <= 5:
        soon = MARCH + int((1 + 2 * (number - 2) + when) * DAY)
        return {
            2: (OPENING, NEVER, gone, soon),
            3: (OPENING, soon, Gone(410), NEVER),
            4: (OPENING, soon, Gone(404), NEVER),
            5: (soon, NEVER, gone, NEVER),
        }[number]
    if number <= 1:
        return since, until, gone, moves
    if way < 0.15:
        since = OPENING + int((1 + 299 * when) * DAY)
    elif way < 0.23:
        until = OPENING + int((35 + 365 * when) * DAY)
    elif way < 0.29:
        moves = OPENING + int((35 + 365 * when) * DAY)
    return since, until, gone, moves


def card_as_json(card: Card) -> dict[str, Any]:
    """The card with its reviews, as plain values."""
    return {**asdict(card), "reviews": [asdict(review) for review in card.reviews]}
