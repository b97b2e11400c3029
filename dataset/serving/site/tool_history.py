"""The history of a tool on its page: the versions of its listings, their prices, and what changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.reading import each
from dataset.telling.telling import WEIGHT

MOST_VERSIONS = 500
"""Of a listing's history the newest so many versions are read."""

MOST_CHANGES = 40


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
    """The newest changes of a tool (or flips alone), the newest first, of one time the weightiest first."""
    # The plus keeps SQLite from reading all flips of all tools.
    only = " AND +kind = 'verdict_flip'" if flips else ""
    sql = f"""SELECT {", ".join(Change.__slots__)} FROM changes WHERE tool_id = ?{only}
               ORDER BY seen_after DESC, listing_id, review_id, field, change_id LIMIT ?"""  # noqa: S608
    by_weight = sorted(each(Change, con, sql, (tool_id, MOST_CHANGES)), key=lambda one: WEIGHT.index(one.kind))
    return tuple(sorted(by_weight, key=lambda one: one.seen_after, reverse=True))
