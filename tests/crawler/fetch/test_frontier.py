"""What is still to be asked for: each page once, in a sensible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler.capture_index import Answer
from crawler.fetch.frontier import Frontier
from crawler.fetch.options import CrawlOptions
from crawler.fetch.run import CrawlRun
from crawler.spiders.site import SiteSpider
from crawler.urls import canonical_url

SITE = "http://127.0.0.1:8001"
Start = Callable[..., Frontier]


def begin(run: CrawlRun) -> Frontier:
    frontier = Frontier(run)
    frontier.open(SiteSpider(run=run))
    return frontier


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Begins a crawl, with what was answered before."""
    with ExitStack() as stack:
        runs: dict[tuple[str, bool], CrawlRun] = {}

        def frontier(*answered: str, url: str = f"{SITE}/", dry_run: bool = False) -> Frontier:
            if (url, dry_run) not in runs:
                options = CrawlOptions((url,), tmp_path, dry_run=dry_run, contact="a@b.example")
                runs[url, dry_run] = stack.enter_context(CrawlRun(options))
            run = runs[url, dry_run]
            run.answered = {canonical_url(each): Answer(each, 200, True, "f", 0) for each in answered}
            return begin(run)

        yield frontier


def offer(frontier: Frontier, *paths: str) -> list[bool]:
    return [frontier.enqueue_request(Request(f"{SITE}{path}")) for path in paths]


def drain(frontier: Frontier) -> list[str]:
    """The paths that are asked for, in order."""
    found = []
    while (request := frontier.next_request()) is not None:
        found.append(request.url.removeprefix(SITE))
    return found


def test_nothing_is_there_at_first(start: Start) -> None:
    frontier = start()
    assert (len(frontier), frontier.has_pending_requests(), frontier.next_request()) == (0, False, None)


