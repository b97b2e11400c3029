"""Finds the words on archived pages from which values were read, and their positions. Never writes.

The archived bytes are read again by the same reader, which records the blocks of each value (`crawler.pages.trace`).
A position that is uncertain is reported as such, never guessed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.archive import ARCHIVE, Archive, ArchiveError, BodyError, decoded_body
from crawler.items import Card, ComparePage, PageReading, Review, ToolPage
from crawler.pages import parser_version, read_page
from crawler.pages.blocks import Block
from crawler.pages.trace import Trace, Words, tracing
from dataset.folding.changes import PRESENCE
from dataset.ids import fold_space
from dataset.readings.observe import BODY_LIMIT

REVIEW_PARTS = ("persona", "score", "verdict", "quote")
UNTOLD = "the page shows it, but its position is uncertain"


@dataclass(frozen=True, slots=True)
class Read:
    """A value that a page shows, and the words that it was read from.

    `words` is None if their position is unknown; `why` gives the reason.
    """

    listing_id: str | None
    side: str
    field: str
    value: str | None
    review: int | None = None
    words: list[Words] | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CaptureRead:
    """A capture, its place in the archive, and the values that were read from it.

    If the capture only found the page unchanged, `content_of` is the capture that has the bytes, and the place in the
    archive is the place of those. `digest_is_right` tells whether the bytes have the digest recorded in the dataset.
    `why` gives the reason if nothing could be read.
    """

    capture_id: str
    url: str | None
    answered_url: str | None
    captured_at: str
    observed_at: str
    http_status: int | None
    kind: str
    content_of: str | None
    warc_file: str
    warc_offset: int
    sha256: str
    digest_is_right: bool
    values: list[Read] = field(default_factory=list)
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRead:
    """A change, and what its two captures show."""

    change_id: str
    kind: str
    listing_id: str
    review_id: str | None
    field: str
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    confirmed: bool
    before: CaptureRead
    after: CaptureRead


def capture_read(con: sqlite3.Connection, data: Path, capture_id: str, only: str | None = None) -> CaptureRead | None:
    """Return what was read from a capture, for the field `only` or for all; None if the capture doesn't exist.

    Raises `ArchiveError` if the archive can't be read.
    """
    row = con.execute("SELECT * FROM captures WHERE capture_id = ?", (capture_id,)).fetchone()
    if row is None:
        return None
    found = RereadPage(con, data, row)
    values = [each for each in found.values() if only in (None, each.field)]
    return found.as_read(values)


def change_read(con: sqlite3.Connection, data: Path, change_id: str) -> ChangeRead | None:
    """Return a change with what its two captures show; None if it doesn't exist. Raises `ArchiveError`."""
    row = con.execute("SELECT * FROM changes WHERE change_id = ?", (change_id,)).fetchone()
    if row is None:
        return None
    names = ("change_id", "kind", "listing_id", "review_id", "field", "old_value", "new_value")
    facts: dict[str, Any] = {name: row[name] for name in (*names, "seen_before", "seen_after")}
    return ChangeRead(
        **facts,
        confirmed=bool(row["confirmed"]),
        before=_one_side(con, data, row, row["before_capture_id"], row["old_value"]),
        after=_one_side(con, data, row, row["after_capture_id"], row["new_value"]),
    )


def _one_side(con: sqlite3.Connection, data: Path, change: sqlite3.Row, capture: str, said: str | None) -> CaptureRead:
    """Return what one capture of `change` shows; `said` is the value in the dataset."""
    found = RereadPage(con, data, con.execute("SELECT * FROM captures WHERE capture_id = ?", (capture,)).fetchone())
    if change["field"] == PRESENCE and change["review_id"] is None:
        return found.as_read([], "this is about the listing as a whole, not about words on the page")
    if change["review_id"] is None:
        values = [each for each in found.fields(change["listing_id"]) if each.field == change["field"]]
    else:
        quotes = [
            row[0]
            for row in con.execute("SELECT quote FROM review_versions WHERE review_id = ?", (change["review_id"],))
        ]
        if change["field"] == "quote" and said is not None:
            quotes = [said]
        name = "quote" if change["field"] == PRESENCE else change["field"]
        persona = None if change["persona"] is None else str(change["persona"]).rpartition(":")[2]
        values = [each for each in found.review(change["listing_id"], quotes, persona) if each.field == name]
    if not values:
        gone = change["field"] == PRESENCE and said == "absent"
        return found.as_read([], "the page does not show it" if gone else "its position on the page is uncertain")
    if change["field"] != PRESENCE and any(each.value != said for each in values):
        why = f"the page is now read differently than when the dataset was built (the dataset has {said!r})"
        return found.as_read(values, why + "; run verdictlog build")
    return found.as_read(values)


