"""The running site: its clock, layout, faults and caches, and the response to each request.

Everything here is fast and never waits; `server` sends the responses.
"""

from __future__ import annotations

import re
import time
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from samplesite.answers import GZIP, Answer, Body, Found, http_date, parse_http_date
from samplesite.boards import Boards
from samplesite.caches import Caches
from samplesite.desk import Desk
from samplesite.faults import Fault, error, faults_of, shape, spoil, striking
from samplesite.layouts import Layout
from samplesite.looks import LAYOUTS
from samplesite.series import OPENING, iso
from samplesite.truth import Json
from samplesite.views import Traits
from samplesite.world import World

KEPT_BYTES = 128 * 2**20
"""The size of the cache of bodies (uncompressed), so that benchmarks measure the crawler, not the site."""

_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE)


class Kind(Protocol):
    """A site that the server can serve: a function of path, moment and traits."""

    def find(self, path: str, query: str, moment: int, traits: Traits) -> Found | None:
        """Return the content at a path."""

    def truth(self, moment: int) -> Json:
        """Return the truth at a moment."""


@dataclass(frozen=True, slots=True)
class Request:
    """A received request."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def host(self) -> str:
        """Return the host that the client requested."""
        return self.headers.get("host", "")


@dataclass(frozen=True, slots=True)
class Given:
    """A response, and how it was made, for the log."""

    answer: Answer
    fault: str | None = None
    cache: int | None = None
    copied: int | None = None


class Clock:
    """The site's clock: it stands still until it is set, or runs with the machine's."""

    def __init__(self, start: int, *, running: bool) -> None:
        self.running = running
        self.set(start)

    def set(self, moment: int) -> None:
        """Set the clock. Raises ValueError for a time before the site opened."""
        if moment < OPENING:
            raise ValueError(f"the site opened at {iso(OPENING)}; it has no state before that")
        self._moment, self._since = moment, time.monotonic()

    @property
    def now(self) -> int:
        """Return the site's time, in whole seconds since 1970."""
        return self._moment + int(time.monotonic() - self._since) if self.running else self._moment


