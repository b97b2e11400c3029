"""When the next request to a site may go: the politeness delay. Pure: every time is passed in, in seconds.

The delay between two requests is the longest of

- the floor (a second, by default), however fast the site answers;
- the ``Crawl-delay`` of its robots.txt;
- the throttle: a site that takes long to answer is asked less often. As Scrapy's AutoThrottle does it (its
  documentation gives the rule), for one request at a time: the mean of the former delay and the latency, but not
  less than the latency; an answer other than 200 or 304 never makes it shorter, as errors come fast. Where the floor
  is 0, which only this machine may be asked with, there is no throttle: no delay at all was asked for.

A site that asks us to wait (``Retry-After``) and our own backing off hold all requests up to a moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FLOOR = 1.0
"""The shortest delay (seconds) between two requests to any host that is not this machine."""

THROTTLE_MAX = 60.0
"""The longest delay (seconds) that slow answers lead to."""


@dataclass
class Pace:
    """The pace of the requests to one site. `floor` and `crawl_delay` are in seconds."""

    floor: float = FLOOR
    crawl_delay: float = 0.0
    throttle: float = 0.0
    shortest_gap: float | None = field(default=None, init=False)
    _held_until: float = field(default=0.0, init=False)
    _last_at: float | None = field(default=None, init=False)

    @property
    def delay(self) -> float:
        """The present delay between two requests."""
        return max(self.floor, self.crawl_delay, self.throttle)

    def wait(self, now: float) -> float:
        """How long from `now` until the next request may go; 0 or less where it may go at once."""
        after_last = 0.0 if self._last_at is None else self._last_at + self.delay
        return max(after_last, self._held_until) - now

    def sent(self, now: float) -> None:
        """A request goes at `now`."""
        if self._last_at is not None:
            gap = now - self._last_at
            self.shortest_gap = gap if self.shortest_gap is None else min(gap, self.shortest_gap)
        self._last_at = now

    def left(self, now: float) -> None:
        """The request that was last sent left this machine only at `now`: the delay to the next one counts from then.

        A connection may take long to come about. Counted from before it, the next request could follow at once.
        """
        self._last_at = now

    def answered(self, latency: float, status: int) -> None:
        """An answer with `status` began `latency` seconds after its request."""
        slower = max(latency, (self.throttle + latency) / 2)
        if self.floor > 0 and (status in (200, 304) or slower > self.throttle):
            self.throttle = min(slower, THROTTLE_MAX)

    def hold(self, until: float) -> None:
        """Let no request go before `until`."""
        self._held_until = max(self._held_until, until)