def test_what_leads_on_comes_first(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/a", "/category/x", "/", "/compare/a-vs-b", "/sitemap.xml", "/tools")
    assert drain(frontier) == ["/sitemap.xml", "/", "/category/x", "/tools", "/tool/a", "/compare/a-vs-b"]


def test_pages_come_in_the_order_in_which_they_were_found(start: Start) -> None:
    paths = [f"/tool/{name}" for name in "qwerty"]
    frontier = start()
    offer(frontier, *paths)
    assert drain(frontier) == paths


@pytest.mark.parametrize(
    "again", ["/tool/a", "/tool/a/", "/tool/a?utm_source=x", "//tool/a", "/tool/a#top"], ids=lambda each: each
)
def test_a_page_is_taken_once(start: Start, again: str) -> None:
    frontier = start()
    assert offer(frontier, "/tool/a", again) == [True, False]
    assert drain(frontier) == ["/tool/a"]


def test_a_comparison_is_taken_once_whichever_way_round(start: Start) -> None:
    frontier = start()
    assert offer(frontier, "/compare/b-vs-a", "/compare/a-vs-b") == [True, False]


def test_a_page_that_was_asked_for_is_not_taken_again(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/a")
    drain(frontier)
    assert offer(frontier, "/tool/a") == [False]


def test_a_page_that_was_answered_before_is_not_taken(start: Start) -> None:
    frontier = start(f"{SITE}/tool/a")
    assert offer(frontier, "/tool/a/", "/tool/b") == [False, True]


def test_a_page_that_was_taken_is_known(start: Start) -> None:
    frontier = start(f"{SITE}/tool/a")
    offer(frontier, "/compare/b-vs-a")
    assert [frontier.is_known(f"{SITE}{path}") for path in ("/tool/a/", "/compare/a-vs-b", "/tool/b")] == [
        True,
        True,
        False,
    ]


def test_a_retry_comes_first_and_again(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/a", "/sitemap.xml")
    retry = Request(f"{SITE}/tool/a", dont_filter=True, meta={"tries": 2})
    assert [frontier.enqueue_request(retry) for _ in range(2)] == [True, True]
    assert frontier.next_request() is retry
    assert drain(frontier) == ["/tool/a", "/sitemap.xml", "/tool/a"]


def test_a_redirect_comes_first_as_it_is(start: Start) -> None:
    frontier = start()
    offer(frontier, "/sitemap.xml")
    redirect = Request(f"{SITE}/tool/b/?x=1", meta={"hops": (f"{SITE}/tool/a",)})
    assert frontier.enqueue_request(redirect)
    assert frontier.next_request() is redirect


def test_a_redirect_to_a_page_that_is_known_is_not_followed(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/b")
    assert not frontier.enqueue_request(Request(f"{SITE}/tool/b/", meta={"hops": (f"{SITE}/tool/a",)}))


def test_the_target_of_a_redirect_is_known(start: Start) -> None:
    frontier = start()
    frontier.enqueue_request(Request(f"{SITE}/tool/b", meta={"hops": (f"{SITE}/tool/a",)}))
    assert offer(frontier, "/tool/b") == [False]


def test_a_dry_run_asks_only_for_what_leads_on(start: Start) -> None:
    frontier = start(dry_run=True)
    offer(frontier, "/tool/a", "/sitemap.xml", "/compare/a-vs-b", "/")
    assert drain(frontier) == ["/sitemap.xml", "/"]
    assert not frontier.has_pending_requests()


def test_a_dry_run_tells_what_it_would_ask_for(start: Start) -> None:
    frontier = start(dry_run=True)
    offer(frontier, "/tool/a", "/sitemap.xml", "/compare/b-vs-a")
    drain(frontier)
    assert frontier.waiting() == [f"{SITE}/tool/a", f"{SITE}/compare/a-vs-b"]
    assert len(frontier) == 2


def test_a_crawl_that_is_ending_asks_for_nothing(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/a")
    frontier.run.stop("interrupted", "interrupted")
    assert frontier.next_request() is None


def test_what_was_not_asked_for_is_told(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/b", "/tool/a", "/sitemap.xml")
    frontier.enqueue_request(Request(f"{SITE}/tool/c/", dont_filter=True))
    assert frontier.waiting() == [f"{SITE}/{path}" for path in ("tool/c", "sitemap.xml", "tool/b", "tool/a")]


def test_the_run_knows_its_frontier(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/b", "/tool/a")
    assert frontier.run.queued() == 2
    assert frontier.run.waiting() == [f"{SITE}/tool/b", f"{SITE}/tool/a"]
    assert frontier.run.is_known(f"{SITE}/tool/a")


def test_pages_are_asked_for_where_the_site_answers(start: Start) -> None:
    frontier = start(url="http://www.verdicts.example/")
    frontier.enqueue_request(Request("https://verdicts.example/tool/a/"))
    frontier.enqueue_request(Request("https://verdicts.example/tool/b"))
    asked = [frontier.next_request()]
    frontier.run.moved_host("https://verdicts.example/tool/a")
    asked.append(frontier.next_request())
    assert [request.url for request in asked if request is not None] == [
        "http://www.verdicts.example/tool/a",
        "https://verdicts.example/tool/b",
    ]


def test_answers_come_back_to_the_spider(start: Start) -> None:
    frontier = start()
    offer(frontier, "/tool/a")
    request = frontier.next_request()
    assert request is not None
    assert (request.callback, request.errback) == (frontier._spider.parse, frontier._spider.failed)


offers = st.lists(
    st.tuples(
        st.sampled_from(
            ["/", "/tool/a", "/tool/a/", "/tool/b?x=1", "/compare/b-vs-a", "/compare/a-vs-b", "/sitemap.xml", "/x?a=1"]
        ),
        st.booleans(),
    ),
    max_size=30,
)


@settings(suppress_health_check=list(HealthCheck))  # each example has a frontier of its own
@given(steps=offers)
def test_no_page_is_asked_for_twice_and_none_is_lost(start: Start, steps: list[tuple[str, bool]]) -> None:
    frontier, asked = start(), list[str]()
    for path, takes_one in steps:
        offer(frontier, path)
        request = frontier.next_request() if takes_one else None
        asked += [request.url] if request is not None else []
        assert len(frontier) == len(frontier.waiting())
    asked += [f"{SITE}{path}" for path in drain(frontier)]
    assert len(asked) == len(set(map(canonical_url, asked)))
    assert set(map(canonical_url, asked)) == {canonical_url(f"{SITE}{path}") for path, _ in steps}
