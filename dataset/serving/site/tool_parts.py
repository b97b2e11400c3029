"""What a tool's page is made of, as of now: its listings, comparisons, evidence, judgements and problems."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.reading import each
from dataset.tables.rows import marks

MOST_COMPARISONS = 60
MOST_PROBLEMS = 30


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of the tool, as of now: the columns of ``listings`` that its card shows."""

    listing_id: str
    source: str
    name: str | None
    url: str | None
    tagline: str | None
    description: str | None
    category: str | None
    panel_verdict: str | None
    panel_ship_pct: int | None
    panel_ships: int | None
    panel_skips: int | None
    community_ship_pct: int | None
    community_ships: int | None
    community_votes: int | None
    entry: str | None
    pricing: str | None
    pricing_model: str | None
    has_free_tier: int | None
    price_min: float | None
    price_currency: str | None
    price_period: str | None
    license: str | None
    best_for: str | None
    website: str | None
    reviewed_on: str | None
    first_seen: str
    last_seen: str
    last_changed: str | None
    withdrawn_at: str | None
    complete: int


LISTING_COLUMNS = ", ".join(Listing.__slots__)


def listings_of(con: sqlite3.Connection, tool_id: str) -> tuple[Listing, ...]:
    """The listings of a tool: those that stand first, then the one that was seen last."""
    order = "withdrawn_at IS NOT NULL, last_seen DESC, listing_id"
    sql = f"SELECT {LISTING_COLUMNS} FROM listings WHERE tool_id = ? ORDER BY {order}"  # noqa: S608  (our own columns)
    return each(Listing, con, sql, (tool_id,))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison page of the site on which the tool stands, and the tool on its other side."""

    comparison_id: str
    url: str
    http_status: int | None
    first_seen: str
    last_seen: str
    other_listing_id: str
    other_slug: str
    other_name: str | None


def comparisons_of(con: sqlite3.Connection, listings: list[str]) -> tuple[Comparison, ...]:
    """The comparisons of `listings` with others, by the other's name."""
    found: dict[str, Comparison] = {}
    for own, other in (("left", "right"), ("right", "left")):
        sql = f"""
            SELECT c.comparison_id, c.url, c.http_status, c.first_seen, c.last_seen, l.listing_id AS other_listing_id,
                   t.slug AS other_slug, l.name AS other_name
              FROM (SELECT * FROM comparisons
                     WHERE {own}_listing_id IN ({marks(listings)}) AND {other}_listing_id IS NOT NULL
                     ORDER BY comparison_id LIMIT ?) c
              JOIN listings l ON l.listing_id = c.{other}_listing_id
              JOIN tools t ON t.tool_id = l.tool_id"""  # noqa: S608  (no names from data)
        for comparison in each(Comparison, con, sql, (*listings, MOST_COMPARISONS)):
            found.setdefault(comparison.comparison_id, comparison)
    in_order = sorted(found.values(), key=lambda one: ((one.other_name or "").casefold(), one.comparison_id))
    return tuple(in_order[:MOST_COMPARISONS])


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a current value stands: the first and the last capture that show it."""

    listing_id: str
    review_id: str | None
    field: str
    value: str | None
    first_capture_id: str
    last_capture_id: str


def proofs_of(con: sqlite3.Connection, listings: list[str]) -> tuple[Proof, ...]:
    """Where the current values of `listings` and of their reviews stand."""
    sql = f"""SELECT {", ".join(Proof.__slots__)} FROM field_evidence WHERE listing_id IN ({marks(listings)})
               ORDER BY listing_id, review_id IS NOT NULL, review_id, field"""  # noqa: S608
    return each(Proof, con, sql, listings)


@dataclass(frozen=True, slots=True)
class Match:
    """Why two listings were taken for one tool or kept apart: in words, by which rule, and who decided so."""

    left_listing_id: str
    right_listing_id: str
    decision: str
    sentence: str
    rule: str
    decided_by: str
    at: str


def matches_of(con: sqlite3.Connection, listings: list[str]) -> tuple[Match, ...]:
    """The judgements between `listings`."""
    sql = f"""SELECT {", ".join(Match.__slots__)} FROM match_decisions
               WHERE left_listing_id IN ({marks(listings)}) AND right_listing_id IN ({marks(listings)})
               ORDER BY left_listing_id, right_listing_id"""  # noqa: S608
    return each(Match, con, sql, (*listings, *listings))


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read or reconciled about the tool."""

    problem_id: str
    severity: str
    code: str
    message: str
    listing_id: str | None
    occurrences: int


def problems_of(con: sqlite3.Connection, listings: list[str]) -> tuple[Problem, ...]:
    """The open problems of `listings`, the weightiest first."""
    sql = f"""SELECT {", ".join(Problem.__slots__)} FROM problems WHERE listing_id IN ({marks(listings)})
               ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, code, problem_id
               LIMIT ?"""  # noqa: S608
    return each(Problem, con, sql, (*listings, MOST_PROBLEMS))
