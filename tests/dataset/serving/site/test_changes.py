"""The page of changes: filters, places that stay, and indexes that serve it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dataset.schema import ddl
from dataset.serving.site import changes as changes_module
from dataset.serving.site.changes import ChangesPage, changes_page, changes_sql
from dataset.serving.site.page import Asked
from tests.dataset.captures import Data, card, compared, day, fresh
from tests.dataset.serving.site.panel import SCRIPT, captures, panel
from tests.publishing import get, served


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The panel, and a name that changed twice."""
    made = panel(tmp_path_factory.mktemp("changes"))
    gum = [compared(card("gum", name=name), card("holly", name="Holly"), when) for name, when in
           (("Gum Chair", 50), ("Gum Seat", 60))]  # fmt: skip
    made.add(map(fresh, gum))
    made.build()
    made.add([fresh(compared(card("gum", name="Gum Stool"), card("holly", name="Holly"), 55))])
    made.build()
    return made


@pytest.fixture(scope="module")
def address(data: Data) -> Iterator[str]:
    with served(data.folder, base_url="/below/") as server:
        yield server.address


def page(con: sqlite3.Connection, **words: str) -> ChangesPage:
    return changes_page(con, Asked({}, {name: (word,) for name, word in words.items()}))


def ids(found: ChangesPage) -> list[str]:
    return [each.change_id for each in found.changes]


def all_ids(data: Data, where: str = "1") -> list[str]:
    sql = f"SELECT change_id FROM changes c WHERE {where} ORDER BY seen_after DESC, change_id"
    return [row["change_id"] for row in data.rows(sql)]


def test_the_newest_come_first(data: Data, con: sqlite3.Connection) -> None:
    assert ids(page(con)) == all_ids(data) != []


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ({"kind": "verdict_flip"}, "kind = 'verdict_flip'"),
        ({"tool": "alder"}, "listing_id = 'alder'"),
        ({"persona": "builder"}, "persona = 'builder'"),
        ({"confirmed": "yes"}, "confirmed = 1"),
        ({"confirmed": "no"}, "confirmed = 0"),
        ({"since": "2026-04-01"}, "seen_after >= '2026-04-01T00:00:00Z'"),
        ({"until": "2026-03-26"}, "seen_after <= '2026-03-26T23:59:59Z'"),
        ({"source": "shiporskip"}, "1"),
        ({"source": "shiporskip", "kind": "verdict_flip"}, "kind = 'verdict_flip'"),
        ({"tool": "alder", "persona": "builder", "kind": "score"}, "listing_id = 'alder' AND kind = 'score'"),
        ({"source": "elsewhere"}, "0"),
    ],
)
def test_a_filter_lets_through_what_it_says(
    data: Data, con: sqlite3.Connection, words: dict[str, str], where: str
) -> None:
    found = page(con, **words)
    assert ids(found) == all_ids(data, where)
    assert found.chosen == words
    assert bool(found.changes) == (where != "0")


def test_many_and_few_listings_of_a_source_give_the_same(
    con: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = page(con, source="shiporskip", kind="score")
    monkeypatch.setattr(changes_module, "FEW_LISTINGS", 0)
    assert page(con, source="shiporskip", kind="score") == few


@pytest.mark.parametrize(
    "words", [{"since": "soon"}, {"until": "2026-02-30"}, {"kind": "mood"}, {"confirmed": "maybe"}, {"tool": "aldre"}]
)
def test_what_is_not_understood_is_said_and_gives_nothing(con: sqlite3.Connection, words: dict[str, str]) -> None:
    found = page(con, **words)
    assert found.not_understood == tuple(words)
    assert found.changes == ()
    assert ("/tool/alder" in [near.path for near in found.near]) == ("tool" in words)


def test_pages_follow_each_other_and_back(data: Data, con: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "ON_A_PAGE", 3)
    pages = [page(con)]
    while (place := pages[-1].older) is not None:
        pages.append(page(con, older=place))
    assert [each for one in pages for each in ids(one)] == all_ids(data)
    assert {len(one.changes) for one in pages[:-1]} == {3}
    assert pages[0].newer is None
    back = [pages[-1]]
    while (place := back[-1].newer) is not None:
        back.append(page(con, newer=place))
    joined = [each for one in reversed(back) for each in ids(one)]
    assert joined == all_ids(data)


def test_a_place_stays_when_something_new_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "ON_A_PAGE", 2)
    whole = captures()
    data = Data(tmp_path)
    data.add(each for each in whole if each.captured_at < day(60))
    data.build()
    with closing(sqlite3.connect(data.database)) as con:
        place = page(con).older
        before = ids(page(con, older=str(place)))
    data.add(each for each in whole if each.captured_at >= day(60))
    data.build()
    with closing(sqlite3.connect(data.database)) as con:
        assert ids(page(con, older=str(place))) == before != []


