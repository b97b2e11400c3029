"""What a crawl is asked to do, and whether it can be done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.fetch import resume
from crawler.fetch.pace import FLOOR
from crawler.items import DATA_KINDS
from crawler.urls import is_loopback, parts_of, source_of


class CrawlError(Exception):
    """A crawl that can't be done as asked. The text says why and what to do."""


@dataclass(frozen=True)
class CrawlOptions:
    """What a crawl is asked to do.

    `urls` are where it starts: a site's root, sitemaps, single pages, all of one site. `delay` and `timeout` (for one
    answer) are in seconds.
    `contact` is an address or url at which the site's owner can reach who crawls. `seed` decides what is left to
    chance.
    """

    urls: tuple[str, ...]
    data: Path
    kinds: tuple[str, ...] = DATA_KINDS
    delay: float | None = None
    budget: int | None = None
    day_budget: int | None = None
    contact: str | None = None
    fresh: bool = False
    dry_run: bool = False
    accept_changes: bool = False
    timeout: float = 60.0
    seed: int = 0
    command: str = "crawl"

    def site(self) -> str:
        """The source that the crawl is for. Raises `CrawlError` where these options can't be followed."""
        if not self.urls:
            raise CrawlError("name the site to crawl: its root, a sitemap, or single pages")
        for url in self.urls:
            if parts_of(url) is None:
                raise CrawlError(f"{url!r} is no address that can be crawled; give it in full, with https://")
        sources = sorted({source_of(url) for url in self.urls})
        if len(sources) > 1:
            raise CrawlError(f"one crawl is for one site, and these are of {' and '.join(sources)}; crawl them in turn")
        if not self.is_local and not (self.contact or "").strip():
            raise CrawlError(
                "say how the site's owner can reach you: --contact you@example.org (or set VERDICTLOG_CONTACT). "
                "It is sent with each request"
            )
        if self.delay is not None and self.delay < FLOOR and not self.is_local:
            raise CrawlError(f"--delay {self.delay:g} is below the {FLOOR:g} second that any other machine is left")
        return sources[0]

    @property
    def spec(self) -> str:
        """The task, in a form that can be compared."""
        return resume.spec_of(self.urls, self.kinds, dry_run=self.dry_run)

    @property
    def is_local(self) -> bool:
        """Whether the site is served by this machine."""
        return all(is_loopback(urlsplit(url).hostname or "") for url in self.urls)
