"""What is still to be asked for: each page once, by whatever address, and in a sensible order."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from scrapy import Request

from crawler.extensions.queue import CanonicalFingerprinter
from tests.crawler.test_hostile_answers import Crawled
from tests.hostile import Piece, answer, hostile

SITE = "http://127.0.0.1:8001"
TOOL = ("/tool/a", "/tool/a/", "//tool/a", "/tool/a?utm_source=x", "/tool/a#top")
PAIR = ("/compare/a-vs-b", "/compare/b-vs-a", "/compare/b-vs-a/?x=1")


def fingerprint(path: str) -> bytes:
    return CanonicalFingerprinter().fingerprint(Request(SITE + path))


@pytest.mark.parametrize("paths", [TOOL, PAIR])
def test_one_page_has_one_fingerprint(paths: tuple[str, ...]) -> None:
    assert len(set(map(fingerprint, paths))) == 1


def test_other_pages_have_others() -> None:
    paths = ("/", "/tool/a", "/tool/b", "/compare/a-vs-b", "/category/x", "/category/x?page=2", "/sitemap.xml")
    assert len(set(map(fingerprint, paths))) == len(paths)


def crawled(data: Path, links: Iterable[str], *words: str) -> list[str]:
    """The paths that a crawl asks for after the home page that has these links."""
    page = "".join(f"<a href='{link}'>x</a>" for link in links).encode()

    def answers(path: str) -> Iterable[Piece]:
        return [answer(page) if path == "/" else answer(b"", status="404 Not Found")]

    with hostile(answers) as server:
        Crawled(data).crawl(server, *words)
        assert server.paths[:2] == ["/robots.txt", "/"]
        return server.paths[2:]


def test_what_leads_on_comes_first_and_pages_as_they_were_found(tmp_path: Path) -> None:
    links = [*"/category/x /tool/q /tool/w /compare/b-vs-a /tool/e /sitemap.xml /tools /tool/r".split(), *TOOL, *PAIR]
    lists, pages = ["/category/x", "/sitemap.xml", "/tools"], ["/tool/q", "/tool/w", "/compare/a-vs-b", "/tool/e"]
    assert crawled(tmp_path, links) == [*lists, *pages, "/tool/r", "/tool/a"]


def test_a_dry_run_asks_only_for_what_leads_on_and_names_the_rest(tmp_path: Path) -> None:
    data = Crawled(tmp_path)
    with hostile(
        lambda path: [answer(b"<a href='/tool/a'>x</a><a href='/tool/b'>x</a><a href='/tools'>x</a>")]
    ) as server:
        end = data.crawl(server, "--dry-run")
        assert set(server.paths) == {"/robots.txt", "/", "/tools"}
    assert end["waiting"] == {"tool": 2}


def test_what_a_budget_left_over_is_reported(tmp_path: Path) -> None:
    data = Crawled(tmp_path)
    with hostile(lambda path: [answer(b"<a href='/tool/a'>x</a><a href='/tool/b'>x</a>")]) as server:
        end = data.crawl(server, "--budget", "3")
        assert (end["reason"], end["waiting"]) == ("budget", {"tool": 1})
        end = data.crawl(server)
        assert (end["reason"], end["waiting"]) == ("finished", {})
        assert sorted(server.paths[-4:]) == ["/", "/robots.txt", "/tool/a", "/tool/b"]
