"""The true content of the sample site at any moment, as a pure function of the seed and the moment.

A *tool* is a real thing; a *listing* is how the site presents it under one slug. A tool can have several slugs, each
with a panel, a tagline and votes of its own. Listings appear, change, move to another slug, and vanish.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from random import Random

from samplesite import words
from samplesite.absences import NONE, Absences, absences_of
from samplesite.content import Card, Content, Review, Tool
from samplesite.series import DAY, NEVER, OPENING
from samplesite.words import dice

MARCH = OPENING + 28 * DAY
"""The first of March 2026: in the days after it, everything that can happen to a listing happens in larger worlds."""


@dataclass(frozen=True)
class Gone:
    """The response of a slug after its listing is gone: 404, 410, or 301 with the slug to which the listing moved."""

    status: int
    to: str | None = None


@dataclass(frozen=True)
class Listing:
    """A slug: its tool and content, the period in which it is on the site, and the response after that.

    During an absence, the site responds as if the listing had never existed.
    """

    slug: str
    content: Content
    since: int
    until: int = NEVER
    gone: Gone = Gone(404)
    away: Absences = NONE

    @property
    def tool(self) -> Tool:
        """Return the real tool."""
        return self.content.tool

    def is_present(self, moment: int) -> bool:
        """Return whether the site shows it at `moment`."""
        return self.since <= moment < self.until and not self.away.is_away(moment)

    @property
    def edges(self) -> list[tuple[int, bool]]:
        """Yield each moment at which it appears (True) or vanishes (False), unordered."""
        last = [] if self.until == NEVER else [(self.until, False)]
        return [(self.since, True), *last, *self.away.edges]

    @property
    def lasts(self) -> bool:
        """Return whether it is on the site permanently from the opening on."""
        return (self.since, self.until) == (OPENING, NEVER)

    def card(self, moment: int) -> Card:
        """Return what the site says about it at `moment`."""
        return self.content.card(self.content.place(moment))

    def changed(self, moment: int) -> int:
        """Return since when the site has said what it says at `moment`."""
        return max(self.since, self.away.back(moment), self.content.began(self.content.place(moment)))

    def turns(self, since: int, until: int) -> Iterator[int]:
        """Yield the moments after `since` and up to `until` at which the visible card changes."""
        start, end = max(since, self.since), min(until, self.until - 1)
        if end <= start:
            return
        content = self.content
        for place in range(content.place(start) + 1, content.place(end) + 1):
            moment = content.began(place)
            if not self.away.is_away(moment) and self.away.back(moment) != moment:
                yield moment


class World:
    """All listings of a seed, over all time. With `absences`, some permanent listings vanish for days and come back."""

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
        """Return the site at a moment (a datetime, or seconds since 1970)."""
        if isinstance(moment, datetime):
            moment = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        return Snapshot(self, max(moment, OPENING))

    def edge(self, moment: int) -> int:
        """Return when the set of listings last changed."""
        place = bisect_right(self.edges, moment)
        return self.edges[place - 1] if place else OPENING


class Snapshot:
    """The site at one moment. Inexpensive to create: everything is looked up on demand."""

    def __init__(self, world: World, moment: int) -> None:
        self.world, self.moment = world, moment

    @cached_property
    def present(self) -> dict[str, Listing]:
        """Return the visible listings by slug, in plain string order."""
        return {slug: each for slug, each in self.world.listings.items() if each.is_present(self.moment)}

    def listing(self, slug: str) -> Listing | None:
        """Return the visible listing with this slug."""
        found = self.world.listings.get(slug)
        return found if found is not None and found.is_present(self.moment) else None

    def gone(self, slug: str) -> Gone | None:
        """Return what happened to a listing that the site once showed under `slug` but doesn't show now."""
        found = self.world.listings.get(slug)
        if found is not None and found.away.is_away(self.moment):
            return Gone(404)
        return found.gone if found is not None and found.until <= self.moment else None

    def card(self, slug: str) -> Card:
        """Return the card of a listing that is present."""
        return self.world.listings[slug].card(self.moment)

    def changed(self, slug: str) -> int:
        """Return when the card of a present listing last changed."""
        return self.world.listings[slug].changed(self.moment)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Return all comparisons, each with its slugs in plain string order."""
        slugs = list(self.present)
        for place, first in enumerate(slugs):
            for second in slugs[place + 1 :]:
                yield first, second

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """Return the slugs by category, without empty categories."""
        found: dict[str, list[str]] = {}
        for slug, listing in self.present.items():
            found.setdefault(listing.content.category, []).append(slug)
        return dict(sorted(found.items()))

    def judged(self, persona: str, category: str) -> list[tuple[str, Card, Review]]:
        """Return what a critic says about the tools of a category."""
        found = []
        for slug in self.categories.get(category, ()):
            card = self.card(slug)
            found += [(slug, card, review) for review in card.reviews if review.persona == persona]
        return found


def _listings(seed: int, number: int, tools: int) -> list[Listing]:
    """Return the listings of one tool: its own, perhaps others with other slugs, perhaps one that it moves to."""
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
    """Return the number of additional slugs of a tool; the second tool of every world has at least one."""
    way = thrown.random()
    more = 2 if way < 0.04 else 1 if way < 0.18 else 0
    return max(more, 1) if number == 1 else more


def _twin(category: str) -> str:
    """Return the other name of a category that has two."""
    twins = {"Audio & Voice": "Voice & Audio", "Models": "AI Models"}
    return (twins | {there: here for here, there in twins.items()}).get(category, category)


def _life(thrown: Random, number: int, tools: int) -> tuple[int, int, Gone, int]:
    """Return when a tool appears, when and how it vanishes, and when it moves to another slug."""
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
