"""Looks up a listing as it was at a given time: by when the pages were generated (observed_at), not imported."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from crawler.items import CARD_FIELDS

REVIEW_FIELDS = ("persona", "score", "verdict", "quote")


@dataclass(frozen=True, slots=True)
class Standing:
    """The period of a version; `is_last_known` means that nothing shows it was still valid at the given time."""

    version: int
    valid_from: str
    last_confirmed: str
    valid_to: str | None
    is_last_known: bool


@dataclass(frozen=True, slots=True)
class ReviewAsOf:
    """A review at a given time."""

    review_id: str
    persona: str | None
    score: int | None
    verdict: str | None
    quote: str
    known: Standing


@dataclass(frozen=True, slots=True)
class ListingAsOf:
    """A listing at the time `as_of`.

    `known` is None if nothing had shown the listing by then. If it was withdrawn at that time, `withdrawn_at` says
    since when, and `fields` and `reviews` are the last known ones.
    """

    listing_id: str
    source: str
    url: str | None
    as_of: str
    first_seen: str
    last_seen: str
    tool_id: str
    same_tool: list[str] = field(default_factory=list)
    """The other current listings of its tool."""
    known: Standing | None = None
    withdrawn_at: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    reviews: list[ReviewAsOf] = field(default_factory=list)


def _standing(row: sqlite3.Row, as_of: str) -> Standing:
    is_last_known = as_of > row["last_confirmed"]
    return Standing(row["version"], row["valid_from"], row["last_confirmed"], row["valid_to"], is_last_known)


def listing_as_of(con: sqlite3.Connection, listing: str, as_of: str) -> ListingAsOf:
    """Return the listing with the id `listing` at the time `as_of`; raise `LookupError` if it doesn't exist."""
    about = con.execute(
        "SELECT listing_id, source, url, first_seen, last_seen, tool_id FROM listings WHERE listing_id = ?", (listing,)
    ).fetchone()
    if about is None:
        raise LookupError(listing)
    others = con.execute(
        "SELECT listing_id FROM listings WHERE tool_id = ? AND listing_id <> ? ORDER BY first_seen, listing_id",
        (about["tool_id"], listing),
    )
    facts = {name: about[name] for name in about.keys()}  # noqa: SIM118  (a Row is not a dict)
    facts |= {"as_of": as_of, "same_tool": [row[0] for row in others]}
    version = con.execute(
        "SELECT * FROM listing_versions WHERE listing_id = ? AND valid_from <= ? ORDER BY valid_from DESC LIMIT 1",
        (listing, as_of),
    ).fetchone()
    if version is None:
        return ListingAsOf(**facts)
    gone_at = version["valid_to"]
    is_gone = gone_at is not None and gone_at <= as_of
    return ListingAsOf(
        **facts,
        known=_standing(version, as_of),
        withdrawn_at=gone_at if is_gone else None,
        fields={name: version[name] for name in CARD_FIELDS},
        reviews=_reviews(con, listing, as_of, version["valid_from"] if is_gone else None),
    )


def _reviews(con: sqlite3.Connection, listing: str, as_of: str, gone_since: str | None) -> list[ReviewAsOf]:
    """Return the reviews that were current at `as_of`, or, if the listing was withdrawn by then, its last ones."""
    rows = con.execute(
        """
        SELECT v.*, r.position FROM review_versions v LEFT JOIN reviews r USING (review_id)
         WHERE v.listing_id = :listing AND v.valid_from <= :as_of
           AND (v.valid_to IS NULL OR v.valid_to > coalesce(:gone_since, :as_of))
           AND NOT EXISTS (SELECT 1 FROM review_versions later
                            WHERE later.review_id = v.review_id AND later.version > v.version
                              AND later.valid_from <= :as_of)
         ORDER BY r.position IS NULL, r.position, v.persona IS NULL, v.persona, v.review_id
        """,
        {"listing": listing, "as_of": as_of, "gone_since": gone_since},
    )
    return [
        ReviewAsOf(
            review_id=row["review_id"],
            **{name: row[name] for name in REVIEW_FIELDS},
            known=_standing(row, as_of),
        )
        for row in rows
    ]
