"""Re-reading an archive: by all cores against one process, in turns of one run.

A turn goes through the whole archive and throws away what it gives, so no database has a part in it. The start of the
worker processes is in their time. CPU time is that of all processes together: what the sharing itself costs.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.results import Group, Line, Tell, quiet
from bench.spine import import_made, write_captures
from crawler.archive import ARCHIVE, Archive
from crawler.pages import parser_version, read_page
from dataset.readings.parsing import observe_each, usable_cores

MOST_PAGES = 3_000
TURNS = 3


class Spent(NamedTuple):
    """Seconds that one turn took: by the clock, and of CPU in all its processes."""

    clock: float
    cpu: float


def _turn(archive: Archive, pages: int, workers: int) -> Spent:
    cpu, clock = sum(os.times()[:4]), perf_counter()
    captures = (job for job in archive.scan() if job[0].kind == "resource")
    read = sum(1 for _ in observe_each(captures, read_page, parser_version(), workers=workers, pool_from=1))
    if read != pages:
        raise RuntimeError(f"of {pages:,} made pages, {read:,} were read")
    return Spent(perf_counter() - clock, sum(os.times()[:4]) - cpu)


def bench_rereading(pages: int, tell: Tell = quiet) -> Group:
    """The least that a turn takes, of several, for so many pages (3,000 at most)."""
    pages = min(pages, MOST_PAGES)
    cores = usable_cores()
    ways = {"one process": 1, f"all cores ({cores})": cores}
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        folder, data = Path(name) / "pages", Path(name) / "data"
        folder.mkdir()
        size = write_captures(folder, pages, tell)
        import_made(folder, data, tell)
        for turn in range(TURNS):
            for way, workers in ways.items():
                tell(f"re-reading by {way}", turn, TURNS)
                spent[way].append(_turn(Archive(data / ARCHIVE), pages, workers))
    clock = {way: min(each.clock for each in turns) for way, turns in spent.items()}
    cpu = {way: min(each.cpu for each in turns) for way, turns in spent.items()}
    alone = "one process"
    times = [Line(way, each / clock[alone], alone, pages / each, "pages/s") for way, each in clock.items()]
    cpus = [
        Line(f"CPU, {way}", each / cpu[alone], f"CPU, {alone}", each / pages * 1e3, "ms") for way, each in cpu.items()
    ]
    about = f"{pages:,} pages, {size / 1e6:,.0f} MB, {TURNS} turns"
    return Group("rereading", "re-reading an archive", about, (*times, *cpus))
