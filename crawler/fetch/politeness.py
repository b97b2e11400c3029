"""Lets each request wait for its turn: the politeness delay, what the site asked for, and the budget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from crawler.fetch.component import Component

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetch.run import CrawlRun

LOOK_AGAIN = 0.2
"""How often (seconds) a waiting request looks whether the crawl is ending."""


class PolitenessMiddleware(Component):
    """Stands before the archive's middleware, so that nothing is written down that does not go."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        self._turn = asyncio.Lock()

    async def process_request(self, request: Request) -> None:
        """Wait until `request` may go, and take it from the budget."""
        async with self._turn:
            self._go_on()
            while (wait := self.take()) > 0:
                await asyncio.sleep(min(wait, LOOK_AGAIN))
                self._go_on()
            self.run.count("requests")

    def take(self) -> float:
        """Take the turn and one request of the budget, if the turn is free: 0. Else how long (seconds) until it may be.

        Raises `IgnoreRequest` where the budget is used up.
        """
        run = self.run
        wait = run.pace.wait(run.timer())
        if wait > 0:
            return wait
        try:
            run.budget.take(f"{run.clock():%Y-%m-%d}")
        except ValueError as refusal:
            run.stop("budget", str(refusal))
            self._go_on()
        run.pace.sent(run.timer())
        return 0.0

    def _go_on(self) -> None:
        """Raises `IgnoreRequest` where the crawl is ending."""
        if self.run.is_stopping:
            raise IgnoreRequest("the crawl is ending")
        if self.crawler.engine is not None and not self.crawler.engine.running:
            self.run.stop("interrupted", "interrupted")
            raise IgnoreRequest("the crawl is ending")

    def process_response(self, request: Request, response: Response) -> Response:
        """Learn how fast the site answers."""
        self.run.pace.answered(request.meta.get("download_latency", 0.0), response.status)
        return response
