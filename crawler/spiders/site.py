"""The spider of comparison sites: which pages to ask for, and following links. Fields are read in `crawler.pages`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response

from crawler.archive import ArchiveError, BodyError, StoredRecord, capture_id, decoded_body
from crawler.capture_index import Answer
from crawler.extensions.queue import PRIORITIES
from crawler.fetch.options import CrawlError, CrawlOptions
from crawler.fetch.run import CrawlRun
from crawler.fetch.sitemaps import SitemapError, urls_of
from crawler.items import DATA_KINDS, CapturedPage, PageReading
from crawler.middlewares.robots import RobotsMiddleware
from crawler.pages import read_page
from crawler.pages.cost import TooCostlyError, tree_of
from crawler.settings import MAX_LINKS, MAX_PAGE, MAX_SITEMAPS, URLLENGTH_LIMIT
from crawler.site_values import target
from crawler.sites import SiteError
from crawler.urls import canonical_url, kind_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

LINKS = 4096
"""So many links are remembered, with where they lead: those on every page come again and again."""

HTML = ("text/html", "application/xhtml+xml")

SITEMAP_DEPTH = 3
"""So deep may sitemaps name sitemaps. The protocol knows one index above them."""


class Trouble(NamedTuple):
    """Something that is wrong with an answer: a short stable name, and words."""

    code: str
    message: str


@dataclass
class Found:
    """What was found in an answer: the page that it is, if it is one, where it leads, and what is wrong with it."""

    reading: PageReading | None = None
    links: list[str] = field(default_factory=list)
    trouble: list[Trouble] = field(default_factory=list)


class SiteSpider(Spider):
    """Asks one site for its pages of `kinds`. Subclasses choose the kinds.

    `run` is the crawl it works for; without one (``scrapy crawl``) it starts its own, from the settings and
    the argument ``url`` (several are parted by spaces).
    """

    name = "site"
    kinds: ClassVar[tuple[str, ...]] = DATA_KINDS

    def __init__(self, *, run: CrawlRun, wants_all: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.wants_all = wants_all
        self._asked_for_the_unnamed = False
        self._sitemaps: dict[str, int] = {}
        self._target = lru_cache(maxsize=LINKS)(self._target_of)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """For Scrapy."""
        run: CrawlRun | None = kwargs.pop("run", None)
        is_own = run is None
        if run is None:
            run = cls._own_run(crawler, kwargs)
        spider = super().from_crawler(
            crawler, *args, run=run, wants_all=bool(crawler.settings.getdict("FEEDS")), **kwargs
        )
        run.on_stop = spider._close
        crawler.signals.connect(spider._mistake, signals.spider_error)
        crawler.signals.connect(spider._ask_for_the_unnamed, signals.spider_idle)
        if is_own:
            crawler.signals.connect(spider._end_run, signals.spider_closed)
        return spider

    @classmethod
    def _own_run(cls, crawler: Crawler, kwargs: dict[str, Any]) -> CrawlRun:
        settings = crawler.settings
        options = CrawlOptions(
            urls=tuple(str(kwargs.pop("url", "")).split()),
            data=Path(settings.get("VERDICTLOG_DATA") or "data"),
            kinds=cls.kinds,
            delay=settings.getfloat("VERDICTLOG_DELAY") if settings.get("VERDICTLOG_DELAY") else None,
            budget=settings.getint("VERDICTLOG_BUDGET") or None,
            day_budget=settings.getint("VERDICTLOG_DAY_BUDGET") or None,
            contact=settings.get("VERDICTLOG_CONTACT"),
            fresh=settings.getbool("VERDICTLOG_FRESH"),
            timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
            seed=settings.getint("VERDICTLOG_SEED"),
            command=f"scrapy crawl {cls.name}",
        )
        run = CrawlRun(options)
        try:
            run.__enter__()
        except (CrawlError, ArchiveError, SiteError) as error:
            raise SystemExit(f"error: {error}") from None
        crawler.settings.set("USER_AGENT", run.user_agent, priority="cmdline")
        return run

    def _end_run(self, reason: str) -> None:
        if reason == "shutdown":
            self.run.stop("interrupted", "interrupted")
        self.run.__exit__(None, None, None)

    def _mistake(self, failure: Failure, response: Response | None) -> None:
        self.run.mistake(failure.value, "the start" if response is None else response.url)

    def _close(self) -> None:
        """Let Scrapy end the crawl, in its own time."""
        engine = self.crawler.engine
        if engine is not None and engine.spider is not None:
            self._closing = asyncio.get_running_loop().create_task(engine.close_spider_async(reason=self.run.reason))

    def request(self, url: str) -> Request:
        """The request for `url`."""
        priority = PRIORITIES.get(kind_of(url) or "", 0)
        return Request(url, callback=self.parse, errback=self.failed, priority=priority)

    async def start(self) -> AsyncIterator[Any]:
        """The pages to begin with, and what the runs that this one goes on with have found already."""
        run = self.run
        for answer in run.answered.values():
            async for found in self._replay(answer):
                yield found
        for url in run.options.urls:
            yield self.request(run.address(canonical_url(url)))
        if any(kind_of(url) == "home" for url in run.options.urls):
            middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
            try:
                if middleware is not None:
                    await middleware.robot_parser()
            except IgnoreRequest:
                return
            for url in run.sitemaps:
                yield self.request(url)

    def _ask_for_the_unnamed(self) -> None:
        """At the end, ask for pages that stood here before and that nothing names any more: what became of them?"""
        run, engine = self.run, self.crawler.engine
        if self._asked_for_the_unnamed or engine is None or run.is_stopping or not run.follows_links:
            return
        self._asked_for_the_unnamed = True
        unnamed = [url for url in run.index.known_urls(run.source) if run.is_wanted(url) and url not in run.known]
        for url in unnamed:
            engine.crawl(self.request(run.address(url)))
        # Else the crawl ends here and now: Scrapy would look again only after five seconds.
        if unnamed and not run.options.dry_run:
            raise DontCloseSpider

    async def _replay(self, answer: Answer) -> AsyncIterator[Any]:
        """What `answer`, which is in the archive already, leads to."""
        if answer.location is not None:
            for request in self._follow([answer.location], answer.url):
                yield request
        if answer.status not in (200, 304):
            return
        try:
            record, payload = self.run.archive.read(answer.file, answer.offset)
        except ArchiveError as error:
            self.logger.warning("%s", error)
            return
        async for found in self._found(record, payload, url=answer.url, is_new=False):
            yield found

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """The item of a page, and the requests that it leads to."""
        record: StoredRecord = response.request.meta["stored"]  # type: ignore[union-attr]
        if response.status in (200, 304):
            async for found in self._found(record, response.body, url=response.url, is_new=True):
                yield found

    async def _found(self, stored: StoredRecord, payload: bytes, *, url: str, is_new: bool) -> AsyncIterator[Any]:
        """What an answer gives: the page's item, where it is one, and requests for the links on it."""
        run, kind = self.run, kind_of(url) or "unknown"
        is_data, is_sitemap = kind in DATA_KINDS, kind == "sitemap" or url in run.sitemaps
        unchanged = stored.kind == "revisit"
        if unchanged and is_data and run.sitemaps and not self.wants_all:
            return  # nothing new on it, and its links stand in the sitemaps
        record = stored
        if unchanged:
            try:
                record, payload = run.content_of(stored)
            except ArchiveError as error:
                self.logger.warning("%s", error)
                return
        is_page = is_data and run.is_wanted(url) and (is_new or self.wants_all)
        # In a thread: a page that takes long to read holds up no answer.
        found = await asyncio.to_thread(
            read_answer, record, payload, url, is_page=is_page, is_sitemap=is_sitemap, follows=run.follows_links
        )
        if is_new:
            for code, why in found.trouble:
                run.count(f"{code}s")
                run.fail_page(url, code, why)
                run.listener(code, {"url": url, "why": why})
        if found.reading is not None:
            if is_new:
                self._judge(url, found.reading)
            yield _item(stored, url, found.reading, unchanged=unchanged)
        for request in self._follow(found.links, url, in_sitemap=is_sitemap):
            yield request

    def _judge(self, url: str, reading: PageReading) -> None:
        """Count the page, and end the crawl where the site's pages are no longer what they were."""
        run = self.run
        run.count("pages_parsed" if reading.page is not None else "pages_failed")
        run.mistaken = 0
        change = run.health.note(url, kind_of(url) or "unknown", reading)
        if change is not None:
            run.stop("site_changed", change)

    def _follow(self, links: Iterable[str], base: str, *, in_sitemap: bool = False) -> Iterator[Request]:
        root = urljoin(base, "/")
        depth = self._sitemaps.get(canonical_url(base), 0) + 1 if in_sitemap else 0
        for link in links:
            # What begins with a slash leads to the same page from every page, so that it is found in the cache.
            url = self._target(root if link.startswith("/") else base, link)
            # Most links on a page are known. Scrapy would carry a request for each through all its parts.
            if url is None or (canonical := canonical_url(url)) in self.run.known:
                continue
            if kind_of(url) == "sitemap":
                if depth > SITEMAP_DEPTH:
                    continue
                if len(self._sitemaps) < MAX_SITEMAPS:  # of more, none is asked for
                    self._sitemaps[canonical] = depth
            yield self.request(self.run.address(canonical))

    def _target_of(self, base: str, link: str) -> str | None:
        """Where `link` on the page `base` leads, None where it is not followed."""
        url = target(base, link)
        return url if url is not None and self.run.is_followed(url) else None

    def failed(self, failure: Failure) -> None:
        """A request came to nothing; whoever stopped it has said why."""
        if not self.run.is_stopping:
            self.run.waiting.pop(canonical_url(failure.request.url), None)  # type: ignore[attr-defined]
        if not isinstance(failure.value, IgnoreRequest):
            self.logger.info("%s", failure.getErrorMessage())


