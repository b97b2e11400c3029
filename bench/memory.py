"""Whether memory stays flat: the resident memory of a process of its own that reads page after page.

Every page is of two tools that came before on no other, so that whatever keeps texts, keeps all of them.
``python -m bench.memory PARSES`` is that process; it prints how far it is and what it holds, as lines of JSON.
"""

from __future__ import annotations

import sys

import psutil

from bench.apart import say, told_by
from bench.pages import CONTENT_TYPE, made_page
from bench.results import Group, Line, Tell, quiet
from bench.texts import made_tool
from crawler.pages import read_page

GOAL = 1.1
STEP = 500


def parse_on(parses: int, first: int) -> None:
    """Read so many pages, and tell of the memory now and then, always after `first` and at the end."""
    process = psutil.Process()
    for number in range(1, parses + 1):
        page = made_page(made_tool(2 * number), made_tool(2 * number + 1))
        reading = read_page(page.body, url=page.url, content_type=CONTENT_TYPE)
        if reading.status != "ok":
            raise AssertionError(f"a made page is not read: {page.url}")
        if number % STEP == 0 or number in (first, parses):
            say(done=number, rss=process.memory_info().rss)


def bench_memory(parses: int, tell: Tell = quiet) -> Group:
    """Resident memory after a tenth of the parses, and after all."""
    title = "memory"
    first = max(1, parses // 10)
    rss: dict[int, int] = {}
    for said in told_by("bench.memory", parses, first):
        rss[said["done"]] = said["rss"]
        tell(title, said["done"], parses)
    before, after = rss[first], rss[parses]
    lines = (
        Line(f"after {first:,} pages", None, "", before / 1e6, "MB"),
        Line(f"after {parses:,} pages", after / before, f"after {first:,} pages", after / 1e6, "MB", GOAL),
        Line("growth", None, "", (after - before) / 1e6, "MB"),
    )
    return Group("memory", title, "resident in one process, no page twice", lines)


if __name__ == "__main__":
    parse_on(int(sys.argv[1]), int(sys.argv[2]))
