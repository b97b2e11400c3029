"""Tries again, later, as Scrapy's part does; but it holds the whole site meanwhile, and obeys ``Retry-After``.

It also asks again for answers that were cut off. A server in trouble is not helped by questions about another page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from scrapy import exceptions
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest

from crawler.fetch.backoff import FIRST_WAIT, LONGEST_RETRY_AFTER, backoff, retry_after
from crawler.fetch.component import Component

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetch.run import CrawlRun
    from crawler.spiders.site import SiteSpider

NO_ANSWER = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
)
"""What the download handler raises where no answer came. Anything else is a mistake of ours."""


class RetryMiddleware(Component):
    """Asks again for what was not answered for good."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        self._codes = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """`response` where it is an answer, or the request again."""
        if response.status in self._codes:
            why = f"it answered {response.status}"
        elif "dataloss" in response.flags:
            why = "the answer was cut off"
        elif "cut-time" in response.flags:
            why = "the answer did not come to its end"
        else:
            if response.status < HTTPStatus.BAD_REQUEST or response.status in (404, 410):
                self.run.failing = 0
            return response
        asked = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), self.run.clock())
        return self._again(request, why, asked) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request again, after a failure of the network."""
        if isinstance(exception, IgnoreRequest):
            return None
        if not isinstance(exception, NO_ANSWER):
            self.run.mistake(exception, request.url)
            return None
        self.run.count("no_answer")
        return self._again(request, f"no answer: {exception}", None)

    def _again(self, request: Request, why: str, asked: float | None) -> Request | None:
        run = self.run
        if run.is_stopping:
            return None
        tries = request.meta.get("retry_times", 0) + 1
        wait = backoff(tries, run.chance, first=FIRST_WAIT * run.pace.floor) if asked is None else asked
        if wait > LONGEST_RETRY_AFTER:
            run.stop("wait", f"the site asks to be left alone for {wait:,.0f} seconds; run the same command then")
            return None
        run.pace.hold(run.timer() + wait)
        again = get_retry_request(
            request, spider=cast("SiteSpider", self.crawler.spider), reason=why, give_up_log_level="DEBUG"
        )
        if again is None:
            run.give_up(request.url, "not_had", f"{why}, {tries} times")
            return None
        run.count("retries")
        run.listener("waiting", {"url": request.url, "why": why, "seconds": round(wait, 1)})
        return again
