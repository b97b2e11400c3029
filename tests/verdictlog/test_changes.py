"""`changes` and `show` on a site that was crawled twice: they tell what the dataset and the site's truth say."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import feedparser  # type: ignore[import-untyped]
import pytest

from tests.crawling import CARD_FIELDS, Crawls
from tests.serving import START, Json, sample_site
from tests.verdictlog.running import SAMPLES, Folder, run

DAYS = 10
BEFORE = "2026-03-05"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    """A site crawled on the first of March and ten days later; no test changes the folder."""
    with sample_site(tools=12) as site:
        crawls = Crawls(tmp_path_factory.mktemp("crawled") / "data", site)
        assert crawls.crawl().code == 0
        site.advance(DAYS * 86400)
        assert crawls.crawl().code == 0
        assert crawls.run("build").code == 0
        yield crawls


def found(crawled: Crawls, *words: str) -> list[Json]:
    ran = crawled.run("changes", "--json", *words)
    assert ran.code == 0
    assert not ran.err or ran.err.startswith(("no changes", "the newest")), ran.err
    changes: list[Json] = ran.json["changes"]
    return changes


def test_json_holds_every_change_once_in_one_order(crawled: Crawls) -> None:
    changes = found(crawled)
    ids = [each["change_id"] for each in changes]
    assert sorted(ids) == sorted(crawled.column("SELECT change_id FROM changes"))
    assert len(set(ids)) == len(ids) > 20
    assert [each["seen_after"] for each in changes] == sorted((each["seen_after"] for each in changes), reverse=True)
    assert found(crawled) == changes
    for each in changes:
        row = crawled.rows("SELECT * FROM changes WHERE change_id = ?", each["change_id"])[0]
        assert (each["before"]["capture_id"], each["after"]["capture_id"]) == (
            row["before_capture_id"],
            row["after_capture_id"],
        )
        assert each["before"]["url"] and each["after"]["url"]


def test_people_read_it_by_listing_with_the_evidence(crawled: Crawls) -> None:
    ran = crawled.run("changes", "--kind", "verdict_flip")
    assert (ran.code, ran.err) == (0, "")
    changes = found(crawled, "--kind", "verdict_flip")
    assert changes, "the site's first days have flips"
    for each in changes:
        assert f"{each['name']}  ({each['listing_id']})\n" in ran.out
        critic = f"{each['persona'].rpartition(':')[2]}'s verdict" if each["persona"] else "panel"
        surety = "confirmed" if each["confirmed"] else "not confirmed yet"
        days = f"between {each['seen_before'][:10]} and {each['seen_after'][:10]}"
        assert f"  {critic} {each['old_value']} → {each['new_value']}, {days} ({surety})\n" in ran.out
        for side in ("before", "after"):
            assert re.search(rf"{side} +{each[side]['capture_id']} .*{re.escape(each[side]['url'])}\n", ran.out)
    assert ran.out.count("\n\n") == len({each["listing_id"] for each in changes}) - 1


def test_each_choice_narrows_it(crawled: Crawls) -> None:
    changes = found(crawled)
    one = changes[0]
    assert found(crawled, "--limit", "3") == changes[:3]
    assert "the newest 3 of" in crawled.run("changes", "--limit", "3").err
    assert found(crawled, "--kind", "score", "--kind", "panel") == [
        e for e in changes if e["kind"] in ("score", "panel")
    ]
    assert found(crawled, "--confirmed") == [e for e in changes if e["confirmed"]]
    assert found(crawled, "--since", one["seen_after"]) == [e for e in changes if e["seen_after"] >= one["seen_after"]]
    assert found(crawled, "--since", "2031-01-01") == []
    of_one = [each for each in changes if each["listing_id"] == one["listing_id"]]
    bare = one["listing_id"].rpartition(":")[2]
    for name in (one["listing_id"], bare, one["tool_id"]):
        assert found(crawled, "--tool", name) == of_one
    same_name = [each for each in changes if each["name"] == one["name"]]
    assert found(crawled, "--tool", one["name"].upper()) == same_name


def test_an_unknown_tool_is_told_with_near_names(crawled: Crawls) -> None:
    name = found(crawled)[0]["name"]
    ran = crawled.run("changes", "--tool", name[:-2] + "x")
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
    ran = crawled.run("changes", "--tool", "zzzzzz")
    assert (ran.code, ran.out) == (2, "")
    assert "'zzzzzz'" in ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--kind", "flips"], "verdict_flip"),
        (["--since", "yesterday"], "this is no time"),
        (["--since", "run"], "no `verdictlog run`"),
        (["--format", "rss"], "atom"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_wrong_usage(crawled: Crawls, words: list[str], says: str) -> None:
    ran = crawled.run("changes", *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


@pytest.mark.parametrize("words", [["changes"], ["show", "x"], ["evidence", "x"], ["categories"]])
def test_without_a_dataset(tmp_path: Path, words: list[str]) -> None:
    ran = run(*words, "--data", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "there is no dataset yet" in ran.err
    assert "verdictlog build" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_feed_in_a_file_is_left_alone_where_nothing_changed(crawled: Crawls, tmp_path: Path) -> None:
    out = tmp_path / "flips.atom"
    words = ("changes", "--kind", "verdict_flip", "--format", "atom", "--out", out)
    assert crawled.run(*words).code == 0
    first, at = out.read_bytes(), out.stat().st_mtime_ns
    assert crawled.run(*words).code == 0
    assert (out.read_bytes(), out.stat().st_mtime_ns) == (first, at)
    feed = feedparser.parse(first)
    assert not feed.bozo
    flips = found(crawled, "--kind", "verdict_flip")
    assert [e.id for e in feed.entries] == [f"urn:verdictlog:change:{e['change_id']}" for e in flips]
    assert [e.updated for e in feed.entries] == [e["seen_after"] for e in flips]
    assert crawled.run(*words[:-2]).out.encode() == first


# show


def test_a_listing_is_shown_as_it_was(crawled: Crawls) -> None:
    moments = ((BEFORE, START), ("2026-03-11", "2026-03-11T00:00:00Z"))
    truths = [crawled.site.truth(at)["listings"] for _, at in moments]
    changed = {each["listing_id"] for each in found(crawled)}
    stood = [each for each in sorted(changed) if all(each.rpartition(":")[2] in truth for truth in truths)]
    assert stood
    for (when, _), truth in zip(moments, truths, strict=True):
        for listing in stood[:3]:
            ran = crawled.run("show", listing, "--as-of", when, "--json")
            assert ran.code == 0, ran.err
            card = truth[listing.rpartition(":")[2]]
            shown = ran.json
            assert {name: shown["fields"][name] for name in CARD_FIELDS} == {name: card[name] for name in CARD_FIELDS}
            said = [(r["persona"].rpartition(":")[2], r["score"], r["verdict"], r["quote"]) for r in shown["reviews"]]
            true = [(r["persona"], r["score"], r["verdict"], r["quote"]) for r in card["reviews"]]
            assert sorted(said) == sorted(true)


def test_the_last_known_state_is_called_so(crawled: Crawls) -> None:
    listing = found(crawled)[0]["listing_id"]
    at_first = crawled.run("show", listing, "--as-of", START)
    assert "last known state" not in at_first.out
    between = crawled.run("show", listing, "--as-of", BEFORE)
    assert f"last known state, last seen so at {START}, first seen otherwise at 2026-03-11T00:00:00Z" in between.out
    assert crawled.run("show", listing, "--as-of", BEFORE, "--json").json["known"]["is_last_known"] is True
    too_early = crawled.run("show", listing, "--as-of", "2026-02-01")
    assert (too_early.code, too_early.out) == (1, "")
    assert f"first seen at {START}" in too_early.err


def test_one_name_of_several_listings_asks_which(crawled: Crawls) -> None:
    name, ids = crawled.rows(
        "SELECT name, group_concat(listing_id) FROM listings GROUP BY name HAVING count(*) > 1 LIMIT 1"
    )[0].values()
    ran = crawled.run("show", name)
    assert (ran.code, ran.out) == (2, "")
    assert all(each in ran.err for each in ids.split(","))


def test_a_former_id_still_leads_there(crawled: Crawls, tmp_path: Path) -> None:
    listing = found(crawled)[0]["listing_id"]
    folder = Folder(tmp_path)
    folder.database.write_bytes(crawled.database.read_bytes())
    with closing(sqlite3.connect(folder.database)) as con:
        con.execute("INSERT INTO listing_aliases VALUES ('~old', ?, 'same_card', ?)", (listing, START))
        con.commit()
    assert folder.run("show", "~old", "--json").json["listing_id"] == listing
    changes = folder.run("changes", "--tool", "~old", "--json").json["changes"]
    assert {each["listing_id"] for each in changes} == {listing}


def test_a_page_that_steers_terminals_is_shown_not_obeyed(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    good = (SAMPLES / "fernway-vs-gatepost.html").read_text("utf-8")
    url = "https://verdicts.example/compare/aaa-vs-bbb"
    lines = []
    for day, words in ((1, "Runs your \x1b[2Jcafé \u202e"), (9, "Walks your \x1b]0;x\x07")):
        (pages / f"{day}.html").write_text(good.replace("Runs your", words), "utf-8")
        lines.append({"file": f"{day}.html", "url": url, "captured_at": f"2026-05-0{day}T00:00:00Z"})
    (pages / "manifest.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")
    folder = Folder(tmp_path / "data")
    folder.run("import", pages / "manifest.jsonl")
    folder.run("build")
    change_ids = folder.column("SELECT change_id FROM changes")
    assert change_ids
    for words_ in (["changes"], ["changes", "--format", "atom"], ["evidence", change_ids[0]], ["show", "aaa"]):
        out = folder.run(*words_).out
        assert not set(out) & {"\x1b", "\x07", "\u202e"}
    assert "\\u001b" in folder.run("changes").out
