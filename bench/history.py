"""From the cache to a dataset with a long history, and what a build costs that finds little or nothing new.

``python -m bench.history CAPTURES CRAWLS ADDED`` is one such making, in a process of its own so that its peak memory is
its own; it prints lines of JSON. Beside it stands the least that any tool must do: the same rows, put into the same
tables (keys, checks and indexes too) by plain ``executemany``, without the search index, which the build makes too.

Then a real build adds a few captures from a real archive, and another one finds nothing new.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.apart import say, told_by
from bench.records import observed, pages, parsed
from bench.results import Group, Line, Tell, quiet
from crawler.archive import ARCHIVE, Archive, ArchiveWriter, NewRecord, StoredRecord
from crawler.items import PageReading
from dataset.building.build import build
from dataset.building.derive import PRAGMAS, Basis, derive
from dataset.building.info import present_versions
from dataset.building.report import BuildReport
from dataset.judging.judged import Judged
from dataset.place import dataset_path
from dataset.readings.cache import Cache, cache_path
from dataset.readings.observe import Observed
from dataset.readings.observe import observe as observe_record
from dataset.readings.parsing import Job
from dataset.schema import ddl
from dataset.schema.tables import TABLES
from tests.dataset.captures import read_json

MOST_CRAWLS = 50
GOAL, NOTHING_GOAL = 4, 1.0
PARSER = "bench"
MADE = "made.warc.gz"
SIZE = 1 << 34
"""The size of the archive file that was never written: it is empty but for its length."""


def clock() -> datetime:
    """When the captures of this benchmark are added."""
    return datetime(2027, 1, 1, tzinfo=UTC)


def _made(captures: int, crawls: int) -> Iterator[Any]:
    return parsed(pages(captures // crawls, crawls), MADE)


class _MadeArchive(Archive):
    """An archive of one file that was never written: what it holds is made up as it is read."""

    def files(self) -> list[str]:
        return [MADE]

    def scan(
        self, start: Mapping[str, int] | None = None, *, until: Mapping[str, int] | None = None
    ) -> Iterator[tuple[StoredRecord, bytes]]:
        return iter(())

    def end_of(self, file: str) -> int:
        return SIZE


def make(data: Path, captures: int, crawls: int, tell: Tell) -> dict[str, Any]:
    """Make the dataset of so many captures in the folder `data`; gives seconds, by what they went into."""
    (data / ARCHIVE).mkdir(parents=True)
    done: dict[str, int] = {}

    def progress(stage: str, more: int) -> None:
        done[stage] = done.get(stage, 0) + more
        tell(f"{captures:,} captures: {stage}", done[stage], captures if stage == "read" else None)

    def observe(jobs: Iterator[Job]) -> Generator[Observed, None, None]:
        for record, payload in jobs:  # there are none
            yield observe_record(record, payload, read_json, PARSER)
        yield from observed(_made(captures, crawls))

    with closing(Cache(cache_path(data), PARSER)) as cache:
        ends = cache.fill(_MadeArchive(data / ARCHIVE), observe, lambda more: progress("read", more))
    filled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = BuildReport(dataset_path(data))
    basis = Basis(cache_path(data), PARSER, ends, Judged(), present_versions(PARSER))
    start, cpu = perf_counter(), process_time()
    derive(dataset_path(data), basis, report, progress)
    found = {"deriving": process_time() - cpu, "clock": perf_counter() - start, "stages": report.seconds}
    with closing(sqlite3.connect(cache_path(data))) as con:
        [[reviews]] = con.execute(
            "SELECT sum(json_array_length(r.body, '$[1]')) FROM cards c JOIN readings r ON r.reading_id = c.reading_id"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found | {"reviews": reviews, "memory": max(memory, filled) * 1024}


def insert(database: Path, target: Path) -> tuple[float, int]:
    """CPU seconds to put all rows of `database` into the same tables in `target`, and how many rows that are."""
    total = 0
    with closing(sqlite3.connect(database)) as con, closing(sqlite3.connect(target, isolation_level=None)) as new:
        for pragma in PRAGMAS:
            new.execute(f"PRAGMA {pragma}")
        ddl.create_tables(new)
        ddl.create_rest(new)
        start = process_time()
        new.execute("BEGIN")
        seconds = process_time() - start
        for table in TABLES:
            names = ", ".join(f'"{name}"' for name in table.column_names)
            rows = con.execute(f'SELECT {names} FROM "{table.name}"').fetchall()
            total += len(rows)
            marks = ", ".join("?" * len(table.columns))
            start = process_time()
            new.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows)
            seconds += process_time() - start
        start = process_time()
        new.execute("COMMIT")
        seconds += process_time() - start
    return seconds, total


def as_new(record: StoredRecord, reading: PageReading) -> NewRecord:
    """The record that keeps `reading` as the answer that `record` tells of."""
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in record.http_headers)]
    block = "\r\n".join([*lines, "", ""]).encode() + reading.model_dump_json().encode()
    return NewRecord("response", record.url, record.captured_at, "application/http; msgtype=response", block)


def add(data: Path, captures: int, crawls: int, added: int) -> dict[str, float]:
    """Seconds of a build that adds `added` captures of the next crawl to an archive of as many captures as `data` was
    made from, and of the one after it, which finds nothing new.
    """
    a_crawl = captures // crawls
    with (data / ARCHIVE / MADE).open("wb") as made:
        made.truncate(SIZE)
    whole = list(parsed(pages(a_crawl, 1, first_crawl=crawls), "later.warc.gz"))
    with ArchiveWriter(data / ARCHIVE, command="bench", source=None, clock=clock) as writer:
        for record, reading in whole[:added]:
            writer.write(as_new(record, reading))
    seconds = []
    for expected in (added, 0):
        start = perf_counter()
        report = build(data, read=read_json, parser_version=PARSER, workers=1)
        seconds.append(perf_counter() - start)
        if report.captures != expected or report.rebuilt_because:
            raise RuntimeError(f"{report.captures} captures were added, not {expected} ({report.rebuilt_because})")
    return {"adding": seconds[0], "nothing": seconds[1]}


def run(captures: int, crawls: int, added: int, tell: Tell) -> dict[str, Any]:
    """All measures of one dataset, made in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        data = Path(name) / "data"
        found = make(data, captures, crawls, tell)
        tell(f"{captures:,} captures: inserting the same rows", 0, None)
        found["inserting"], found["rows"] = insert(dataset_path(data), Path(name) / "plain.db")
        found["bytes"] = dataset_path(data).stat().st_size
        found["cache"] = cache_path(data).stat().st_size
        tell(f"{captures:,} captures: adding {added}", 0, None)
        found |= add(data, captures, crawls, added)
    return found


