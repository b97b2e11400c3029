"""One dataset file behind a running server, held open until its last reader has left."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from dataset.asking.sources import Source
from dataset.serving.answers import Answers
from dataset.serving.limits import Connection, guard_own_sql

ATTEMPTS = 50
"""How often opening starts again because the file was replaced meanwhile."""


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
    """One dataset file, held open: its connections, its row counts, its answers, and who still reads it.

    All connections are opened at once, because a path opened later may already name another file.
    """

    def __init__(
        self,
        path: Path,
        connections: int,
        prepare: Callable[[sqlite3.Connection], None],
        *,
        own: int = 1,
        spare: int = 0,
    ) -> None:
        """Open `path` with `connections` connections for `run`, each passed to `prepare`.

        `own` more are for people's own SQL, and `spare` more to `borrow`. Raises SnapshotError.
        """
        self.path = path
        self.counts: dict[str, int | None] = {}
        self.sources: list[Source] = []
        self.content_tag = ""
        self.answers = Answers()
        self._idle: list[sqlite3.Connection] = []
        self._own: list[sqlite3.Connection] = []
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
                self._open_connections(self._idle, connections, prepare)
                self._open_connections(self._own, own, prepare)
                self._open_connections(self._spare, spare, prepare)
                if FileIdentity.of(path) == self.identity:
                    for connection in self._own:
                        guard_own_sql(connection)
                    self.counts = _row_counts(self._idle[0])
                    return
            except (OSError, sqlite3.Error) as error:
                self._close()
                raise SnapshotError(f"{path}: can't be served ({error}); `verdictlog build` makes it anew.") from error
            self._close()
        raise SnapshotError(f"{path}: replaced again and again while it was being opened; try again.")

    def _open_connections(
        self, connections: list[sqlite3.Connection], number: int, prepare: Callable[[sqlite3.Connection], None]
    ) -> None:
        uri = f"{self.path.absolute().as_uri()}?immutable=1"
        for _ in range(number):
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False, factory=Connection)
            connections.append(connection)
            prepare(connection)

    def run(self, fn: Callable[[sqlite3.Connection], Any], *, own_sql: bool = False) -> Any:
        """`fn(connection)`, in the caller's thread. No more callers at once than there are connections."""
        connections = self._own if own_sql else self._idle
        connection = connections.pop()
        try:
            return fn(connection)
        finally:
            connections.append(connection)

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
        for connections in (self._idle, self._own, self._spare):
            while connections:
                connections.pop().close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:  # a number that was given back may be another file's by now
            os.close(descriptor)


def content_tag(connection: sqlite3.Connection, identity: FileIdentity) -> str:
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
