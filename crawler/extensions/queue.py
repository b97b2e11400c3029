"""Keeps count of the pages that a crawl knows of: each is asked for once, and they are not endlessly many.

The queue itself is Scrapy's scheduler. What it can't say is which pages it still holds, and there is no bound on it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import IgnoreRequest

from crawler.fetch.component import Component
from crawler.urls import canonical_url, kind_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.fetch.run import CrawlRun

PRIORITIES = {"sitemap": 3, "home": 2, "index": 1, "category": 1}
"""What leads to more pages comes before the pages themselves, whose priority is 0."""


class CanonicalFingerprinter:
    """Requests for one page are one, by whatever address: how Scrapy's filter of duplicates knows them."""

    def fingerprint(self, request: Request) -> bytes:
        """The fingerprint of the page that `request` asks for."""
        return sha256(canonical_url(request.url).encode("utf-8", "surrogatepass")).digest()


class Queue(Component):
    """Tells the run which pages are known, and which of them still wait."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        settings = crawler.settings
        lists = settings.getint("MAX_LISTS")
        self._left_of_kind = {"sitemap": settings.getint("MAX_SITEMAPS"), "index": lists, "category": lists}
        self._most = settings.getint("MAX_URLS")
        crawler.signals.connect(self._scheduled, signals.request_scheduled)
        crawler.signals.connect(self._left, signals.request_reached_downloader)

    def _scheduled(self, request: Request) -> None:
        """A request is about to be queued. Raises `IgnoreRequest` where it is not to be."""
        run, url = self.run, canonical_url(request.url)
        if not request.dont_filter:
            if url in run.known:
                raise IgnoreRequest("known")
            self._bound(url)
            run.known.add(url)
        run.waiting[url] = None
        if run.options.dry_run and (kind_of(url) or "") not in PRIORITIES:
            raise IgnoreRequest("a dry run asks only for what leads to pages")

    def _bound(self, url: str) -> None:
        """Raises `IgnoreRequest` where so many pages are known already that the one at `url` is not asked for."""
        run, kind = self.run, kind_of(url) or ""
        left = self._left_of_kind.get(kind, 1)
        if left > 0 and len(run.known) < self._most:
            if kind in self._left_of_kind:
                self._left_of_kind[kind] -= 1
            return
        code = "too_many_pages" if left > 0 else f"too_many_{kind}_pages"
        if run.counters.get(code, 0) == 0:
            run.fail_page(run.site_url, code, f"a crawl asks for no more of them; the first that is left out is {url}")
        run.count(code)
        raise IgnoreRequest(code)

    def _left(self, request: Request) -> None:
        """A request goes to the site: it waits no longer."""
        self.run.waiting.pop(canonical_url(request.url), None)
