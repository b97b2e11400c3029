"""What the archive already knows, at hand for a crawl: the last capture of each url, the runs, the requests of a day.

A cache in one SQLite file beside the archive. It is made from the archive alone and brought up to date by reading
only what was added since; thrown away, it is made anew.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urldefrag, urljoin
from zlib import crc32

from crawler import sites
from crawler.archive import Archive, ArchiveError, StoredRecord
from crawler.plain_files import what_else
from crawler.urls import canonical_url, source_of
from crawler.warc_records import fields_of

VERSION = 3
"""Of the file's layout. A file of another version is thrown away."""

GONE = frozenset({301, 308, 404, 410})
"""Answers that say that a page is not there, or not there any more."""

# Of a table without rowid the columns of its key stand first: quick_check of SQLite 3.40 errs about others.
SCHEMA = """
CREATE TABLE last_captures (
  url TEXT PRIMARY KEY, canonical TEXT NOT NULL, source TEXT NOT NULL, captured_at TEXT NOT NULL, sha256 TEXT NOT NULL,
  file TEXT NOT NULL, offset INTEGER NOT NULL, etag TEXT, last_modified TEXT, checked_at TEXT NOT NULL,
  gone_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX last_captures_by_source ON last_captures (source, canonical);
CREATE TABLE answers (
  file TEXT NOT NULL, offset INTEGER NOT NULL, run_id TEXT NOT NULL, url TEXT NOT NULL, status INTEGER,
  whole INTEGER NOT NULL, location TEXT, PRIMARY KEY (file, offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_run ON answers (run_id, url);
CREATE TABLE requests (
  day TEXT, source TEXT, file TEXT, count INTEGER NOT NULL, PRIMARY KEY (day, source, file)
) STRICT;
CREATE TABLE runs (run_id TEXT PRIMARY KEY, file TEXT, started TEXT, facts TEXT, ended TEXT) STRICT;
CREATE TABLE files (file TEXT PRIMARY KEY, read_to INTEGER NOT NULL) STRICT;
"""

MOVED = frozenset({301, 302, 303, 307, 308})
"""The statuses of redirects."""

Progress = Callable[[int], None]
"""Told how many records were read so far."""


@dataclass(frozen=True, slots=True)
class LastCapture:
    """The last capture of `url` that brought content: where it stands, its digest, what the site called it."""

    url: str
    captured_at: str
    sha256: str
    file: str
    offset: int
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a run. `whole` says that its body came to its end, `location` where a redirect leads, in full."""

    url: str
    status: int | None
    whole: bool
    file: str
    offset: int
    location: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run: the facts of its start record and, if it has one, of its end record."""

    run_id: str
    facts: dict[str, str]
    end: dict[str, Any] | None


def _version() -> int:
    """The version of the file: other sites mean other canonical urls."""
    named = sites.version()
    return crc32(f"{VERSION}{named}".encode()) >> 1 if named else VERSION


