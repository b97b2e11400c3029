"""The dataset file behind a running server: new builds become visible, no reader sees half of one.

A build replaces ``verdictlog.db`` by another file (``os.replace``). `LiveDatabase` is the Datasette database
that follows: at each request it looks whether the path names another file, and if so opens that one as a
`Snapshot`. It promises three things:

- a request sees one snapshot from its first query to its last byte, also when a build lands in the middle;
- a request that begins after a replacement sees the new file (a file that can't be used is refused, with one
  message, and the last good one stays);
- a snapshot that nobody reads any more is closed: connections and file descriptors stay bounded.

People's own SQL has threads and connections of its own (`dataset.serving.limits`): however long it takes, pages go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

from datasette.database import AttachedDatabase, Database, QueryInterrupted  # type: ignore[import-untyped]
from datasette.plugins import pm  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from dataset.asking.sources import sources_of
from dataset.serving.answers import Answers
from dataset.serving.paging import in_whole_order
from dataset.serving.snapshot import FileIdentity, Snapshot, SnapshotError, content_tag

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

SPARE = 6
"""Connections of a snapshot that are lent to what reads for long, such as whole exports."""

OWN_SQL_THREADS = 2
OWN_SQL_WAITING = 8
"""So many queries of people's own wait or run; who comes then is asked to come back."""

BUSY = "Too many people run SQL of their own just now. Try again in a moment, or download the database and ask there."
NO_MEMORY = "the query needs more memory than the server gives"


