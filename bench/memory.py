"""Whether memory stays flat: the resident memory of a process of its own that reads page after page.

Every page is of two tools that came before on no other, so that whatever keeps texts, keeps all of them.
``python -m bench.memory PARSES`` is that process; it prints how far it is and what it holds, as lines of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil

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
            print(json.dumps({"done": number, "rss": process.memory_info().rss}), flush=True)


def bench_memory(parses: int, tell: Tell = quiet) -> Group:
    """Resident memory after a tenth of the parses, and after all."""
    title = "memory"
    first = max(1, parses // 10)
    command = [sys.executable, "-m", "bench.memory", str(parses), str(first)]
    root = Path(__file__).parent.parent
    rss: dict[int, int] = {}
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found = json.loads(line)
            rss[found["done"]] = found["rss"]
            tell(title, found["done"], parses)
    if process.returncode:
        raise RuntimeError("the process that reads pages died; its words stand above")
    before, after = rss[first], rss[parses]
    lines = (
        Line(f"after {first:,} pages", None, "", before / 1e6, "MB"),
        Line(f"after {parses:,} pages", after / before, f"after {first:,} pages", after / 1e6, "MB", GOAL),
        Line("growth", None, "", (after - before) / 1e6, "MB"),
    )
    return Group("memory", title, "resident in one process, no page twice", lines)


if __name__ == "__main__":
    parse_on(int(sys.argv[1]), int(sys.argv[2]))
