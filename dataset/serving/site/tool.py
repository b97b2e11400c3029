"""The page of a tool: what its listings say of it, how that changed, and where each value stands."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from dataset.serving.site import tool_history as history
from dataset.serving.site import tool_parts as parts
from dataset.serving.site.links import tool_path
from dataset.serving.site.page import Asked, MovedError, Page
from dataset.serving.site.reading import rows, value
from dataset.serving.site.tool_names import tool_meant
from dataset.serving.site.tool_reviews import Review, reviews_of
from dataset.tables.rows import marks


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the standing listings of a tool lie apart: the lowest and the highest share of ship, and how many
    say which verdict.
    """

    listings: int
    withdrawn: int
    panel_lowest: int | None
    panel_highest: int | None
    community_lowest: int | None
    community_highest: int | None
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The history of one listing: its versions, the oldest first, and how its panel's verdict flipped."""

    listing_id: str
    name: str | None
    versions: tuple[history.State, ...]
    flips: tuple[history.Change, ...]


@dataclass(frozen=True, slots=True)
class ToolPage:
    """All that a tool's page shows."""

    tool_id: str
    slug: str
    name: str | None
    vendor: str | None
    category: str | None
    tagline: str | None
    first_seen: str
    last_seen: str
    spread: Spread
    listings: tuple[parts.Listing, ...]
    timelines: tuple[Timeline, ...]
    reviews: tuple[Review, ...]
    prices: tuple[history.Price, ...]
    flips: tuple[history.Change, ...]
    changes: tuple[history.Change, ...]
    change_count: int
    comparisons: tuple[parts.Comparison, ...]
    comparison_count: int
    matches: tuple[parts.Match, ...]
    evidence: tuple[parts.Proof, ...]
    problems: tuple[parts.Problem, ...]
    former_names: tuple[str, ...]


def tool_page(con: sqlite3.Connection, asked: Asked) -> ToolPage:
    """The page of the tool that the address names."""
    word = asked.parts["tool"]
    tool = tool_meant(con, word)
    if tool.slug != word:
        raise MovedError(tool_path(tool.slug))
    [facts] = rows(
        con,
        "SELECT tool_id, slug, name, vendor, category, tagline, first_seen, last_seen FROM tools WHERE tool_id = ?",
        (tool.tool_id,),
    )
    listings = parts.listings_of(con, tool.tool_id)
    ids = [one.listing_id for one in listings]
    flips = history.changes_of(con, tool.tool_id, flips=True)
    timelines = tuple(
        Timeline(one.listing_id, one.name, history.history_of(con, one.listing_id), _flips_of(one.listing_id, flips))
        for one in listings
    )
    return ToolPage(
        **facts,
        spread=_spread(listings),
        listings=listings,
        timelines=timelines,
        reviews=reviews_of(con, tool.tool_id),
        prices=tuple(price for line in timelines for price in history.prices_of(line.versions)),
        flips=flips,
        changes=history.changes_of(con, tool.tool_id, flips=False),
        change_count=value(con, "SELECT count(*) FROM changes WHERE tool_id = ?", (tool.tool_id,)),
        comparisons=parts.comparisons_of(con, ids),
        comparison_count=_comparison_count(con, ids),
        matches=parts.matches_of(con, ids),
        evidence=parts.proofs_of(con, ids),
        problems=parts.problems_of(con, ids),
        former_names=_former_names(con, ids),
    )


def _flips_of(listing_id: str, flips: tuple[history.Change, ...]) -> tuple[history.Change, ...]:
    """The flips of a listing's own verdict, the oldest first."""
    return tuple(one for one in reversed(flips) if one.listing_id == listing_id and one.review_id is None)


def _spread(listings: tuple[parts.Listing, ...]) -> Spread:
    standing = [one for one in listings if one.withdrawn_at is None]
    panel = [one.panel_ship_pct for one in standing if one.panel_ship_pct is not None]
    community = [one.community_ship_pct for one in standing if one.community_ship_pct is not None]
    verdicts = Counter(one.panel_verdict for one in standing if one.panel_verdict is not None)
    return Spread(
        listings=len(listings),
        withdrawn=len(listings) - len(standing),
        panel_lowest=min(panel, default=None),
        panel_highest=max(panel, default=None),
        community_lowest=min(community, default=None),
        community_highest=max(community, default=None),
        verdicts={name: verdicts[name] for name in ("ship", "mixed", "skip") if name in verdicts},
    )


def _comparison_count(con: sqlite3.Connection, ids: list[str]) -> int:
    """How many comparison pages show any of `ids`; a page with two of them counts once."""
    some = marks(ids)
    sql = f"""SELECT count(*) FROM (
        SELECT comparison_id FROM comparisons WHERE left_listing_id IN ({some}) AND right_listing_id IS NOT NULL
        UNION
        SELECT comparison_id FROM comparisons WHERE right_listing_id IN ({some}) AND left_listing_id IS NOT NULL
    )"""  # noqa: S608  (no names from data)
    return int(value(con, sql, (*ids, *ids)))


def _former_names(con: sqlite3.Connection, ids: list[str]) -> tuple[str, ...]:
    sql = f"SELECT alias_id FROM listing_aliases WHERE listing_id IN ({marks(ids)}) ORDER BY alias_id"  # noqa: S608
    return tuple(row["alias_id"] for row in rows(con, sql, ids))


TOOL = Page("tool", r"/tool/(?P<tool>[^/]+?)", tool_page, "site/tool.html")
