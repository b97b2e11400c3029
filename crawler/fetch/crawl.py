"""Runs one crawl from beginning to end, in a process of its own: Scrapy's event loop can be started only once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.archive import TornTail
from crawler.fetch.options import CrawlOptions
from crawler.fetch.run import ALL_IS_WELL, CrawlRun, Listener, Reason
from crawler.spiders.site import SiteSpider
from crawler.urls import kind_of


@dataclass(frozen=True)
class CrawlReport:
    """What a crawl did. `waiting` are the canonical urls that were still to be asked for when it ended."""

    run_id: str
    source: str
    reason: Reason
    reason_text: str | None
    continues: list[str]
    counters: dict[str, int]
    gave_up: list[tuple[str, str]]
    delay: float
    delay_kept: float | None
    torn: list[TornTail]
    waiting: list[str] = field(repr=False)
    known: int = 0

    @property
    def all_is_well(self) -> bool:
        """Whether there is nothing that a person must see."""
        return self.reason in ALL_IS_WELL and not self.gave_up

    @property
    def waiting_by_kind(self) -> dict[str, int]:
        """How many pages of each kind were still to be asked for."""
        kinds = [kind_of(url) or "unknown" for url in self.waiting]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def crawl(
    options: CrawlOptions,
    *,
    listener: Listener = lambda _event, _facts: None,
    index_progress: Callable[[int], None] = lambda _done: None,
    watch: Callable[[CrawlRun], None] | None = None,
    settings: Mapping[str, Any] | None = None,
    spider: type[SiteSpider] = SiteSpider,
) -> CrawlReport:
    """Crawl as `options` say, and tell what was done. Ctrl-C ends it cleanly.

    `listener` is told of events, `index_progress` how many records of the archive were read at the start, `watch` is
    called with the run about twice a second. `settings` go to Scrapy. Raises `CrawlError` where the options can't be
    followed, `ArchiveBusy` and `ArchiveError` where the archive can't be had.
    """
    with CrawlRun(options, listener=listener, index_progress=index_progress) as run:
        ours = Settings()
        ours.setmodule("crawler.settings", priority="project")
        ours.setdict(
            {"USER_AGENT": run.user_agent, "DOWNLOAD_TIMEOUT": options.timeout, **(settings or {})}, priority="cmdline"
        )
        process = AsyncCrawlerProcess(ours)
        # Scrapy lets its messages be made and drops them later; those that nobody sees need not be made.
        logging.getLogger("scrapy").setLevel(ours["LOG_LEVEL"])
        crawler = process.create_crawler(spider)
        if watch is not None:
            _watch(crawler, run, watch)
        process.crawl(crawler, run=run)
        ends: list[str] = []
        crawler.signals.connect(lambda reason: ends.append(str(reason)), signals.spider_closed, weak=False)
        process.start()
        if "shutdown" in ends:
            run.stop("interrupted", "interrupted")
    return CrawlReport(
        run_id=run.writer.run_id,
        source=run.source,
        reason=run.reason,
        reason_text=run.reason_text,
        continues=run.continues,
        counters=dict(sorted(run.counters.items())),
        gave_up=run.gave_up,
        delay=run.pace.delay,
        delay_kept=run.pace.shortest_gap,
        torn=run.torn,
        waiting=list(run.waiting),
        known=len(run.answered),
    )


def _watch(crawler: Any, run: CrawlRun, watch: Callable[[CrawlRun], None]) -> None:
    """Call `watch` twice a second while the crawl runs."""

    async def look() -> None:
        while True:
            watch(run)
            await asyncio.sleep(0.5)

    tasks: list[asyncio.Task[None]] = []
    crawler.signals.connect(lambda: tasks.append(asyncio.ensure_future(look())), signals.engine_started, weak=False)
    crawler.signals.connect(lambda: [task.cancel() for task in tasks], signals.engine_stopped, weak=False)