class CaptureIndex:
    """The index of `archive` in the file `path`; a context manager. Entering brings it up to date.

    Raises `ArchiveError` where the archive can't be read or the file can't be written.
    """

    def __init__(self, archive: Archive, path: Path, progress: Progress | None = None) -> None:
        self.archive = archive
        self.path = path
        self._progress = progress or (lambda _done: None)
        self._requests: Counter[tuple[str, str, str]] = Counter()

    def __enter__(self) -> Self:
        if (what := what_else(self.path)) is not None:
            raise ArchiveError(f"{self.path}: {what} lies here, where a file of verdictlog belongs. Move it away")
        try:
            self._start()
        except sqlite3.DatabaseError:
            # Damaged, or of another program: it holds nothing that the archive does not.
            try:
                for name in (self.path.name, f"{self.path.name}-wal", f"{self.path.name}-shm"):
                    self.path.with_name(name).unlink(missing_ok=True)
                self._start()
            except (OSError, sqlite3.Error) as error:
                raise ArchiveError(f"{self.path}: can't be written ({error})") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def _start(self) -> None:
        self._con = sqlite3.connect(self.path, isolation_level=None)
        try:
            self._open()
            self._update()
        except BaseException:
            self._con.close()
            raise

    def _open(self) -> None:
        self._con.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384;")
        # Damage must show now: in mid-crawl it would pass for trouble of the site.
        if self._con.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        [[version]] = self._con.execute("PRAGMA user_version")
        [[tables]] = self._con.execute("SELECT count(*) FROM sqlite_master")
        if tables and version != _version():
            raise sqlite3.DatabaseError("another version")
        if not tables:
            self._con.executescript(f"{SCHEMA} PRAGMA user_version = {_version()};")

    def _update(self) -> None:
        """Read what the archive has got since."""
        names = self.archive.files()
        read_to: dict[str, int] = dict(self._con.execute("SELECT file, read_to FROM files"))
        for name, end in read_to.items():
            path = self.archive.folder / name
            if not path.exists() or path.stat().st_size < end:
                raise sqlite3.DatabaseError("the archive has lost something")
        newest = max(read_to, default="")
        self._con.execute("BEGIN")
        self._requests.clear()
        for done, (record, payload) in enumerate(self.archive.scan(read_to), 1):
            if record.file < newest:
                # The last record in the archive's order counts; read late, this one would count for more.
                raise sqlite3.DatabaseError("the archive has got something that comes before what was read")
            self._add(record, payload)
            if done % 500 == 0:
                self._progress(done)
        self._con.executemany(
            "INSERT INTO requests VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET count = count + ?4",
            [(*key, count) for key, count in self._requests.items()],
        )
        self._con.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?)", [(name, self.archive.end_of(name)) for name in names]
        )
        self._con.execute("COMMIT")

    def _add(self, record: StoredRecord, payload: bytes) -> None:
        match record.kind:
            case "response" | "revisit":
                self._add_answer(record)
            case "request":
                self._requests[record.captured_at[:10], source_of(record.url), record.file] += 1
            case "warcinfo":
                facts = fields_of(payload)
                self._run(facts.get("run_id"), "facts", facts, record.file, facts.get("started_at"))
            case "metadata":
                with suppress(ValueError, RecursionError, AttributeError):
                    end = json.loads(payload)
                    self._run(end.get("run_id"), "ended", end, record.file, None)

    def _add_answer(self, record: StoredRecord) -> None:
        if record.url is None:
            return
        headers = {name.lower(): value for name, value in reversed(record.http_headers)}
        whole = record.kind == "revisit" or (record.truncated is None and _is_all(headers, record.size))
        if record.run_id is not None:
            location = _location(record, headers)
            self._con.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (record.file, record.offset, record.run_id, record.url, record.http_status, whole, location),
            )
        if record.kind == "revisit":
            # The newest validators count, for the content that it found unchanged.
            self._con.execute(
                "UPDATE last_captures SET checked_at = ?, gone_at = NULL, etag = coalesce(?, etag),"
                " last_modified = coalesce(?, last_modified) WHERE url = ? AND checked_at <= ? AND sha256 = ?",
                (
                    *(record.captured_at, headers.get("etag"), headers.get("last-modified")),
                    *(record.url, record.captured_at, (record.refers_to_digest or "").removeprefix("sha256:")),
                ),
            )
        elif record.http_status == 200 and whole:
            self._con.execute(
                "INSERT INTO last_captures VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?4, NULL)"
                " ON CONFLICT DO UPDATE SET captured_at = ?4, sha256 = ?5, file = ?6, offset = ?7, etag = ?8,"
                " last_modified = ?9, checked_at = ?4, gone_at = NULL WHERE captured_at <= ?4",
                (
                    *(record.url, canonical_url(record.url), source_of(record.url), record.captured_at),
                    *(record.sha256, record.file, record.offset, headers.get("etag"), headers.get("last-modified")),
                ),
            )

        elif record.http_status in GONE:
            self._con.execute(
                "UPDATE last_captures SET gone_at = ? WHERE url = ? AND checked_at <= ?",
                (record.captured_at, record.url, record.captured_at),
            )

    def _run(self, run_id: str | None, column: str, facts: dict[str, Any], file: str, started: str | None) -> None:
        if not isinstance(run_id, str):
            return
        self._con.execute(
            f"INSERT INTO runs (run_id, file, started, {column}) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"  # noqa: S608
            f" {column} = ?4, started = coalesce(started, ?3)",
            (run_id, file, started, json.dumps(facts)),
        )

    def last_capture(self, url: str) -> LastCapture | None:
        """The last capture of exactly `url` that brought content."""
        row = self._con.execute(
            "SELECT url, captured_at, sha256, file, offset, etag, last_modified FROM last_captures WHERE url = ?",
            (url,),
        ).fetchone()
        return None if row is None else LastCapture(*row)

    def known_urls(self, source: str) -> list[str]:
        """The canonical urls of `source` that showed content when they were last asked for, sorted."""
        rows = self._con.execute(
            "SELECT DISTINCT canonical FROM last_captures WHERE source = ? AND gone_at IS NULL ORDER BY canonical",
            (source,),
        )
        return [row[0] for row in rows]

    def answers(self, run_id: str) -> list[Answer]:
        """The answers of a run, in the order in which they stand in the archive."""
        rows = self._con.execute(
            "SELECT url, status, whole, file, offset, location FROM answers WHERE run_id = ? ORDER BY file, offset",
            (run_id,),
        )
        return [Answer(url, status, bool(whole), *rest) for url, status, whole, *rest in rows]

    def requests_on(self, day: str, source: str) -> int:
        """How many requests of crawls went to `source` on `day` (``2026-11-19``, UTC); imported ones don't count."""
        [[count]] = self._con.execute(
            "SELECT coalesce(sum(count), 0) FROM requests WHERE day = ? AND source = ? AND file NOT IN"
            " (SELECT file FROM runs WHERE facts IS NOT NULL AND json_extract(facts, '$.spec') IS NULL)",
            (day, source),
        )
        return int(count)

    def runs(self, source: str) -> list[KnownRun]:
        """The runs for `source`, newest first."""
        rows = self._con.execute(
            "SELECT run_id, facts, ended FROM runs WHERE facts IS NOT NULL ORDER BY started DESC, run_id DESC"
        )
        known = (KnownRun(run_id, json.loads(facts), json.loads(end) if end else None) for run_id, facts, end in rows)
        return [run for run in known if run.facts.get("source") == source]


def _is_all(headers: Mapping[str, str], size: int) -> bool:
    """Whether a body of `size` bytes is all that `headers` promise."""
    length = headers.get("content-length", "")
    return "transfer-encoding" in headers or not re.fullmatch(r"\d{1,18}", length, re.ASCII) or int(length) <= size


def _location(record: StoredRecord, headers: Mapping[str, str]) -> str | None:
    """Where the redirect `record` leads, in full."""
    if record.http_status not in MOVED or not headers.get("location"):
        return None
    try:
        return urldefrag(urljoin(record.url or "", headers["location"]))[0]
    except ValueError:
        return None
