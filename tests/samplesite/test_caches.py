"""Lagging caches: what a page shows is the truth of a moment in the window that its cache allows."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from crawler.items import ToolPage
from crawler.pages import read_page
from samplesite.caches import Cache, Caches
from samplesite.series import DAY, iso, moment_of
from samplesite.world import MARCH
from tests.serving import Page, SampleSite

LAG = 2 * DAY


def busiest(site: SampleSite) -> str:
    """The slug that changes most often in March, of those that stay."""
    lasting: set[str] = set(site.truth()["listings"]) & set(site.truth(at=iso(MARCH + 20 * DAY))["listings"])
    counts: dict[str, int] = {}
    for change in site.changes(since=iso(MARCH - 20 * DAY), until=iso(MARCH + 20 * DAY)):
        counts[change["slug"]] = counts.get(change["slug"], 0) + (change["field"] != "present")
    return max(lasting & set(counts), key=lambda slug: (counts[slug], slug))


def seconds(page: Page, header: str = "date") -> int:
    return int(parsedate_to_datetime(page.headers[header]).timestamp())


def shown(page: Page, url: str) -> tuple[str | None, tuple[int | None, ...]]:
    reading = read_page(page.body, url=url, content_type="text/html; charset=utf-8")
    assert isinstance(reading.page, ToolPage)
    card = reading.page.card
    return card.tagline, tuple(review.score for review in card.reviews)


def test_a_page_shows_the_truth_of_a_moment_in_the_window(site: SampleSite) -> None:
    slug = busiest(site)
    site.caches([{"max_lag_seconds": LAG}])
    lags = set()
    for _ in range(20):
        site.advance(DAY // 2)
        page = site.get(f"/tool/{slug}")
        entry = site.log()[-1]
        copied, now = moment_of(entry["copied_at"]), moment_of(entry["site_time"])
        assert 0 <= now - copied <= LAG
        lags.add(now - copied)
        said = site.truth(at=entry["copied_at"])["listings"][slug]
        assert shown(page, f"{site.url}tool/{slug}") == (
            said["tagline"],
            tuple(each["score"] for each in said["reviews"]),
        )
        assert (seconds(page), page.headers["age"]) == (copied, str(now - copied))
        assert seconds(page, "last-modified") == moment_of(said["changed_at"])
    assert len(lags) > 10 and max(lags) > LAG // 4


@pytest.mark.parametrize("age", [True, False])
@pytest.mark.parametrize("date", [True, False])
def test_what_a_cache_declares(site: SampleSite, age: bool, date: bool) -> None:
    site.caches([{"max_lag_seconds": LAG, "declares_age": age, "rewrites_date": date}])
    page = site.get(f"/tool/{busiest(site)}")
    lag = MARCH - moment_of(site.log()[-1]["copied_at"])
    assert lag > 0
    assert page.headers.get("age") == (str(lag) if age else None)
    assert seconds(page) == (MARCH if date else MARCH - lag)


def test_two_caches_in_turns_differ(site: SampleSite) -> None:
    slug = busiest(site)
    site.caches([{"max_lag_seconds": 60}, {"max_lag_seconds": 20 * DAY}])
    pages = [site.get(f"/tool/{slug}") for _ in range(4)]
    assert [entry["cache"] for entry in site.log()] == [0, 1, 0, 1]
    assert pages[0] == pages[2] and pages[1] == pages[3]
    assert pages[0].headers["etag"] != pages[1].headers["etag"]
    revalidated = site.get(f"/tool/{slug}", If_None_Match=pages[0].headers["etag"])
    assert revalidated.status == 304, "the first cache is asked, which holds that copy"
    assert site.get(f"/tool/{slug}", If_None_Match=pages[0].headers["etag"]).status == 200


def test_a_cache_chosen_by_the_seed(site: SampleSite) -> None:
    site.caches([{"max_lag_seconds": 60}, {"max_lag_seconds": LAG}], choose="seed")
    for _ in range(20):
        site.get("/compare")
    first = [entry["cache"] for entry in site.log()]
    assert set(first) == {0, 1} and first != [0, 1] * 10
    site.caches([{"max_lag_seconds": 60}, {"max_lag_seconds": LAG}], choose="seed")
    site.clear_log()
    for _ in range(20):
        site.get("/compare")
    assert [entry["cache"] for entry in site.log()] == first


def test_robots_and_sitemaps_come_from_the_site_itself(site: SampleSite) -> None:
    site.caches([{"max_lag_seconds": LAG}])
    for target in ("/robots.txt", "/sitemap.xml", "/sitemaps/sitemap-tools.xml"):
        assert "age" not in site.get(target).headers
    site.caches([{"max_lag_seconds": LAG, "path": "/sitemaps/"}])
    assert "age" in site.get("/sitemaps/sitemap-tools.xml").headers
    assert "age" not in site.get("/").headers


def test_a_vanished_tool_may_still_be_in_a_cache(site: SampleSite) -> None:
    site.advance(10 * DAY)
    slug = next(slug for slug, gone in site.truth()["gone"].items() if gone["status"] == 410)
    site.caches([{"max_lag_seconds": 2}, {"max_lag_seconds": 60 * DAY}])
    assert {site.get(f"/tool/{slug}").status, site.get(f"/tool/{slug}").status} == {410, 200}


def test_a_copy_is_made_once_and_kept_for_a_while() -> None:
    cache = Cache.of(0, {"max_lag_seconds": 100})
    copies = [cache.copied(7, "/x", moment) for moment in range(MARCH, MARCH + 2000)]
    assert copies == sorted(copies)
    assert 20 < len(set(copies)) < 60
    assert all(0 <= moment - copy <= 100 for moment, copy in enumerate(copies, MARCH))
    assert copies != [cache.copied(7, "/y", moment) for moment in range(MARCH, MARCH + 2000)]


@pytest.mark.parametrize("said", ["x", {"choose": "never"}, [{"lag": 5}], [{"max_lag_seconds": 1}]])
def test_what_makes_no_sense_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"cache|max_lag"):
        Caches(7).set(said)
