"""Crawls of a sample site over simulated time: what a crawl would have stored, and what was true meanwhile.

Pages are asked for over HTTP, from a server in a process of its own whose clock is moved on with each request, and put
into an archive as a crawl does it: answers with their own headers, and a revisit where the server says 304. Only the
crawler itself is left out, which would take hours for so many days; the tests hold some real crawls beside it.

The server tells the truth of every moment and when each copy in a cache was made, so that for each value it is known
which of its states any answer could show at all.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from bench.stretches import Truth, truth_of
from crawler.archive import ARCHIVE, ArchiveWriter, NewRecord
from crawler.middlewares.archive import NOT_MODIFIED
from crawler.warc_writer import http_content_type
from dataset.readings.times import utc_moment, utc_text
from tests.serving import START, Json, SampleSite, sample_site

HOUR = 3600
DAY = 24 * HOUR
PAUSE = 20
"""So many seconds pass between two requests."""

BEFORE = 4
"""The truth is asked for from so many days before the first crawl: its answers may be copies from then."""


@dataclass(frozen=True)
class Setup:
    """What stands in front of the site, and whether all of it declares the age of its answers."""

    name: str
    caches: tuple[Json, ...]
    declares_age: bool
    choose: str = "alternate"


def _cache(hours: float, *, age: bool, date: str) -> Json:
    rewrites = date == "rewritten"
    return {"max_lag_seconds": int(hours * HOUR), "declares_age": age, "rewrites_date": rewrites}


SETUPS = (
    Setup("Age; Date passed on", (_cache(36, age=True, date="passed on"),), declares_age=True),
    Setup("Age; Date rewritten", (_cache(36, age=True, date="rewritten"),), declares_age=True),
    Setup(
        "two with Age",
        (_cache(48, age=True, date="passed on"), _cache(6, age=True, date="rewritten")),
        declares_age=True,
        choose="seed",
    ),
    Setup("no cache, no Age", (), declares_age=False),
    Setup("no Age; Date passed on", (_cache(36, age=False, date="passed on"),), declares_age=False),
    Setup("no Age; Date rewritten, 6 h", (_cache(6, age=False, date="rewritten"),), declares_age=False),
    Setup("no Age; Date rewritten, 48 h", (_cache(48, age=False, date="rewritten"),), declares_age=False),
    Setup(
        "two, one with Age",
        (_cache(36, age=False, date="rewritten"), _cache(12, age=True, date="passed on")),
        declares_age=False,
        choose="seed",
    ),
    Setup(
        "two without Age",
        (_cache(48, age=False, date="rewritten"), _cache(24, age=False, date="rewritten")),
        declares_age=False,
    ),
)
"""Caches of every kind. None keeps an answer for longer than the two days that the dataset allows for."""


class Answer(NamedTuple):
    """One answer: the listings that the page is about, when it was asked for, and the moment that it shows.

    It may say how old it is (`declares_age`), or at least when it was made (`dated`).
    """

    path: str
    slugs: tuple[str, ...]
    status: int
    asked_at: str
    made_at: str
    declares_age: bool
    dated: bool


def after(days: float) -> str:
    """The time so many days after the start."""
    return utc_text(utc_moment(START) + timedelta(seconds=int(days * DAY)))


@dataclass
class Simulated:
    """A data folder with crawls in it, what the answers were, and what was true."""

    setup: Setup
    seed: int
    source: str
    data: Path
    answers: list[Answer]
    truth: Truth

    def canonical(self, slug: str) -> str:
        """The slug under which a listing stands in the end."""
        while slug in self.truth.moved:
            slug = self.truth.moved[slug]
        return slug


def crawl_days(days: int, *, irregular: bool, seed: int) -> Iterator[float]:
    """On which days (counted from the start, with fractions) crawls begin."""
    if not irregular:
        yield from range(days + 1)
        return
    dice = random.Random(f"{seed}/crawls")
    at = 0.0
    while at <= days:
        yield at
        at += dice.choice((0.25, 0.5, 1, 1, 2, 3)) * dice.uniform(0.7, 1.3)


class _Fetcher:
    """Asks for pages on one connection, and writes what comes into an archive."""

    def __init__(self, site: SampleSite, connection: HTTPConnection) -> None:
        self.site, self.connection = site, connection
        self.known: dict[str, None] = {}
        self.last: dict[str, Json] = {}

    def ask(self, method: str, path: str, body: object = None, headers: Json | None = None) -> tuple[Any, bytes]:
        said = None if body is None else json.dumps(body)
        self.connection.request(method, path, said, headers or {})
        response = self.connection.getresponse()
        return response, response.read()

    def crawl(self, writer: ArchiveWriter, now: str, dice: random.Random) -> None:
        """Ask for all pages that there are and ever were."""
        truth = self.site.truth()
        self.known |= dict.fromkeys(f"/tool/{slug}" for slug in truth["listings"])
        self.known |= dict.fromkeys(f"/compare/{left}-vs-{right}" for left, right in truth["comparisons"])
        paths = list(self.known)
        dice.shuffle(paths)
        for number, path in enumerate(paths):
            at = utc_text(utc_moment(now) + timedelta(seconds=number * PAUSE))
            self.ask("POST", "/_site/clock", {"now": at})
            self.fetch(writer, path, at)

    def fetch(self, writer: ArchiveWriter, path: str, at: str) -> None:
        url, last = self.site.url.rstrip("/") + path, self.last.get(path)
        validators = {"If-None-Match": last["etag"], "If-Modified-Since": last["modified"]} if last else {}
        response, body = self.ask("GET", path, headers=validators)
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        lines += [f"{name}: {value}" for name, value in response.getheaders()]
        head = "\r\n".join([*lines, "", ""]).encode()
        kind, extra = "response", []
        if response.status == 304 and last:
            kind = "revisit"
            extra = [
                ("WARC-Profile", NOT_MODIFIED),
                ("WARC-Refers-To-Target-URI", url),
                ("WARC-Refers-To-Date", last["at"]),
                ("WARC-Payload-Digest", f"sha256:{last['sha256']}"),
            ]
        elif response.status == 200:
            self.last[path] = {
                "at": at,
                "sha256": hashlib.sha256(body).hexdigest(),
                "etag": response.getheader("ETag"),
                "modified": response.getheader("Last-Modified"),
            }
        writer.write(NewRecord(kind, url, at, http_content_type(kind), head + body, tuple(extra)))


def answers_in(log: Sequence[Json], setup: Setup) -> Iterator[Answer]:
    """The answers with data that the server's log tells of."""
    for entry in log:
        path, cache = entry["path"], entry["cache"]
        if not path.startswith(("/compare/", "/tool/")):
            continue
        said = setup.caches[cache] if cache is not None else {}
        declares, rewrites = bool(said.get("declares_age")), bool(said.get("rewrites_date"))
        slugs = tuple(path.rsplit("/", 1)[1].split("-vs-"))
        made_at = entry["copied_at"] or entry["site_time"]
        yield Answer(path, slugs, entry["status"], entry["site_time"], made_at, declares, declares or not rewrites)


