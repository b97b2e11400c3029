"""Obeys robots.txt, as RFC 9309 asks: what it disallows is not asked for, its Crawl-delay is kept.

A site without robots.txt (4xx) allows all. One whose robots.txt can't be had (5xx, no answer) allows nothing, and the
crawl ends.
"""

from __future__ import annotations

import asyncio
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawler.archive import BodyError, decoded_body
from crawler.fetch.backoff import LONGEST_RETRY_AFTER
from crawler.fetch.component import Component
from crawler.fetch.retries import NETWORK
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetch.run import CrawlRun

AGENT = "verdictlog"
"""The name by which robots.txt may speak of us."""

MAX_BYTES = 512 << 10
"""So much of a robots.txt is read (RFC 9309, 2.5 asks for 500 KiB at least)."""


class RobotsMiddleware(Component):
    """The outermost of the downloader's middlewares."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        self._rules: Protego | None = None
        self._asking = asyncio.Lock()

    async def process_request(self, request: Request) -> None:
        """Raises `IgnoreRequest` where robots.txt disallows `request`."""
        if request.meta.get("is_robots"):
            return
        if not self.run.is_ours(request.url):
            raise IgnoreRequest(f"{request.url} is not of the site that is being crawled")
        rules = await self.rules()
        if not rules.can_fetch(request.url, AGENT):
            self.run.count("disallowed")
            raise IgnoreRequest(f"robots.txt disallows {request.url}")

    async def rules(self) -> Protego:
        """What robots.txt says; it is asked for once. Raises `IgnoreRequest` where it can't be had."""
        async with self._asking:
            if self._rules is None:
                self._rules = await self._ask()
        return self._rules

    async def _ask(self) -> Protego:
        run = self.run
        url = run.site_url + "robots.txt"
        known = run.answered.get(canonical_url(url))
        if known is not None and known.location is None:
            record, payload = run.archive.read(known.file, known.offset)
            status = record.http_status or 0
        else:
            response = await self._download(url)
            record, status = response.request.meta["stored"], response.status  # type: ignore[union-attr]
            payload = response.body
        if record.kind == "revisit":
            record, payload = run.content_of(record)
            status = record.http_status or 0
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            self._refuse(f"{url} answered {status}")
        text = ""
        if status == HTTPStatus.OK:
            try:
                body = decoded_body(record, payload, limit=MAX_BYTES)
            except BodyError as error:
                if not error.partial:
                    self._refuse(f"{url} can't be read: {error.message}")
                body = error.partial
            run.robots_sha256 = hashlib.sha256(payload).hexdigest()
            text = body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
        rules = Protego.parse(text)
        run.pace.crawl_delay = max(0.0, rules.crawl_delay(AGENT) or 0.0)
        if run.pace.crawl_delay > LONGEST_RETRY_AFTER:
            self._refuse(f"{url} asks for {run.pace.crawl_delay:,.0f} seconds between requests")
        run.sitemaps = [each for each in rules.sitemaps if run.is_ours(each)]
        run.listener("robots", {"url": url, "status": status, "crawl_delay": run.pace.crawl_delay})
        return rules

    async def _download(self, url: str) -> Response:
        engine = self.crawler.engine
        assert engine is not None
        request = Request(url, meta={"is_robots": True}, dont_filter=True)
        try:
            return await engine.download_async(request)
        except IgnoreRequest:
            if not self.run.is_stopping:
                self._refuse(f"{url} leads away from the site, or nowhere")
            raise
        except NETWORK as error:
            self._refuse(f"{url} can't be had ({type(error).__name__})")
            raise

    def _refuse(self, why: str) -> None:
        text = f"{why}; without leave to ask, nothing is asked for. Try again later"
        self.run.stop("robots", text)
        raise IgnoreRequest(text)
