"""Reads changes, filtered by time, kind and listing, newest first and in a fixed order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """A capture that shows a value."""

    capture_id: str
    url: str | None
    captured_at: str
    observed_at: str
    http_status: int | None


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A change, with the name of its listing, the quote of its review, and its two captures."""

    change_id: str
    kind: str
    listing_id: str
    name: str | None
    tool_id: str
    review_id: str | None
    persona: str | None
    quote: str | None
    field: str
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    confirmed: bool
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter for changes; None or an empty value doesn't filter. `since` is a time in UTC."""

    since: str | None = None
    kinds: Sequence[str] = ()
    listings: Sequence[str] | None = None
    confirmed: bool = False
    change_ids: Sequence[str] | None = None


ALL = Wanted()
"""All changes."""


_CAPTURE = "{0}.capture_id, {0}.url, {0}.captured_at, {0}.observed_at, {0}.http_status"
_SELECT = f"""
SELECT c.change_id, c.kind, c.listing_id, l.name, c.tool_id, c.review_id, c.persona, r.quote, c.field, c.old_value,
       c.new_value, c.seen_before, c.seen_after, c.confirmed, {_CAPTURE.format("b")}, {_CAPTURE.format("a")}
  FROM changes c
  JOIN listings l ON l.listing_id = c.listing_id
  LEFT JOIN reviews r ON r.review_id = c.review_id
  JOIN captures b ON b.capture_id = c.before_capture_id
  JOIN captures a ON a.capture_id = c.after_capture_id
"""  # noqa: S608  (names of our own columns only)
_ORDER = "ORDER BY c.seen_after DESC, c.listing_id, c.review_id IS NOT NULL, c.review_id, c.field, c.change_id"
_FACTS = tuple(each.name for each in fields(ChangeSeen))[:13]


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions, values = ["1"], []
    if wanted.since is not None:
        conditions.append("c.seen_after >= ?")
        values.append(wanted.since)
    lists = (("kind", wanted.kinds or None), ("listing_id", wanted.listings), ("change_id", wanted.change_ids))
    for column, these in lists:
        if these is not None:
            conditions.append(f"c.{column} IN (SELECT value FROM json_each(?))")  # noqa: S608
            values.append(json.dumps(list(these)))
    return " AND ".join(conditions), values


def changes_wanted(con: sqlite3.Connection, wanted: Wanted = ALL, *, limit: int | None = None) -> Iterator[ChangeSeen]:
    """The changes that are `wanted`, the newest first, no more than `limit`."""
    where, values = _where(wanted)
    where += " AND c.confirmed" if wanted.confirmed else ""
    rows = con.execute(f"{_SELECT} WHERE {where} {_ORDER} LIMIT ?", [*values, -1 if limit is None else limit])
    for row in rows:
        cells = tuple(row)
        facts: dict[str, Any] = dict(zip(_FACTS, cells, strict=False))
        yield ChangeSeen(**facts, confirmed=bool(cells[13]), before=Shown(*cells[14:19]), after=Shown(*cells[19:24]))


def count_wanted(con: sqlite3.Connection, wanted: Wanted) -> int:
    """How many changes are `wanted`."""
    where, values = _where(wanted)
    where += " AND c.confirmed" if wanted.confirmed else ""
    [[count]] = con.execute(f"SELECT count(*) FROM changes c WHERE {where}", values)  # noqa: S608
    return int(count)
