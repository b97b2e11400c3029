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
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.results import Group, Line, Tell, quiet
from bench.serving_data import CATEGORIES, CRITICS, VOCABULARY, Sizes, _name, capture_id, change_id, make, slug, tool_id
from dataset.place import DATABASE, dataset_path
from dataset.queries import QUERIES
from dataset.serve import SETTINGS, make_app

CLIENTS = 8
ROUNDS = 4
MOST_ASKED = 5
"""Pages that each client asks for in a turn, where the dataset is not a small one for tests."""

SMALL = 1_000
"""Tools: with fewer, two short rounds do."""

CUT_SHORT = 503
GOAL = 6.0
REFERENCE = "bare row page"
Paths = Mapping[str, Sequence[str]]


def paths_of(tools: int) -> dict[str, list[str]]:
    """Addresses of each kind of page, of many different things where there are many."""
    rng = random.Random(3)
    some = [rng.randrange(tools - 1) for _ in range(200)]
    words = [rng.choice(VOCABULARY) for _ in some]
    kinds = {
        REFERENCE: [f"/verdictlog/changes/{change_id(n)}" for n in some],
        "row page of a listing": [f"/verdictlog/listings/{slug(n)}" for n in some],
        "home": ["/"],
        "tool": [f"/tool/{slug(n)}" for n in some],
        "compare": [f"/compare/{slug(n)}/{slug(n + 1)}" for n in some],
        "search": ["/search"],
        "search, a word": [f"/search?q={word}" for word in words],
        "search, quotes": [f"/search?q={word}&show=quotes" for word in words],
        "personas": ["/personas"],
        "persona": [f"/persona/{each}" for each in CRITICS],
        "changes": ["/changes"],
        "changes of a tool": [f"/changes?tool={slug(n)}" for n in some],
        "agreement": ["/agreement"],
        "evidence": [f"/evidence/{capture_id(n, 3)}" for n in some],
        "feed": ["/-/feeds/changes.atom"],
        "feed of a tool": [f"/-/feeds/tool/{tool_id(n)}.atom" for n in some],
        "table: problems": ["/verdictlog/problems"],
        "table: reviews": ["/verdictlog/reviews"],
    }
    typed = {
        "listing": [slug(n) for n in some],
        "tool": [slug(n) for n in some],
        "name": [_name(n).split()[0] for n in some],
        "words": words,
        "category": [f"Category {n % CATEGORIES}" for n in some],
        "persona": CRITICS,
        "kind": ("tool", "compare"),
        "severity": ("error", "warning", "info"),
        **{each: [str(n % 100) for n in some] for each in ("min_votes", "at_most", "min_reviews")},
    }
    for query in QUERIES:
        address, first = f"/verdictlog/{query.name}", query.params[0]
        kinds[f"query: {query.name}"] = [address]
        kinds[f"query: {query.name}, typed"] = [f"{address}?{urlencode({first: each})}" for each in typed[first]]
    return kinds


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


def _ask(connection: http.client.HTTPConnection, path: str) -> float:
    """Seconds until the whole answer is there, be it that it takes longer than the server allows."""
    start = perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, CUT_SHORT):
        raise RuntimeError(f"{path} answers {answer.status}: {body[:200]!r}")
    return perf_counter() - start


def measured(address: str, kinds: Paths, asked: int, rounds: int, tell: Tell) -> dict[str, list[float]]:
    """The seconds of each request, by kind. Every kind has a turn in each round."""
    seconds: dict[str, list[float]] = defaultdict(list)
    connections = [http.client.HTTPConnection(address, timeout=120) for _ in range(CLIENTS)]

    def turn(client: int, paths: Sequence[str], first: int) -> list[float]:
        connections[client].close()  # the server ends one that was idle for long; the next request opens it again
        chosen = (paths[(first + client * asked + n) % len(paths)] for n in range(asked))
        return [_ask(connections[client], path) for path in chosen]

    with ThreadPoolExecutor(CLIENTS) as pool:
        for paths in kinds.values():
            for path in paths[: len(CRITICS)]:
                _ask(connections[0], path)
        for number in range(rounds):
            for place, (kind, paths) in enumerate(kinds.items()):
                tell("asking for pages", number * len(kinds) + place, rounds * len(kinds))
                first = number * CLIENTS * asked
                for found in pool.map(lambda client: turn(client, paths, first), range(CLIENTS)):  # noqa: B023
                    seconds[kind] += found
    for connection in connections:
        connection.close()
    return seconds


class _Watch:
    """A plugin of Datasette that takes down the SQL which reaches the dataset."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def take(self, sql: str) -> None:
        """Keep a statement; those that full-text indexes run inside come as comments."""
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            self.statements.append(sql)


def statements_of(data: Path, kinds: Paths) -> dict[str, list[str]]:
    """The SQL of the first page of each kind, with its values in it."""
    from datasette import hookimpl  # type: ignore[import-untyped]  # noqa: PLC0415
    from datasette.plugins import pm  # type: ignore[import-untyped]  # noqa: PLC0415

    watch = _Watch()

    class Plugin:
        @staticmethod
        @hookimpl  # type: ignore[untyped-decorator]
        def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
            if database == DATABASE:  # not Datasette's own
                conn.set_trace_callback(watch.take)

    async def run() -> dict[str, list[str]]:
        app: Any = make_app(data)
        await app.invoke_startup()
        found = {}
        for kind, paths in kinds.items():
            watch.statements = []
            answer = await app.client.get(paths[0])
            answer.raise_for_status()
            found[kind] = watch.statements
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
    tell("taking down the SQL of pages", 0, None)
    sql = {kind: bare_seconds(dataset_path(data), each) for kind, each in statements_of(data, kinds).items()}
    with served(data) as address:
        seconds = measured(address, kinds, asked, rounds, tell)
    slow = {kind: percentile(each) for kind, each in seconds.items()}
    lines = []
    for kind, each in slow.items():
        goal = None if kind == REFERENCE else GOAL
        lines.append(Line(kind, each / slow[REFERENCE], REFERENCE, each * 1e3, "ms", goal))
        lines.append(Line(f"{kind}: its SQL alone", sql[kind] / each, kind, sql[kind] * 1e3, "ms"))
    about = (
        f"95th percentiles with {CLIENTS} clients at once; {sizes.tools:,} tools, {sizes.reviews:,} reviews, "
        f"{sizes.versions:,} versions of them, {sizes.bytes / 1e6:,.0f} MB"
    )
    return Group("serving", "the published site", about, tuple(lines))


def bench_serving(tools: int, tell: Tell = quiet) -> Group:
    """The pages of a site of so many tools, made in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="verdictlog-bench-") as name:
        data = Path(name)
        tell("making a dataset", 0, None)
        sizes = make(dataset_path(data), tools)
        return run(data, sizes, tell)
