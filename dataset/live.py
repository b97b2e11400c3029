"""The dataset file behind a running server: new builds become visible, no reader sees half of one.

A build replaces ``verdictlog.db`` by another file (``os.replace``). `LiveDatabase` is the Datasette database
that follows: at each request it looks whether the path names another file, and if so opens that one as a
`Snapshot`. It promises three things:

- a request sees one snapshot from its first query to its last byte, also when a build lands in the middle;
- a request that begins after a replacement sees the new file (a file that can't be used is refused, with one
  message, and the last good one stays);
- a snapshot that nobody reads any more is closed: connections and file descriptors stay bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from datasette.database import Database, QueryInterrupted  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

ATTEMPTS = 50
"""How often opening starts again because the file was replaced meanwhile."""

SPARE = 6
"""Connections of a snapshot that are lent to what reads for long, such as whole exports."""


class SnapshotError(Exception):
    """A file that can't be served; the message says which, why, and what to do."""


class FileIdentity(NamedTuple):
    """What tells one file from another behind the same path."""

    device: int
    inode: int
    mtime_ns: int
    size: int

    @classmethod
    def of(cls, file: Path | int) -> FileIdentity:
        """The identity of a path or an open file; raises OSError."""
        stat = os.stat(file)  # noqa: PTH116  (`file` may be a descriptor)
        return cls(stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)


class Snapshot:
    """One dataset file, held open: its connections, its row counts, and who still reads it.

    All connections are opened at once, because a path opened later may already name another file.
    """

    def __init__(
        self, path: Path, connections: int, prepare: Callable[[sqlite3.Connection], None], *, spare: int = 0
    ) -> None:
        """Open `path` with `connections` connections for `run` and `spare` ones to `borrow`, each passed to `prepare`.

        Raises SnapshotError.
        """
        self.path = path
        self.counts: dict[str, int | None] = {}
        self.content_tag = ""
        self._idle: list[sqlite3.Connection] = []
        self._spare: list[sqlite3.Connection] = []
        self._readers = 0
        self._retired = False
        self._lock = threading.Lock()
        for _ in range(ATTEMPTS):
            try:
                self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                raise SnapshotError(f"{path}: can't be read ({error.strerror}).") from error
            try:
                self.identity = FileIdentity.of(self._descriptor)
                self._open_connections(connections + spare, prepare)
                if FileIdentity.of(path) == self.identity:
                    self.counts = _row_counts(self._idle[0])
                    self._spare, self._idle = self._idle[connections:], self._idle[:connections]
                    return
            except (OSError, sqlite3.Error) as error:
                self._close()
                raise SnapshotError(f"{path}: can't be served ({error}); `verdictlog build` makes it anew.") from error
            self._close()
        raise SnapshotError(f"{path}: replaced again and again while it was being opened; try again.")

    def _open_connections(self, number: int, prepare: Callable[[sqlite3.Connection], None]) -> None:
        uri = f"{self.path.absolute().as_uri()}?immutable=1"
        for _ in range(number):
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._idle.append(connection)
            prepare(connection)

    def run(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """`fn(connection)`, in the caller's thread. No more callers at once than there are connections."""
        connection = self._idle.pop()
        try:
            return fn(connection)
        finally:
            self._idle.append(connection)

    def borrow(self) -> sqlite3.Connection | None:
        """A connection for what reads for long, None where all are lent; to be given back before the snapshot is."""
        try:
            return self._spare.pop()
        except IndexError:
            return None

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Take back what was borrowed."""
        self._spare.append(connection)

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes of the file as it was opened."""
        return os.pread(self._descriptor, length, offset)

    def acquire(self) -> None:
        """Count one more reader; each must `release`."""
        with self._lock:
            self._readers += 1

    def release(self) -> None:
        """Count one reader less; the last one out of a retired snapshot closes it."""
        with self._lock:
            self._readers -= 1
            close = self._retired and self._readers == 0
        if close:
            self._close()

    def retire(self) -> None:
        """No new readers will come: close now, or when the last reader leaves."""
        with self._lock:
            if self._retired:
                return
            self._retired = True
            close = self._readers == 0
        if close:
            self._close()

    def _close(self) -> None:
        for connections in (self._idle, self._spare):
            while connections:
                connections.pop().close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:  # a number that was given back may be another file's by now
            os.close(descriptor)


def _content_tag(connection: sqlite3.Connection, identity: FileIdentity) -> str:
    """What tells this content from any other: all that the dataset says of itself, and the file it stands in."""
    told = [tuple(row) for row in connection.execute("SELECT key, value FROM dataset_info ORDER BY key")]
    return sha256(repr((told, identity.size, identity.mtime_ns)).encode()).hexdigest()


def _row_counts(connection: sqlite3.Connection) -> dict[str, int | None]:
    """Rows of each table, None where a (virtual) table can't be counted."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    counts: dict[str, int | None] = {}
    for name in names:
        quoted = name.replace('"', '""')
        try:
            counts[name] = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608
        except sqlite3.Error:
            counts[name] = None
    return counts


class _Hold(NamedTuple):
    """What a request holds: its snapshot, and the task in which it began."""

    snapshot: Snapshot
    task: asyncio.Task[Any] | None


class LiveDatabase(Database):  # type: ignore[misc]  # Datasette has no type hints
    """A Datasette database that follows the file behind its path; see the module's promise."""

    def __init__(
        self,
        ds: Datasette,
        path: Path,
        *,
        check: Callable[[sqlite3.Connection], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
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
        self._refused: FileIdentity | None = None
        self._refreshing = asyncio.Lock()
        self._current = self._open()

    def _open(self) -> Snapshot:
        snapshot = Snapshot(
            self.file,
            max(1, self.ds.setting("num_sql_threads")),
            lambda connection: self.ds._prepare_connection(connection, self.name),
            spare=SPARE,
        )
        try:
            snapshot.run(self._check)
            snapshot.content_tag = snapshot.run(lambda connection: _content_tag(connection, snapshot.identity))
        except sqlite3.Error as error:
            snapshot.retire()
            raise SnapshotError(f"{self.file}: can't be served ({error}); `verdictlog build` makes it anew.") from error
        except SnapshotError as error:
            snapshot.retire()
            raise SnapshotError(f"{self.file}: {error}") from error
        return snapshot

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the present request, or the newest one."""
        held = self._held.get()
        return self._current if held is None else held.snapshot

    @contextlib.asynccontextmanager
    async def request(self) -> AsyncIterator[Snapshot]:
        """Hold one snapshot for all that happens inside: the newest, or the one that this task holds already.

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
        token, other = self._held.set(_Hold(snapshot, task)), self._cut_short.set([])
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

    async def execute(self, sql: str, *arguments: Any, **options: Any) -> Any:
        """As Datasette's own; remembers where a time limit ends it, which Datasette leaves out of many pages."""
        try:
            return await super().execute(sql, *arguments, **options)
        except QueryInterrupted:
            told = self._cut_short.get()
            if told is not None:
                told.append(sql)
            raise

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """`fn(connection)` on the present snapshot, in one of Datasette's threads."""
        snapshot = self.snapshot
        if self.ds.executor is None:
            return snapshot.run(fn)
        snapshot.acquire()
        try:
            future = self.ds.executor.submit(snapshot.run, fn)
        except BaseException:
            snapshot.release()
            raise
        # Not in a `finally` here: a cancelled request may leave before its thread is done.
        future.add_done_callback(lambda _: snapshot.release())
        return await asyncio.wrap_future(future)

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
        self._current.retire()
