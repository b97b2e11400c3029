"""Crawling beside a stock Scrapy that only downloads: how many pages a second, and how much CPU for a page.

The sample site is served on loopback by a process of its own and has made each page before, so that it waits for
nobody. Each turn is a process of its own too, and all contestants take turns:

- a stock Scrapy project that asks for the same pages and throws them away (no delay, robots.txt obeyed, quiet logs);
- our crawl, which finds them by itself, archives request and answer, reads each page and yields its item;
- the same crawl once more, when the site says of every page that it has not changed.

``python -m bench.crawl download URL FILE``, ``… crawl URL FOLDER`` and ``… queue URL FOLDER`` are these processes;
they print what they found as JSON.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from bench.apart import ROOT
from bench.results import Group, Line, Tell, quiet
from tests.serving import SampleSite, sample_site

AT_ONCE = 8
TURNS = 5
ITEMS = "items.jsonl"
STOCK, FULL, FEED, AGAIN = "stock download", "full crawl", "full crawl, items kept", "every page a 304"
GOALS = {FULL: 1.0, AGAIN: 3.0}

Facts = dict[str, Any]


def tools_with(pairs: int) -> int:
    """How many tools have so many pairs."""
    return next(n for n in range(2, pairs + 3) if n * (n - 1) // 2 >= pairs)


def _measured(work: Callable[[], int]) -> Facts:
    """Wall time, CPU time and peak memory of `work`, which says how many pages it asked for."""
    start, cpu = perf_counter(), process_time()
    pages = work()
    seconds, cpu = perf_counter() - start, process_time() - cpu
    return {"pages": pages, "pages_per_second": pages / seconds, "cpu": cpu / pages, "rss": _peak()}


def _peak() -> int:
    """The peak of this process's resident memory, in bytes."""
    # What the system counts for a child (ru_maxrss) begins with the peak of the process that started it.
    with contextlib.suppress(OSError):
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def download(urls: list[str]) -> Facts:
    """Download `urls` with a stock Scrapy."""
    from scrapy import Spider  # noqa: PLC0415
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415
    from scrapy.http import Response  # noqa: PLC0415

    answered: list[int] = []

    class Plain(Spider):
        name = "plain"
        start_urls = urls

        def parse(self, response: Response) -> None:
            answered.append(response.status)

    settings = {**_at_once(), "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": True, "LOG_LEVEL": "WARNING"}

    def work() -> int:
        process = AsyncCrawlerProcess(settings)
        process.crawl(Plain)
        process.start()
        if len(answered) != len(urls):
            raise RuntimeError(f"{len(answered):,} of {len(urls):,} pages were answered")
        return len(answered)

    return _measured(work)


def crawl_all(url: str, data: Path, *, feed: bool = False, budget: int | None = None) -> Facts:
    """Crawl the site at `url` into `data`."""
    from crawler.fetch.crawl import crawl  # noqa: PLC0415
    from crawler.fetch.options import CrawlOptions  # noqa: PLC0415

    settings: Facts = {**_at_once(), **({"FEEDS": {str(data / ITEMS): {"format": "jsonlines"}}} if feed else {})}
    facts: Facts = {}

    def work() -> int:
        report = crawl(CrawlOptions((url,), data, delay=0.0, budget=budget), settings=settings)
        if not report.all_is_well or report.counters.get("pages_failed"):
            raise RuntimeError(f"the crawl ended: {report.reason}, {report.reason_text}; {report.counters}")
        facts.update(counters=report.counters, waiting=len(report.waiting))
        return report.counters["requests"] - 1  # robots.txt is no page

    return {**_measured(work), **facts}


def _at_once() -> Facts:
    return {"CONCURRENT_REQUESTS": AT_ONCE, "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE}


def _process(*words: object) -> Facts:
    """What such a process of its own finds."""
    command = [sys.executable, "-m", "bench.crawl", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[2:4])} failed: {done.stderr[-2000:]}")
    found: Facts = json.loads(done.stdout)
    return found


def _turn(site: SampleSite, folder: Path, urls: Path) -> dict[str, Facts]:
    """One turn of each contestant."""
    data = folder / "data"
    found: dict[str, Facts] = {STOCK: _process("download", site.url, urls)}
    for name, kind in ((FEED, "feed"), (FULL, "crawl")):
        shutil.rmtree(data, ignore_errors=True)
        found[name] = _process(kind, site.url, data)
    found[AGAIN] = _process("crawl", site.url, data)
    if found[AGAIN]["counters"].get("responses_200", 0) > 0:
        raise RuntimeError(f"not every page was unchanged: {found[AGAIN]['counters']}")
    return found


def _speed(folder: Path, pairs: int, turns: int, tell: Tell) -> tuple[int, dict[str, list[Facts]]]:
    """What the contestants took in so many turns, and how many pages each asked for."""
    found: dict[str, list[Facts]] = {}
    with sample_site(tools=tools_with(pairs)) as site:
        tell("crawl", 0, turns)
        pages = _process("crawl", site.url, folder / "data")["pages"]
        paths = [each["path"] for each in site.log() if each["path"] != "/robots.txt"]
        urls = folder / "urls"
        urls.write_text("\n".join(site.url + path.removeprefix("/") for path in paths), "utf-8")
        for number in range(turns):
            site.clear_log()
            for name, facts in _turn(site, folder, urls).items():
                found.setdefault(name, []).append(facts)
            tell("crawl", number + 1, turns)
    return pages, found


def _queued(folder: Path, pairs: int, tell: Tell) -> Facts:
    """A crawl that has read the sitemaps of so many comparisons, and ends soon after."""
    tell("crawl: a long queue", 0, None)
    with sample_site(tools=tools_with(pairs)) as site:
        return _process("queue", site.url, folder / f"queue-{pairs}")


def bench_crawl(pages: int, tell: Tell = quiet) -> Group:
    """Crawl a site of about a fifth of `pages`, some turns; and read the sitemaps of one of ten times as many."""
    turns = min(TURNS, max(1, pages // 1000))
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        asked, found = _speed(Path(name), max(3, pages // 6), turns, tell)
        few, many = (_queued(Path(name), max(3, pairs), tell) for pairs in (pages // 10, pages * 10))
    speed = {name: median(each["pages_per_second"] for each in turn) for name, turn in found.items()}
    cpu = {name: median(each["cpu"] for each in turn) for name, turn in found.items()}
    names = (STOCK, FULL, FEED, AGAIN)
    lines = [
        Line(name, speed[name] / speed[STOCK], STOCK, speed[name], "pages/s", GOALS.get(name), at_least=True)
        for name in names
    ]
    lines += [Line(f"CPU, {name}", cpu[name] / cpu[STOCK], f"CPU, {STOCK}", cpu[name] * 1e3, "ms") for name in names]
    short, long = (f"memory, {facts['waiting']:,} urls queued" for facts in (few, many))
    lines += [
        Line(short, None, "", few["rss"] / 1e6, "MB"),
        Line(long, many["rss"] / few["rss"], short, many["rss"] / 1e6, "MB"),
    ]
    about = f"{asked:,} pages a turn, {turns} turns, {AT_ONCE} requests at a time"
    return Group("crawl", "crawl", about, tuple(lines))


QUEUE_BUDGET = 40
"""Requests enough for all sitemaps and some pages."""


def main(what: str, url: str, place: Path) -> Facts:
    """Be one of the processes."""
    match what:
        case "download":
            return download(place.read_text("utf-8").split())
        case "queue":
            return crawl_all(url, place, budget=QUEUE_BUDGET)
        case _:
            return crawl_all(url, place, feed=what == "feed")


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
