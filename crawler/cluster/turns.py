"""Politeness among several processes: one request to the site on its way at a time, whoever sends it.

The delay between any two requests is the longest that any living member keeps (its floor, the Crawl-delay it read, its
throttle), and when the site asks one of them to wait, all wait. A member that falls silent between taking its turn and
sending its request, and comes back after its lease, may send it out of turn: the lease is long for that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from scrapy.exceptions import IgnoreRequest

from crawler.fetch.pace import Pace
from crawler.fetch.politeness import PolitenessMiddleware
from crawler.fetch.retries import TRY_AGAIN
from crawler.fetch.sharing import ClusterError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.cluster.membership import Membership
    from crawler.fetch.run import CrawlRun

SETTLING = 1.0
"""After a bad answer all wait so long (seconds) at least: time for this process to say how long it should be."""

TRAVEL = 0.3
"""So long (seconds), but no longer than until its answer, a request may have been on its way to the site: the delay
counts from then. One process with a new connection must not be followed too soon by one with an old connection."""


class SharedPace(Pace):
    """The pace of one member; what holds its requests, holds all. `share` is told of it, in seconds from now."""

    def __init__(self, floor: float, *, share: Callable[[float], None], timer: Callable[[], float]) -> None:
        super().__init__(floor)
        self._share = share
        self._timer = timer

    def hold(self, until: float) -> None:
        """Let no request go before `until`, here and elsewhere."""
        super().hold(until)
        with suppress(ClusterError):  # who takes the next turn is told
            self._share(until - self._timer())

    def sent_after(self, gap: float | None, now: float) -> None:
        """A request goes at `now`, `gap` seconds after the last of any member."""
        shortest = self.shortest_gap
        self.sent(now)
        self.shortest_gap = shortest if gap is None else gap if shortest is None else min(gap, shortest)


class SharedTurns(PolitenessMiddleware):
    """Takes turns with the other members."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        self._members = cast("Membership", run.sharing)
        self._pace = cast("SharedPace", run.pace)
        try:
            day = f"{run.clock():%Y-%m-%d}"
            self._members.spent(day, run.index.requests_on(day, run.source))
        except ClusterError as error:
            run.stop("cluster", str(error))

    def take(self) -> float:
        """Take the turn and one request of the budget, if the turn is free: 0. Else how long until it may be."""
        run, members = self.run, self._members
        day = f"{run.clock():%Y-%m-%d}"
        members.delay = run.pace.delay
        try:
            turn = members.take(day, run.options.day_budget, refusal=run.budget.refusal(day))
            if turn.wait > 0:
                return turn.wait
            run.budget.take(day)
        except ValueError as spent:
            run.stop("budget", str(spent))
        except ClusterError as error:
            run.stop("cluster", str(error))
        else:
            self._pace.sent_after(turn.gap, run.timer())
            return 0.0
        raise IgnoreRequest("the crawl is ending")

    def process_response(self, request: Request, response: Response) -> Response:
        """Learn how fast the site answers, and let others have the turn."""
        super().process_response(request, response)
        is_bad = response.status in TRY_AGAIN or response.flags or request.meta.get("cut_for")
        self._release(request, SETTLING if is_bad else 0.0)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """A request came to nothing, or did not go at all."""
        self._release(request, 0.0 if isinstance(exception, IgnoreRequest) else SETTLING)

    def _release(self, request: Request, pause: float) -> None:
        now = self.run.timer()
        self._members.delay = self.run.pace.delay
        try:
            sent_ago = now - request.meta.get("sent_at", now)
            self._members.release(max(0.0, sent_ago - TRAVEL), pause)
        except ClusterError as error:
            self.run.stop("cluster", str(error))
