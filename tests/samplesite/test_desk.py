"""What stands where: robots, sitemaps, links, slugs that moved or vanished, and when a page last changed."""

from __future__ import annotations

import gzip
import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from crawler.urls import kind_of, pair_of
from samplesite.series import DAY, iso
from samplesite.world import MARCH
from tests.serving import SampleSite, sample_site

MANIFEST = ("/sitemaps/sitemap-compare-1.xml.gz", "/sitemaps/sitemap-tools.xml", "/sitemaps/sitemap-reviewers.xml")


def entries(body: bytes) -> dict[str, str | None]:
    """Path and lastmod of each entry of a sitemap or an index of sitemaps."""
    root = ElementTree.fromstring(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    found: dict[str, str | None] = {}
    for entry in root:
        loc, lastmod = entry.find("{*}loc"), entry.find("{*}lastmod")
        assert loc is not None and loc.text
        parts = urlsplit(loc.text)
        found[parts.path + (f"?{parts.query}" if parts.query else "")] = None if lastmod is None else lastmod.text
    return found


def links(body: bytes) -> list[str]:
    return [each.decode().replace("&amp;", "&") for each in re.findall(rb'href="([^"]+)"', body)]


def test_robots_names_the_sitemap_and_what_is_closed(site: SampleSite) -> None:
    said = site.get("/robots.txt").body.decode()
    assert said == f"User-agent: *\nDisallow: /api/\nDisallow: /embed/\n\nSitemap: {site.url}sitemap.xml\n"


def test_the_sitemap_names_all_pages_with_the_moment_of_their_last_change(site: SampleSite) -> None:
    assert tuple(entries(site.get("/sitemap.xml").body)) == MANIFEST
    truth = site.truth()
    changed = {slug: said["changed_at"] for slug, said in truth["listings"].items()}
    pairs = entries(site.get(MANIFEST[0]).body)
    assert pairs == {f"/compare/{a}-vs-{b}": max(changed[a], changed[b]) for a, b in truth["comparisons"]}
    assert all(pair_of(f"http://x{path}") for path in pairs)
    assert entries(site.get(MANIFEST[1]).body) == {f"/tool/{slug}": at for slug, at in changed.items()}
    critics = entries(site.get(MANIFEST[2]).body)
    assert len(critics) == sum(len(said["categories"]) for said in truth["reviewers"].values())
    for paths in (pairs, critics):
        for path in list(paths)[:5]:
            answer = site.get(path)
            assert answer.status == 200
            assert iso(int(parsedate_to_datetime(answer.headers["last-modified"]).timestamp())) == paths[path]


def test_the_compare_sitemap_is_a_gzipped_file(site: SampleSite) -> None:
    answer = site.get(MANIFEST[0], Accept_Encoding="gzip")
    assert answer.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in answer.headers
    assert answer.body[:2] == b"\x1f\x8b"
    assert all(kind_of(f"http://x{path}") == "sitemap" for path in (*MANIFEST, "/sitemap.xml"))


@pytest.mark.parametrize("how", ["none", "now", "never", "random"])
def test_lastmod_may_lie(site: SampleSite, how: str) -> None:
    honest = entries(site.get(MANIFEST[1]).body)
    site.faults([{"kind": "lastmod", "how": how}])
    said = entries(site.get(MANIFEST[1]).body)
    assert list(said) == list(honest)
    dates = set(said.values())
    assert dates == {"none": {None}, "now": {iso(MARCH)}, "never": {"2026-02-01T00:00:00Z"}}.get(how, dates)
    if how == "random":
        assert len(dates) > 10 and said != honest
        site.advance(60)
        assert entries(site.get(MANIFEST[1]).body) != said


def test_all_pages_can_be_reached_from_home(site: SampleSite) -> None:
    seen: set[str] = set()
    todo = ["/"]
    while todo:
        target = todo.pop()
        answer = site.get(target)
        assert answer.status == 200, target
        found = [each for each in links(answer.body) if each.startswith("/")] if b"<html" in answer.body else []
        new = [each for each in found if each not in seen and not each.startswith(("/api/", "/embed/"))]
        seen.update(new)
        todo += dict.fromkeys(new)
    wanted = {path for each in MANIFEST for path in entries(site.get(each).body)}
    assert wanted <= seen
    assert not any(each.startswith("/_site/") for each in seen)


def test_what_robots_closes_is_there(site: SampleSite) -> None:
    slug = next(iter(site.truth()["listings"]))
    for target, kind in ((f"/api/badge/{slug}", "image/svg+xml"), (f"/embed/{slug}", "text/html; charset=utf-8")):
        answer = site.get(target)
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert site.get(target + "x").status == 404


def test_slugs_move_and_vanish(site: SampleSite) -> None:
    before = site.truth()
    lasting = "ravenscar-speech-studio"
    assert lasting in before["listings"]
    site.advance(10 * DAY)
    gone: dict[str, Any] = site.truth()["gone"]
    assert {each["status"] for each in gone.values()} == {301, 404, 410}
    for slug, fate in gone.items():
        one, other = sorted((slug, lasting))
        for target in (f"/tool/{slug}", f"/compare/{one}-vs-{other}"):
            answer = site.get(target)
            assert answer.status == fate["status"], target
            if fate["status"] == 301:
                assert fate["to"] in answer.headers["location"]
                assert site.get(answer.headers["location"]).status == 200
            assert "etag" not in answer.headers
    paths = entries(site.get(MANIFEST[1]).body)
    assert not {f"/tool/{slug}" for slug in gone} & set(paths)


def test_a_page_is_new_only_when_it_says_something_new(site: SampleSite) -> None:
    slug = next(slug for slug, said in site.truth()["listings"].items() if said["tool"] == "tool-2")
    seen: dict[str, bytes] = {}
    for _ in range(30):
        answer = site.get(f"/tool/{slug}")
        assert seen.setdefault(answer.headers["last-modified"], answer.body) == answer.body
        site.advance(DAY // 3)
    assert len(set(seen.values())) == len(seen) > 1


def test_a_critic_without_a_category_leads_to_one(site: SampleSite) -> None:
    answer = site.get("/reviewer/skeptic")
    assert answer.status == 302
    assert site.get(answer.headers["location"]).status == 200
    for target in ("/reviewer/skeptic?category=Nothing", "/reviewer/nobody?category=Models", "/category/nothing"):
        assert site.get(target).status == 404


@pytest.mark.parametrize(
    "target", ["/nothing", "/compare/a-vs-b", "/compare/x", "/tool/x", "/compare?page=99", "/guide/x"]
)
def test_what_is_not_there_is_not_there(site: SampleSite, target: str) -> None:
    assert site.get(target).status == 404


def test_the_index_and_the_sitemap_have_many_pages() -> None:
    with sample_site(seed=7, tools=240) as site:
        answer = site.get("/compare")
        assert "/compare?page=2" in links(answer.body)
        assert "/compare?page=3" in links(site.get("/compare?page=2").body)
        files = entries(site.get("/sitemap.xml").body)
        assert "/sitemaps/sitemap-compare-2.xml.gz" in files
        found = [path for each in files if "compare" in each for path in entries(site.get(each).body)]
        assert len(found) == len(set(found)) == len(site.truth()["comparisons"])