class Site:
    """A site, with everything that the control interface can set."""

    def __init__(  # noqa: PLR0913
        self,
        *,
        seed: int,
        tools: int,
        start: int,
        layout: str,
        kind: str = "desk",
        running: bool = False,
        absences: bool = False,
    ) -> None:
        self.seed, self.tools, self.kind_name = seed, tools, kind
        self.clock = Clock(start, running=running)
        self.world = World(seed, tools, absences=absences)
        self.kind: Kind = Desk(self.world, self.layout_of) if kind == "desk" else Boards(self.world)
        self.faults: list[Fault] = []
        self.caches = Caches(seed)
        self._layout = self._new_layout = layout
        self._share = 1.0
        self._layout_since = 0
        self._bodies: OrderedDict[tuple[Any, ...], Body] = OrderedDict()
        self._bytes = 0
        self.check_layout(layout)

    # Settings of the control interface

    @staticmethod
    def check_layout(name: str) -> None:
        """Raise ValueError if no layout has this name."""
        if name not in LAYOUTS:
            raise ValueError(f"no layout is called {name!r}; known: {', '.join(LAYOUTS)}")

    def set_layout(self, name: str, share: float = 1.0) -> None:
        """Show a share of the pages in another layout; the others keep the previous one. Raises ValueError."""
        self.check_layout(name)
        if not 0 <= share <= 1:
            raise ValueError("share must be between 0 and 1")
        before = self._new_layout if self._share == 1 else self._layout
        self._layout, self._new_layout, self._share = before, name, share
        self._layout_since = self.clock.now

    def layout_name(self, path: str) -> str:
        """Return the layout for a path."""
        if self._share == 1 or zlib.crc32(path.encode()) < self._share * 2**32:
            return self._new_layout
        return self._layout

    def layout_of(self, path: str) -> Layout:
        """Return the layout for a path."""
        return LAYOUTS[self.layout_name(path)]

    def set_faults(self, said: object) -> None:
        """Replace the faults. Raises ValueError."""
        self.faults = faults_of(said)

    def state(self) -> Json:
        """Return the current settings."""
        return {
            "site": self.kind_name,
            "seed": self.seed,
            "tools": self.tools,
            "now": iso(self.clock.now),
            "running": self.clock.running,
            "layout": self._new_layout,
            "layout_before": self._layout,
            "share": self._share,
            "faults": [{**each.said, "hits": each.hits, "struck": each.struck} for each in self.faults],
            "caches": self.caches.said,
        }

    # Answers

    def answer(self, request: Request) -> Given:
        """Return the response to a request at the current time."""
        now = self.clock.now
        path, _, query = request.target.partition("?")
        struck = striking(self.faults, request.target) if self.faults else []
        traits = shape(struck, Traits(origin=f"http://{request.host}"))
        cache = self.caches.pick(path)
        moment = cache.copied(self.seed, request.target, now) if cache else now
        answer = self._origin(request, path, query, moment, traits)
        headers = {"Date": http_date(moment), "Server": "samplesite"}
        if cache:
            if cache.rewrites_date:
                headers["Date"] = http_date(now)
            if cache.declares_age:
                headers["Age"] = str(now - moment)
        answer = replace(answer, headers=(*headers.items(), *answer.headers))
        if not struck:
            return Given(answer, None, cache.number if cache else None, moment if cache else None)
        answer = spoil(struck, answer, now, time.time())
        if answer.header("Date") is None:
            answer = answer.with_headers(Date=http_date(now))
        names = "+".join(each.kind for each in struck if not each.is_of_site)
        return Given(answer, names or None, cache.number if cache else None, moment if cache else None)

    def _origin(self, request: Request, path: str, query: str, moment: int, traits: Traits) -> Answer:
        """Return the response of the site itself at `moment`."""
        found = self.kind.find(path, query, moment, traits)
        if found is None:
            return error(404)
        if found.status != 200:
            answer = error(found.status)
            return answer.with_headers(Location=found.location) if found.location else answer
        body = self._body(request.target, found, traits)
        packed = body.kind != GZIP and _GZIP.search(request.headers.get("accept-encoding", "")) is not None
        etag = f'"{body.etag}-gz"' if packed else f'"{body.etag}"'
        shared = (("ETag", etag), ("Last-Modified", http_date(body.changed)), ("Vary", "Accept-Encoding"))
        if _is_unchanged(request.headers, body):
            return Answer(304, b"", shared)
        sent = body.pack() if packed else body.plain
        encoding = (("Content-Encoding", "gzip"),) if packed else ()
        length = (("Content-Type", body.kind), ("Content-Length", str(len(sent))))
        return Answer(200, sent, (*length, *encoding, *shared))

    def _body(self, target: str, found: Found, traits: Traits) -> Body:
        """Return the body at a path, from the cache if it has not changed."""
        layout = self.layout_name(target.partition("?")[0])
        key = (target, found.stamp, layout, self._layout_since, traits)
        body = self._bodies.get(key)
        if body is not None:
            return body
        made = found.make()
        plain = made.encode() if isinstance(made, str) else made
        body = self._bodies[key] = Body(plain, found.kind, max(found.stamp, self._layout_since))
        self._bytes += len(plain)
        while self._bytes > KEPT_BYTES and len(self._bodies) > 1:
            _, old = self._bodies.popitem(last=False)
            self._bytes -= len(old.plain)
        return body


def _is_unchanged(headers: Mapping[str, str], body: Body) -> bool:
    """Return whether the client has this body, by the validators it sent. An ETag takes precedence over a date."""
    tags = headers.get("if-none-match")
    if tags is not None:
        held = {each.strip().removeprefix("W/").strip('"').removesuffix("-gz") for each in tags.split(",")}
        return "*" in held or body.etag in held
    since = headers.get("if-modified-since")
    moment = parse_http_date(since) if since else None
    return moment is not None and body.changed <= moment
