"""One at a time: locks on the data folder that end with the process that holds them, however it ends.

One is for builds, one for scheduled runs, one for alerts. A build takes no part in the lock of the archive: a crawl may
go on writing. It only looks whether somebody does.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.plain_files import NotPlainError, open_plain
from crawler.warc_lock import LOCK_NAME as ARCHIVE_LOCK_NAME

LOCK_NAME = ".build.lock"
RUN_LOCK_NAME = ".run.lock"
ALERT_LOCK_NAME = ".alert.lock"


class BuildError(Exception):
    """A build could not be done. The text names the file or folder and what to do; the last good dataset stands."""


class BuildBusy(BuildError):  # noqa: N818  (it says what is, not what went wrong)
    """Another build is at work in the same data folder."""


class Busy(Exception):  # noqa: N818  (it says what is, not what went wrong)
    """Another process does the same in the same data folder."""


def cannot_write(path: Path, error: OSError) -> BuildError:
    """The error to raise where `path` could not be written."""
    if isinstance(error, NotPlainError):
        return BuildError(
            f"{error.filename}: {error.strerror}. Move it away, then run the command again; the last good dataset is "
            "untouched"
        )
    return BuildError(
        f"{path}: can't be written ({error.strerror or error}). Make the folder writable, free some space, or "
        "choose another data folder with --data; the last good dataset is untouched"
    )


def stopped_by(database: Path, error: sqlite3.Error) -> BuildError:
    """The error to raise where SQLite could not go on with a build: with advice only where its cause is known."""
    advice = "This is a mistake in verdictlog: please report it"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code: the rest says which write it was
    if code == sqlite3.SQLITE_FULL:
        advice = f"Free some space in {database.parent}, then run the build again"
    elif code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        advice = f"Is there room on the disk, and may {database.parent} be written to? Then run the build again"
    elif code == sqlite3.SQLITE_NOMEM:
        advice = "Free some memory, then run the build again"
    elif code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        advice = "Is the disk sound? Make the dataset anew with `verdictlog build --full`"
    return BuildError(f"{database}: the build stopped ({error}). {advice}; the last good dataset is untouched")


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the build lock of `folder` while the block runs.

    Raises `BuildBusy`, naming the process, where another build holds it; `BuildError` where `folder` can't be
    written to.
    """
    busy = "is building this dataset. Wait until it is done, then run the command again"
    with _held(folder, LOCK_NAME, busy, BuildBusy):
        yield


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of scheduled runs on `folder`. Raises `Busy` where another holds it, `BuildError` as above."""
    with _held(folder, RUN_LOCK_NAME, "is at a `verdictlog run` of this folder already; this one did nothing", Busy):
        yield


@contextmanager
def alert_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of alerts on `folder`. Raises `Busy` where another holds it, `BuildError` as above."""
    with _held(folder, ALERT_LOCK_NAME, "is sending alerts of this folder already; this one did nothing", Busy):
        yield


@contextmanager
def _held(folder: Path, name: str, busy: str, error_type: type[Exception]) -> Iterator[None]:
    path = folder / name
    try:
        descriptor = open_plain(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "(unknown)"
            raise error_type(f"{folder}: process {holder} {busy}") from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise cannot_write(path, error) from error
        yield
    finally:
        os.close(descriptor)


def archive_in_use(archive: Path) -> bool:
    """Whether somebody is writing to the archive in the folder `archive` just now."""
    try:
        descriptor = open_plain(archive / ARCHIVE_LOCK_NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        # Held for a moment, and shared: two that look at once don't take each other for a writer.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
