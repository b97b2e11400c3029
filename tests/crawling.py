"""Crawls of a sample site by the real command, and what is to be held against the site's own log and truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crawler.archive import Archive, StoredRecord
from tests.serving import Json, SampleSite
from tests.verdictlog.running import Folder, Ran

CARD_FIELDS = (
    *("name", "category", "tagline", "description", "panel_verdict", "panel_ship_pct", "panel_ships", "panel_skips"),
    *("community_ship_pct", "community_ships", "community_votes", "entry", "pricing", "best_for"),
)


class Crawls(Folder):
    """A data folder, and crawls of `site` into it."""

    def __init__(self, path: Path, site: SampleSite) -> None:
        super().__init__(path)
        self.site = site

    def crawl(self, *words: str, url: str | None = None, delay: float = 0.0, **options: Any) -> Ran:
        """Crawl the site (or `url`)."""
        return self.run("crawl", url or self.site.url, "--delay", str(delay), *words, **options)

    def sum(self, *words: str, url: str | None = None, delay: float = 0.0) -> Json:
        """Crawl the site; the sum at the end, and the events before it under ``events``."""
        ran = self.crawl("--json", *words, url=url, delay=delay)
        *events, end = map(json.loads, ran.out.splitlines())
        return {**end, "code": ran.code, "events": events}

    def records(self, *kinds: str) -> list[tuple[StoredRecord, bytes]]:
        """What the archive holds, in its order."""
        return [(r, b) for r, b in Archive(self.path / "archive").scan() if not kinds or r.kind in kinds]

    def paths(self) -> list[str]:
        """The paths that the site was asked for, robots.txt left out."""
        return [each["path"] for each in self.site.log() if each["path"] != "/robots.txt"]

    def listings(self) -> dict[str, Json]:
        """The listings of the dataset, by slug, as the site's truth tells them."""
        source = f"{self.site.host}:{self.site.port}"
        rows = self.rows(f"SELECT listing_id, {', '.join(CARD_FIELDS)} FROM listings")
        reviews = self.rows("SELECT listing_id, persona, score, verdict, quote FROM reviews WHERE withdrawn_at IS NULL")
        found = {row.pop("listing_id").removeprefix(f"{source}:"): row for row in rows}
        for row in found.values():
            row["reviews"] = []
        for review in reviews:
            review["persona"] = review["persona"].removeprefix(f"{source}:")
            found[review.pop("listing_id").removeprefix(f"{source}:")]["reviews"].append(review)
        for row in found.values():
            row["reviews"].sort(key=lambda review: (review["persona"], review["quote"]))
        return found

    def truth(self) -> dict[str, Json]:
        """What the site says of its listings, in the same form."""
        listings = self.site.truth()["listings"]
        found = {slug: {name: card[name] for name in CARD_FIELDS} for slug, card in listings.items()}
        for slug, card in listings.items():
            found[slug]["reviews"] = sorted(card["reviews"], key=lambda review: (review["persona"], review["quote"]))
        return found
