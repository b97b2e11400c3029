"""The links on pages, and which of them a crawl follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.capture_index import Answer
from crawler.fetch.options import CrawlOptions
from crawler.fetch.run import CrawlRun
from crawler.spiders.site import SiteSpider, links_on

SITE = "http://127.0.0.1:8001"
Start = Callable[..., SiteSpider]


# ---- the links on a page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ("", []),
        ("no markup at all", []),
        ("<p>No links</p>", []),
        ("<a href=/tool/a>A</a>", ["/tool/a"]),
        ("<a href='/tool/a'>A</a><p><b><a class=x href='b'>B</a></b>", ["/tool/a", "b"]),
        ("<A HREF='/tool/a'>A</A>", ["/tool/a"]),
        ("<a href='/x?a=1&amp;b=2'>A</a>", ["/x?a=1&b=2"]),
        ("<a href='https://other.example/'>A</a>", ["https://other.example/"]),
        ("<a href='/a'>A</a><a href='/b'>B</a><a href='/a'>again</a>", ["/a", "/b"]),
        ("<a href>A</a><a href=''>B</a><a name=x>C</a>", []),
        ("<!-- <a href='/a'>A</a> -->", []),
        ("<script>'<a href=\"/a\">A</a>'</script>", []),
        ("<link href='/style.css'><img src='/a.png'>", []),
        ("<a href='/a'><a href='/b'>never closed", ["/a", "/b"]),
        ("<a href='/tool/é'>A</a>", ["/tool/é"]),
        ("<table><a href='/a'>out of place</a></table>", ["/a"]),
    ],
)
def test_links_in_order_each_once(page: str, links: list[str]) -> None:
    assert links_on(page.encode()) == links


@given(st.binary(max_size=200) | st.lists(st.sampled_from([b"<a href='", b"'>", b"/x", b"\xff", b"\0"])).map(b"".join))
def test_no_bytes_break_the_reading_of_links(page: bytes) -> None:
    assert all(links_on(page))


# ---- which are followed --------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """The spider of a crawl that begins at `urls`."""
    with ExitStack() as stack:
        runs: dict[CrawlOptions, CrawlRun] = {}

        def spider(*urls: str, kinds: tuple[str, ...] = ("compare", "tool", "reviewer")) -> SiteSpider:
            options = CrawlOptions(urls or (f"{SITE}/",), tmp_path, kinds=kinds)
            if options not in runs:
                runs[options] = stack.enter_context(CrawlRun(options))
            return SiteSpider(run=runs[options])

        yield spider


def followed(spider: SiteSpider, *links: str, base: str = f"{SITE}/tool/a") -> list[str]:
    return [request.url for request in spider._follow(links, base)]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/tool/b", f"{SITE}/tool/b"),
        ("b", f"{SITE}/tool/b"),
        ("../compare/a-vs-b", f"{SITE}/compare/a-vs-b"),
        (" /tool/b\n", f"{SITE}/tool/b"),
        ("/tool/b#reviews", f"{SITE}/tool/b"),
        (f"{SITE}/tool/b", f"{SITE}/tool/b"),
        ("//127.0.0.1:8001/tool/b", f"{SITE}/tool/b"),
        ("/", f"{SITE}/"),
        ("/sitemap.xml", f"{SITE}/sitemap.xml"),
        ("/category/x", f"{SITE}/category/x"),
        ("/compare", f"{SITE}/compare"),
        ("/reviewer/skeptic?category=AI", f"{SITE}/reviewer/skeptic?category=AI"),
    ],
)
def test_a_link_to_a_page_is_followed(start: Start, link: str, url: str) -> None:
    assert followed(start(), link) == [url]


@pytest.mark.parametrize(
    "link",
    [
        *("https://other.example/tool/b", "//other.example/tool/b", "http://127.0.0.1:8002/tool/b"),
        *("mailto:a@b.example", "javascript:void(0)", "data:text/html,x", "ftp://127.0.0.1:8001/tool/b", "tel:1"),
        *("/news/today", "/embed/x", "/api/badge/x", "/guide/x", "/login", "/calendar?day=2", "/robots.txt"),
        *("http://[broken/tool/b", "http://127.0.0.1:port/tool/b", "https:///tool/b", "\0:/tool"),
    ],
)
def test_a_link_to_something_else_is_not(start: Start, link: str) -> None:
    assert followed(start(), link) == []


def test_links_that_are_not_followed_hide_no_others(start: Start) -> None:
    assert followed(start(), "http://[broken", "/tool/b", "mailto:x", "/tool/c") == [f"{SITE}/tool/b", f"{SITE}/tool/c"]


def test_only_the_kinds_that_are_wanted_are_followed(start: Start) -> None:
    links = ("/tool/b", "/compare/a-vs-b", "/reviewer/skeptic", "/category/x")
    assert followed(start(kinds=("tool",)), *links) == [f"{SITE}/tool/b", f"{SITE}/category/x"]


def test_a_link_from_another_page_leads_elsewhere(start: Start) -> None:
    spider = start()
    assert followed(spider, "b", base=f"{SITE}/tool/a") == [f"{SITE}/tool/b"]
    assert followed(spider, "b", base=f"{SITE}/x/a") == []
    assert followed(spider, "//other.example/tool/b", "/tool/b", base=f"{SITE}/x/a") == [f"{SITE}/tool/b"]


@settings(suppress_health_check=list(HealthCheck))  # a spider keeps nothing of links
@given(links=st.lists(st.text(max_size=30) | st.text(alphabet="htp:/[]@#?.%\\127tool ab\0\n", max_size=30), max_size=5))
def test_no_link_breaks_a_crawl(start: Start, links: list[str]) -> None:
    spider = start()
    assert all(spider.run.is_ours(url) for url in followed(spider, *links))


@pytest.mark.parametrize(
    ("urls", "follows"),
    [
        ((f"{SITE}/",), True),
        ((f"{SITE}/categories",), True),
        ((f"{SITE}/tool/a",), False),
        ((f"{SITE}/sitemap.xml",), False),
        ((f"{SITE}/tool/a", f"{SITE}/"), True),
    ],
)
def test_a_crawl_of_single_pages_follows_no_links(start: Start, urls: tuple[str, ...], follows: bool) -> None:
    assert start(*urls).run.follows_links == follows


# ---- answers of the runs before ------------------------------------------------------------------------------


def replayed(spider: SiteSpider, answer: Answer) -> list[Any]:
    async def found() -> list[Any]:
        return [each async for each in spider._replay(answer)]

    return asyncio.run(found())


def test_the_target_of_a_redirect_that_was_answered_before_is_asked_for(start: Start) -> None:
    answer = Answer(f"{SITE}/tool/old", 301, True, "f.warc.gz", 0, f"{SITE}/tool/new")
    assert [each.url for each in replayed(start(), answer)] == [f"{SITE}/tool/new"]


def test_a_redirect_to_another_site_is_not_followed(start: Start) -> None:
    answer = Answer(f"{SITE}/tool/old", 301, True, "f.warc.gz", 0, "https://other.example/tool/new")
    assert replayed(start(), answer) == []


@pytest.mark.parametrize("status", [404, 410, 451])
def test_an_error_leads_to_nothing(start: Start, status: int) -> None:
    answer = Answer(f"{SITE}/tool/a", status, True, "f.warc.gz", 0)
    assert replayed(start(), answer) == []


def test_an_answer_that_the_archive_lost_leads_to_nothing(start: Start) -> None:
    answer = Answer(f"{SITE}/", 200, True, "lost.warc.gz", 0)
    assert replayed(start(), answer) == []


# ---- requests ------------------------------------------------------------------------------------------------


def test_answers_come_back_to_the_spider(start: Start) -> None:
    spider = start()
    request = spider.request(f"{SITE}/tool/a")
    assert (request.callback, request.errback) == (spider.parse, spider.failed)
