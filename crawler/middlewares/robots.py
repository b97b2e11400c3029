"""Obeys robots.txt as Scrapy's part does, and beyond that as RFC 9309 asks: no answer is no leave to ask.

Scrapy's part takes a robots.txt that can't be had, or that is an error page, for one that allows all, and leaves
Crawl-delay and the content-encoding alone. Here a site without robots.txt (4xx) allows all. One whose robots.txt can't
be had whole (5xx, no answer, cut off in transfer) allows nothing, and the crawl ends.
"""

from __future__ import annotations

import asyncio
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.robotstxt import ProtegoRobotParser

from crawler.archive import ArchiveError, BodyError, decoded_body
from crawler.fetch.backoff import LONGEST_RETRY_AFTER
from crawler.middlewares.retry import NO_ANSWER
from crawler.settings import MAX_ROBOTS, MAX_ROBOTS_WORK, MAX_SITEMAPS, ROBOTSTXT_USER_AGENT
from crawler.site_values import target
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from typing import Any, Self

    from scrapy.crawler import Crawler

    from crawler.archive import StoredRecord
    from crawler.fetch.run import CrawlRun
    from crawler.spiders.site import SiteSpider


class RobotsMiddleware(RobotsTxtMiddleware):
    """The outermost of the downloader's middlewares: one robots.txt for all hosts of the site."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider: SiteSpider = crawler.spider  # type: ignore[assignment]
        self.run: CrawlRun = spider.run
        self._parser: ProtegoRobotParser | None = None
        self._asking = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Raises `IgnoreRequest` where robots.txt disallows `request`."""
        if not self.run.is_ours(request.url):
            raise IgnoreRequest(f"{request.url} is not of the site that is being crawled")
        try:
            await super().process_request(request)
        except IgnoreRequest:
            if not self.run.is_stopping:
                self.run.count("disallowed")
            raise

    async def robot_parser(self, request: Request | None = None) -> ProtegoRobotParser:
        """What robots.txt says; it is asked for once. Raises `IgnoreRequest` where it can't be had."""
        async with self._asking:
            if self._parser is None:
                self._parser = await self._ask()
        return self._parser

    async def _ask(self) -> ProtegoRobotParser:
        run = self.run
        url = run.site_url + "robots.txt"
        record, payload, is_whole = await self._answer(url)
        status = record.http_status or 0
        if not is_whole:
            self._refuse(f"{url} was cut off in transfer")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            self._refuse(f"{url} answered {status}")
        body = b""
        if status == HTTPStatus.OK:
            run.robots_sha256 = hashlib.sha256(payload).hexdigest()
            body = self._body(url, record, payload)
        parser = ProtegoRobotParser(body, self.crawler.spider)
        run.pace.crawl_delay = max(0.0, parser.crawl_delay(ROBOTSTXT_USER_AGENT) or 0.0)
        if run.pace.crawl_delay > LONGEST_RETRY_AFTER:
            self._refuse(f"{url} asks for {run.pace.crawl_delay:,.0f} seconds between requests")
        named = (target(url, each) for each in parser.rp.sitemaps)
        run.sitemaps = list(dict.fromkeys(each for each in named if each and run.is_ours(each)))[:MAX_SITEMAPS]
        run.listener("robots", {"url": url, "status": status, "crawl_delay": run.pace.crawl_delay})
        return parser

    async def _answer(self, url: str) -> tuple[StoredRecord, bytes, bool]:
        """The answer for robots.txt (known from the run that this one goes on with, or asked for), its payload, and
        whether that came whole.
        """
        run = self.run
        known = run.answered.get(canonical_url(url))
        if known is not None and known.location is None:
            record, payload = run.archive.read(known.file, known.offset)
        else:
            record, payload = await self._download(url)
        is_whole = record.truncated in (None, "length")
        if record.kind == "revisit":
            try:
                record, payload = run.content_of(record)
            except ArchiveError as error:
                self._refuse(f"{url} has not changed, but {error}")
        return record, payload, is_whole

    async def _download(self, url: str) -> tuple[StoredRecord, bytes]:
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url, meta={"dont_obey_robotstxt": True}, dont_filter=True))
        except IgnoreRequest:
            if not self.run.is_stopping:
                self._refuse(f"{url} leads away from the site, or nowhere")
            raise
        except Exception as error:  # if it is a mistake of ours, the run knows; there is no leave to ask either way
            why = str(error) if isinstance(error, NO_ANSWER) else type(error).__name__
            self._refuse(f"{url} can't be had: {why}")
            raise
        return response.request.meta["stored"], response.body  # type: ignore[union-attr]

    def _body(self, url: str, record: StoredRecord, payload: bytes) -> bytes:
        """What is read of robots.txt: all of it, or as much as RFC 9309 asks for."""
        try:
            body = decoded_body(record, payload, limit=MAX_ROBOTS)
        except BodyError as error:
            if error.code != "too_big":
                self._refuse(f"{url} can't be read: {error.message}")
            body = error.partial[: error.partial.rfind(b"\n") + 1]
        lines = body.decode("utf-8", "ignore").lower().splitlines()
        agents = sum(line.lstrip("\ufeff \t").startswith("user") for line in lines)
        if agents * len(lines) > MAX_ROBOTS_WORK:
            self._refuse(f"{url} holds more rules than can be read")
        return body

    def _refuse(self, why: str) -> None:
        text = f"{why}; without leave to ask, nothing is asked for. Try again later"
        self.run.stop("robots", text)
        raise IgnoreRequest(text)
