"""Changes that a build no longer finds: an older capture came in between, and what looked like a change was none.

They were told to people, so that they are none must be told too: `retracted_changes` remembers each, with the newest
capture that the build knew which no longer found it. One that is found again is forgotten, be it under another id (its
listing moved) or between other captures, as long as its bracket overlaps. What another parser or other rules no longer
find was never a change of the site (that is what `build --diff` is for), and what is gone with its captures is not
disproved: neither is a retraction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from dataset.info import newest_capture
from dataset.rows import Rows
from dataset.schema import table

RULES = ("parser_version", "rules_version")
"""The facts that must be equal for two builds to be held against each other."""

TOLD = ("change_id", "kind", "listing_id", "field", "old_value", "new_value", "seen_before", "seen_after", "review_id")
_COLUMNS = ", ".join(TOLD)

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


def watch_changes(con: sqlite3.Connection) -> None:
    """From now on note in this connection which changes go, for `settle_retractions`."""
    con.execute(f"CREATE TEMP TABLE gone_changes ({_COLUMNS}, after_capture_id)")
    values = ", ".join(f"old.{name}" for name in TOLD)
    con.execute(
        "CREATE TEMP TRIGGER watch_changes AFTER DELETE ON main.changes BEGIN "  # noqa: S608
        f"INSERT INTO gone_changes VALUES ({values}, old.after_capture_id); END"
    )


def bring_over(con: sqlite3.Connection, database: Path, versions: Mapping[str, str]) -> None:
    """Note what the dataset in the file `database`, which is being made anew, told: its changes and retractions."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as old:
            facts = dict(old.execute("SELECT key, value FROM dataset_info"))
            con.executemany(
                f"INSERT INTO retracted_changes ({_COLUMNS}, retracted_at) VALUES ({', '.join('?' * 10)})",  # noqa: S608
                old.execute(f"SELECT {_COLUMNS}, retracted_at FROM retracted_changes"),  # noqa: S608
            )
            if all(facts.get(name) == versions[name] for name in RULES):
                con.executemany(
                    f"INSERT INTO gone_changes VALUES ({', '.join('?' * 10)})",  # noqa: S608
                    old.execute(f"SELECT {_COLUMNS}, after_capture_id FROM changes"),  # noqa: S608
                )
    except sqlite3.Error:
        return  # a dataset that can't be read, or of a time before there were changes, told none that count


def settle_retractions(rows: Rows) -> None:
    """Bring `retracted_changes` up to date."""
    kind = table("retracted_changes")
    names = kind.column_names
    con = rows.con
    old = [tuple(row) for row in con.execute(f"SELECT {', '.join(names)} FROM retracted_changes")]  # noqa: S608
    told = {row[0]: dict(zip(names, row, strict=True)) for row in old}
    at = newest_capture(con)
    for row in _gone(con):
        told.setdefault(row["change_id"], row | {"retracted_at": at})
    new = [row for row in told.values() if not con.execute(STANDS_SQL, row).fetchone()[0]]
    rows.replace(kind, old, new)
    con.execute("DELETE FROM gone_changes")


def _gone(con: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """The noted changes that are there no more, although the captures that showed them are."""
    found = con.execute(
        f"SELECT {_COLUMNS} FROM gone_changes g "  # noqa: S608
        "WHERE NOT EXISTS (SELECT 1 FROM changes c WHERE c.change_id = g.change_id) "
        "AND EXISTS (SELECT 1 FROM captures p WHERE p.capture_id = g.after_capture_id)"
    )
    for row in found.fetchall():
        yield dict(zip(TOLD, row, strict=True))
