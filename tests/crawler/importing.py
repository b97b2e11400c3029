"""Inputs for imports, and what they give."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import Archive, StoredRecord
from crawler.imports import ImportReport, import_paths

AT = "2026-11-19T00:00:00Z"
PAGE = b"<!doctype html><title>Kettle vs Teapot</title>"


def clock() -> datetime:
    return datetime(2026, 11, 20, tzinfo=UTC)


def run(folder: Path, *paths: Path, at: str | None = AT, url: str | None = None, limit: int = 1 << 20) -> ImportReport:
    archive = Archive(folder / "archive")
    return import_paths(archive, paths, captured_at=at, url=url, clock=clock, max_record_bytes=limit)


def captures(folder: Path) -> list[tuple[StoredRecord, bytes]]:
    scan = Archive(folder / "archive").scan()
    return [(r, b) for r, b in scan if r.kind not in {"warcinfo", "metadata"}]


def failures(report: ImportReport) -> list[tuple[str, str]]:
    return [(Path(f.path).name, f.code) for f in report.failures]


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def manifest(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return put(folder / "manifest.jsonl", text + "\n")


def warc(
    number: int,
    block: bytes = PAGE,
    *,
    kind: str = "resource",
    version: str = "1.0",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """One record as another tool might write it."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "WARC-Date": AT,
        "WARC-Target-URI": f"https://example.org/{number}",
        "Content-Type": "application/http;msgtype=response" if kind == "response" else "text/html",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def urls(folder: Path) -> list[str | None]:
    return [record.url for record, _ in captures(folder)]


def numbers(*wanted: int) -> list[str]:
    return [f"https://example.org/{n}" for n in wanted]


HTTP = b"HTTP/1.1 200 OK\nContent-Type: text/html\r\nX-Odd:  spaced \r\n\r\n<p>body\r\n\r\n"


def sha1(block: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()


EVERY_KIND = [
    warc(0, b"software: other/1\r\n", kind="warcinfo", Content_Type="application/warc-fields", WARC_Target_URI=""),
    warc(1, HTTP, kind="response", WARC_Block_Digest=sha1(HTTP), WARC_IP_Address="192.0.2.1"),
    warc(2, b"GET / HTTP/1.1\r\n\r\n", kind="request", Content_Type="application/http;msgtype=request"),
    warc(3, b"fetchTime: 5", kind="metadata", Content_Type="application/warc-fields"),
    warc(4, b"plain text", kind="conversion", Content_Type="text/plain", WARC_Date="2026-11-19T01:02:03.456Z"),
    warc(5, PAGE, WARC_Target_URI="<https://example.org/5>", WARC_Truncated="length"),
    warc(
        6,
        b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
        kind="revisit",
        version="1.1",
        Content_Type="application/http;msgtype=response",
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        WARC_Payload_Digest="sha1:AAAA",
        WARC_Refers_To_Date="2026-11-18T00:00:00Z",
    ),
    warc(7, b"part", WARC_Segment_Number="1"),
]


def pack_plain(records: Sequence[bytes]) -> bytes:
    return b"".join(records)


def pack_members(records: Sequence[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=7) for record in records)


def pack_whole(records: Sequence[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def pack_blocks(records: Sequence[bytes]) -> bytes:
    """Members that know nothing of records, as some parallel packers make them."""
    data = b"".join(records)
    return b"".join(gzip.compress(data[n : n + 100]) for n in range(0, len(data), 100))
