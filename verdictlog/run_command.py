"""The command `run`: the one line for a schedule."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.changes_command import change_lines, tell_retracted
from verdictlog.crawl_command import (
    MEANINGS,
    Budget,
    Contact,
    DayBudget,
    Delay,
    Only,
    tell_event,
    tell_progress,
    wanted_kinds,
)
from verdictlog.interrupts import INTERRUPTED
from verdictlog.options import CHANGED, OK, TROUBLE, USAGE, Json, OwnData, folder_of, plain, stop

if TYPE_CHECKING:
    from crawler.fetch.crawl import CrawlReport
    from crawler.fetch.options import CrawlOptions
    from dataset.building.build import BuildReport
    from dataset.telling.told import Memory, News


class _Failed(Exception):  # noqa: N818  (it ends a run)
    """The run can't go on; the text says why."""


def run_command(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="A site's root, a sitemap, or single pages.")],
    only: Only = None,
    contact: Contact = None,
    delay: Delay = None,
    budget: Budget = None,
    day_budget: DayBudget = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Crawl, build, and tell what changed since the last time: the one line for a schedule.

    Each change is told once, also where a run dies before it tells; the first run takes what the dataset holds already
    as told. Two of them never overlap: the second ends at once.

    Exit codes: 0 nothing new; 3 something changed; 1 it failed, or a person must see to something (changes are told
    even so); 2 wrong usage.

    \b
    Examples:
      verdictlog run https://site.example/ --contact you@example.org
      verdictlog run https://site.example/ --only compare --day-budget 2000 --json
    """  # noqa: D301
    from crawler.fetch.options import CrawlError, CrawlOptions  # noqa: PLC0415
    from dataset.building.lock import BuildError, Busy, run_lock  # noqa: PLC0415
    from dataset.telling.told import MemoryLostError, remembered  # noqa: PLC0415

    options = CrawlOptions(
        urls=tuple(urls),
        data=folder_of(context, data),
        kinds=wanted_kinds(only),
        delay=delay,
        budget=budget,
        day_budget=day_budget,
        contact=contact,
        command="run",
    )
    try:
        options.site()
        options.data.mkdir(parents=True, exist_ok=True)
        with run_lock(options.data), remembered(options.data) as memory:
            code = _Run(options, memory, json=json).to_its_end()
    except CrawlError as error:
        stop(error, USAGE)
    except (Busy, BuildError, MemoryLostError) as error:
        stop(error)
    raise typer.Exit(code)


class _Run:
    """One run, under its lock."""

    def __init__(self, options: CrawlOptions, memory: Memory, *, json: bool) -> None:
        self.options = options
        self.memory = memory
        self.json = json
        self.started_at = _now()
        self.result: dict[str, Any] = {"started_at": self.started_at}

    def to_its_end(self) -> int:
        """Do it, and remember how it ended; the exit code."""
        number = self.memory.start_run(self.started_at)
        facts: dict[str, object] = {}
        try:
            code = self._work(facts)
        except _Failed as error:
            console.complain(str(error))
            facts["message"] = str(error)
            code = TROUBLE
        facts.setdefault("finished_at", _now())
        self.memory.end_run(number, exit_code=code, **facts)
        if self.json:
            console.print_json({**self.result, "finished_at": facts["finished_at"], "exit_code": code})
        return code

    def _work(self, facts: dict[str, object]) -> int:
        """Crawl, build, tell."""
        from dataset.telling.told import RUN  # noqa: PLC0415

        if not self.memory.begun(RUN):
            self._take_as_told()
        crawled = self._crawl()
        facts["crawl_run_id"] = crawled.run_id
        self.result["crawl"] = plain(crawled) | {"waiting": crawled.waiting_by_kind}
        if crawled.reason == "interrupted":
            facts["message"] = "stopped"
            return INTERRUPTED
        built = _build(self.options.data)
        self.result["build"] = plain(built)
        news = self._tell(facts)
        if not crawled.all_is_well:
            facts["message"] = crawled.reason_text or f"{len(crawled.gave_up):,} pages could not be had"
            return TROUBLE
        if built.strays:
            facts["message"] = f"the archive: {built.strays[0]}"
            console.warn(str(facts["message"]))
            return TROUBLE
        if built.problems.get("error"):
            facts["message"] = f"{built.problems['error']:,} open problems of severity error; see verdictlog status"
            console.warn(str(facts["message"]))
            return TROUBLE
        return CHANGED if news else OK

    def _take_as_told(self) -> None:
        """Before the first run: what the archive holds already is no news."""
        from crawler.archive import ARCHIVE  # noqa: PLC0415
        from dataset.telling.told import RUN  # noqa: PLC0415

        data = self.options.data
        if (data / ARCHIVE).is_dir():
            _build(data)
            with _dataset(data) as con:
                self.memory.begin(RUN, con, self.started_at)
        else:
            self.memory.begin(RUN, None, self.started_at)

    def _crawl(self) -> CrawlReport:
        from crawler.archive import ArchiveError  # noqa: PLC0415
        from crawler.fetch.crawl import crawl  # noqa: PLC0415
        from crawler.fetch.options import CrawlError  # noqa: PLC0415

        try:
            with _own_signals(), console.line() as line:
                report = crawl(
                    self.options,
                    listener=tell_event,
                    index_progress=lambda done: line(f"looking through the archive: {done:,} records"),
                    watch=lambda run: line(tell_progress(run)),
                )
        except (ArchiveError, CrawlError) as error:
            raise _Failed(str(error)) from error
        count = report.counters.get
        console.note(
            f"{report.source}: {MEANINGS[report.reason]}: {count('requests', 0):,} requests, "
            f"{count('pages_parsed', 0):,} pages read, {count('unchanged', 0):,} unchanged"
        )
        if not report.all_is_well and report.reason != "interrupted":
            console.complain(report.reason_text or f"{len(report.gave_up):,} pages could not be had")
        return report

    def _tell(self, facts: dict[str, object]) -> News:
        """Tell what was not told yet, and then remember that it was."""
        from dataset.telling.told import RUN  # noqa: PLC0415

        with _dataset(self.options.data) as con:
            news = self.memory.news(RUN, con)
            self.result["changes"] = [plain(each) for each in news.changes]
            self.result["retracted"] = [asdict(each) for each in news.retracted]
            if not self.json:
                _say(news)
            facts |= {"finished_at": _now(), "changes": len(news.changes), "retracted": len(news.retracted)}
            self.memory.note(RUN, news, str(facts["finished_at"]), con, since=self.started_at)
        return news


def _say(news: News) -> None:
    """Print what is new."""
    if news.noted:
        console.note(
            f"{len(news.noted):,} changes are shown by older captures, which are read otherwise than last time; they "
            "are not told here (verdictlog changes shows them)"
        )
    listings = len({each.listing_id for each in news.changes})
    if not news:
        console.say("nothing new")
        return
    if news.changes:
        console.say(f"{len(news.changes):,} changes of {listings:,} listings")
        console.say("")
        for line in change_lines(news.changes):
            console.say(line)
    tell_retracted(news.retracted)


def _now() -> str:
    from dataset.readings.times import utc_text  # noqa: PLC0415

    return utc_text(utc_now())


def _build(data: Path) -> BuildReport:
    from crawler.archive import ArchiveError  # noqa: PLC0415
    from dataset.building.build import BuildError, build  # noqa: PLC0415

    try:
        with console.bar("building") as bar:
            return build(data, progress=console.stages(bar))
    except (BuildError, ArchiveError) as error:
        raise _Failed(str(error)) from error


@contextmanager
def _dataset(data: Path) -> Iterator[Any]:
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415

    try:
        with opened(data) as con:
            yield con
    except DatasetError as error:
        raise _Failed(str(error)) from error


@contextmanager
def _own_signals() -> Iterator[None]:
    """Give signals back their meaning after a crawl, which takes them for itself."""
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
