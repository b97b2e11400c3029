"""Runs of crawls, and the index of their captures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive import ARCHIVE, Archive, ArchiveWriter, NewRecord, StoredRecord
from crawler.capture_index import CaptureIndex, LastCapture
from crawler.middlewares.archive import NOT_MODIFIED, SAME_BYTES
from crawler.warc_writer import http_content_type

SITE = "https://verdicts.example"
START = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


def moment(seconds: float = 0) -> datetime:
    return START + timedelta(seconds=seconds)


def stamp(seconds: float = 0) -> str:
    return moment(seconds).isoformat(timespec="seconds").replace("+00:00", "Z")


class Run:
    """A run of a crawl into an archive, which writes what `crawler.middlewares.archive` writes."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self.writer = writer

    def _write(
        self, kind: str, path: str, seconds: float, block: str, body: bytes = b"", extra: dict[str, str] | None = None
    ) -> StoredRecord:
        at = moment(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        content_type = http_content_type(kind)
        record = NewRecord(
            kind, f"{SITE}{path}", at, content_type, block.encode() + b"\r\n\r\n" + body, tuple((extra or {}).items())
        )
        return self.writer.write(record)

    def ask(self, path: str, seconds: float = 0) -> StoredRecord:
        return self._write("request", path, seconds, f"GET {path} HTTP/1.1\r\nUser-Agent: verdictlog/0")

    def answer(
        self,
        path: str,
        seconds: float = 0,
        body: bytes = b"<p>page</p>",
        *,
        status: int = 200,
        truncated: str | None = None,
        length: str | None = "right",
        **headers: str,
    ) -> StoredRecord:
        if length is not None:
            headers["Content_Length"] = str(len(body)) if length == "right" else length
        head = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
        extra = {"WARC-Truncated": truncated} if truncated else {}
        return self._write("response", path, seconds, f"HTTP/1.1 {status} X{head}", body, extra)

    def unchanged(
        self, path: str, seconds: float, of: StoredRecord, *, status: int = 304, **headers: str
    ) -> StoredRecord:
        head = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
        extra = {
            "WARC-Profile": NOT_MODIFIED if status == 304 else SAME_BYTES,
            "WARC-Refers-To-Target-URI": of.url or "",
            "WARC-Refers-To-Date": of.captured_at,
            "WARC-Payload-Digest": f"sha256:{of.sha256}",
        }
        return self._write("revisit", path, seconds, f"HTTP/1.1 {status} X{head}", b"", extra)


class Data:
    """A data folder with an archive and its index."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive = path / ARCHIVE
        self.file = path / ".captures.db"

    @contextmanager
    def run(
        self, seconds: float = 0, command: str = "crawl", source: str | None = "verdicts.example", **facts: str
    ) -> Iterator[Run]:
        facts = facts or {"spec": "{}"}
        with ArchiveWriter(
            self.archive, command=command, source=source, clock=lambda: moment(seconds), facts=facts, compression=1
        ) as writer:
            yield Run(writer)

    @contextmanager
    def index(self, file: Path | None = None) -> Iterator[CaptureIndex]:
        with CaptureIndex(Archive(self.archive), file or self.file) as index:
            yield index

    def last(self, path: str) -> LastCapture | None:
        with self.index() as index:
            return index.last_capture(f"{SITE}{path}")

    def all(self, file: Path | None = None) -> list[tuple[object, ...]]:
        """All rows of the index, made ready first."""
        path = file or self.file
        with self.index(path):
            pass
        with closing(sqlite3.connect(path)) as con:
            names = [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [(name, *row) for name in names for row in con.execute(f"SELECT * FROM {name}")]
        return sorted(rows, key=repr)

    def from_scratch(self) -> list[tuple[object, ...]]:
        with TemporaryDirectory() as folder:
            return self.all(Path(folder) / "new.db")
