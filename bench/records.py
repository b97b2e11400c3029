"""Parsed records of many crawls of one site, made from a seed: what a dataset with a long history is built from.

Three quarters of the pages are tool pages, which name the critics, one quarter are comparisons, which don't. Every card
shows four reviews, so a page brings five observations of reviews on average. From crawl to crawl one tool in ten has
other votes, one in fifty another price, and one in fifty another score, as on a site that lives.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from crawler.archive import StoredRecord
from crawler.items import Card, ComparePage, Page, PageReading, Review, ToolPage
from dataset.readings.observe import Observed, observe
from dataset.readings.times import utc_text

PERSONAS = ("builder", "skeptic", "founder", "futurist")
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS_BETWEEN = 3
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Age", "0"))
SITE = "https://verdicts.example"


@dataclass
class Tool:
    """One tool of the made site, as it stands now."""

    number: int
    votes: int = 10
    price: int = 9
    scores: list[int] = field(default_factory=lambda: [72, 61, 40, 83])

    @property
    def slug(self) -> str:
        """Its slug."""
        return f"tool-{self.number:06}"

    def live_on(self, rng: random.Random) -> None:
        """Let some time pass."""
        self.votes += 2 * (rng.random() < 0.1)
        self.price += rng.random() < 0.02
        if rng.random() < 0.02:
            self.scores[rng.randrange(4)] = rng.randrange(101)

    def card(self, *, named: bool) -> Card:
        """Its card, with the names of the critics or without."""
        reviews = tuple(
            Review(
                persona=PERSONAS[place] if named else None,
                score=score,
                verdict="ship" if score >= 55 else "skip",
                quote=f"Tool {self.number} took a long day's work and gave it back done, says critic {place}. " * 3,
            )
            for place, score in enumerate(self.scores)
        )
        ships = sum(each.verdict == "ship" for each in reviews)
        fields = {
            "name": f"Tool {self.number}",
            "category": "Kit",
            "tagline": f"The line of tool {self.number}",
            "description": f"What tool {self.number} is for, in some more words than are needed. " * 3,
            "panel_verdict": "ship" if ships > 2 else "mixed",
            "panel_ship_pct": 25 * ships,
            "panel_ships": ships,
            "panel_skips": 4 - ships,
            "community_ship_pct": 50,
            "community_ships": self.votes // 2,
            "community_votes": self.votes,
            "entry": "Paid",
            "pricing": f"${self.price} a month",
        }
        return Card(slug=self.slug, reviews=reviews, shown=(*fields, "reviews"), **fields)


def pages(count: int, crawls: int, first_crawl: int = 0) -> Iterator[tuple[datetime, Page]]:
    """So many pages, in so many crawls of all, with the time of each. A later `first_crawl` goes on where one ended."""
    rng = random.Random(11)
    comparisons = count // 4
    tools = [Tool(number) for number in range(count - comparisons)]
    beside = [(n, (n + 1 + n // len(tools)) % len(tools)) for n in range(comparisons)]
    pairs = [[tools[each] for each in sorted(ends)] for ends in beside]
    for crawl in range(first_crawl + crawls):
        for tool in tools:
            tool.live_on(rng)
        if crawl < first_crawl:
            continue
        at = START + timedelta(days=DAYS_BETWEEN * crawl)
        for place, tool in enumerate(tools):
            url = f"{SITE}/tool/{tool.slug}"
            yield at + timedelta(seconds=place), ToolPage(url=url, card=tool.card(named=True), complete=True)
        for place, pair in enumerate(pairs, start=len(tools)):
            cards = [tool.card(named=False) for tool in pair]
            url = f"{SITE}/compare/{cards[0].slug}-vs-{cards[1].slug}"
            rows = tuple((n, n) for n in range(4))
            page = ComparePage(url=url, left=cards[0], right=cards[1], sides_linked=True, rows=rows, complete=True)
            yield at + timedelta(seconds=place), page


def parsed(made: Iterator[tuple[datetime, Page]], file: str) -> Iterator[tuple[StoredRecord, PageReading]]:
    """What the archive and the reader tell of pages: the record of each in the archive's `file`, and its reading."""
    for place, (at, page) in enumerate(made):
        digest = sha256(f"{page.url} {at}".encode()).hexdigest()
        record = StoredRecord(
            file, place, "response", page.url, utc_text(at), "text/html", 200, HEADERS, digest, 60_000, None
        )
        yield record, PageReading(kind=page.kind, status="ok", page=page)


def observed(readings: Iterator[tuple[StoredRecord, PageReading]]) -> Iterator[Observed]:
    """What the dataset takes from each reading."""
    for record, reading in readings:
        yield observe(record, b"", lambda *_, reading=reading, **__: reading, "bench")
