"""One page, one canonical url; sides and slugs only where the url tells them beyond doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import (
    Pair,
    canonical_url,
    is_loopback,
    kind_of,
    listing_id,
    pair_of,
    persona_of,
    slug_in,
    slug_of,
    slug_of_path,
    source_of,
)

SITE = "https://verdicts.example"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.Verdicts.example:80/tool/a/?utm=1#top", f"{SITE}/tool/a"),
        (f"{SITE}/compare/b-vs-a", f"{SITE}/compare/a-vs-b"),
        (f"{SITE}/compare/a-vs-b-vs-c", f"{SITE}/compare/a-vs-b-vs-c"),
        (f"{SITE}//compare//a-vs-b//", f"{SITE}/compare/a-vs-b"),
        (f"{SITE}/reviewer/skeptic?x=1&category=AI+%26+Models", f"{SITE}/reviewer/skeptic?category=AI+%26+Models"),
        (f"{SITE}/reviewer/skeptic?category=", f"{SITE}/reviewer/skeptic"),
        (f"{SITE}/search?b=2&a=1", f"{SITE}/search?a=1&b=2"),
        (f"{SITE}/compare?page=2&utm=x", f"{SITE}/compare?page=2"),
        (f"{SITE}/category/audio/?page=01", f"{SITE}/category/audio"),
        (f"{SITE}/compare?page=1000", f"{SITE}/compare"),
        (f"{SITE}/tool/a?page=2", f"{SITE}/tool/a"),
        ("http://www.127.0.0.1:80/tool/a", "http://127.0.0.1/tool/a"),
        ("http://127.0.0.1:8765/tool/a", "http://127.0.0.1:8765/tool/a"),
        (SITE, f"{SITE}/"),
        ("  not a url ", "not a url"),
        ("https://host:port/x", "https://host:port/x"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(
    st.sampled_from(["http://", "https://"]),
    st.sampled_from(["verdicts.example", "www.verdicts.example", "127.0.0.1:8001", "[::1]:80"]),
    st.text(alphabet="abc/-vs%20?&=+#é", max_size=40),
)
def test_canonical_is_a_fixed_point(scheme: str, host: str, rest: str) -> None:
    once = canonical_url(f"{scheme}{host}/{rest}")
    assert canonical_url(once) == once


@given(st.text(max_size=60))
def test_no_text_breaks_the_readers_of_urls(text: str) -> None:
    for reader in (canonical_url, kind_of, pair_of, slug_of, persona_of, source_of):
        reader(text)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "home"),
        ("/compare/a-vs-b", "compare"),
        ("/compare", "index"),
        ("/tool/a/", "tool"),
        ("/reviewer/skeptic?category=Audio", "reviewer"),
        ("/news/a", "news"),
        ("/guides/how", "guide"),
        ("/category/audio", "category"),
        ("/api/badge/a", "badge"),
        ("/api/badge-click/a", "badge"),
        ("/embed/a", "embed"),
        ("/robots.txt", "robots"),
        ("/server-sitemap.xml", "sitemap"),
        ("/sitemaps/tools.xml.gz", "sitemap"),
        ("/sitemap-1.xml.gz", "sitemap"),
        ("/anything/else", None),
    ],
)
def test_kind_of(path: str, kind: str | None) -> None:
    assert kind_of(SITE + path) == kind


@pytest.mark.parametrize(
    ("url", "pair"),
    [
        (f"{SITE}/compare/a-vs-b", Pair("a", "b")),
        (f"{SITE}/compare/b-vs-a", Pair("b", "a")),
        (f"{SITE}/compare/a-vs-b-vs-c", None),
        (f"{SITE}/compare/a-versus-b", None),
        (f"{SITE}/compare/-vs-b", None),
        (f"{SITE}/tool/a-vs-b", None),
        (None, None),
    ],
)
def test_pair_of(url: str | None, pair: Pair | None) -> None:
    assert pair_of(url) == pair


def test_slugs_and_personas() -> None:
    assert slug_of(f"{SITE}/tool/ember-7b/") == "ember-7b"
    assert slug_of(f"{SITE}/compare/a-vs-b") is None
    assert slug_of_path("/tool/ember-7b") == "ember-7b"
    assert slug_of_path("javascript:alert(1)") is None
    assert persona_of(f"{SITE}/reviewer/Futurist?category=x") == "futurist"


def test_the_first_source_has_bare_slugs() -> None:
    assert source_of("https://www.shiporskip.io/tool/a") == "shiporskip"
    assert source_of(f"{SITE}/tool/a") == "verdicts.example"
    assert source_of("http://127.0.0.1:8765/") == "127.0.0.1:8765"
    assert listing_id("shiporskip", "a") == "a"
    assert listing_id("verdicts.example", "a") == "verdicts.example:a"
    assert slug_in("127.0.0.1:8765:a") == "a"


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("10.0.0.1", False)])
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
