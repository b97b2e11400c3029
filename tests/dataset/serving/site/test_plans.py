"""The SQL of the pages finds its rows by an index: SQLite's own plans are read, for each statement that a page runs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from dataset.serving.site.compare import compare_page
from dataset.serving.site.frame import frame_of
from dataset.serving.site.home import home_page
from dataset.serving.site.persona import persona_page
from dataset.serving.site.search import search_page
from dataset.serving.site.tool import tool_page
from tests.dataset.serving.site.tools import asked

LARGE = (
    *("listings", "reviews", "tools", "changes", "captures", "comparisons", "listing_versions", "review_versions"),
    *("field_evidence", "listing_captures", "problems", "match_decisions"),
)
"""Tables that grow with the site."""

Run = Callable[[sqlite3.Connection], Any]


def scanned(con: sqlite3.Connection, statements: list[str]) -> set[str]:
    """The large tables that any of `statements` reads from end to end, whether in the table or in an index of it."""
    found: set[str] = set()
    for statement in statements:
        named = re.findall(r"\b(?:FROM|JOIN)\s+(\w+)\s+(?:AS\s+)?(\w+)\b", statement)
        by_alias = {alias: table for table, alias in named if table in LARGE} | {name: name for name in LARGE}
        for *_, detail in con.execute(f"EXPLAIN QUERY PLAN {statement}"):
            # An index that SQLite makes for one query alone costs as much.
            scan = re.match(r"SCAN (\w+)|SEARCH (\w+) USING AUTOMATIC", detail)
            alias = scan and (scan[1] or scan[2])
            if alias in by_alias:
                found.add(by_alias[alias])
    return found


def statements_of(con: sqlite3.Connection, page: Run) -> list[str]:
    """What `page` runs; with the values in place."""
    found: list[str] = []
    con.set_trace_callback(found.append)
    try:
        page(con)
    finally:
        con.set_trace_callback(None)
    # What SQLite runs for a full-text index of its own is told as a comment.
    own = [statement for statement in found if not statement.startswith("--")]
    assert own
    return own


PAGES: dict[str, tuple[Run, set[str]]] = {
    "frame": (frame_of, set()),
    "tool": (lambda con: tool_page(con, asked({"tool": "alder"})), set()),
    "compare": (lambda con: compare_page(con, asked({"left": "alder", "right": "birch"})), set()),
    "home": (lambda con: home_page(con, asked()), set()),
    # Listings that are withdrawn.
    "persona": (lambda con: persona_page(con, asked({"persona": "builder"})), {"listings"}),
    # All tools by name, and reviews by their score until 2,000 are counted: there is no shorter way.
    "all tools": (lambda con: search_page(con, asked()), {"listings", "reviews"}),
    "tools by words": (lambda con: search_page(con, asked(q="shelves", category="Storage", persona="builder")), set()),
    "quotes by words": (lambda con: search_page(con, asked(q="drawers", show="quotes", verdict="skip")), set()),
}


@pytest.mark.parametrize("name", PAGES)
def test_rows_are_found_by_an_index(con: sqlite3.Connection, name: str) -> None:
    page, allowed = PAGES[name]
    assert scanned(con, statements_of(con, page)) <= allowed


def test_a_scan_would_be_seen(con: sqlite3.Connection) -> None:
    assert scanned(con, ["SELECT * FROM reviews WHERE quote = 'x'"]) == {"reviews"}
    assert scanned(con, ["SELECT * FROM listings l JOIN reviews r ON r.quote = l.tagline"]) == {"listings", "reviews"}
    assert scanned(con, ["SELECT * FROM reviews r WHERE r.listing_id = 'x'"]) == set()


def test_reviews_of_a_listing_are_looked_at_and_not_those_of_a_critic(con: sqlite3.Connection) -> None:
    """A critic has reviewed nearly everything: to go through that for each listing took seconds."""
    narrowed = statements_of(con, lambda con: search_page(con, asked(q="shelves", persona="builder", show="tools")))
    narrowed = [statement for statement in narrowed if "EXISTS" in statement]
    assert narrowed
    for statement in narrowed:
        plan = [detail for *_, detail in con.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert any("reviews_by_listing_id" in detail for detail in plan)
        assert not any("reviews_by_persona" in detail for detail in plan)


FACETS = {"persona": "builder", "verdict": "skip", "category": "Storage", "vendor": "nobody", "price": "free"}


@pytest.mark.parametrize(("show", "word"), [("tools", "shelves"), ("quotes", "drawers")])
@pytest.mark.parametrize("facet", FACETS)
def test_words_are_looked_up_once_and_then_narrowed_down(
    con: sqlite3.Connection, facet: str, show: str, word: str
) -> None:
    """Once for each listing of a category, or for each hit on the page, took up to a minute."""
    page = asked(None, q=word, show=show, **{facet: FACETS[facet]})
    statements = [one for one in statements_of(con, lambda con: search_page(con, page)) if " MATCH " in one]
    assert statements
    for statement in statements:
        plan = [detail for *_, detail in con.execute(f"EXPLAIN QUERY PLAN {statement}")]
        looked_up = [step for step in plan if "_fts VIRTUAL TABLE" in step]
        assert looked_up
        assert not [step for step in looked_up if re.search(r"INDEX \d+:=", step)], "by row"
        joined = [place for place, step in enumerate(plan) if re.match(r"(SCAN|SEARCH) [lrt] ", step)]
        assert plan.index(looked_up[0]) < min(joined, default=len(plan))
        assert not [step for step in plan if re.search(r"_by_(panel_verdict|category|persona|verdict)", step)]


def test_figures_of_a_critic_are_read_from_indexes_alone(con: sqlite3.Connection) -> None:
    steps = [
        detail
        for statement in statements_of(con, lambda con: persona_page(con, asked({"persona": "builder"})))
        for *_, detail in con.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    # Rows themselves are read for the few that are shown, by their number.
    many = [step for step in steps if re.match(r"SEARCH [rov] USING (?!INTEGER PRIMARY KEY)", step)]
    assert {step.split()[1] for step in many} == {"r", "o", "v"}
    assert [step for step in many if "COVERING" not in step] == []
