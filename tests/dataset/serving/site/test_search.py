"""Search: what words find, how hits are marked, what narrows them down; nothing typed makes it fail."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset.building.known import read_only
from dataset.serving.site.search import QuoteHit, SearchPage, ToolHit, search_page
from dataset.serving.site.search_words import CLOSE, OPEN, Piece, full_text, pieces
from tests.dataset.captures import Data
from tests.dataset.serving.site.tools import NEW_WORDS, OLD_WORDS, asked


def slugs(page: SearchPage) -> list[str]:
    return [hit.slug for hit in page.hits]


def choices(page: SearchPage, facet: str) -> dict[str, int]:
    return {choice.value: choice.count for choice in page.facets[facet]}


def test_without_words_all_tools_by_name(con: sqlite3.Connection) -> None:
    page = search_page(con, asked())
    assert slugs(page) == ["hostile", "alder", "birch", "cedar", "dogwood"]
    assert (page.tools, page.quotes) == (5, 7)
    assert choices(page, "category") == {"Storage": 2, "=1+1": 1, "Desks": 1}
    assert choices(page, "verdict") == {"skip": 2, "mixed": 1}


def test_a_word_finds_tools_and_marks_it(con: sqlite3.Connection) -> None:
    page = search_page(con, asked(q="shelves"))
    [hit] = page.hits
    assert isinstance(hit, ToolHit)
    assert hit.slug == "alder"
    assert hit.name == (Piece("Alder ", hit=False), Piece("Shelves", hit=True))


def test_the_best_come_first(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    for slug, column in ("birch", "description"), ("cedar", "tagline"), ("dogwood", "name"):
        copy.execute(f"UPDATE listings SET {column} = 'No shelves at all' WHERE listing_id = ?", (slug,))  # noqa: S608
    copy.execute("INSERT INTO listings_fts(listings_fts) VALUES ('rebuild')")
    # The name weighs most, then the line under it; alder says so in all three.
    assert slugs(search_page(copy, asked(q="shelves"))) == ["alder", "dogwood", "cedar", "birch"]
    copy.close()


def test_categories_find_tools_too(con: sqlite3.Connection) -> None:
    assert set(slugs(search_page(con, asked(q="storage")))) == {"alder", "cedar"}


def test_quotes_are_shown_where_no_tool_fits(con: sqlite3.Connection) -> None:
    page = search_page(con, asked(q="drawers stick"))
    assert page.show == "quotes"
    [hit] = page.hits
    assert isinstance(hit, QuoteHit)
    assert "".join(piece.text for piece in hit.quote) == NEW_WORDS
    assert [piece.text for piece in hit.quote if piece.hit] == ["drawers", "stick"]
    assert search_page(con, asked(q="drawers stick", show="tools")).hits == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"persona": "builder", "show": "quotes"}, {"alder", "birch", "hostile"}),
        ({"persona": "architect"}, {"alder"}),
        ({"verdict": "mixed"}, {"birch"}),
        ({"verdict": "ship", "show": "quotes"}, {"alder"}),
        ({"category": "Storage"}, {"alder", "cedar"}),
        ({"category": "Storage", "verdict": "skip"}, {"alder"}),
        ({"price": "free"}, {"birch"}),
        ({"price": "subscription", "show": "quotes"}, {"alder"}),
        ({"price": "private"}, set()),
        ({"vendor": "nobody"}, set()),
        ({"q": "desk", "verdict": "ship", "show": "quotes"}, set()),
    ],
)
def test_facets_narrow_down(con: sqlite3.Connection, words: dict[str, str], found: set[str]) -> None:
    page = search_page(con, asked(None, **words))
    assert set(slugs(page)) == found
    assert page.chosen == {name: word for name, word in words.items() if name not in ("q", "show")}


def test_vendors_narrow_down_where_they_are_known(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    copy.execute("UPDATE tools SET vendor = 'Ash & Co' WHERE slug = 'birch'")
    for show in ("tools", "quotes"):
        assert set(slugs(search_page(copy, asked(vendor="Ash & Co", show=show)))) == {"birch"}
        everything = search_page(copy, asked(show=show))
        assert choices(everything, "vendor") == {"Ash & Co": 1 if show == "tools" else 2}
        prices = {"free": 1, "subscription": 1} if show == "tools" else {"free": 2, "subscription": 3}
        assert choices(everything, "price") == prices
    copy.close()


def test_a_chosen_value_that_nothing_has_can_be_taken_away(con: sqlite3.Connection) -> None:
    page = search_page(con, asked(category="Nowhere"))
    [choice] = page.facets["category"]
    assert (choice.value, choice.count, choice.chosen) == ("Nowhere", 0, True)


def test_pages(con: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataset.serving.site.search.SIZE", 2)
    first, second, last = (search_page(con, asked(page=str(number))) for number in (1, 2, 99))
    assert (first.pages, second.page, last.page) == (3, 2, 3)
    assert [*slugs(first), *slugs(second), *slugs(last)] == ["hostile", "alder", "birch", "cedar", "dogwood"]


def test_more_than_can_be_counted(con: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataset.serving.site.search.MOST_COUNTED", 3)
    page = search_page(con, asked())
    assert (page.tools, page.most, page.pages) == (4, 3, 1)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("fern", '"fern"*'),
        ("fe", '"fe"'),
        ("fern way", '"fern" "way"'),
        ('"fern way"', '"fern way"'),
        ('"fern way" port', '"fern way" "port"*'),
        ("gpt-4.1", '"gpt 4 1"'),
        ('a OR b AND NOT c*^:"', '"a" "OR" "b" "AND" "NOT" "c"'),
        ("NEAR(x, y)", '"NEAR x" "y"'),
        ("na\x00me", '"na me"'),
        ("???", None),
        ("", None),
    ],
)
def test_what_is_typed_as_a_query(typed: str, query: str | None) -> None:
    assert full_text(typed) == query


HOSTILE = ('"', "'", "* ^ : ( ) -", "a\x00b", "\ud800", "NOT", "x" * 10_000, "a " * 5000, '"' * 999, "²", "💥", OPEN)


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_makes_it_fail(con: sqlite3.Connection, typed: str) -> None:
    for name in ("q", "persona", "verdict", "category", "vendor", "price", "show", "page"):
        assert search_page(con, asked(None, **{name: typed})).page == 1, name


@settings(max_examples=60, deadline=None)
@given(typed=st.text(max_size=60), show=st.sampled_from(["tools", "quotes", ""]))
def test_any_text_can_be_typed(data: Data, typed: str, show: str) -> None:
    with read_only(data.database) as con:
        page = search_page(con, asked(q=typed, show=show))
    assert page.understood or page.hits == ()


def test_marks_become_pieces() -> None:
    assert pieces(f"a {OPEN}b{CLOSE}{OPEN}c{CLOSE} d") == (
        Piece("a ", hit=False),
        Piece("b", hit=True),
        Piece("c", hit=True),
        Piece(" d", hit=False),
    )
    assert pieces(None) == ()
    # Marks that a page brings along do no more than mark.
    assert pieces(f"{CLOSE}a{OPEN}") == (Piece("a", hit=False),)


def test_former_words_are_not_found(con: sqlite3.Connection) -> None:
    assert search_page(con, asked(q=f'"{OLD_WORDS}"')).quotes == 0
