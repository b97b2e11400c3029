"""One crawl of one site: the facts that Scrapy's components share, from the archive's lock to why it stopped.

The components ask it what they need to know (is this url ours, may a request go, what did we get last time) and tell
it what happened. Nothing here speaks to the network.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from time import monotonic
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from crawler.archive import ARCHIVE, Archive, ArchiveError, ArchiveLock, ArchiveWriter, Failure, StoredRecord
from crawler.capture_index import Answer, CaptureIndex
from crawler.clock import utc_now
from crawler.fetch import resume
from crawler.fetch.budget import Budget
from crawler.fetch.health import Health, newest_of
from crawler.fetch.options import CrawlOptions
from crawler.fetch.pace import FLOOR, Pace
from crawler.settings import MAX_FAILURES
from crawler.urls import canonical_url, kind_of, parts_of, source_of
from crawler.warc_writer import Severity

INDEX = ".captures.db"
GZIP_LEVEL = 1
"""Most answers come compressed already; what is left is not worth the time of a crawl that waits for its archive."""

LEADING = frozenset({"home", "index", "category", "sitemap"})
"""Kinds of page that hold no data but lead to pages that do."""

COUNTERS = (
    *("requests", "responses_200", "responses_304", "responses_3xx", "responses_4xx", "responses_5xx", "bytes"),
    *("retries", "redirects", "pages_parsed", "pages_failed"),
)
"""The counters that every run has, also where nothing was counted."""

LISTS = LEADING - {"sitemap"}

MOST_FAILING = 5
"""After so many pages in a row that could not be had, a crawl ends: the site has other troubles."""

Reason = Literal[
    "finished", "interrupted", "budget", "wait", "robots", "site_failing", "site_changed", "archive", "error"
]
"""Why a crawl ended."""

ALL_IS_WELL: frozenset[Reason] = frozenset({"finished", "budget"})
"""The reasons after which there is nothing that a person must see."""


@dataclass
class Progress:
    """How far a crawl is, for those who watch it."""

    queued: int = 0
    parsed: int = 0
    failed: int = 0
    requests: int = 0
    unchanged: int = 0
    delay: float = 0.0
    waiting: float = 0.0


Listener = Callable[[str, Mapping[str, object]], None]
"""Told of events: a name (``resumed``, ``waiting``, ``gave_up``, ``stopping``, …) and its facts."""


@dataclass(eq=False)
class CrawlRun:
    """One crawl; a context manager that holds the archive while it runs.

    Entering raises `CrawlError` where the options can't be followed, `ArchiveBusy` and `ArchiveError` as the archive
    does.
    """

    options: CrawlOptions
    clock: Callable[[], datetime] = utc_now
    timer: Callable[[], float] = monotonic
    listener: Listener = lambda _event, _facts: None
    index_progress: Callable[[int], None] = lambda _done: None
    reason: Reason = "finished"
    reason_text: str | None = None
    known: set[str] = field(default_factory=set)
    waiting: dict[str, None] = field(default_factory=dict)
    on_stop: Callable[[], None] = field(default=lambda: None)
    continues: list[str] = field(default_factory=list)
    answered: dict[str, Answer] = field(default_factory=dict)
    gave_up: list[tuple[str, str]] = field(default_factory=list)
    robots_sha256: str | None = None
    sitemaps: list[str] = field(default_factory=list)
    failing: int = 0
    mistaken: int = 0

    def __enter__(self) -> Self:
        options = self.options
        self.source = options.site()
        self.authority = urlsplit(options.urls[0])[:2]
        self.chance = Random(f"{options.seed}")  # noqa: S311  (for waits, not for secrets)
        floor = FLOOR if options.delay is None else options.delay
        self.pace = Pace(floor)
        self._exits = ExitStack()
        with ExitStack() as entered:
            folder = options.data / ARCHIVE
            lock = entered.enter_context(ArchiveLock(folder))
            self.archive = Archive(folder)
            self.torn = self.archive.recover(lock=lock)
            index = CaptureIndex(self.archive, options.data / INDEX, self.index_progress)
            self.index = entered.enter_context(index)
            self._look_back()
            facts = {"spec": self.options.spec}
            facts |= {"continues": self.continues[-1]} if self.continues else {}
            writer = ArchiveWriter(
                folder,
                command=options.command,
                source=self.source,
                clock=self.clock,
                lock=lock,
                facts=facts,
                compression=GZIP_LEVEL,
            )
            self.writer = entered.enter_context(writer)
            self.counters = writer.counters
            self.counters.update(dict.fromkeys(COUNTERS, 0))
            self._exits = entered.pop_all()
        return self

    def _look_back(self) -> None:
        """Learn from the archive: what to go on with, what is spent, what the site's pages used to show."""
        options, now = self.options, self.clock()
        runs = self.index.runs(self.source)
        if not options.fresh:
            self.continues = resume.unfinished(runs, self.options.spec, now)
        for run_id in self.continues:
            for answer in self.index.answers(run_id):
                if resume.is_final(answer):
                    self.answered[canonical_url(answer.url)] = answer
        self.known.update(self.answered)
        if self.continues:
            by_id = {run.run_id: run for run in runs}
            started_at = by_id[self.continues[0]].facts.get("started_at")
            self.listener(
                "resumed", {"run_id": self.continues[-1], "started_at": started_at, "pages": len(self.answered)}
            )
        day = f"{now:%Y-%m-%d}"
        self.budget = Budget(options.budget, options.day_budget, day, self.index.requests_on(day, self.source))
        good = (run.end for run in runs if run.end and run.end.get("outcome") in ("finished", "stopped"))
        self.health = Health(None if options.accept_changes else newest_of(end.get("fill") for end in good))

    def __exit__(self, *error: object) -> None:
        with self._exits:
            self.writer.end_facts |= {
                "delay_kept_seconds": None if self.pace.shortest_gap is None else round(self.pace.shortest_gap, 3),
                "robots_txt_sha256": self.robots_sha256,
                "fill": self.health.as_facts() if self.reason != "site_changed" else {},
                "gave_up": [{"url": url, "reason": why} for url, why in self.gave_up],
            }
            if self.reason != "finished":
                outcome: Literal["failed", "stopped"] = (
                    "stopped" if self.reason in {"interrupted", "budget", "wait"} else "failed"
                )
                self.writer.end_as(outcome, self.reason_text)

    def count(self, name: str, more: int = 1) -> None:
        """Add to a counter of the run."""
        self.counters[name] = self.counters.get(name, 0) + more

    def stop(self, reason: Reason, text: str) -> None:
        """End the crawl; what is on its way is still taken in. The first reason counts."""
        if self.reason != "finished":
            return
        self.reason, self.reason_text = reason, text
        if reason in {"robots", "site_failing", "site_changed"}:
            self.writer.fail(Failure(self.site_url, reason, text))
        self.listener("stopping", {"reason": reason, "text": text})
        self.on_stop()

    def fail_page(self, url: str, code: str, message: str, severity: Severity = "warning") -> None:
        """Note in the archive that something about the answer at `url` was not as it should be; the crawl goes on."""
        if len(self.writer.failures) < MAX_FAILURES:
            self.writer.fail(Failure(url, code, f"{url}: {message}", severity))

    def mistake(self, error: BaseException | None, url: str) -> None:
        """Something in this program went wrong over `url`. The page is left out; after some in a row the crawl ends."""
        place = traceback.extract_tb(error.__traceback__)[-1:] if error else []
        where = f" ({Path(place[0].filename).name}, line {place[0].lineno})" if place else ""
        why = f"a mistake in verdictlog itself: {type(error).__name__}{where}; please report it"
        self.give_up(url, "mistake", why)
        self.mistaken += 1
        if self.mistaken >= MOST_FAILING:
            self.stop("error", f"{url}: {why}")

    @property
    def user_agent(self) -> str:
        """How requests present themselves: the project, and whom to write to."""
        contact = " ".join((self.options.contact or "").split())
        return f"verdictlog/{version('verdictlog')}" + (f" (+{contact})" if contact else "")

    @property
    def is_stopping(self) -> bool:
        """Whether no new request should go."""
        return self.reason != "finished"

    @property
    def site_url(self) -> str:
        """The root of the site, as it is asked for."""
        return urlunsplit((*self.authority, "/", "", ""))

    def is_ours(self, url: str) -> bool:
        """Whether `url` belongs to the site that is being crawled: the same host, with or without ``www.``."""
        return parts_of(url) is not None and source_of(url) == self.source

    def address(self, canonical: str) -> str:
        """The url by which the page `canonical` is asked for: by the scheme and host that the site answers to."""
        parts = urlsplit(canonical)
        return urlunsplit((*self.authority, parts.path, parts.query, ""))

    def moved_host(self, url: str) -> None:
        """The site answers by the scheme and host of `url`: ask there from now on."""
        self.authority = urlsplit(url)[:2]

    def is_wanted(self, url: str) -> bool:
        """Whether `url` is a page of the kinds that this crawl is for."""
        return kind_of(url) in self.options.kinds

    def give_up(self, url: str, code: str, why: str) -> None:
        """A page could not be had. Too many of them in a row end the crawl."""
        if len(self.gave_up) < MAX_FAILURES:
            self.gave_up.append((url, why))
        self.fail_page(url, code, why, "error")
        self.count("gave_up")
        self.failing += 1
        self.listener("gave_up", {"url": url, "why": why})
        if self.failing >= MOST_FAILING:
            self.stop("site_failing", f"the last {self.failing} pages could not be had, the last of them {url}: {why}")

    def is_followed(self, url: str) -> bool:
        """Whether links to `url` are followed: it is ours, and wanted, or may lead to what is wanted."""
        is_named = ";" not in urlsplit(url).path  # what comes after it is a session, or another way to say a query
        return is_named and self.is_ours(url) and (self.is_wanted(url) or kind_of(url) in LEADING)

    @property
    def follows_links(self) -> bool:
        """Whether pages lead to pages: where a crawl began at the root or a list of pages, not at pages one by one."""
        return any(kind_of(url) in LISTS for url in self.options.urls)

    def content_of(self, record: StoredRecord) -> tuple[StoredRecord, bytes]:
        """The capture with content that the revisit `record` found unchanged, and its payload.

        Raises `ArchiveError` where the archive does not have it.
        """
        last = self.index.last_capture(record.url or "")
        if last is None or record.refers_to_digest not in (None, f"sha256:{last.sha256}"):
            raise ArchiveError(f"{record.file}, offset {record.offset}: what this revisit refers to is not there")
        return self.archive.read(last.file, last.offset)

    def progress(self) -> Progress:
        """How far the crawl is."""
        get = self.counters.get
        return Progress(
            queued=len(self.waiting),
            parsed=get("pages_parsed", 0),
            failed=get("pages_failed", 0) + get("gave_up", 0),
            requests=get("requests", 0),
            unchanged=get("unchanged", 0),
            delay=self.pace.delay,
            waiting=max(0.0, self.pace.wait(self.timer())),
        )
