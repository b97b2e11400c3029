"""Tries again, later: after answers that ask for it, answers cut off, and no answer at all.

Each wait holds the whole site, not the one page: a server in trouble is not helped by questions about another page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import exceptions
from scrapy.exceptions import IgnoreRequest
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.fetch.backoff import FIRST_WAIT, LONGEST_RETRY_AFTER, backoff, retry_after
from crawler.fetch.component import Component

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

MAX_TRIES = 4
"""How often a page is asked for in one crawl, the first time included."""

TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527})
"""Statuses that speak of the moment, not of the page."""

NETWORK = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.ResponseDataLossError,
    ConnectError,
    ConnectionClosed,
    OSError,
)
"""What a network, or a server that does not speak HTTP, does to a request. Anything else is a mistake of ours."""


class RetryMiddleware(Component):
    """Asks again for what was not answered for good."""

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """`response` where it is an answer, or the request again."""
        if response.status in TRY_AGAIN:
            why = f"it answered {response.status}"
        elif "dataloss" in response.flags:
            why = "the answer was cut off"
        elif request.meta.get("cut_for") == "time":
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
        if not isinstance(exception, NETWORK):
            self.run.mistake(exception, request.url)
            return None
        self.run.count("no_answer")
        return self._again(request, f"no answer ({type(exception).__name__})", None)

    def _again(self, request: Request, why: str, asked: float | None) -> Request | None:
        run = self.run
        if run.is_stopping:
            return None
        tries = request.meta.get("tries", 1)
        wait = backoff(tries, run.chance, first=FIRST_WAIT * run.pace.floor) if asked is None else asked
        if wait > LONGEST_RETRY_AFTER:
            run.stop("wait", f"the site asks to be left alone for {wait:,.0f} seconds; run the same command then")
            return None
        run.pace.hold(run.timer() + wait)
        if tries >= MAX_TRIES:
            run.give_up(request.url, f"{why}, {tries} times")
            return None
        run.count("retries")
        run.listener("waiting", {"url": request.url, "why": why, "seconds": round(wait, 1)})
        return request.replace(dont_filter=True, meta={**request.meta, "tries": tries + 1})
