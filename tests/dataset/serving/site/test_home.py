"""The home page: what is counted, what happened last, who is divided."""

from __future__ import annotations

import sqlite3

import pytest

from dataset.serving.site.home import HomePage, home_page
from tests.dataset.captures import day
from tests.dataset.serving.site.tools import asked


@pytest.fixture
def home(con: sqlite3.Connection) -> HomePage:
    return home_page(con, asked())


def test_how_fresh_it_is(home: HomePage) -> None:
    assert home.newest_capture == day(6)
    assert home.last_run is not None
    assert (home.last_run.command, home.last_run.outcome) == ("import pages", "finished")


def test_what_is_in_it(home: HomePage, con: sqlite3.Connection) -> None:
    for table, count in home.counts.items():
        assert count == con.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table
    assert home.counts["tools"] == 5


def test_counts_where_the_build_told_none(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    copy.execute("DELETE FROM dataset_info")
    assert home_page(copy, asked()).counts["listings"] == 5
    copy.close()


def test_the_latest_flips_the_panel_before_critics(home: HomePage) -> None:
    assert [(one.slug, one.persona, one.old_value, one.new_value) for one in home.flips] == [
        ("alder", None, "ship", "skip"),
        ("alder", "builder", "ship", "skip"),
    ]
    assert (home.flips[0].seen_before, home.flips[0].seen_after) == (day(0.5), day(5))


def test_divided_panels(home: HomePage) -> None:
    [birch] = home.divided
    assert (birch.slug, birch.panel_ship_pct) == ("birch", 50)
    assert (birch.lowest_score, birch.highest_score) == (55, 55)


def test_withdrawn_reviews_divide_nobody(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    copy.execute(
        "INSERT INTO reviews (review_id, listing_id, tool_id, score, quote, first_seen, last_seen, withdrawn_at) "
        "SELECT 'gone', listing_id, tool_id, 1, 'Gone.', first_seen, last_seen, last_seen FROM reviews "
        "WHERE listing_id = 'birch' AND persona = 'builder'"
    )
    [birch] = home_page(copy, asked()).divided
    copy.close()
    assert birch.lowest_score == 55