def _standing_at(moment: str) -> Callable[[], datetime]:
    return lambda: utc_moment(moment)


def simulate(  # noqa: PLR0913
    setup: Setup,
    data: Path,
    *,
    seed: int,
    tools: int,
    days: int,
    irregular: bool = False,
    after_crawl: Callable[[int], object] = lambda _: None,
    tell: Callable[[int], object] = lambda _: None,
) -> Simulated:
    """Crawl a site behind the caches of `setup` for so many days into the folder `data`.

    `after_crawl` is called with the number of each crawl when its file is whole, `tell` with the days gone by.
    """
    archive = data / ARCHIVE
    archive.mkdir(parents=True)
    answers: list[Answer] = []
    dice = random.Random(f"{seed}/order")
    with (
        sample_site(seed=seed, tools=tools, absences=True) as site,
        closing(HTTPConnection(site.host, site.port, timeout=30)) as connection,
    ):
        site.caches(setup.caches, setup.choose)
        fetcher = _Fetcher(site, connection)
        now = START
        source = f"{site.host}:{site.port}"
        for number, day in enumerate(crawl_days(days, irregular=irregular, seed=seed)):
            now = max(after(day), now)
            site.clock(now)
            site.clear_log()
            with ArchiveWriter(archive, command="crawl", source=source, clock=_standing_at(now)) as writer:
                fetcher.crawl(writer, now, dice)
            found = list(answers_in(site.log(), setup))
            answers += found
            now = found[-1].asked_at
            after_crawl(number)
            tell(int(day))
        truth = truth_of(site, after(-BEFORE), now)
    return Simulated(setup, seed, source, data, answers, truth)
