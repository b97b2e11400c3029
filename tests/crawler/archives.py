"""Small archives for tests: what goes in, and what comes out."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import Archive, ArchiveWriter, NewRecord, StoredRecord

AT = "2026-11-19T00:00:00Z"
PAGE = b"<p>page</p>"


def clock() -> datetime:
    return datetime(2026, 11, 20, 8, 30, 15, 999_999, tzinfo=UTC)


def writer(folder: Path, command: str = "test") -> ArchiveWriter:
    return ArchiveWriter(folder, command=command, source=None, clock=clock)


def page(number: int, block: bytes | None = None) -> NewRecord:
    body = b"<p>page %d</p>" % number if block is None else block
    return NewRecord("resource", f"https://example.org/{number}", AT, "text/html", body)


def answer(body: bytes, *headers: tuple[str, str], status: str = "200 OK") -> NewRecord:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    block = f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body
    return NewRecord("response", "https://example.org/a", AT, "application/http; msgtype=response", block)


def captures(archive: Archive, start: dict[str, int] | None = None) -> list[tuple[StoredRecord, bytes]]:
    return [(r, b) for r, b in archive.scan(start) if r.kind not in {"warcinfo", "metadata"}]


def write(folder: Path, *records: NewRecord, command: str = "test") -> Archive:
    with writer(folder, command) as out:
        for record in records:
            out.write(record)
    return Archive(folder)


def only_file(folder: Path) -> Path:
    (found,) = folder.glob("*.warc.gz")
    return found


def members(data: bytes) -> list[int]:
    """The ends of the gzip members in `data`, found by zlib alone."""
    ends, position = [], 0
    while position < len(data):
        inflater = zlib.decompressobj(31)
        inflater.decompress(data[position:])
        position = len(data) - len(inflater.unused_data)
        ends.append(position)
    return ends
