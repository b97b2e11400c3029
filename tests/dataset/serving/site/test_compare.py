"""Two tools side by side: what differs, who said what, and pairs that the site never made."""

from __future__ import annotations

import sqlite3

import pytest

from dataset.serving.site.compare import ComparePage, Field, choose_page, compare_page
from dataset.serving.site.page import MissingError, MovedError
from tests.dataset.captures import SITE
from tests.dataset.serving.site.tools import NEW_WORDS, asked


def compared(con: sqlite3.Connection, left: str, right: str, **words: str) -> ComparePage:
    return compare_page(con, asked({"left": left, "right": right}, **words))


def test_fields_say_whether_they_differ(con: sqlite3.Connection) -> None:
    fields = {one.field: one for one in compared(con, "alder", "birch").fields}
    assert fields["panel_ship_pct"] == Field("panel_ship_pct", 25, 50, differs=True)
    assert fields["community_ship_pct"] == Field("community_ship_pct", 60, None, differs=None)
    assert fields["category"].differs is True
    same = {one.field: one for one in compared(con, "alder", "cedar").fields}["category"]
    assert same == Field("category", "Storage", "Storage", differs=False)


def test_critics_of_both_sides_come_first_and_the_unnamed_last(con: sqlite3.Connection) -> None:
    critics = compared(con, "alder", "birch").critics
    assert [one.persona for one in critics] == ["builder", "founder", None]
    both, one_sided, unnamed = critics
    assert both.left is not None
    assert both.left.quote == NEW_WORDS
    assert both.score_difference == 41 - 55
    assert both.verdicts_differ is False
    assert one_sided.right is None
    assert one_sided.score_difference is None
    assert one_sided.verdicts_differ is None
    assert unnamed.left is None


def test_withdrawn_reviews_are_left_out(con: sqlite3.Connection) -> None:
    assert "architect" not in {one.persona for one in compared(con, "alder", "birch").critics}


@pytest.mark.parametrize("pair", [("alder", "birch"), ("birch", "alder")])
def test_the_pages_of_the_site(con: sqlite3.Connection, pair: tuple[str, str]) -> None:
    [known] = compared(con, *pair).on_the_site
    assert known.url == f"{SITE}/compare/alder-vs-birch"


def test_a_pair_that_the_site_never_made(con: sqlite3.Connection) -> None:
    page = compared(con, "cedar", "birch")
    assert page.on_the_site == ()
    assert (page.left.name, page.right.name) == ("Cedar Stool", "Birch Desk")


@pytest.mark.parametrize(
    ("left", "right", "path"),
    [
        ("aspen", "birch", "/compare/alder/birch"),
        ("birch", "aspen", "/compare/birch/alder"),
        ("aspen", "alder", "/tool/alder"),
    ],
)
def test_former_slugs_and_a_tool_with_itself(con: sqlite3.Connection, left: str, right: str, path: str) -> None:
    with pytest.raises(MovedError) as moved:
        compared(con, left, right)
    assert moved.value.path == path


def test_an_unknown_side(con: sqlite3.Connection) -> None:
    with pytest.raises(MissingError) as missing:
        compared(con, "alder", "birch-desks")
    assert missing.value.near[0].path == "/tool/birch"


def test_choosing_by_name_or_slug_leads_there(con: sqlite3.Connection) -> None:
    with pytest.raises(MovedError) as moved:
        choose_page(con, asked(left="birch DESK", right="aspen"))
    assert moved.value.path == "/compare/birch/alder?"
    assert not moved.value.for_good


def test_choosing_what_names_no_tool_keeps_the_rest(con: sqlite3.Connection) -> None:
    page = choose_page(con, asked(left="birch desk", right="alder shelf"))
    assert page.left.typed == "birch"
    assert page.right.typed == "alder shelf"
    assert page.right.near[0].path == "/tool/alder"
    empty = choose_page(con, asked())
    assert (empty.left.typed, empty.left.near) == ("", ())
