"""From pages to a dataset: the import, the build and the share of each of its stages.

The pages are whole ones of made tools. As on a real site, each tool stands on some fifty pages, with the same card,
and a few tools change in the middle of the month in which their pages were captured.

Beside the build stand two things that any build must do: reading the pages (by one core, nothing else), and putting
as many rows of the same values into SQLite (no keys, no indexes, no search, nothing checked). Their sum, with the
pages read by all cores, is the least that the build could take; its ratio is to that.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.pages import CONTENT_TYPE, MadePage, made_page
from bench.reading import read
from bench.results import Group, Line, Tell, quiet
from bench.texts import MadeTool, made_tool
from crawler.archive import ARCHIVE, Archive
from crawler.imports import ImportEvent, import_paths
from dataset.building.build import BuildReport, build
from dataset.readings.parsing import usable_cores
from dataset.schema.tables import TABLES

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 30
PAGES_A_TOOL = 50
MOST_READ_ALONE = 500


def tools_for(pages: int) -> int:
    """How many tools so many pages compare."""
    enough = next(n for n in range(2, pages + 3) if n * (n - 1) // 2 >= pages)
    return max(enough, 2 * pages // PAGES_A_TOOL)


def _changed(tool: MadeTool, number: int) -> MadeTool:
    """Tool `number` later in the month: one in ten has other votes, one in twenty another price."""
    if number % 10 == 0:
        tool = replace(tool, community=(number, number + 40))
    return replace(tool, pricing=f"{tool.pricing} (was free)") if number % 20 == 0 else tool


def made_captures(pages: int) -> Iterator[tuple[datetime, MadePage]]:
    """So many pages with the times of their captures: the same each time."""
    rng = random.Random(7)
    count = tools_for(pages)
    early = [made_tool(number) for number in range(count)]
    late = [_changed(tool, number) for number, tool in enumerate(early)]
    pairs = [(one, two) for one in range(count) for two in range(one)]
    for number, (one, two) in enumerate(rng.sample(pairs, pages)):
        at = START + timedelta(days=DAYS) * number / pages
        tools = early if number < pages // 2 else late
        yield at.replace(microsecond=0), made_page(tools[one], tools[two])


def write_captures(folder: Path, pages: int, tell: Tell = quiet) -> int:
    """Write so many pages and their manifest into `folder`; says how many bytes of pages that is."""
    size = 0
    with (folder / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for number, (at, page) in enumerate(made_captures(pages), start=1):
            name = f"{number:06}.html"
            (folder / name).write_bytes(page.body)
            entry = {"file": name, "url": page.url, "captured_at": at.isoformat(), "content_type": CONTENT_TYPE}
            manifest.write(json.dumps(entry) + "\n")
            size += len(page.body)
            tell("making pages", number, pages)
    return size


def import_made(folder: Path, data: Path, tell: Tell) -> float:
    """Import the pages in `folder` into the archive in `data`; says how many seconds it took."""

    def progress(event: ImportEvent) -> None:
        tell("importing", event.inputs_done, event.inputs)

    start = perf_counter()
    report = import_paths(
        Archive(data / ARCHIVE),
        [folder / "manifest.jsonl"],
        captured_at=None,
        url=None,
        clock=lambda: START + timedelta(days=2 * DAYS),
        progress=progress,
    )
    if report.failures:
        raise RuntimeError(f"made pages could not be imported: {report.failures[0].message}")
    return perf_counter() - start


def _build(data: Path, pages: int, tell: Tell) -> tuple[float, BuildReport]:
    done: dict[str, int] = {}

    def progress(stage: str, more: int) -> None:
        done[stage] = done.get(stage, 0) + more
        tell(f"building: {stage}", done[stage], pages if stage == "read" else None)

    start = perf_counter()
    report = build(data, progress=progress)
    seconds = perf_counter() - start
    if report.statuses != {"ok": pages}:
        raise RuntimeError(f"{pages:,} made pages were read as {report.statuses}")
    return seconds, report


def _read_alone(pages: int) -> float:
    """Seconds that one core needs to read a page, from some of those that were built from."""
    some = [page for _, page in islice(made_captures(pages), min(pages, MOST_READ_ALONE))]
    start = process_time()
    for page in some:
        read(page)
    return (process_time() - start) / len(some)


def _insert_alone(database: Path, target: Path, tell: Tell) -> tuple[float, int]:
    """Seconds to put all rows of `database` into bare tables in `target`, and how many rows that are."""
    tell("inserting rows", 0, None)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(database)) as con:
        for table in TABLES:
            rows[table.name] = con.execute(f'SELECT * FROM "{table.name}"').fetchall()
    with closing(sqlite3.connect(target, isolation_level=None)) as con:
        start = perf_counter()
        con.execute("BEGIN")
        for name, found in rows.items():
            if found:
                width = len(found[0])
                con.execute(f'CREATE TABLE "{name}" ({", ".join(f"c{n}" for n in range(width))})')
                con.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * width)})', found)
        con.execute("COMMIT")
        return perf_counter() - start, sum(map(len, rows.values()))


def bench_spine(pages: int, tell: Tell = quiet) -> Group:
    """Import and build so many pages in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        folder, data = Path(name) / "pages", Path(name) / "data"
        folder.mkdir()
        size = write_captures(folder, pages, tell)
        import_seconds = import_made(folder, data, tell)
        build_seconds, report = _build(data, pages, tell)
        tell("reading pages by one core", 0, None)
        read_seconds = _read_alone(pages)
        insert_seconds, rows = _insert_alone(report.database, Path(name) / "bare.db", tell)
    least = read_seconds * pages / usable_cores() + insert_seconds
    stages = tuple(
        Line(f"of it: {stage}", seconds / build_seconds, "build", seconds, "s")
        for stage, seconds in report.seconds.items()
    )
    lines = (
        Line("build", build_seconds / least, "least possible", pages / build_seconds, "pages/s"),
        *stages,
        Line("reading, one core", read_seconds * pages / build_seconds, "build", 1 / read_seconds, "pages/s"),
        Line("bare insert of rows", insert_seconds / build_seconds, "build", rows / insert_seconds, "rows/s"),
        Line("import", import_seconds / build_seconds, "build", pages / import_seconds, "pages/s"),
        Line("import, in bytes", None, "", size / 1e6 / import_seconds, "MB/s"),
    )
    about = f"{pages:,} pages of {tools_for(pages):,} tools, {size / 1e6:,.0f} MB, {rows:,} rows"
    return Group("spine", "archive to dataset", about, lines)
