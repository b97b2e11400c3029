"""Feeds: parsed by a feed reader, the same bytes as long as nothing changed, and page text never more than text."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import feedparser  # type: ignore[import-untyped]
import pytest

from dataset.asking.opening import opened
from dataset.asking.reading_changes import ALL, Wanted
from dataset.telling.feeds import MOST_ENTRIES, NEVER, feed_of
from tests.asking import ask
from tests.dataset.captures import Data, answered
from tests.dataset.judging import OTHER_TEXTS, judge, listed, undo
from tests.dataset.judging import ids as birth_ids
from tests.publishing import DAY, HOSTILE, get, insert, make_dataset, served


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    make_dataset(made / "verdictlog.db")
    return made


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with served(data) as server:
        yield server.address


def test_a_reader_gets_ids_dates_and_text(data: Path) -> None:
    with opened(data) as con:
        feed = feedparser.parse(feed_of(con, ALL))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert {each.id for each in feed.entries} == {"urn:verdictlog:change:change-0", "urn:verdictlog:change:change-1"}
    assert {each.updated for each in feed.entries} == {DAY.format(2)} == {feed.feed.updated}
    by_id = {each.id[-1]: each for each in feed.entries}
    assert by_id["0"].title.endswith("panel ship → skip")
    assert by_id["0"].link == "https://shiporskip.io/tool/2"
    assert "between 2026-03-01 and 2026-03-02 (confirmed)" in by_id["0"].content[0].value
    assert by_id["0"].content[0].type == "text/plain"
    assert by_id["0"].tags[0].term == "verdict_flip"


def test_page_text_is_only_text(data: Path) -> None:
    with opened(data) as con:
        body = feed_of(con, ALL)
    assert b"<script" not in body
    assert b"<img" not in body
    assert b"&lt;script&gt;" in body


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\u202e", "\ufffe", "\uffff", "\ud7ff", "\U0001f680", "]]>", "&amp;"])
def test_any_sign_makes_a_feed_that_can_be_read(tmp_path: Path, sign: str) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        con.execute("UPDATE changes SET new_value = ? WHERE field = 'tagline'", (f"a{sign}b",))
        con.execute("UPDATE listings SET name = ? WHERE listing_id = 'gravel-db'", (f"n{sign}m",))
        con.commit()
    with opened(tmp_path) as con:
        feed = feedparser.parse(feed_of(con, ALL))
    assert not feed.bozo
    assert len(feed.entries) == 2


def test_the_same_bytes_until_something_changes(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with opened(tmp_path) as con:
        first = feed_of(con, ALL)
    make_dataset(tmp_path / "verdictlog.db", marker="another build")
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        con.execute("UPDATE listings SET last_seen = '2026-09-01T00:00:00Z'")
        con.commit()
    with opened(tmp_path) as con:
        assert feed_of(con, ALL) == first
        none = feedparser.parse(feed_of(con, Wanted(kinds=("score",))))
    assert (none.bozo, none.entries, none.feed.updated) == (False, [], NEVER)


def test_the_newest_come_first_and_not_too_many(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        names = [row[1] for row in con.execute("PRAGMA table_info(changes)")]
        row = dict(zip(names, con.execute("SELECT * FROM changes LIMIT 1").fetchone(), strict=True))
        for number in range(MOST_ENTRIES + 20):
            at = f"2027-01-01T{number // 60:02}:{number % 60:02}:00Z"
            insert(con, "changes", **row | {"change_id": f"many-{number:04}", "seen_after": at})
        con.commit()
    with opened(tmp_path) as con:
        feed = feedparser.parse(feed_of(con, ALL))
    dates = [each.updated for each in feed.entries]
    assert len(dates) == MOST_ENTRIES
    assert dates == sorted(dates, reverse=True)
    assert feed.entries[0].id.endswith(f"many-{MOST_ENTRIES + 19:04}")


def test_they_are_served(address: str) -> None:
    for name, count in (("changes", 2), ("flips", 1), ("tool/t-gravel-db", 2)):
        status, headers, body = ask(f"{address}/-/feeds/{name}.atom")
        assert (status, headers["content-type"]) == (200, "application/atom+xml; charset=utf-8"), name
        feed = feedparser.parse(body)
        assert (feed.bozo, len(feed.entries)) == (False, count), name
        assert [each.href for each in feed.feed.links if each.rel == "self"] == [f"{address}/-/feeds/{name}.atom"]
        assert ask(f"{address}/-/feeds/{name}.atom")[2] == body
        status, again, nothing = ask(f"{address}/-/feeds/{name}.atom", If_None_Match=headers["etag"])
        assert (status, again["etag"], nothing) == (304, headers["etag"], b"")
    assert feedparser.parse(ask(f"{address}/-/feeds/tool/lantern-notes.atom")[2]).entries == []
    assert ask(f"{address}/-/feeds/tool/{quote('nobody/../x', safe='')}.atom")[0] == 404
    assert ask(f"{address}/-/feeds/nothing.atom")[0] == 404


def test_a_tool_goes_by_a_former_id_and_by_signs_that_urls_escape(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        alias = {
            "alias_id": "site.example:~0a1b",
            "listing_id": "gravel-db",
            "reason": "same_card",
            "at": DAY.format(1),
        }
        insert(con, "listing_aliases", **alias)
        con.commit()
    with served(tmp_path, base_url="/data/") as server:
        for name in ("site.example:~0a1b", "site.example%3A~0a1b", quote(HOSTILE, safe="")):
            status, _, body = ask(f"{server.address}/-/feeds/tool/{name}.atom")
            assert (status, len(feedparser.parse(body).entries)) == (200, 2), name
        assert "/data/-/feeds/flips.atom" in get(server.address + "/")[1]


def fetch_unmoved(url: str) -> tuple[int, str]:
    """Status and Location of `url`, without going there."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", parts.path)
    with closing(connection), connection.getresponse() as answer:
        return answer.status, answer.headers.get("Location", "")