def _apart(captures: int, crawls: int, added: int, tell: Tell) -> dict[str, Any]:
    """What `run` finds in a new process."""
    found: dict[str, Any] = {}
    for said in told_by("bench.history", captures, crawls, added):
        if "doing" in said:
            tell(said["doing"], said["done"], said["of"])
        else:
            found = said
    return found


def bench_history(captures: int, tell: Tell = quiet) -> Group:
    """The making of a dataset of so many captures, in a process of its own."""
    crawls = max(2, min(MOST_CRAWLS, captures // 400))
    added = min(100, captures // crawls)
    big = _apart(captures, crawls, added, tell)
    plain, derived = big["inserting"], big["deriving"]
    whole = sum(big["stages"].values())
    lines = (
        Line("plain insert of the rows", 1.0, "plain insert", big["rows"] / plain, "rows/s"),
        Line("cache to dataset", derived / plain, "plain insert", captures / derived, "captures/s", GOAL),
        *(Line(f"of it: {name}", each / whole, "derivation", each, "s") for name, each in big["stages"].items()),
        Line(f"a build that adds {added}", big["adding"] / big["clock"], "derivation", big["adding"], "s"),
        Line("a build with nothing new", big["nothing"], "one second", big["nothing"] * 1e3, "ms", NOTHING_GOAL),
        Line("peak memory", big["memory"] / 1e9, "1 GB", big["memory"] / 1e6, "MB", 1.0),
    )
    about = (
        f"{captures:,} captures, {big['reviews']:,} review observations, {crawls} crawls, "
        f"{big['bytes'] / 1e6:,.0f} MB, cache {big['cache'] / 1e6:,.0f} MB"
    )
    return Group("history", "cache to history", about, lines)


def _say(doing: str, done: int, of: int | None) -> None:
    say(doing=doing, done=done, of=of)


if __name__ == "__main__":
    say(**run(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), _say))
