"""The net below the derivation of listings: one that can't be derived, or not written, is left out and reported.

It must never be needed: what pages say is validated where it is read. But where a case was forgotten, one listing must
not stop the build of all others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dataset.folding.fold_reviews import Problem
from dataset.folding.history import Moment
from dataset.schema import ddl
from dataset.schema.tables import table
from dataset.tables.rows import Rows, as_tuples, marks
from dataset.tables.sums import persona_row

FAILED_SQL = "SELECT 1 FROM problems WHERE code = 'listing_failed'"
"""Gives a row where a dataset lacks a listing."""

NAMED = 5
"""How many captures a message names."""


class TrialTables:
    """Empty tables like those of the dataset, in memory, in which rows are tried out before they are written."""

    def __init__(self, names: Collection[str]) -> None:
        self._con = sqlite3.connect(":memory:", isolation_level=None)
        self._insert = {}
        for name in names:
            kind = table(name)
            self._con.execute(ddl.table_sql(kind))
            self._insert[name] = f'INSERT INTO "{name}" VALUES ({marks(kind.columns)})'  # noqa: S608  (our own names)

    def try_out(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Raise what the dataset would raise for `rows`, by table; tables that are not tried are passed over."""
        self._con.execute("BEGIN")
        try:
            for name, sql in self._insert.items():
                self._con.executemany(sql, as_tuples(table(name), rows.get(name, ())))
        finally:
            self._con.execute("ROLLBACK")


def personas_of(reviews: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the critics that `reviews` name, as they are before anything is counted."""
    named = sorted({each["persona"] for each in reviews if each["persona"] is not None})
    return [persona_row(each) for each in named]


def failed_listing(listing: str, moments: Iterable[Moment], error: Exception) -> Problem:
    """The problem that `listing`, which the captures of `moments` show, could not be derived because of `error`."""
    seen = sorted({each.capture_id: each for each in sorted(moments)}.values())
    named = ", ".join(each.capture_id for each in seen[:NAMED])
    more = f" and {len(seen) - NAMED:,} more" if len(seen) > NAMED else ""
    said = f"{type(error).__name__}: {error}"[:200].encode("utf-8", "backslashreplace").decode()
    return Problem(
        "error",
        "listing_failed",
        listing,
        f"{listing} was left out of the dataset, because it could not be derived ({said}). It is shown by the captures "
        f"{named}{more}. Please report this",
        url=seen[0].page if seen[0].page != seen[0].capture_id else None,
        capture_id=seen[0].capture_id,
        seen_at=seen[0].observed_at,
    )


def leave_out(rows: Rows, listings: Collection[str]) -> set[str]:
    """Take away what refers to `listings`, which are not in the dataset; gives the ids of problems that did."""
    links, sightings = table("listing_captures"), table("problem_sightings")
    left_out = sorted(listings)
    rows.replace(links, rows.select(links, "listing_id", left_out), [])
    old = rows.select(sightings, "listing_id", left_out)
    new = [dict(zip(sightings.column_names, row, strict=True)) | {"listing_id": None} for row in old]
    rows.replace(sightings, old, new)
    return {row["problem_id"] for row in new}
