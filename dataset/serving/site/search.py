"""The search page: tools and quotes by words, narrowed down by critic, verdict, category, vendor and kind of price."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from dataset.serving.site import search_sql as statements
from dataset.serving.site.page import Asked, Page
from dataset.serving.site.reading import rows, value
from dataset.serving.site.search_words import CLOSE, OPEN, Piece, full_text, pieces
from dataset.tables.rows import marks

SIZE = 20
"""Hits on a page."""

MOST_COUNTED = 2000
"""So many hits are counted and can be leafed through; where there are more, the page says so."""

MOST_CHOICES = 12
"""Of a facet the most frequent so many values are offered."""

FACETS = ("persona", "verdict", "category", "vendor", "price")


@dataclass(frozen=True, slots=True)
class ToolHit:
    """A tool that was found, by the listing that fits best. Texts come in pieces, hits marked."""

    slug: str
    listing_id: str
    name: tuple[Piece, ...]
    tagline: tuple[Piece, ...]
    description: tuple[Piece, ...]
    category: str | None
    vendor: str | None
    pricing_model: str | None
    panel_verdict: str | None
    panel_ship_pct: int | None
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class QuoteHit:
    """A review whose words were found."""

    review_id: str
    slug: str
    listing_id: str
    name: str | None
    persona: str | None
    score: int | None
    verdict: str | None
    quote: tuple[Piece, ...]
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet, how many hits have it, and whether it is chosen."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was asked for and what was found.

    `tools` and `quotes` count the hits of either kind, up to `most`; `hits` are those of the kind shown, of this page.
    """

    q: str
    show: Literal["tools", "quotes"]
    chosen: dict[str, str]
    understood: bool
    tools: int
    quotes: int
    most: int
    page: int
    pages: int
    facets: dict[str, tuple[Choice, ...]]
    hits: tuple[ToolHit, ...] | tuple[QuoteHit, ...]


class _Search:
    """One search: its words, what narrows it down, and the SQL for both kinds of hits."""

    def __init__(self, con: sqlite3.Connection, typed: str, chosen: dict[str, str]) -> None:
        self.con = con
        self.words = full_text(typed)
        self.understood = self.words is not None or not typed
        self.chosen = chosen
        self.values: dict[str, Any] = {**chosen, "words": self.words, "most": MOST_COUNTED + 1}
        self._found: dict[str, list[int]] = {}

    def _asked(self, sql: str, show: str, order: str = "") -> Any:
        """The one value that `sql` gives for the hits of the kind `show`, with what narrows them down."""
        where = statements.IN_TOOLS if show == "tools" else statements.IN_QUOTES
        needs_listing = bool({"category", "price", "vendor"} & self.chosen.keys())
        # Where words find the hits, no index of what narrows them down has to: so say the plus and the CROSS JOIN.
        plus, cross = ("", "") if self.words is None else ("+", "CROSS ")
        conditions = " AND ".join(plus + where[name] for name in FACETS if name in self.chosen) or "1"
        join = cross + statements.JOIN if needs_listing else ""
        return value(self.con, sql.format(where=conditions, join=join, order=order), self.values)

    def count(self, show: str) -> int:
        """How many hits there are; one more than `MOST_COUNTED` where there are more."""
        if show in self._found:
            return len(self._found[show])
        ways = (
            (statements.COUNTED_ALL_TOOLS, statements.COUNTED_TOOLS)
            if show == "tools"
            else (statements.COUNTED_ALL_QUOTES, statements.COUNTED_QUOTES)
        )
        return int(self._asked(ways[self.words is not None], show)) if self.understood else 0

    def hits(self, show: str) -> list[int]:
        """The hits of the kind `show`, the best first, no more than `MOST_COUNTED`.

        They are rows of reviews, or of listings: of each tool the one that fits best.
        """
        if show not in self._found:
            self._found[show] = json.loads(self._look(show)) if self.understood else []
        return self._found[show][:MOST_COUNTED]

    def _look(self, show: str) -> str:
        if self.words is None:
            return str(self._asked(statements.TOOLS if show == "tools" else statements.QUOTES, show))
        if show == "tools":
            return str(self._asked(statements.TOOLS_BY_WORDS, show))
        found = str(self._asked(statements.QUOTES_BY_WORDS, show, statements.AS_THEY_COME))
        # Ranks of very many quotes take long and tell nothing: then the order is the dataset's.
        if len(json.loads(found)) > MOST_COUNTED:
            return found
        return str(self._asked(statements.QUOTES_BY_WORDS, show, statements.BEST_FIRST))

    def facets(self, show: str, hits: list[int]) -> dict[str, tuple[Choice, ...]]:
        """The values of each facet among `hits`, the most frequent first; those chosen always."""
        sql = statements.FACETS_OF_TOOLS if show == "tools" else statements.FACETS_OF_QUOTES
        counts = {found["facet"]: json.loads(found["counts"]) for found in rows(self.con, sql, (json.dumps(hits),))}
        return {name: _choices(counts.get(name, {}), self.chosen.get(name)) for name in FACETS}

    def marked(self, index: str, columns: dict[str, str], ids: list[int]) -> dict[int, dict[str, Any]]:
        """The texts of the rows `ids` of a full-text index with their hits marked; those without any are left out."""
        if self.words is None or not ids:
            return {}
        shown = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        values = {"words": self.words, "first": min(ids), "last": max(ids), "ids": json.dumps(ids)}
        sql = statements.MARKED.format(shown=shown, index=index)
        return {found.pop("rowid"): found for found in rows(self.con, sql, values)}


