"""What a tool's page is made of: its listings, their history, prices, changes, comparisons and problems."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from dataset.site.reading import each, has_table, marks, rows
from dataset.telling import WEIGHT

MOST_VERSIONS = 500
"""Of a listing's history the newest so many versions are read."""

MOST_CHANGES = 40
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
class State:
    """A version of a listing: its shares, verdict and price from when they were first seen to when they were last."""

    listing_id: str
    version: int
    valid_from: str
    last_confirmed: str
    valid_to: str | None
    panel_verdict: str | None
    panel_ship_pct: int | None
    community_ship_pct: int | None
    community_votes: int | None
    pricing: str | None
    entry: str | None


def history_of(con: sqlite3.Connection, listing_id: str) -> tuple[State, ...]:
    """The newest versions of a listing, the oldest of them first."""
    sql = f"""SELECT {", ".join(State.__slots__)} FROM listing_versions WHERE listing_id = ?
               ORDER BY version DESC LIMIT ?"""  # noqa: S608  (our own columns)
    return each(State, con, sql, (listing_id, MOST_VERSIONS))[::-1]


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a listing, in the site's words, and how long it was seen; `until` is when another was."""

    listing_id: str
    pricing: str | None
    entry: str | None
    since: str
    last_seen: str
    until: str | None


def prices_of(history: tuple[State, ...]) -> tuple[Price, ...]:
    """The prices in the history of one listing, the newest first; versions without any are left out."""
    found: list[Price] = []
    for state in history:
        last = found[-1] if found else None
        if last and (last.pricing, last.entry, last.until) == (state.pricing, state.entry, state.valid_from):
            found[-1] = Price(
                state.listing_id, state.pricing, state.entry, last.since, state.last_confirmed, state.valid_to
            )
        elif state.pricing is not None or state.entry is not None:
            found.append(
                Price(
                    state.listing_id,
                    state.pricing,
                    state.entry,
                    state.valid_from,
                    state.last_confirmed,
                    state.valid_to,
                )
            )
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one of the tool's listings or reviews; `confirmed` 0 means that the order is not known for sure."""

    change_id: str
    kind: str
    listing_id: str
    review_id: str | None
    persona: str | None
    field: str
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    confirmed: int
    before_capture_id: str
    after_capture_id: str


def changes_of(con: sqlite3.Connection, tool_id: str, *, flips: bool) -> tuple[Change, ...]:
    """The newest changes of a tool, the newest first, of one time the weightiest: its flips alone, or all."""
    only = " AND kind = 'verdict_flip'" if flips else ""
    # The plus keeps SQLite from reading all flips of all tools.
    sql = f"""SELECT {", ".join(Change.__slots__)} FROM changes WHERE tool_id = ?{only.replace("kind", "+kind")}
               ORDER BY seen_after DESC, listing_id, review_id, field, change_id LIMIT ?"""  # noqa: S608
    found = each(Change, con, sql, (tool_id, MOST_CHANGES))
    by_weight = sorted(found, key=lambda one: WEIGHT.index(one.kind))
    return tuple(sorted(by_weight, key=lambda one: one.seen_after, reverse=True))


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
              FROM comparisons c
              JOIN listings l ON l.listing_id = c.{other}_listing_id
              JOIN tools t ON t.tool_id = l.tool_id
             WHERE c.{own}_listing_id IN ({marks(listings)})
             LIMIT ?"""  # noqa: S608  (no names from data)
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
    """Why two listings were taken for one tool or kept apart; `reasons` in words."""

    left_listing_id: str
    right_listing_id: str
    decision: str
    rule: str | None
    reasons: tuple[str, ...]
    decided_by: str | None


def matches_of(con: sqlite3.Connection, listings: list[str]) -> tuple[Match, ...]:
    """The judgements between `listings`; none in datasets that were made without matching."""
    if len(listings) < 2 or not has_table(con, "match_decisions"):
        return ()
    sql = f"""SELECT left_listing_id, right_listing_id, decision, rule, reasons, decided_by FROM match_decisions
               WHERE left_listing_id IN ({marks(listings)}) AND right_listing_id IN ({marks(listings)})
               ORDER BY left_listing_id, right_listing_id"""  # noqa: S608
    found = rows(con, sql, (*listings, *listings))
    return tuple(Match(**{**one, "reasons": reasons_of(one["reasons"])}) for one in found)


def reasons_of(written: str | None) -> tuple[str, ...]:
    """Reasons, as they are kept (JSON: a list, or an object by name), in words."""
    if not written:
        return ()
    try:
        said = json.loads(written)
    except ValueError:
        return (written,)
    if isinstance(said, dict):
        return tuple(f"{name}: {_plain(value)}" for name, value in said.items())
    return tuple(_plain(one) for one in said) if isinstance(said, list) else (_plain(said),)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
