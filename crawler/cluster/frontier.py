"""The frontier that several processes share: scrapy-redis' scheduler, for canonical urls, with claims.

A url that is handed out is claimed until its answer is dealt with: until it stands in the archive, and the links on it
in the queue. What is claimed by a process that fell silent is handed out again. Retries and redirects stay with the
process that met them, under their claim. So a page is asked for once, or twice where a process died over it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import Request
from scrapy.http import Response
from scrapy_redis.dupefilter import RFPDupeFilter  # type: ignore[import-untyped]
from scrapy_redis.queue import PriorityQueue  # type: ignore[import-untyped]
from scrapy_redis.scheduler import Scheduler  # type: ignore[import-untyped]

from crawler.cluster.membership import Handed, OverError
from crawler.fetch.frontier import DATA_RANK, RANKS
from crawler.fetch.resume import FINAL_CLIENT_ERRORS
from crawler.fetch.sharing import ClusterError
from crawler.urls import canonical_url, kind_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from crawler.cluster.membership import Membership
    from crawler.fetch.run import CrawlRun
    from crawler.spiders.site import SiteSpider

TICK = 0.25
"""How often (seconds) a process without work looks for some."""

BEATS = 4
"""So often within a lease a process says that it is alive."""


class UrlFilter(RFPDupeFilter):  # type: ignore[misc]
    """What was found already, by canonical url. The set is filled in one step with the queue."""

    def request_fingerprint(self, request: Request) -> str:
        """The canonical url of `request`."""
        return canonical_url(request.url)


class UrlQueue(PriorityQueue):  # type: ignore[misc]
    """The queue of canonical urls: a request is made of one when it is handed out."""

    def __init__(self, members: Membership, spider: SiteSpider) -> None:
        super().__init__(members.server, spider, members.keys.queue.replace("%", "%%"))
        self._members = members

    def push(self, request: Request) -> None:
        """Queue the page of `request`, unless it was found before. Raises `OverError`."""
        self._members.add([ranked(canonical_url(request.url))])

    def hand_out(self, claims: set[str]) -> Handed:
        """Claim the next url, beside `claims`. Raises `OverError`."""
        return self._members.next(claims)


def ranked(url: str) -> tuple[int, str]:
    """The canonical `url` after its rank: what leads to more pages comes first."""
    return RANKS.get(kind_of(url) or "", DATA_RANK), url


class SharedFrontier(Scheduler):  # type: ignore[misc]
    """What is still to be asked for in the shared crawl, as one of its members sees it."""

    def __init__(self, run: CrawlRun, members: Membership, crawler: Crawler) -> None:
        seen = UrlFilter(members.server, members.keys.seen)
        super().__init__(members.server, persist=True, queue_key=members.keys.queue, dupefilter=seen)
        self.run = run
        self._crawler = crawler
        self._members = members
        self._first: deque[Request] = deque()
        self._claims: set[str] = set()
        self._known: set[str] = set(run.answered)
        self._queued = 0
        self._is_over = False
        self._left: list[str] = []
        run.queued = lambda: self._queued
        run.waiting = lambda: self._left
        run.is_known = self.is_known

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For Scrapy."""
        run = cast("SiteSpider", crawler.spider).run
        return cls(run, cast("Membership", run.sharing), crawler)

    def is_known(self, url: str) -> bool:
        """Whether a request for the page at `url` would not be taken, as far as this member knows."""
        return canonical_url(url) in self._known

    def open(self, spider: SiteSpider) -> None:
        """Scrapy begins: what this member's archive has answers to is not asked for again."""
        self._spider = spider
        self.queue = UrlQueue(self._members, spider)
        self._pulse = asyncio.get_running_loop().create_task(self._live())
        with self._guard():
            self._members.know(self._known)

    async def _live(self) -> None:
        """Say again and again that this member is alive, and have an idle engine look for work."""
        pause = min(TICK, self.run.options.lease / BEATS)
        since_beat = 0.0
        while True:
            await asyncio.sleep(pause)
            since_beat += pause
            if since_beat >= self.run.options.lease / BEATS:
                since_beat = 0.0
                with self._guard():
                    self._members.beat()
            if not self._claims:
                # Scrapy itself looks every five seconds.
                slot = getattr(self._crawler.engine, "_slot", None)
                if slot is not None:
                    slot.nextcall.schedule()

    def close(self, reason: str) -> None:
        """Scrapy has ended: give back what was not dealt with."""
        self._pulse.cancel()
        is_done = reason == "finished" and self.run.reason == "finished"
        with self._guard():
            if not self._members.leave(is_done=is_done) and not self._is_over:
                self._left = self._members.queued()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """End this member's crawl where the shared one can't be gone on with."""
        try:
            yield
        except OverError as error:
            self._is_over = True
            if not error.is_finished:
                self.run.stop(
                    "cluster", "the crawl that was shared is gone from Redis, or was started afresh elsewhere"
                )
        except ClusterError as error:
            self._is_over = True
            self.run.stop("cluster", str(error))

    def has_pending_requests(self) -> bool:
        """Whether anyone has something to ask for still, or an answer on its way that may lead to more."""
        if self.run.is_stopping or self._is_over:
            return False
        queued = claimed = 0
        with self._guard():
            queued, claimed = self._members.look()
        return bool(self._first or queued or claimed)

    def enqueue_request(self, request: Request) -> bool:
        """Take `request`; False where its page is known already. Retries and redirects stay here, and go first."""
        claim = request.meta.get("claim")
        url = canonical_url(request.url)
        if request.dont_filter:
            self._first.append(request)
            return True
        is_new = False
        with self._guard():
            if claim is not None:
                is_new = self._members.pass_on(claim, url)
                self._claims.discard(claim)
                if is_new:
                    self._claims.add(url)
                    self._first.append(request.replace(meta={**request.meta, "claim": url}))
            elif url not in self._known:
                is_new = True
                self.queue.push(request)
        self._known.add(url)
        return is_new

    def next_request(self) -> Request | None:
        """The next request, None where there is none, or none now."""
        if self.run.is_stopping or self._is_over:
            return None
        if self._first:
            return self._first.popleft()
        with self._guard():
            while (url := self._hand_out()) is not None:
                if url not in self.run.answered:
                    return self._tracked(self._spider.request(self.run.address(url)), url)
                self._settle(url, [])  # Redis was put back to an earlier state
        return None

    def _hand_out(self) -> str | None:
        handed: Handed = self.queue.hand_out(self._claims)
        self._queued = handed.queued
        if handed.url is not None:
            self._claims.add(handed.url)
        return handed.url

    def _tracked(self, request: Request, url: str) -> Request:
        """`request`, whose claim is settled when its answer is dealt with."""
        parse = cast("Callable[[Response], Iterator[Any]]", request.callback)
        failed = cast("Callable[[Failure], None]", request.errback)

        def dealt_with(response: Response) -> Iterator[Any]:
            found: list[tuple[int, str]] = []
            claim = response.meta["claim"]
            for each in parse(response):
                if isinstance(each, Request):
                    found.append(ranked(canonical_url(each.url)))
                else:
                    yield each
            # Links and claim in one step: a page whose links were lost would not be asked for again.
            if not self.run.is_stopping or is_final(response):
                with self._guard():
                    self._settle(claim, found)

        def came_to_nothing(failure: Failure) -> None:
            failed(failure)
            claim = failure.request.meta["claim"]  # type: ignore[attr-defined]
            # Of a crawl that is ending, the page may just not have been asked for: it is given back.
            if not self.run.is_stopping:
                with self._guard():
                    self._settle(claim, [])

        return request.replace(callback=dealt_with, errback=came_to_nothing, meta={**request.meta, "claim": url})

    def _settle(self, claim: str, found: list[tuple[int, str]]) -> None:
        new = [pair for pair in dict.fromkeys(found) if pair[1] not in self._known]
        self._queued = self._members.add(new, settled=claim)
        self._known.update(url for _, url in new)
        self._claims.discard(claim)


def is_final(response: Response) -> bool:
    """Whether `response` would be the same if it was asked for again."""
    return not response.flags and (response.status < 400 or response.status in FINAL_CLIENT_ERRORS)