def _choices(counts: dict[str, int], chosen: str | None) -> tuple[Choice, ...]:
    in_order = sorted(counts, key=lambda value: (value != chosen, -counts[value], value))[:MOST_CHOICES]
    if chosen is not None and chosen not in counts:
        in_order.insert(0, chosen)
    return tuple(Choice(value, counts.get(value, 0), value == chosen) for value in in_order)


def search_page(con: sqlite3.Connection, asked: Asked) -> SearchPage:
    """What the words of the address find. Nothing that is typed makes it fail."""
    typed = asked.word("q")
    chosen = {name: asked.word(name) for name in FACETS if asked.word(name)}
    search = _Search(con, typed, chosen)
    show: Literal["tools", "quotes"] = "quotes" if asked.word("show") == "quotes" else "tools"
    if not asked.word("show") and not search.hits("tools") and search.count("quotes"):
        show = "quotes"
    found = search.hits(show)
    pages = max(1, -(-len(found) // SIZE))
    number = asked.number("page", most=pages)
    here = found[SIZE * (number - 1) : SIZE * number]
    return SearchPage(
        q=typed,
        show=show,
        chosen=chosen,
        understood=search.understood,
        tools=search.count("tools"),
        quotes=search.count("quotes"),
        most=MOST_COUNTED,
        page=number,
        pages=pages,
        facets=search.facets(show, found),
        hits=_tool_hits(search, here) if show == "tools" else _quote_hits(search, here),
    )


def _tool_hits(search: _Search, ids: list[int]) -> tuple[ToolHit, ...]:
    sql = f"""
        SELECT l.rowid AS id, t.slug, l.listing_id, l.name, l.tagline, l.description, l.category, t.vendor,
               l.pricing_model, l.panel_verdict, l.panel_ship_pct, l.withdrawn_at
          FROM listings l JOIN tools t ON t.tool_id = l.tool_id WHERE l.rowid IN ({marks(ids)})"""  # noqa: S608
    facts = {one.pop("id"): one for one in rows(search.con, sql, ids)}
    columns = {
        "name": f"highlight(listings_fts, 0, '{OPEN}', '{CLOSE}')",
        "tagline": f"highlight(listings_fts, 1, '{OPEN}', '{CLOSE}')",
        "description": f"snippet(listings_fts, 2, '{OPEN}', '{CLOSE}', '…', 32)",
    }
    marked = search.marked("listings_fts", columns, ids)
    return tuple(
        ToolHit(**{**facts[one], **{name: pieces((marked.get(one) or facts[one])[name]) for name in columns}})
        for one in ids
    )


def _quote_hits(search: _Search, ids: list[int]) -> tuple[QuoteHit, ...]:
    sql = f"""
        SELECT r.rowid AS id, r.review_id, t.slug, r.listing_id, l.name, r.persona, r.score, r.verdict, r.quote,
               r.withdrawn_at
          FROM reviews r JOIN listings l ON l.listing_id = r.listing_id JOIN tools t ON t.tool_id = r.tool_id
         WHERE r.rowid IN ({marks(ids)})"""  # noqa: S608
    facts = {one.pop("id"): one for one in rows(search.con, sql, ids)}
    columns = {"quote": f"highlight(reviews_fts, 0, '{OPEN}', '{CLOSE}')"}
    marked = search.marked("reviews_fts", columns, ids)
    return tuple(QuoteHit(**{**facts[one], "quote": pieces((marked.get(one) or facts[one])["quote"])}) for one in ids)


SEARCH = Page(
    "search", r"/search", search_page, "site/search.html", words=("q", "show", "page", *FACETS), costly_bare=True
)
