"""From parsed records to a dataset with a long history, and what it costs to add a little to a big one.

``python -m bench.history CAPTURES CRAWLS ADDED`` is one such making, in a process of its own so that its peak memory is
its own; it prints lines of JSON. Beside it stands the least that any tool must do: the same rows, put into the same
tables (keys, checks and indexes too) by plain ``executemany``. Neither makes the search index.

Then a few captures are added by real builds, from a real archive. The first build copies the dataset, the second has a
spare and takes what the first one did in once more; from then on it is always the same, so the third is measured.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
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
from dataset.place import dataset_path
from dataset.schema import ddl
from dataset.schema.tables import TABLES
from tests.dataset.captures import read_json

MOST_CRAWLS = 50
TIMES_SMALLER = 20
GOAL, ADDING_GOAL = 4, 2
PARSER = "bench"


def clock() -> datetime:
    """When the builds of this benchmark run."""
    return datetime(2027, 1, 1, tzinfo=UTC)


def _made(captures: int, crawls: int) -> Iterator[Any]:
    return parsed(pages(captures // crawls, crawls), "made.warc.gz")


def make(data: Path, captures: int, crawls: int, tell: Tell) -> dict[str, Any]:
    """Make the dataset of so many captures in the folder `data`; gives CPU seconds, by what they went into."""
    (data / ARCHIVE).mkdir(parents=True)
    start = process_time()
    for _ in _made(captures, crawls):
        pass
    making = process_time() - start
    start = process_time()
    for _ in observed(_made(captures, crawls)):
        pass
    observing = process_time() - start - making
    report = BuildReport(dataset_path(data))
    done = {"read": 0, "fold": 0}

    def progress(stage: str, more: int) -> None:
        done[stage] = done.get(stage, 0) + more
        tell(f"{captures:,} captures: {stage}", done[stage], captures if stage == "read" else None)

    archive = Archive(data / ARCHIVE)
    basis = Basis(
        present_versions(PARSER),
        is_new=True,
        published=data / "none",
        read_before={},
        archive=archive,
        files=set(),
        clock=clock,
    )
    with closing(sqlite3.connect(dataset_path(data), isolation_level=None)) as con:
        start = process_time()
        derive(con, observed(_made(captures, crawls)), basis, report, progress)
        deriving = process_time() - start - making
        [[reviews]] = con.execute(
            "SELECT sum(json_array_length(r.body, '$[1]')) FROM listing_captures lc "
            "JOIN readings r ON r.reading_id = lc.reading_id"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "observing": observing,
        "deriving": deriving - report.seconds["search"],
        "stages": report.seconds,
        "reviews": reviews,
        "memory": memory,
    }


def insert(database: Path, target: Path) -> tuple[float, int]:
    """CPU seconds to put all rows of `database` into the same tables in `target`, and how many rows that are."""
    total = 0
    with closing(sqlite3.connect(database)) as con, closing(sqlite3.connect(target, isolation_level=None)) as new:
        for pragma in PRAGMAS:
            new.execute(f"PRAGMA {pragma}")
        start = process_time()
        new.execute("BEGIN")
        for statement in ddl.schema_statements():
            new.execute(statement)
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


def add(data: Path, captures: int, crawls: int, added: int) -> float:
    """CPU seconds of a build that adds `added` captures of the next crawl to the dataset in `data`.

    They are comparisons, and the pages of the tools that these compare: the same, whatever the size of the dataset.
    """
    a_crawl = captures // crawls
    first_comparison = a_crawl - a_crawl // 4
    seconds = 0.0
    for crawl in range(crawls, crawls + 3):
        whole = list(parsed(pages(a_crawl, 1, first_crawl=crawl), "later.warc.gz"))
        some = [*whole[: added // 2], *whole[first_comparison : first_comparison + added // 2]]
        with ArchiveWriter(data / ARCHIVE, command="bench", source=None, clock=clock) as writer:
            for record, reading in some:
                writer.write(as_new(record, reading))
        start = process_time()
        report = build(data, clock=clock, read=read_json, parser_version=PARSER, workers=1)
        seconds = process_time() - start
        if report.captures != added or report.rebuilt_because:
            raise RuntimeError(f"{report.captures} captures were added, not {added} ({report.rebuilt_because})")
    return seconds


def run(captures: int, crawls: int, added: int, tell: Tell) -> dict[str, Any]:
    """All measures of one dataset, made in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        data = Path(name) / "data"
        found = make(data, captures, crawls, tell)
        tell(f"{captures:,} captures: inserting the same rows", 0, None)
        found["inserting"], found["rows"] = insert(dataset_path(data), Path(name) / "plain.db")
        found["bytes"] = dataset_path(data).stat().st_size
        tell(f"{captures:,} captures: adding {added}", 0, None)
        found["adding"] = add(data, captures, crawls, added)
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
    """The making of a big dataset and of two small ones, each in a process of its own.

    One small one has as many crawls as the big one, of fewer pages; the other has as many pages, and fewer crawls.
    """
    crawls = max(2, min(MOST_CRAWLS, captures // 400))
    fewer = max(8 * crawls, captures // TIMES_SMALLER)
    added = 2 * (fewer // crawls // 4)
    big = _apart(captures, crawls, added, tell)
    small = _apart(fewer, crawls, added, tell)
    short = _apart(fewer, max(1, crawls // TIMES_SMALLER), added, tell)
    plain, derived = big["inserting"], big["deriving"]
    history = derived - big["observing"]
    stages = {name: each for name, each in big["stages"].items() if name not in ("search", "prepare")}
    whole = sum(stages.values())
    lines = (
        Line("plain insert of the rows", 1.0, "plain insert", big["rows"] / plain, "rows/s"),
        Line("captures to dataset", history / plain, "plain insert", captures / history, "captures/s", GOAL),
        Line("parsed records to dataset", derived / plain, "plain insert", captures / derived, "captures/s"),
        *(Line(f"of it: {name}", each / whole, "build", each, "s") for name, each in stages.items()),
        Line(
            f"adding {added} to it",
            big["adding"] / small["adding"],
            f"to {fewer:,}, as many crawls",
            big["adding"] * 1e3,
            "ms",
            ADDING_GOAL,
        ),
        Line(
            f"adding {added} to it, deeper too",
            big["adding"] / short["adding"],
            f"to {fewer:,}, as many pages",
            big["adding"] * 1e3,
            "ms",
            ADDING_GOAL,
        ),
        Line("peak memory", big["memory"] / small["memory"], f"with {fewer:,}", big["memory"] / 1e6, "MB"),
    )
    about = (
        f"{captures:,} captures, {big['reviews']:,} review observations, {crawls} crawls, {big['bytes'] / 1e6:,.0f} MB"
    )
    return Group("history", "records to history", about, lines)


def _say(doing: str, done: int, of: int | None) -> None:
    say(doing=doing, done=done, of=of)


if __name__ == "__main__":
    say(**run(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), _say))
