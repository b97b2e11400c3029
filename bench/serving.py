"""How long the pages of the published site take, beside a bare row page of Datasette under the same load.

The real server, ``verdictlog serve`` in a process of its own, answers eight clients at once. All eight ask for pages of
one kind, as often as the next kind's turn comes; so each kind bears its own weight, which a mix would share out among
all. They say nothing of what they have already, so that each page is made anew. What takes long to make and is the same
for everybody, the server keeps in memory: one request before the first turn fills that.

Beside each page stands its SQL: the statements that it runs, taken down once, and run alone by `sqlite3`.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

from bench.results import Group, Line, Tell, quiet
from bench.serving_data import CRITICS, Sizes, made, make
from bench.serving_paths import REFERENCE, Paths, paths_of
from dataset.place import DATABASE, dataset_path
from dataset.serving.serve import SETTINGS, make_app

CLIENTS = 8
TIMEOUT = 120
"""Seconds."""

ROUNDS = 4
MOST_ASKED = 5
"""Pages that each client asks for in a turn, where the dataset is not a small one for tests."""

SMALL = 1_000
"""Tools: with fewer, two short rounds do."""

GOAL = 6.0


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address (host and port) of a server on the data folder, which ends with the block."""
    command = [sys.executable, "-m", "verdictlog", "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if " at http://" not in line:
                raise RuntimeError(f"the server did not start: {line}")
            yield urlsplit(line.split(" at ")[1].split()[0]).netloc
        finally:
            process.terminate()


def forget(path: Path) -> None:
    """Have the system forget what it keeps in memory of the file at `path`, where it can be told to."""
    if not hasattr(os, "posix_fadvise"):
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _ask(connection: http.client.HTTPConnection, path: str) -> float:
    """Seconds until the whole answer is there. Raises RuntimeError at any but 200: all pages are there to be seen."""
    start = perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answers {answer.status}: {body[:200]!r}")
    return perf_counter() - start


def first_views(address: str, kinds: Paths) -> dict[str, float]:
    """The seconds in which a server that has answered nobody yet shows one page of each kind, one after the other."""
    with closing(http.client.HTTPConnection(address, timeout=TIMEOUT)) as connection:
        return {kind: _ask(connection, paths[-1]) for kind, paths in kinds.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """The seconds of each request for pages of a kind, and for those of the reference right before."""

    own: list[float]
    reference: list[float]

    @property
    def ratio(self) -> float:
        """How many times as long as the reference the pages take, by 95th percentiles."""
        return percentile(self.own) / percentile(self.reference)


def measured(address: str, kinds: Paths, asked: int, rounds: int, tell: Tell) -> dict[str, Asked]:
    """The seconds of each request, by kind. In each round every kind has a turn, and before it the reference."""
    seconds = {kind: Asked([], []) for kind in kinds}
    connections = [http.client.HTTPConnection(address, timeout=TIMEOUT) for _ in range(CLIENTS)]

    def turn(client: int, paths: Sequence[str], first: int) -> list[float]:
        connections[client].close()  # the server ends one that was idle for long; the next request opens it again
        chosen = (paths[(first + client * asked + n) % len(paths)] for n in range(asked))
        return [_ask(connections[client], path) for path in chosen]

    def turns(paths: Sequence[str], number: int) -> list[float]:
        first = number * CLIENTS * asked
        found = pool.map(lambda client: turn(client, paths, first), range(CLIENTS))
        return [each for part in found for each in part]

    with ExitStack() as stack:
        for connection in connections:
            stack.callback(connection.close)
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        for paths in kinds.values():
            for path in paths[: len(CRITICS)]:
                _ask(connections[0], path)
        for number in range(rounds):
            for place, (kind, paths) in enumerate(kinds.items()):
                tell("asking for pages", number * len(kinds) + place, rounds * len(kinds))
                seconds[kind].reference.extend(turns(kinds[REFERENCE], number))
                seconds[kind].own.extend(turns(paths, number))
    return seconds


class _Watch:
    """A plugin of Datasette that takes down the SQL which reaches the dataset."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def take(self, sql: str) -> None:
        """Keep a statement; those that full-text indexes run inside come as comments."""
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            self.statements.append(sql)


def statements_of(data: Path, kinds: Paths) -> dict[str, list[list[str]]]:
    """The SQL of the first two pages of each kind, with its values in it."""
    from datasette import hookimpl  # type: ignore[import-untyped]  # noqa: PLC0415
    from datasette.plugins import pm  # type: ignore[import-untyped]  # noqa: PLC0415

    watch = _Watch()

    class Plugin:
        @staticmethod
        @hookimpl  # type: ignore[untyped-decorator]
        def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
            if database == DATABASE:  # not Datasette's own
                conn.set_trace_callback(watch.take)

    async def run() -> dict[str, list[list[str]]]:
        app: Any = make_app(data)
        await app.invoke_startup()
        found: dict[str, list[list[str]]] = defaultdict(list)
        for kind, paths in kinds.items():
            for path in paths[:2]:
                watch.statements = []
                answer = await app.client.get(path)
                answer.raise_for_status()
                found[kind].append(watch.statements)
        return found

    pm.register(Plugin, name="verdictlog-bench")
    try:
        return asyncio.run(run())
    finally:
        pm.unregister(Plugin)


def bare_seconds(database: Path, statements: Sequence[str]) -> float:
    """The least CPU seconds in which the statements give their rows, of three times."""
    with closing(sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True)) as con:
        least = float("inf")
        for _ in range(3):
            start = process_time()
            for sql in statements:
                con.execute(sql).fetchmany(SETTINGS["max_returned_rows"] + 1)
            least = min(least, process_time() - start)
        return least


def percentile(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[-1]


def run(data: Path, sizes: Sizes, tell: Tell) -> Group:
    """Measure the pages of the dataset that `serving_data.make` made in the folder `data`."""
    kinds = paths_of(sizes.tools)
    asked, rounds = (1, 2) if sizes.tools < SMALL else (MOST_ASKED, ROUNDS)
    tell("asking a cold server", 0, None)
    forget(dataset_path(data))
    with served(data) as address:
        firsts = first_views(address, kinds)
        seconds = measured(address, kinds, asked, rounds, tell)
    tell("running the SQL of pages", 0, None)
    sql = {
        kind: max(bare_seconds(dataset_path(data), each) for each in pages)
        for kind, pages in statements_of(data, kinds).items()
    }
    lines = []
    for kind, each in seconds.items():
        goal, ratio = (None, 1.0) if kind == REFERENCE else (GOAL, each.ratio)
        slow = percentile(each.own)
        lines.append(Line(kind, ratio, REFERENCE, slow * 1e3, "ms", goal))
        lines.append(Line(f"{kind}: its SQL alone", sql[kind] / slow, kind, sql[kind] * 1e3, "ms"))
    last = max(firsts, key=lambda kind: firsts[kind])
    lines.append(Line(f"slowest first view, cold: {last}", None, "", firsts[last] * 1e3, "ms"))
    about = (
        f"95th percentiles with {CLIENTS} clients at once; {sizes.tools:,} tools, {sizes.reviews:,} reviews, "
        f"{sizes.versions:,} versions of them, {sizes.bytes / 1e6:,.0f} MB"
    )
    return Group("serving", "the published site", about, tuple(lines))


def bench_serving(tools: int, tell: Tell = quiet, data: Path | None = None) -> Group:
    """The pages of a site of so many tools.

    It is made in a folder of its own in `data`, where it stays and is used again, or else in one that is removed
    afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        folder = (data or Path(name)) / f"serving-{tools}"
        folder.mkdir(parents=True, exist_ok=True)
        sizes = made(dataset_path(folder), tools)
        if sizes is None:
            tell("making a dataset", 0, None)
            sizes = make(dataset_path(folder), tools)
        return run(folder, sizes, tell)
