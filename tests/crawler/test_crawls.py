"""Whole crawls of the sample site, by the real command: what is asked for, what is kept, what the dataset then says."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crawling import Crawls
from tests.serving import ROOT, SampleSite, sample_site
from tests.verdictlog.running import environment

DATA_PATHS = ("/compare/", "/tool/", "/reviewer/")


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=6) as running:
        yield running


def test_the_dataset_says_what_the_site_says(crawls: Crawls) -> None:
    end = crawls.sum()
    assert (end["code"], end["reason"]) == (0, "finished")
    assert crawls.run("build").code == 0
    assert crawls.listings() == crawls.truth()


def test_every_page_is_asked_for_once(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl()
    asked = Counter(crawls.paths())
    assert max(asked.values()) == 1
    pairs = {f"/compare/{left}-vs-{right}" for left, right in site.truth()["comparisons"]}
    tools = {f"/tool/{slug}" for slug in site.truth()["listings"]}
    assert pairs | tools <= set(asked)


def test_it_ends_with_its_last_answer(crawls: Crawls, site: SampleSite) -> None:
    """Where there is nothing else to ask for: Scrapy left to itself would look again after five seconds."""
    crawls.run("status")  # from here on what the command needs is loaded
    for _ in range(2):
        crawls.crawl()
        assert time.monotonic() - site.log()[-1]["done_at"] < 4


def test_what_changed_is_found_by_the_next_crawl(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl()
    crawls.run("build")
    site.advance(30 * 86400)
    again = crawls.sum()
    crawls.run("build")
    gone = set(crawls.listings()) - set(crawls.truth())
    assert {slug: row for slug, row in crawls.listings().items() if slug not in gone} == crawls.truth()
    assert again["counters"]["responses_200"] > 0


def test_listings_that_moved_vanished_and_appeared_are_told_apart(tmp_path: Path) -> None:
    with sample_site(tools=12) as site:
        crawls = Crawls(tmp_path / "data", site)
        before = site.truth()["listings"]
        crawls.crawl()
        crawls.run("build")
        site.advance(40 * 86400)
        crawls.crawl()  # sitemaps and links no longer name what is gone; it is asked for all the same
        site.clear_log()
        crawls.crawl()
        assert {each["status"] for each in site.log()} == {304}  # once
        crawls.run("build")
        truth = site.truth()
        fates = {slug: fate for slug, fate in truth["gone"].items() if slug in before}
        moved = {slug: fate["to"] for slug, fate in fates.items() if fate["status"] == 301}
        vanished = {slug for slug, fate in fates.items() if fate["status"] != 301}
        appeared = set(truth["listings"]) - set(before) - set(moved.values())
        assert moved and appeared and {fates[slug]["status"] for slug in vanished} == {404, 410}

        prefix = f"{site.host}:{site.port}:"
        standing = {slug: row for slug, row in crawls.listings().items() if slug not in vanished}
        assert standing == crawls.truth()
        kinds = crawls.rows("SELECT kind, listing_id FROM changes WHERE kind LIKE 'listing_%' ORDER BY listing_id")
        assert kinds == [{"kind": "listing_withdrawn", "listing_id": f"{prefix}{slug}"} for slug in sorted(vanished)]
        aliases = crawls.rows("SELECT alias_id, listing_id FROM listing_aliases WHERE reason = 'moved'")
        assert {row["alias_id"]: row["listing_id"] for row in aliases} == {
            f"{prefix}{slug}": f"{prefix}{to}" for slug, to in moved.items()
        }
        first_seen = crawls.rows("SELECT listing_id, first_seen FROM listings")
        since = {row["listing_id"].removeprefix(prefix): row["first_seen"][:10] for row in first_seen}
        assert {since[slug] for slug in appeared} == {"2026-04-10"}
        assert {since[to] for to in moved.values()} == {"2026-03-01"}
        assert crawls.rows("SELECT code, message FROM problems") == []


def test_an_unchanged_site_answers_304_and_its_content_stands(crawls: Crawls) -> None:
    first = crawls.sum()
    second = crawls.sum()
    assert second["counters"]["responses_304"] == first["counters"]["responses_200"]
    assert {r.kind for r, _ in crawls.records() if r.http_status == 304} == {"revisit"}
    crawls.run("build")
    assert crawls.listings() == crawls.truth()
    seen = crawls.rows("SELECT DISTINCT first_seen <= last_seen AS ok FROM listings")
    assert seen == [{"ok": 1}]


@pytest.mark.long
def test_unchanged_bytes_without_validators_are_kept_as_revisits(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "no_validators", "path": ""}])
    crawls.crawl()
    size = sum(len(body) for _, body in crawls.records("response"))
    crawls.crawl()
    again = crawls.records("revisit")
    assert {r.http_status for r, _ in again} == {200}
    assert sum(len(body) for _, body in again) < size / 20


def test_requests_and_answers_are_kept_as_they_were(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "tool")
    requests = [r.url for r, _ in crawls.records("request")]
    answers = {str(r.url): (r.http_status, body) for r, body in crawls.records("response")}
    assert requests == [site.url.rstrip("/") + each["path"] for each in site.log()]
    for url, answer in answers.items():
        page = site.get(url.removeprefix(site.url.rstrip("/")), accept_encoding="gzip, deflate, br")
        assert answer == (page.status, page.body), url


def test_the_runs_row_says_what_was_done(crawls: Crawls, site: SampleSite) -> None:
    end = crawls.sum(delay=0.01)
    crawls.run("build")
    [run] = crawls.rows("SELECT * FROM runs")
    counters = end["counters"]
    for name in ("requests", "responses_200", "bytes", "pages_parsed"):
        assert run[name] == counters[name], name
    assert run["requests"] == len(site.log())
    assert run["outcome"] == "finished"
    assert run["robots_txt_sha256"]
    assert run["delay_kept_seconds"] >= 0.01


@pytest.mark.long
@pytest.mark.parametrize("kind", ["compare", "tool", "reviewer"])
def test_only_pages_of_one_kind(crawls: Crawls, kind: str) -> None:
    crawls.crawl("--only", kind)
    asked = {path.split("/")[1] for path in crawls.paths() if path.startswith(DATA_PATHS)}
    assert asked == {kind}


def test_a_single_page_is_all_that_is_asked_for(crawls: Crawls, site: SampleSite) -> None:
    slug = sorted(site.truth()["listings"])[0]
    crawls.crawl("--only", "tool", url=f"{site.url}tool/{slug}")
    assert crawls.paths() == [f"/tool/{slug}"]


def test_a_sitemap_is_a_place_to_begin(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl(url=f"{site.url}sitemaps/sitemap-tools.xml", delay=0)
    assert "/sitemaps/sitemap-tools.xml" in crawls.paths()
    assert sum(path.startswith("/tool/") for path in crawls.paths()) == len(site.truth()["listings"])


def test_a_site_without_sitemaps_is_crawled_by_its_links(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "no_sitemap", "path": ""}])
    crawls.crawl()
    crawls.run("build")
    assert crawls.listings() == crawls.truth()


def test_lists_that_go_on_are_followed_to_their_end(tmp_path: Path) -> None:
    with sample_site(tools=34) as site:
        crawls = Crawls(tmp_path / "data", site)
        site.faults([{"kind": "no_sitemap", "path": ""}])
        ran = crawls.crawl("--only", "compare", "--dry-run")
        assert "/compare?page=2" in crawls.paths()
        assert re.search(rf"^compare +{len(site.truth()['comparisons'])}$", ran.out, re.M)


def test_a_dry_run_asks_for_the_map_only(crawls: Crawls, site: SampleSite) -> None:
    ran = crawls.crawl("--dry-run", delay=0.25)
    assert ran.code == 0
    assert not [path for path in crawls.paths() if path.startswith(DATA_PATHS)]
    pairs = len(site.truth()["comparisons"])
    assert re.search(rf"^compare +{pairs}$", ran.out, re.M)
    assert "at one request every 0.25 seconds that takes" in ran.out


def test_items_are_a_feed_of_pages(crawls: Crawls, tmp_path: Path) -> None:
    feed = tmp_path / "pages.jsonl"
    crawls.crawl("--items", str(feed))
    crawls.run("build")
    items = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert {item["status"] for item in items} == {"ok"}
    ids = sorted(crawls.column("SELECT capture_id FROM captures WHERE kind IN ('compare', 'tool', 'reviewer')"))
    assert sorted(item["capture_id"] for item in items) == ids
    one = next(item["page"]["left"] for item in items if item["kind"] == "compare")
    assert one["name"] == crawls.truth()[one["slug"]]["name"]


@pytest.mark.long
def test_a_feed_of_an_unchanged_site_still_has_every_page(crawls: Crawls, tmp_path: Path) -> None:
    feeds = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]
    for feed in feeds:
        crawls.crawl("--items", str(feed))
    first, second = ([json.loads(line) for line in feed.read_text("utf-8").splitlines()] for feed in feeds)
    assert {item["unchanged"] for item in second} == {True}
    assert {item["url"]: item["page"] for item in second} == {item["url"]: item["page"] for item in first}


@pytest.mark.long
@pytest.mark.parametrize("spider", ["comparisons", "tools", "reviewers"])
def test_scrapy_crawl_works_from_the_project(crawls: Crawls, site: SampleSite, tmp_path: Path, spider: str) -> None:
    feed = tmp_path / "out.jsonl"
    settings = ["-s", f"VERDICTLOG_DATA={crawls.path}", "-s", "VERDICTLOG_DELAY=0.001"]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"url={site.url}", *settings, "-O", str(feed)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    items = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert {f"{item['kind']}s".replace("compares", "comparisons") for item in items} == {spider}
    crawls.run("build")
    assert crawls.rows("SELECT command, outcome FROM runs") == [
        {"command": f"scrapy crawl {spider}", "outcome": "finished"}
    ]


def test_the_index_beside_the_archive_can_be_thrown_away(crawls: Crawls) -> None:
    crawls.crawl()
    (crawls.path / ".captures.db").write_bytes(b"no database at all")
    again = crawls.sum()
    assert again["counters"].get("responses_200", 0) == 0
    with closing(sqlite3.connect(crawls.path / ".captures.db")) as con:
        assert con.execute("SELECT count(*) FROM last_captures").fetchone()[0] > 0
