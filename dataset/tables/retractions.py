"""Changes that a build no longer finds: an older capture came in between, and what looked like a change was none.

They were told to people, so that they are none must be told too: `retracted_changes` remembers each, with the newest
capture that the build knew which no longer found it. One that is found again is forgotten, be it under another id (its
listing moved) or between other captures, as long as its bracket overlaps. What another parser or other rules no longer
find was never a change of the site (that is what `build --diff` is for), and what is gone with its captures is not
disproved: neither is a retraction.

What was told is what the published dataset says, from whatever older one a build begins.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from dataset.building.info import newest_capture
from dataset.building.known import facts_of, read_only
from dataset.schema.tables import table
from dataset.tables.rows import Rows, in_parts, marks

RULES = ("parser_version", "rules_version")
"""The facts that must be equal for two builds to be held against each other."""

TOLD = ("change_id", "kind", "listing_id", "field", "old_value", "new_value", "seen_before", "seen_after", "review_id")
_COLUMNS = ", ".join(TOLD)

Row = dict[str, Any]

STANDS_SQL = """
SELECT EXISTS (
  SELECT 1 FROM changes
   WHERE listing_id = coalesce((SELECT listing_id FROM listing_aliases WHERE alias_id = :listing_id), :listing_id)
     AND review_id IS coalesce((SELECT review_id FROM review_aliases WHERE alias_id = :review_id), :review_id)
     AND field = :field AND old_value IS :old_value AND new_value IS :new_value
     AND seen_before <= :seen_after AND seen_after >= :seen_before
)
"""
"""Whether a change still stands: the same one, or the same passing between other captures."""


def settle_retractions(
    rows: Rows, published: Path, versions: Mapping[str, str], touched: Collection[str] | None = None
) -> None:
    """Bring `retracted_changes` up to date with what the dataset in the file `published`, if there is one, told.

    `touched` are the listings whose changes may be others than there (None: all may).
    """
    told = _told(rows.con, published, versions, touched)
    new = [row for row in told.values() if not rows.con.execute(STANDS_SQL, row).fetchone()[0]]
    kind = table("retracted_changes")
    old = rows.con.execute(f"SELECT {', '.join(kind.column_names)} FROM retracted_changes").fetchall()  # noqa: S608
    rows.replace(kind, old, new)


def _told(
    con: sqlite3.Connection, published: Path, versions: Mapping[str, str], touched: Collection[str] | None
) -> dict[str, Row]:
    """What `published` told that is none, by change_id: what it retracted, and changes that `con` has no more."""
    if not published.exists():
        return {}
    names = (*TOLD, "retracted_at")
    told: dict[str, Row] = {}
    try:
        with read_only(published) as old:
            facts = facts_of(old)
            for row in old.execute(f"SELECT {', '.join(names)} FROM retracted_changes ORDER BY change_id"):  # noqa: S608
                told[row[0]] = dict(zip(names, row, strict=True))
            if all(facts.get(name) == versions[name] for name in RULES):
                at = newest_capture(con)
                for each in _gone(con, _changes(old, touched)):
                    told.setdefault(each["change_id"], each | {"retracted_at": at})
    except sqlite3.Error:
        pass  # a dataset that can't be read, or of a time before there were changes, told none that count
    return told


def _changes(old: sqlite3.Connection, listings: Collection[str] | None) -> Iterator[tuple[Any, ...]]:
    """What tells each change of `listings` in `old`, and at last the capture that showed it."""
    sql = f"SELECT {_COLUMNS}, after_capture_id FROM changes"  # noqa: S608
    if listings is None:
        yield from old.execute(f"{sql} ORDER BY change_id")
    for part in in_parts(sorted(listings or ())):
        yield from old.execute(f"{sql} WHERE listing_id IN ({marks(part)}) ORDER BY change_id", part)


def _gone(con: sqlite3.Connection, changes: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    """Those of `changes` that `con` has no more, although it has the captures that showed them."""
    sql = (
        "SELECT NOT EXISTS (SELECT 1 FROM changes WHERE change_id = ?) "
        "AND EXISTS (SELECT 1 FROM captures WHERE capture_id = ?)"
    )
    for *row, after_capture in changes:
        if con.execute(sql, (row[0], after_capture)).fetchone()[0]:
            yield dict(zip(TOLD, row, strict=True))