def test_other_ids_of_a_tool_lead_to_its_feed(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path, base_url="/data/") as server:
        feeds = f"{server.address}/-/feeds/tool"
        for word in ("lantern-notes", "lantern-notes-2", "t-lantern-notes-2"):
            assert fetch_unmoved(f"{feeds}/{word}.atom") == (302, "/data/-/feeds/tool/t-lantern-notes.atom"), word
        assert fetch_unmoved(f"{feeds}/t-lantern-notes.atom") == (200, "")
        assert fetch_unmoved(f"{feeds}/Lantern%20Notes.atom") == (200, "")
        assert fetch_unmoved(f"{feeds}/nobody.atom") == (404, "")


def ids(data: Path, *tools: str, **wanted: Any) -> tuple[str, list[str]]:
    """The id of a feed, and those of its entries."""
    with opened(data) as con:
        feed = feedparser.parse(feed_of(con, Wanted(**wanted), tools=tools))
    return feed.feed.id, [each.id for each in feed.entries]


def test_a_feeds_id_is_that_of_the_question(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    own, flips, days = "urn:verdictlog:feed:changes", ";kind=verdict_flip", ";since=2026-03-01T00:00:00Z;confirmed"
    assert ids(tmp_path)[0] == own
    assert ids(tmp_path, kinds=("verdict_flip",))[0] == own + flips
    for word in ("t-gravel-db", "gravel-db"):
        assert ids(tmp_path, word)[0] == f"{own};tool=t-gravel-db"
    assert ids(tmp_path, "lantern-notes-2")[0] == f"{own};tool=t-lantern-notes"
    assert ids(tmp_path, " Lantern NOTES ")[0] == f"{own};name=lantern%20notes"
    both = ids(tmp_path, "gravel-db", "lantern-notes", kinds=("verdict_flip",), since=days[7:27], confirmed=True)
    assert both[0] == f"{own}{flips};tool=t-gravel-db;tool=t-lantern-notes{days}"


def test_ids_stay_when_a_tool_gains_a_listing(tmp_path: Path) -> None:
    """A real build: a person says that two listings are one tool, and takes it back."""
    data = Data(tmp_path)
    for number, pct in ((1, 75), (3, 25)):
        data.add([answered(listed("sluice", "Sluice", number, panel_ship_pct=pct))])
        later = {"panel_ship_pct": pct, **OTHER_TEXTS}
        data.add([answered(listed("weir-pump", "Weir Pump", number + 0.5, **later))])
    data.build()
    tools = birth_ids(data)
    apart = {slug: ids(tmp_path, tool) for slug, tool in tools.items()}
    assert len(set(tools.values())) == len({own for own, _ in apart.values()}) == 2
    assert all(entries for _, entries in apart.values())
    said = judge(data, ("sluice", "Sluice"), ("weir-pump", "Weir Pump"), "yes", own_id="1")
    data.build()
    assert set(birth_ids(data).values()) == {tools["sluice"]}
    feed_id, entries = ids(tmp_path, tools["sluice"])
    assert feed_id == apart["sluice"][0]
    assert sorted(entries) == sorted(apart["sluice"][1] + apart["weir-pump"][1])
    for word in (tools["weir-pump"], "weir-pump"):
        assert ids(tmp_path, word) == (feed_id, entries)
    undo(data, said, own_id="2", second=1)
    data.build()
    assert {slug: ids(tmp_path, tool) for slug, tool in tools.items()} == apart


def test_pages_name_their_feeds(address: str) -> None:
    for page in ("/", "/verdictlog"):
        body = get(address + page)[1]
        assert (
            '<link rel="alternate" type="application/atom+xml" title="All changes" href="/-/feeds/changes.atom">'
            in body
        )