def read_answer(
    record: StoredRecord, payload: bytes, url: str, *, is_page: bool, is_sitemap: bool, follows: bool
) -> Found:
    """What the answer at `url` says: the page where it `is_page`, its links where a crawl `follows` them. Pure."""
    found = Found()
    try:
        body = decoded_body(record, payload, limit=MAX_PAGE)
    except BodyError as error:
        if not is_page:  # else a build says so
            found.trouble.append(Trouble("bad_encoding", error.message))
        body = error.partial or b""
    if is_sitemap:
        try:
            found.links = urls_of(body)
        except SitemapError as error:
            found.links = error.urls
            found.trouble.append(Trouble("bad_sitemap", str(error)))
        return found
    if is_page:
        found.reading = read_page(body, url=url, content_type=record.content_type)
    media = (record.content_type or HTML[0]).partition(";")[0].strip().lower()
    if media not in HTML or not follows:
        return found
    try:
        found.links = links_on(body)
    except TooCostlyError as error:
        found.trouble.append(Trouble("too_costly", f"no link on it is followed: {error}"))
    if len(found.links) > MAX_LINKS:
        why = f"of {len(found.links):,} links on it the first {MAX_LINKS:,} are followed"
        found.trouble.append(Trouble("too_many_links", why))
        del found.links[MAX_LINKS:]
    return found


def links_on(body: bytes) -> list[str]:
    """The links of an HTML page, in its order, each once; relative ones as they stand. Raises `TooCostlyError`."""
    links = (node.attributes.get("href") for node in tree_of(body).css("a[href]"))
    return list(dict.fromkeys(link for link in links if link and len(link) <= URLLENGTH_LIMIT))


def _item(stored: StoredRecord, url: str, reading: PageReading, *, unchanged: bool) -> CapturedPage:
    return CapturedPage(
        capture_id=capture_id(stored.url, stored.captured_at, stored.sha256),
        url=url,
        captured_at=stored.captured_at,
        http_status=stored.http_status or 0,
        unchanged=unchanged,
        kind=reading.kind,
        status=reading.status,
        page=reading.page,
        problems=reading.problems,
    )
