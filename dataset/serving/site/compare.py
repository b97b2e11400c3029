"""Two tools side by side, whether or not the site ever paired them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from dataset.serving.site.links import compare_path, tool_path
from dataset.serving.site.missing import near_tools
from dataset.serving.site.page import Asked, MissingError, MovedError, Near, Page
from dataset.serving.site.reading import each, rows
from dataset.serving.site.tool_names import ToolRef, tool_meant
from dataset.serving.site.tool_parts import Listing, listings_of

COMPARED = (
    *("panel_verdict", "panel_ship_pct", "panel_ships", "panel_skips", "community_ship_pct", "community_votes"),
    *("category", "pricing", "pricing_model", "has_free_tier", "price_min", "license", "entry", "best_for"),
    *("tagline", "description", "reviewed_on", "first_seen", "last_seen"),
)
"""The fields that are compared, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tools, and the listing that stands for it here."""

    slug: str
    name: str | None
    listing: Listing
    other_listings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field on both sides. `differs` is None where one side is not known."""

    field: str
    left: Any
    right: Any
    differs: bool | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a critic says of one side."""

    review_id: str
    persona: str | None
    score: int | None
    verdict: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Critic:
    """What one critic says of both sides; None where nothing is known. `persona` is None for unnamed reviews."""

    persona: str | None
    left: Said | None
    right: Said | None
    score_difference: int | None
    verdicts_differ: bool | None


@dataclass(frozen=True, slots=True)
class OnTheSite:
    """The site's own page of the two."""

    comparison_id: str
    url: str
    http_status: int | None
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    """All that a comparison shows."""

    left: Side
    right: Side
    fields: tuple[Field, ...]
    critics: tuple[Critic, ...]
    on_the_site: tuple[OnTheSite, ...]


def compare_page(con: sqlite3.Connection, asked: Asked) -> ComparePage:
    """The comparison of the two tools that the address names."""
    words = asked.parts["left"], asked.parts["right"]
    left, right = (tool_meant(con, word) for word in words)
    if left.tool_id == right.tool_id:
        raise MovedError(tool_path(left.slug))
    if (left.slug, right.slug) != words:
        raise MovedError(compare_path(left.slug, right.slug))
    sides = _side(con, left, asked.word("left")), _side(con, right, asked.word("right"))
    return ComparePage(
        left=sides[0],
        right=sides[1],
        fields=tuple(_field(name, sides[0].listing, sides[1].listing) for name in COMPARED),
        critics=_critics(*(_said(con, side.listing.listing_id) for side in sides)),
        on_the_site=_on_the_site(con, left.tool_id, right.tool_id),
    )


def _side(con: sqlite3.Connection, tool: ToolRef, wanted: str) -> Side:
    listings = listings_of(con, tool.tool_id)
    if not listings:
        raise MissingError(f"No listing of {tool.slug} is known.")
    chosen = next((one for one in listings if one.listing_id == wanted), listings[0])
    others = tuple(one.listing_id for one in listings if one is not chosen)
    return Side(tool.slug, tool.name, chosen, others)


def _field(name: str, left: Listing, right: Listing) -> Field:
    one, other = (_value(name, side) for side in (left, right))
    return Field(name, one, other, None if one is None or other is None else one != other)


def _value(name: str, listing: Listing) -> Any:
    if name == "price_min" and listing.price_min is not None:
        period = f" a {listing.price_period}" if listing.price_period else ""
        return f"{listing.price_min:g} {listing.price_currency or ''}".strip() + period
    return getattr(listing, name)


def _said(con: sqlite3.Connection, listing_id: str) -> tuple[Said, ...]:
    sql = """SELECT review_id, persona, score, verdict, quote FROM reviews
              WHERE listing_id = ? AND withdrawn_at IS NULL ORDER BY persona IS NULL, persona, review_id"""
    return each(Said, con, sql, (listing_id,))


def _critics(left: tuple[Said, ...], right: tuple[Said, ...]) -> tuple[Critic, ...]:
    """Who judged both first, then who judged one, then reviews whose critic nobody knows, each in a row of its own."""
    by_critic: dict[str, tuple[list[Said], list[Said]]] = defaultdict(lambda: ([], []))
    for place, said in enumerate((left, right)):
        for one in said:
            if one.persona is not None:
                by_critic[one.persona][place].append(one)
    found: list[Critic] = []
    for persona, (ones, others) in by_critic.items():
        for place in range(max(len(ones), len(others))):
            found.append(_critic(persona, *(said[place] if place < len(said) else None for said in (ones, others))))
    found.sort(key=lambda one: (one.left is None or one.right is None, one.persona))
    found += [_critic(None, one, None) for one in left if one.persona is None]
    found += [_critic(None, None, one) for one in right if one.persona is None]
    return tuple(found)


def _critic(persona: str | None, left: Said | None, right: Said | None) -> Critic:
    scores = [said.score for said in (left, right) if said and said.score is not None]
    verdicts = [said.verdict for said in (left, right) if said and said.verdict is not None]
    return Critic(
        persona,
        left,
        right,
        score_difference=scores[0] - scores[1] if len(scores) == 2 else None,
        verdicts_differ=verdicts[0] != verdicts[1] if len(verdicts) == 2 else None,
    )


def _on_the_site(con: sqlite3.Connection, left: str, right: str) -> tuple[OnTheSite, ...]:
    sql = """SELECT c.comparison_id, c.url, c.http_status, c.first_seen, c.last_seen
               FROM listings l CROSS JOIN listings r
               JOIN comparisons c ON c.left_listing_id = l.listing_id AND c.right_listing_id = r.listing_id
              WHERE (l.tool_id = ? AND r.tool_id = ?)"""
    found = {
        one.comparison_id: one for pair in ((left, right), (right, left)) for one in each(OnTheSite, con, sql, pair)
    }
    return tuple(found[key] for key in sorted(found))


COMPARE = Page(
    "compare", r"/compare/(?P<left>[^/]+)/(?P<right>[^/]+?)", compare_page, "site/compare.html", words=("left", "right")
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A word typed for one side, and the tools that it may mean."""

    typed: str
    near: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """The form for two tools; what was typed and names no one tool stands in it."""

    left: Choice
    right: Choice


def choose_page(con: sqlite3.Connection, asked: Asked) -> ChoosePage:
    """Leads to the comparison where both words mean a tool; else the form."""
    typed = asked.word("left"), asked.word("right")
    slugs = [_slug_typed(con, word) for word in typed]
    if slugs[0] and slugs[1]:
        raise MovedError(compare_path(slugs[0], slugs[1]) + "?", for_good=False)
    choices = [
        Choice(slug or word, () if slug or not word else tuple(near_tools(con, word)))
        for slug, word in zip(slugs, typed, strict=True)
    ]
    return ChoosePage(*choices)


def _slug_typed(con: sqlite3.Connection, word: str) -> str | None:
    """The slug of the one tool that a typed word means: by an id, or else by its name."""
    if not word:
        return None
    try:
        return tool_meant(con, word).slug
    except MissingError:
        named = rows(con, "SELECT slug FROM tools WHERE name = ? COLLATE NOCASE ORDER BY slug LIMIT 2", (word,))
        return named[0]["slug"] if len(named) == 1 else None


CHOOSE = Page("choose", r"/compare", choose_page, "site/choose.html", words=("left", "right"))