class _Hold(NamedTuple):
    """What a request holds: its snapshot, the task in which it began, and whether it brings SQL of its own."""

    snapshot: Snapshot
    task: asyncio.Task[Any] | None
    own_sql: bool


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class LiveDatabase(Database):  # type: ignore[misc]  # Datasette has no type hints
    """A Datasette database that follows the file behind its path; see the module's promise."""

    def __init__(
        self,
        ds: Datasette,
        path: Path,
        *,
        check: Callable[[sqlite3.Connection], None] = lambda _: None,
        warn: Callable[[str], None] = _complain,
    ) -> None:
        """Open `path` for `ds`; raises SnapshotError.

        `check` sees the first connection to each new file, and refuses it by raising SnapshotError; `warn`
        is told when a file that came later is refused.
        """
        super().__init__(ds, path=path.name, is_mutable=False)  # Datasette tells everybody this path
        self.name = self.suggest_name()
        self.file = path
        self._check = check
        self._warn = warn
        self._held: ContextVar[_Hold | None] = ContextVar("held", default=None)
        # A list, as the tasks of one request have copies of its context: all share what is in it.
        self._cut_short: ContextVar[list[str] | None] = ContextVar("cut_short", default=None)
        self._took: ContextVar[list[float] | None] = ContextVar("took", default=None)
        self._refused: FileIdentity | None = None
        self._refreshing = asyncio.Lock()
        self._own_sql = ThreadPoolExecutor(OWN_SQL_THREADS)
        self._own_sql_places = threading.Semaphore(OWN_SQL_WAITING)
        self._current = self._open()

    def _open(self) -> Snapshot:
        snapshot = Snapshot(
            self.file,
            max(1, self.ds.setting("num_sql_threads")),
            self._prepare,
            own=OWN_SQL_THREADS,
            spare=SPARE,
        )
        try:
            snapshot.run(self._check)
            snapshot.sources = snapshot.run(sources_of)
            snapshot.content_tag = snapshot.run(lambda connection: content_tag(connection, snapshot.identity))
        except sqlite3.Error as error:
            snapshot.retire()
            raise SnapshotError(f"{self.file}: can't be served ({error}); `verdictlog build` makes it anew.") from error
        except SnapshotError as error:
            snapshot.retire()
            raise SnapshotError(f"{self.file}: {error}") from error
        return snapshot

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """As Datasette prepares its connections: rows by name, torn text readable, then whatever plugins add."""
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda text: str(text, "utf-8", "replace")
        pm.hook.prepare_connection(conn=connection, database=self.name, datasette=self.ds)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the present request, or the newest one."""
        held = self._held.get()
        return self._current if held is None else held.snapshot

    @contextlib.asynccontextmanager
    async def request(self, *, own_sql: bool = False) -> AsyncIterator[Snapshot]:
        """Hold one snapshot for all that happens inside: the newest, or the one that this task holds already.

        With `own_sql`, all of its queries run where people's own SQL runs.

        What another task holds does not count: on a connection that stays open, the server starts the task of a request
        in the context of the one before, which may be over.
        """
        held, task = self._held.get(), asyncio.current_task()
        if held is not None and held.task is task:
            yield held.snapshot
            return
        await self.refresh()
        snapshot = self._current
        snapshot.acquire()
        token, other = self._held.set(_Hold(snapshot, task, own_sql)), self._cut_short.set([])
        try:
            yield snapshot
        finally:
            self._held.reset(token)
            self._cut_short.reset(other)
            snapshot.release()

    def _there_is_news(self) -> bool:
        try:
            identity = FileIdentity.of(self.file)
        except OSError:
            return False  # the path is empty for now: the last good file stays
        return identity not in (self._current.identity, self._refused)

    async def refresh(self) -> None:
        """Open the file that the path names now, if it is another one that can be served."""
        if not self._there_is_news():
            return
        async with self._refreshing:
            if not self._there_is_news():
                return
            identity = None
            try:
                identity = FileIdentity.of(self.file)
                snapshot = await asyncio.to_thread(self._open)
            except (OSError, SnapshotError) as error:
                self._refused = identity
                self._warn(f"{error} The last good dataset stays in service.")
                return
            former, self._current = self._current, snapshot
            former.retire()

    @property
    def was_cut_short(self) -> bool:
        """Whether a time limit ended a query of the present request, so that its answer may lack something."""
        return bool(self._cut_short.get())

    async def execute(
        self, sql: str, params: Any = None, truncate: bool = False, page_size: int | None = None, **options: Any
    ) -> Any:
        """As Datasette's own; what took long and is asked again is not worked out again.

        It remembers where a time limit ends it, which Datasette leaves out of many pages.
        """
        sql = in_whole_order(sql)
        options.setdefault("log_sql_errors", False)  # they are mistakes of visitors, who see what is wrong
        answers = self.snapshot.answers
        question = Answers.question(sql, params, truncate=truncate, page_size=page_size)
        known = answers.known(question)
        if known is not None:
            return known
        took: list[float] = []
        token = self._took.set(took)
        try:
            answer = await super().execute(sql, params, truncate=truncate, page_size=page_size, **options)
        except QueryInterrupted:
            told = self._cut_short.get()
            if told is not None:
                told.append(sql)
            raise
        except MemoryError as error:
            raise sqlite3.OperationalError(NO_MEMORY) from error
        finally:
            self._took.reset(token)
        answers.add(question, answer, sum(took))
        return answer

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """`fn(connection)` on the present snapshot, in one of Datasette's threads, or of those for people's own SQL."""
        held, snapshot, took = self._held.get(), self.snapshot, self._took.get()
        own_sql = held is not None and held.own_sql

        def timed(connection: sqlite3.Connection) -> Any:
            start = thread_time()
            try:
                return fn(connection)
            finally:
                if took is not None:
                    took.append(thread_time() - start)

        executor = self._own_sql if own_sql else self.ds.executor
        if executor is None:
            return snapshot.run(timed)
        if own_sql and not self._own_sql_places.acquire(blocking=False):
            raise DatasetteError(BUSY, title="The server is busy", status=503)

        def work() -> Any:
            return snapshot.run(timed, own_sql=own_sql)

        snapshot.acquire()
        try:
            future = executor.submit(work)
        except BaseException:
            self._done(snapshot, own_sql=own_sql)
            raise
        # Not in a `finally` here: a cancelled request may leave before its thread is done.
        future.add_done_callback(lambda _: self._done(snapshot, own_sql=own_sql))
        return await asyncio.wrap_future(future)

    def _done(self, snapshot: Snapshot, *, own_sql: bool) -> None:
        snapshot.release()
        if own_sql:
            self._own_sql_places.release()

    async def attached_databases(self) -> list[AttachedDatabase]:
        """None: nothing can be attached, and the pragma that says so would tell folders of this machine."""
        return []

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """Rows of each table; counted once a file, so `limit` does not matter."""
        return dict(self.snapshot.counts)

    @property
    def cached_table_counts(self) -> dict[str, int | None]:
        """Rows of each table."""
        return dict(self.snapshot.counts)

    @property
    def size(self) -> int:
        """The size of the file, in bytes."""
        return self.snapshot.identity.size

    @property
    def mtime_ns(self) -> int:
        """When the file was written last."""
        return self.snapshot.identity.mtime_ns

    @property
    def hash(self) -> None:
        """None: Datasette would read the whole file in the middle of a request to make one."""
        return

    def close(self) -> None:
        """Close the newest snapshot, once its readers have left."""
        self._own_sql.shutdown(wait=False)
        self._current.retire()


def live_database(datasette: Datasette) -> LiveDatabase | None:
    """The database that follows its file, if `datasette` has one."""
    return next((db for db in datasette.databases.values() if isinstance(db, LiveDatabase)), None)
