"""What the tests of crawls share: runs that are written to the archive as a crawl does it, and that may die."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crawler.archive import ArchiveWriter, NewRecord
from dataset.schema.tables import TABLES
from tests.dataset.captures import START, Capture, Data

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
HTTP = "application/http; msgtype="


def digest_of(capture: Capture) -> str:
    """The SHA-256 of what `capture` stores."""
    block = capture.record().block
    body = block if capture.status is None else block.partition(b"\r\n\r\n")[2]
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    url: str
    captured_at: str

    def record(self) -> NewRecord:
        return NewRecord("request", self.url, self.captured_at, f"{HTTP}request", b"GET / HTTP/1.1\r\n\r\n")


@dataclass(frozen=True)
class Revisit:
    """An answer that shows known content again. `digest`, `refers_at` and `refers_url` None leave that header out."""

    url: str | None
    captured_at: str
    digest: str | None
    refers_at: str | None = None
    refers_url: str | None = None
    status: int | None = 304
    headers: tuple[tuple[str, str], ...] = ()

    def record(self) -> NewRecord:
        extra = [
            ("WARC-Profile", PROFILE + ("identical-payload-digest" if self.status == 200 else "server-not-modified"))
        ]
        pairs = (
            ("WARC-Refers-To-Target-URI", self.refers_url),
            ("WARC-Refers-To-Date", self.refers_at),
            ("WARC-Payload-Digest", self.digest),
        )
        extra += [(name, value) for name, value in pairs if value is not None]
        lines = [f"HTTP/1.1 {self.status} Status", *(f"{name}: {value}" for name, value in self.headers), "", ""]
        block = b"" if self.status is None else "\r\n".join(lines).encode()
        return NewRecord("revisit", self.url, self.captured_at, f"{HTTP}response", block, tuple(extra))


def revisit(of: Capture, at: str, status: int = 304, **headers: str) -> Revisit:
    """A revisit of `of` at the time `at`, as a crawl writes it."""
    pairs = tuple((name.replace("_", "-").title(), value) for name, value in headers.items())
    return Revisit(of.url, at, f"sha256:{digest_of(of)}", of.captured_at, of.url, status, pairs)


@contextmanager
def crawling(
    data: Data,
    *,
    counters: Mapping[str, int] | None = None,
    end_facts: Mapping[str, object] | None = None,
    facts: Mapping[str, str] | None = None,
    dies: bool = False,
) -> Iterator[ArchiveWriter]:
    """A crawl that writes to the archive of `data` while the block runs. Where it `dies`, it leaves no end record."""
    data.runs += 1
    at = START + timedelta(days=200, hours=data.runs)
    folder = data.folder / "archive"
    writer = ArchiveWriter(folder, command="crawl", source="shiporskip", clock=lambda: at, facts=facts)
    with writer:
        yield writer
        writer.counters.update(counters or {})
        writer.end_facts.update(end_facts or {})
        file = writer.file
        size = (folder / file).stat().st_size if file else 0
    if dies and file:
        os.truncate(folder / file, size)


def everything(data: Data) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for the time of the build."""
    found = {}
    with closing(sqlite3.connect(data.database)) as con:
        for table in TABLES:
            columns = ", ".join(f'"{name}"' for name in table.column_names)
            found[table.name] = sorted(con.execute(f"SELECT {columns} FROM {table.name}"), key=repr)
    return found


def codes(data: Data) -> list[str]:
    """The codes of the open problems, sorted."""
    return [row["code"] for row in data.rows("SELECT code FROM problems ORDER BY code")]


def run_id_of(text: str) -> str:
    """`text` with run ids made equal."""
    return re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN", text)
