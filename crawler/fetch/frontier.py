"""The frontier: the pages still to be asked for, each once. Scrapy's scheduler for crawls of one site.

It keeps canonical urls, not requests: some hundred bytes a page. Retries and redirects come first, then what leads to
more pages, then the pages themselves, in the order in which they were found.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from crawler.urls import canonical_url, kind_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.fetch.run import CrawlRun
    from crawler.spiders.site import SiteSpider

RANKS = {"sitemap": 0, "home": 1, "index": 2, "category": 2}
DATA_RANK = 3


class Frontier(BaseScheduler):
    """What is still to be asked for in `run`. A page that is asked for, or was answered before, is not taken again."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        self._seen: set[str] = set(run.answered)
        self._first: deque[Request] = deque()
        self._pending: tuple[deque[str], ...] = tuple(deque() for _ in range(DATA_RANK + 1))
        run.queued = self.__len__
        run.waiting = self.waiting
        run.is_known = self.is_known

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For Scrapy."""
        spider: SiteSpider = crawler.spider  # type: ignore[assignment]
        return cls(spider.run)

    def open(self, spider: SiteSpider) -> None:  # type: ignore[override]
        """For Scrapy: requests are made for `spider`."""
        self._spider = spider

    def __len__(self) -> int:
        return len(self._first) + sum(map(len, self._pending))

    def has_pending_requests(self) -> bool:
        """Whether something is still to be asked for."""
        return bool(self._first) or any(self._asked_for())

    def is_known(self, url: str) -> bool:
        """Whether a request for the page at `url` would not be taken, for one was before."""
        return canonical_url(url) in self._seen

    def _asked_for(self) -> tuple[deque[str], ...]:
        """The queues that requests come from; in a dry run those that lead to more pages."""
        return self._pending[:DATA_RANK] if self.run.options.dry_run else self._pending

    def enqueue_request(self, request: Request) -> bool:
        """Take `request`; False where its page is known already. Retries and redirects go first."""
        if request.dont_filter:
            self._first.append(request)
            return True
        url = canonical_url(request.url)
        if url in self._seen:
            return False
        self._seen.add(url)
        if "hops" in request.meta:
            self._first.append(request)
            return True
        self._pending[RANKS.get(kind_of(url) or "", DATA_RANK)].append(url)
        return True

    def next_request(self) -> Request | None:
        """The next request, None where there is none."""
        if self.run.is_stopping:
            return None
        if self._first:
            return self._first.popleft()
        for queue in self._asked_for():
            if queue:
                return self._spider.request(self.run.address(queue.popleft()))
        return None

    def waiting(self) -> list[str]:
        """The canonical urls that are still to be asked for, in order."""
        return [canonical_url(request.url) for request in self._first] + [
            url for queue in self._pending for url in queue
        ]