class RereadPage:
    """An archived page, read again.

    `body` is the decoded body, or None if it is unavailable; then `why` gives the reason. Raises `ArchiveError`.
    """

    def __init__(self, con: sqlite3.Connection, data: Path, row: sqlite3.Row) -> None:
        self.row = row
        self.why: str | None = None
        self.reading: PageReading | None = None
        self.trace = Trace()
        content = row
        if row["revisit_of"] is not None:
            content = con.execute("SELECT * FROM captures WHERE capture_id = ?", (row["revisit_of"],)).fetchone()
        self.content = content
        sides = con.execute(
            "SELECT side, listing_id FROM listing_captures WHERE capture_id = ?", (row["capture_id"],)
        ).fetchall()
        self.body: bytes | None = None
        self.listings: dict[str, str] = {each["side"]: each["listing_id"] for each in sides}
        record, payload = Archive(data / ARCHIVE).read(content["warc_file"], content["warc_offset"])
        self.content_type = record.content_type
        self.digest_is_right = record.sha256 == content["sha256"]
        is_read = row["parser_version"] is not None or content["parser_version"] is not None
        if not is_read:
            self.why = f"nothing is read from it (status {row['http_status']}, kind {row['kind']})"
        elif content["parser_version"] != parser_version():
            self.why = "the dataset was built with another version of the parser; run verdictlog build"
        try:
            self.body = decoded_body(record, payload, limit=BODY_LIMIT)
        except BodyError as error:
            if not error.partial or error.code == "too_big":
                self.why = self.why or error.message
                return
            self.body = error.partial
        if is_read:
            with tracing() as self.trace:
                self.reading = read_page(self.body, url=record.url, content_type=record.content_type)

    def as_read(self, values: list[Read], why: str | None = None) -> CaptureRead:
        """Return the capture with `values`."""
        names = ("capture_id", "url", "answered_url", "captured_at", "observed_at", "http_status", "kind")
        facts: dict[str, Any] = {name: self.row[name] for name in names}
        is_other = self.row["revisit_of"] is not None
        return CaptureRead(
            **facts,
            content_of=self.content["capture_id"] if is_other else None,
            warc_file=self.content["warc_file"],
            warc_offset=self.content["warc_offset"],
            sha256=self.content["sha256"],
            digest_is_right=self.digest_is_right,
            values=values,
            why=self.why or why,
        )

    def _cards(self) -> Iterator[tuple[str, Card]]:
        page = self.reading.page if self.reading is not None else None
        if isinstance(page, ComparePage):
            yield "left", page.left
            yield "right", page.right
        elif isinstance(page, ToolPage):
            yield "only", page.card

    def values(self) -> list[Read]:
        """Return all values that the page shows, in the order of its cards."""
        found: list[Read] = []
        for side, card in self._cards():
            found += self._fields(side, card)
            for number, review in enumerate(card.reviews):
                found += self._review(side, number, review)
        return found

    def fields(self, listing: str) -> list[Read]:
        """Return the fields of `listing` that the page shows."""
        return [
            each
            for side, card in self._cards()
            if self.listings.get(side) == listing
            for each in self._fields(side, card)
        ]

    def review(self, listing: str, quotes: list[str], persona: str | None) -> list[Read]:
        """Return the parts of the only review of `listing` with one of `quotes`, else by `persona`; [] if unclear."""
        wanted = {fold_space(quote) for quote in quotes}
        mine = [
            (side, number, review)
            for side, card in self._cards()
            if self.listings.get(side) == listing
            for number, review in enumerate(card.reviews)
        ]
        by_quote = [each for each in mine if fold_space(each[2].quote) in wanted]
        by_name = [each for each in mine if persona is not None and each[2].persona == persona]
        found = by_quote or by_name
        return self._review(*found[0]) if len(found) == 1 else []

    def _fields(self, side: str, card: Card) -> Iterator[Read]:
        for name in card.shown:
            if name != "reviews":
                yield self._read(side, name, getattr(card, name), self.trace.fields.get((side, name), []))

    def _review(self, side: str, number: int, review: Review) -> list[Read]:
        traced = self.trace.reviews.get(side, [])
        parts = traced[number] if number < len(traced) else {}
        return [
            self._read(side, name, getattr(review, name), parts.get(name, []), number)
            for name in REVIEW_PARTS
            if getattr(review, name) is not None
        ]

    def _read(self, side: str, name: str, value: object, blocks: list[Block], review: int | None = None) -> Read:
        words = self.trace.words(blocks)
        return Read(
            listing_id=self.listings.get(side),
            side=side,
            field=name,
            value=None if value is None or value == "" else str(value),
            review=None if review is None else review + 1,
            words=words,
            why=None if words else UNTOLD,
        )


__all__ = ["ArchiveError", "CaptureRead", "ChangeRead", "Read", "RereadPage", "capture_read", "change_read"]
