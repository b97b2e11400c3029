"""A site that changes under the crawler: it is noticed early, told in words, and nothing that was fetched is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawling import Crawls
from tests.serving import SampleSite, sample_site


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=14) as running:
        yield running


def compare_pages(site: SampleSite) -> int:
    return sum(each["path"].startswith("/compare/") for each in site.log())


@pytest.mark.long
def test_another_layout_that_can_be_read_is_no_change(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare")
    for layout in ("table", "lists"):
        site.layout(layout)
        assert crawls.run("build").code == 0  # whoever built before: the problem of the crawl before is none any more
    assert crawls.sum("--only", "compare")["reason"] == "finished"
    crawls.run("build")
    assert crawls.listings() == crawls.truth()


def test_pages_that_can_not_be_read_any_more_end_the_crawl_early(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare")
    site.clear_log()
    site.layout("changed")
    end = crawls.sum("--only", "compare")
    assert (end["code"], end["reason"]) == (1, "site_changed")
    assert compare_pages(site) <= 36
    assert f"{site.url}compare/" in end["reason_text"]


def test_a_field_that_vanished_is_named_with_an_example(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare")
    site.clear_log()
    site.layout("partial")
    end = crawls.sum("--only", "compare")
    assert (end["code"], end["reason"]) == (1, "site_changed")
    assert compare_pages(site) <= 36
    assert "for example " + site.url in end["reason_text"]
    assert "beside the label" in end["reason_text"]


def test_a_change_in_mid_crawl_is_noticed_by_the_first_crawl_too(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare", "--budget", "60")
    good = compare_pages(site)
    site.layout("changed")
    end = crawls.sum("--only", "compare")
    assert end["reason"] == "site_changed"
    assert compare_pages(site) - good <= 36


@pytest.mark.long
def test_what_was_fetched_stays_and_the_problem_is_told(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare")
    site.layout("changed")
    before = len(crawls.records("response"))
    end = crawls.sum("--only", "compare")
    assert len(crawls.records("response")) > before + 20
    assert crawls.run("build").code == 1
    [problem] = crawls.rows("SELECT severity, message FROM problems WHERE code = 'site_changed'")
    assert problem["severity"] == "error"
    assert end["reason_text"] in problem["message"]
    assert crawls.column("SELECT outcome FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1") == ["failed"]


@pytest.mark.long
def test_who_knows_of_the_change_can_go_on(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "compare")
    site.layout("partial")
    crawls.crawl("--only", "compare")
    assert crawls.run("build").code == 1
    end = crawls.sum("--only", "compare", "--accept-changes")
    assert end["reason"] == "finished"
    assert crawls.run("build").code == 0  # whoever built before: the problem of the crawl before is none any more
    assert crawls.sum("--only", "compare")["reason"] == "finished"
