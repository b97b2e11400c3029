"""What the tests of the build share: data folders with a real archive, and captures whose reading is given.

A capture's body is the JSON of a `PageReading`; `read_json` gives it back. So a test says exactly what a page
shows, while everything else (archive, build, database) is the real thing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from crawler.archive import ArchiveWriter, Failure, NewRecord
from crawler.items import (
    CARD_FIELDS,
    Card,
    ComparePage,
    Page,
    PageProblem,
    PageReading,
    Review,
    ReviewerPage,
    ReviewerVerdict,
    ToolPage,
)
from dataset.building.build import BuildReport, build
from dataset.schema.tables import TABLES

SITE = "https://shiporskip.io"
START = datetime(2026, 3, 1, tzinfo=UTC)


def day(number: float) -> str:
    """The time `number` days after the start of March 2026."""
    return (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_json(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """The reading that a capture of these tests holds."""
    return PageReading.model_validate_json(body)


def card(slug: str | None, *reviews: Review, **fields: Any) -> Card:
    """A card that shows exactly `fields` (None: shown empty) and `reviews`."""
    shown = [name for name in CARD_FIELDS if name in fields]
    return Card(slug=slug, reviews=reviews, shown=(*shown, *(["reviews"] if reviews else [])), **fields)


def says(quote: str, persona: str | None = None, score: int | None = None, verdict: str | None = None) -> Review:
    """A review."""
    return Review.model_validate({"quote": quote, "persona": persona, "score": score, "verdict": verdict})


class Storable(Protocol):
    """Anything that makes a record of the archive."""

    def record(self) -> NewRecord: ...


@dataclass(frozen=True)
class Capture:
    """One record to be stored; `reading` None gives an empty body."""

    url: str | None
    captured_at: str
    reading: PageReading | None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"

    def record(self) -> NewRecord:
        body = b"" if self.reading is None else self.reading.model_dump_json().encode()
        if self.status is None:
            return NewRecord("resource", self.url, self.captured_at, self.content_type, body)
        lines = [f"HTTP/1.1 {self.status} Status", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        block = "\r\n".join([*lines, "", ""]).encode() + body
        http = "application/http; msgtype=response"
        return NewRecord("response", self.url, self.captured_at, http, block)


def compared(
    left: Card,
    right: Card,
    at: float,
    *,
    complete: bool = True,
    problems: Sequence[PageProblem] = (),
    leftovers: Sequence[str] = (),
    unplaced: Sequence[Review] = (),
    url: str | None = "",
) -> Capture:
    """A comparison page taken on day `at`."""
    if url == "":
        url = f"{SITE}/compare/{left.slug}-vs-{right.slug}" if left.slug and right.slug else None
    page = ComparePage(url=url, left=left, right=right, complete=complete, unplaced=tuple(unplaced))
    return Capture(url, day(at), _reading(page, tuple(problems), tuple(leftovers)))


def tool_page(one: Card, at: float, *, complete: bool = True) -> Capture:
    """A tool page taken on day `at`."""
    url = f"{SITE}/tool/{one.slug}" if one.slug else None
    return Capture(url, day(at), _reading(ToolPage(url=url, card=one, complete=complete)))


def reviewer_page(
    persona: str, category: str | None, at: float, *verdicts: tuple[str, str], complete: bool = True, **texts: Any
) -> Capture:
    """A persona's page taken on day `at`."""
    url = f"{SITE}/reviewer/{persona}" + (f"?category={category}" if category else "")
    said = tuple(ReviewerVerdict(tagline=tagline, quote=quote) for tagline, quote in verdicts)
    page = ReviewerPage(url=url, persona=persona, category=category, verdicts=said, complete=complete, **texts)
    return Capture(url, day(at), _reading(page))


def _reading(page: Page, problems: tuple[PageProblem, ...] = (), leftovers: tuple[str, ...] = ()) -> PageReading:
    status = "ok" if page.complete else "incomplete"
    return PageReading.model_validate(
        {"kind": page.kind, "status": status, "page": page, "problems": problems, "leftovers": leftovers}
    )


def answered(capture: Capture, status: int = 200, **headers: str) -> Capture:
    """`capture` as an HTTP answer with `status` and `headers` (``max_age`` is ``Max-Age``)."""
    pairs = tuple((name.replace("_", "-").title(), value) for name, value in headers.items())
    return replace(capture, status=status, headers=pairs)


def fresh(capture: Capture) -> Capture:
    """`capture` as an answer that declares itself made when it was fetched."""
    return answered(capture, age="0")


def gone(path: str, at: float, status: int = 404) -> Capture:
    """The page at `path` answering that it isn't there, on day `at`."""
    return answered(Capture(f"{SITE}/{path}", day(at), None), status)


def moved(slug: str, to: str, at: float, status: int = 301) -> Capture:
    """The tool page of `slug` leading to that of `to`, on day `at`."""
    return answered(Capture(f"{SITE}/tool/{slug}", day(at), None), status, location=f"/tool/{to}")


def digest(report: BuildReport) -> str:
    """A hash of all that the dataset says that `report` is of, but for where things lie in its archive."""
    content = Data(report.database.parent).content()
    return hashlib.sha256(repr(content).encode()).hexdigest()


class Data:
    """A data folder in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = 0
        (folder / "archive").mkdir(parents=True, exist_ok=True)

    @property
    def database(self) -> Path:
        return self.folder / "verdictlog.db"

    def add(self, captures: Iterable[Storable], failures: Iterable[Failure] = ()) -> None:
        """Store `captures` as one more run."""
        self.runs += 1
        at = START + timedelta(days=200, hours=self.runs)
        writer = ArchiveWriter(self.folder / "archive", command="import pages", source=None, clock=lambda: at)
        with writer:
            for capture in captures:
                writer.write(capture.record())
            for failure in failures:
                writer.fail(failure)

    def build(self, **words: Any) -> BuildReport:
        """Build with the readings that the captures hold."""
        options: dict[str, Any] = {"read": read_json, "parser_version": "test", "workers": 1, **words}
        return build(self.folder, **options)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The rows that `sql` gives."""
        with closing(sqlite3.connect(self.database)) as con:
            con.row_factory = sqlite3.Row
            return [dict(row) for row in con.execute(sql, values)]

    def row(self, sql: str, *values: object) -> dict[str, Any]:
        """The one row that `sql` gives."""
        [row] = self.rows(sql, *values)
        return row

    def sha256(self) -> str:
        """The SHA-256 of the dataset's file: its identity."""
        return hashlib.sha256(self.database.read_bytes()).hexdigest()

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """All content but what tells where things lie in this archive, table by table, sorted."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        with closing(sqlite3.connect(self.database)) as con:
            for table in TABLES:
                if not table.local:
                    columns = ", ".join(name for name in table.column_names if name not in table.local_columns)
                    found[table.name] = sorted(con.execute(f"SELECT {columns} FROM {table.name}"), key=repr)
        return found


def built(folder: Path, *captures: Storable) -> Data:
    """A data folder with `captures` stored at once and built."""
    data = Data(folder)
    data.add(captures)
    data.build()
    return data