def test_a_place_that_is_none_is_the_beginning(con: sqlite3.Connection) -> None:
    assert ids(page(con, older="' OR 1", newer="~")) == ids(page(con))


PLANS = {
    "nothing": ({}, "changes_by_seen_after"),
    "kind": ({"kind": "score"}, "changes_by_kind"),
    "tool": ({"tool": "alder", "kind": "score", "confirmed": "no"}, "changes_by_tool_id"),
    "persona": ({"persona": "builder", "kind": "score"}, "changes_by_persona"),
    "confirmed": ({"confirmed": "no", "since": "2026-01-01"}, "changes_by_confirmed"),
}


@pytest.mark.parametrize("newer", [False, True], ids=["older", "newer"])
@pytest.mark.parametrize("place", [None, (day(5), "x")], ids=["first", "later"])
@pytest.mark.parametrize("name", PLANS)
def test_an_index_serves_each_filter(
    con: sqlite3.Connection, name: str, place: tuple[str, str] | None, newer: bool
) -> None:
    """As in an empty database, so with a million rows: a build keeps no statistics that could change a plan."""
    words, index = PLANS[name]
    filters = changes_module._filters(con, Asked({}, {key: (word,) for key, word in words.items()}))
    assert filters.wrong == []
    sql, values = changes_sql(filters, place, newer=newer)
    with closing(sqlite3.connect(":memory:")) as empty:
        ddl.create_tables(empty)
        ddl.create_rest(empty)
        plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {sql}", [*values, 50])]
    assert any(step.startswith(("SEARCH c USING", "SCAN c USING")) and index in step for step in plan), plan
    if place is not None and name != "tool":
        assert f"seen_after{'>' if newer else '<'}?" in plan[0], "a later page is found by its place, not counted off"
    whole_sort = "USE TEMP B-TREE FOR ORDER BY"
    assert (whole_sort in plan) == (name == "tool"), "only the few changes of one tool may be sorted"


def test_a_rare_source_is_asked_for_by_its_listings(con: sqlite3.Connection) -> None:
    filters = changes_module._filters(con, Asked({}, {"source": ("shiporskip",)}))
    sql, values = changes_sql(filters, few_listings=True)
    plan = [row[3] for row in con.execute(f"EXPLAIN QUERY PLAN {sql}", [*values, 50])]
    assert "SEARCH l USING INDEX" in plan[0]
    assert "changes_by_listing_id" in plan[1]


def test_the_page_is_served(address: str) -> None:
    status, html = get(f"{address}/changes")
    assert status == 200
    assert "<script" not in html
    assert 'href="/below/-/feeds/changes.atom"' in html
    assert 'href="/below/-/feeds/flips.atom"' in html
    assert "Alder Shelves" in html
    assert 'href="/below/evidence/' in html


def test_a_tool_brings_its_feed(data: Data, address: str) -> None:
    tool = data.row("SELECT tool_id FROM tools WHERE slug = 'alder'")["tool_id"]
    html = get(f"{address}/changes?tool=alder")[1]
    assert html.count(f'href="/below/-/feeds/tool/{tool}.atom"') == 2


def test_json_beside_it(data: Data, address: str) -> None:
    status, body = get(f"{address}/changes.json?{urlencode({'kind': 'verdict_flip'})}")
    assert status == 200
    assert [each["change_id"] for each in json.loads(body)["changes"]] == all_ids(data, "kind = 'verdict_flip'")


def test_hostile_filters_are_text(address: str) -> None:
    for name in ("kind", "tool", "persona", "confirmed", "since", "until", "source", "older"):
        status, html = get(f"{address}/changes?{urlencode({name: SCRIPT})}")
        assert status == 200
        assert "<script" not in html
        assert "<img" not in html
