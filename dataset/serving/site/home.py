"""The home page: what this is, how fresh it is, what is in it, and what happened last."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.building.known import facts_of, row_counts
from dataset.serving.site.page import Asked, Page
from dataset.serving.site.reading import each, row, value

MOST_FLIPS = 8
MOST_DIVIDED = 8
COUNTED = ("tools", "listings", "reviews", "personas", "comparisons", "changes", "captures")
"""The tables whose rows are told on the home page."""


@dataclass(frozen=True, slots=True)
class Run:
    """The last crawl or import."""

    run_id: str
    command: str | None
    started_at: str | None
    finished_at: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A verdict that changed: the panel's, or a critic's where `persona` or `review_id` is given."""

    change_id: str
    slug: str
    name: str | None
    listing_id: str
    review_id: str | None
    persona: str | None
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    confirmed: int
    before_capture_id: str
    after_capture_id: str


@dataclass(frozen=True, slots=True)
class Divided:
    """A tool whose panel is split, with the lowest and the highest score of its standing reviews."""

    slug: str
    name: str | None
    listing_id: str
    panel_ship_pct: int
    panel_ships: int | None
    panel_skips: int | None
    lowest_score: int | None
    highest_score: int | None


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that the home page shows, beside the list of tables and questions."""

    newest_capture: str | None
    input_digest: str | None
    last_run: Run | None
    counts: dict[str, int]
    problems: dict[str, int]
    flips: tuple[Flip, ...]
    divided: tuple[Divided, ...]


_FLIPS = """
SELECT c.change_id, t.slug, l.name, c.listing_id, c.review_id, c.persona, c.old_value, c.new_value, c.seen_before,
       c.seen_after, c.confirmed, c.before_capture_id, c.after_capture_id
  FROM changes c
  JOIN listings l ON l.listing_id = c.listing_id
  JOIN tools t ON t.tool_id = c.tool_id
 WHERE c.kind = 'verdict_flip'
 ORDER BY c.seen_after DESC, c.review_id IS NOT NULL, c.change_id
 LIMIT ?"""

_DIVIDED = """
SELECT t.slug, d.name, d.listing_id, d.panel_ship_pct, d.panel_ships, d.panel_skips, d.lowest_score, d.highest_score
  FROM (SELECT l.listing_id, l.tool_id, l.name, l.panel_ship_pct, l.panel_ships, l.panel_skips,
               min(r.score) AS lowest_score, max(r.score) AS highest_score
          FROM listings l
          LEFT JOIN reviews r ON r.listing_id = l.listing_id AND r.withdrawn_at IS NULL
         WHERE l.panel_verdict = 'mixed' AND l.panel_ship_pct BETWEEN 1 AND 99 AND l.withdrawn_at IS NULL
         GROUP BY l.listing_id) d
  JOIN tools t ON t.tool_id = d.tool_id
 ORDER BY abs(d.panel_ship_pct - 50), d.highest_score - d.lowest_score DESC, d.listing_id
 LIMIT ?"""


def home_page(con: sqlite3.Connection, asked: Asked) -> HomePage:
    """The home page; it is the same whatever is asked."""
    facts = facts_of(con)
    run = row(
        con,
        """SELECT run_id, command, started_at, finished_at, outcome FROM runs
            ORDER BY started_at DESC, run_id DESC LIMIT 1""",
    )
    problems = {
        name: value(con, "SELECT count(*) FROM problems WHERE severity = ?", (name,))
        for name in ("error", "warning", "info")
    }
    return HomePage(
        newest_capture=value(con, "SELECT max(captured_at) FROM captures"),
        input_digest=facts.get("input_digest"),
        last_run=None if run is None else Run(**run),
        counts=row_counts(con, facts, COUNTED),
        problems=problems,
        flips=each(Flip, con, _FLIPS, (MOST_FLIPS,)),
        divided=each(Divided, con, _DIVIDED, (MOST_DIVIDED,)),
    )


HOME = Page("home", r"/", home_page, "index.html", json_path=r"/home\.json", costly=True)
