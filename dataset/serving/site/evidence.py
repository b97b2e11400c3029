"""The page of a capture: its text as captured, what was read from which words, and where its bytes lie."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from dataset.serving.site.captured import Captured, PointedAt, captured, lines_of_change
from dataset.serving.site.change_rows import CHANGE_COLUMNS, Change
from dataset.serving.site.page import Asked, MissingError, Page
from dataset.serving.site.reading import each, row, rows, value

MOST_CHANGES = 50
MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """A capture as the dataset has it."""

    capture_id: str
    source: str
    url: str | None
    answered_url: str | None
    kind: str
    captured_at: str
    made_from: str
    observed_at: str
    content_type: str | None
    http_status: int | None
    redirects_to: str | None
    revisit_of: str | None
    sha256: str
    bytes: int
    warc_file: str
    warc_offset: int
    run_id: str | None
    parser_version: str | None
    parse_status: str
    complete: int | None


@dataclass(frozen=True, slots=True)
class ListingShown:
    """A listing that the capture shows, and on which side."""

    side: str
    listing_id: str
    name: str | None
    slug: str
    identified_by: str


@dataclass(frozen=True, slots=True)
class ProblemMet:
    """A problem that was met in the capture."""

    problem_id: str
    severity: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunOf:
    """The crawl or import that brought the capture."""

    run_id: str
    command: str | None
    started_at: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """All that is told of a capture.

    `change` is the change from which one came here, and `pointed_at` what the capture shows of it.
    `content` is the capture whose bytes it shows, where it only found them unchanged. `brings` are changes whose new
    value it shows first, `proves` those whose old value it shows latest; the counts are of all of them. `first_of` and
    `last_of` say of how many present values it is the first and the last evidence; `versions` how many versions of its
    listings begin with it.
    """

    capture: CaptureFacts
    content: CaptureFacts | None
    captured: Captured
    listings: tuple[ListingShown, ...]
    run: RunOf | None
    problems: tuple[ProblemMet, ...]
    brings: tuple[Change, ...]
    brings_count: int
    proves: tuple[Change, ...]
    proves_count: int
    first_of: int
    last_of: int
    versions: int
    change: Change | None
    pointed_at: PointedAt | None


_FACTS = f"SELECT {', '.join(CaptureFacts.__slots__)} FROM captures WHERE capture_id = ?"  # noqa: S608
_LISTINGS = """
SELECT c.side, c.listing_id, l.name, t.slug, c.identified_by
  FROM listing_captures c
  JOIN listings l ON l.listing_id = c.listing_id
  JOIN tools t ON t.tool_id = l.tool_id
 WHERE c.capture_id = ? ORDER BY c.side"""
_PROBLEMS = """
SELECT p.problem_id, p.severity, p.code, p.message
  FROM captures c
  JOIN problems p ON p.capture_id = c.capture_id
       OR (p.url = c.url AND c.observed_at BETWEEN p.first_seen AND p.last_seen)
 WHERE c.capture_id = ?
 ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, code, problem_id LIMIT ?"""
_CHANGES = f"""
SELECT {CHANGE_COLUMNS} FROM changes c
  JOIN listings l ON l.listing_id = c.listing_id
  JOIN tools t ON t.tool_id = c.tool_id
 WHERE c.{{column}} = ? ORDER BY c.seen_after DESC, c.listing_id, c.field, c.change_id LIMIT ?"""  # noqa: S608
_ONE_CHANGE = f"""
SELECT {CHANGE_COLUMNS} FROM changes c
  JOIN listings l ON l.listing_id = c.listing_id
  JOIN tools t ON t.tool_id = c.tool_id
 WHERE c.change_id = ? AND (c.before_capture_id = ? OR c.after_capture_id = ?)"""  # noqa: S608  (our own columns)
_VERSIONS = """
SELECT count(*) FROM listing_captures c
  JOIN listing_versions v ON v.listing_id = c.listing_id
 WHERE c.capture_id = ? AND v.valid_from = ?"""


def facts_of(con: sqlite3.Connection, capture_id: str) -> CaptureFacts | None:
    """The capture called `capture_id`, if there is one."""
    found = row(con, _FACTS, (capture_id,))
    return None if found is None else CaptureFacts(**found)


def evidence_page(con: sqlite3.Connection, asked: Asked) -> EvidencePage:
    """The page of a capture. Raises `MissingError`."""
    capture_id = asked.parts["capture"]
    capture = facts_of(con, capture_id)
    if capture is None:
        raise MissingError("No capture of this dataset has this id.")
    content = facts_of(con, capture.revisit_of) if capture.revisit_of is not None else None
    run = row(con, "SELECT run_id, command, started_at, outcome FROM runs WHERE run_id = ?", (capture.run_id,))
    change = next(iter(each(Change, con, _ONE_CHANGE, (asked.word("change"), capture_id, capture_id))), None)
    brings, proves = ("after_capture_id", "before_capture_id")
    shown = captured(con, asked.folder, _as_row(con, capture), _as_row(con, content or capture))
    pointed_at = None
    if change is not None and shown.lines:
        pointed_at = lines_of_change(con, asked.folder, change.change_id, capture_id)
    return EvidencePage(
        capture=capture,
        content=content,
        captured=shown,
        listings=each(ListingShown, con, _LISTINGS, (capture_id,)),
        run=None if run is None else RunOf(**run),
        problems=each(ProblemMet, con, _PROBLEMS, (capture_id, MOST_PROBLEMS)),
        brings=each(Change, con, _CHANGES.format(column=brings), (capture_id, MOST_CHANGES)),
        brings_count=_count(con, "changes", brings, capture_id),
        proves=each(Change, con, _CHANGES.format(column=proves), (capture_id, MOST_CHANGES)),
        proves_count=_count(con, "changes", proves, capture_id),
        first_of=_count(con, "field_evidence", "first_capture_id", capture_id),
        last_of=_count(con, "field_evidence", "last_capture_id", capture_id),
        versions=int(value(con, _VERSIONS, (capture_id, capture.observed_at))),
        change=change,
        pointed_at=pointed_at,
    )


def _as_row(con: sqlite3.Connection, capture: CaptureFacts) -> dict[str, Any]:
    return rows(con, _FACTS, (capture.capture_id,))[0]


def _count(con: sqlite3.Connection, table: str, column: str, capture_id: str) -> int:
    sql = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608  (our own names)
    return int(value(con, sql, (capture_id,)))


EVIDENCE = Page(
    "evidence",
    r"/evidence/(?P<capture>[^/]+)",
    evidence_page,
    "site/evidence.html",
    words=("change",),
    kept_by_caches=False,
)
