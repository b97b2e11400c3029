"""The first site, *desk*: the content of each path, including robots.txt and sitemaps."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from html import escape
from urllib.parse import parse_qs

from samplesite import words
from samplesite.answers import GZIP, HTML, TEXT, XML, Found
from samplesite.layouts import Layout
from samplesite.series import OPENING, iso
from samplesite.truth import Json, truth
from samplesite.views import Pages, Traits, View, compare_path, reviewer_path
from samplesite.words import dice
from samplesite.world import Snapshot, World

PER_SITEMAP = 20_000
"""The number of URLs in one sitemap file."""

Choose = Callable[[str], Layout]
"""A function that returns the layout for a path."""


class Desk:
    """The site as a function of path, moment and traits."""

    def __init__(self, world: World, choose: Choose) -> None:
        self.world, self._choose = world, choose
        self._routes: tuple[tuple[re.Pattern[str], Callable[..., Found | None]], ...] = (
            (re.compile(r"/compare/(.+)"), self._compare),
            (re.compile(r"/tool/([^/]+)"), self._tool),
            (re.compile(r"/reviewer/([a-z-]+)"), self._reviewer),
            (re.compile(r"/"), self._home),
            (re.compile(r"/robots\.txt"), self._robots),
            (re.compile(r"/sitemap\.xml"), self._sitemap_index),
            (re.compile(r"/sitemaps/sitemap-([a-z]+)(?:-(\d+))?\.xml(\.gz)?"), self._sitemap),
            (re.compile(r"/compare"), self._index),
            (re.compile(r"/categories"), self._categories),
            (re.compile(r"/category/([^/]+)"), self._category),
            (re.compile(r"/guide/([^/]+)"), self._guide),
            (re.compile(r"/calendar/(\d{4}-\d\d)"), self._month),
            (re.compile(r"/api/badge(?:-click)?/([^/]+)"), self._badge),
            (re.compile(r"/embed/([^/]+)"), self._embed),
        )

    def find(self, path: str, query: str, moment: int, traits: Traits) -> Found | None:
        """Return the content at a path, or None."""
        snapshot = self.world.at(moment)
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match:
                return route(_Ask(path, query, snapshot, traits), *match.groups())
        return None

    def truth(self, moment: int) -> Json:
        """Return the truth at a moment."""
        return truth(self.world.at(moment))

    def _shown(self, ask: _Ask, view: View | None, stamp: int) -> Found | None:
        if view is None:
            return None
        return self._lazily(ask, lambda: view, stamp)

    def _lazily(self, ask: _Ask, view: Callable[[], View], stamp: int) -> Found:
        return Found(lambda: self._choose(ask.path).page(view(), ask.traits), stamp)

    # Pages with data

    def _compare(self, ask: _Ask, pair: str) -> Found | None:
        first, found, second = pair.partition("-vs-")
        if not found or first == second:
            return None
        if first > second and ask.traits.reverse is None:
            return None
        snapshot = ask.snapshot
        if snapshot.listing(first) is None or snapshot.listing(second) is None:
            return self._gone_pair(ask, first, second)
        if first > second and ask.traits.reverse == "redirect":
            return _moved(compare_path(second, first))
        stamp = max(snapshot.changed(first), snapshot.changed(second))
        return self._lazily(ask, lambda: ask.pages.compare(first, second), stamp)

    def _gone_pair(self, ask: _Ask, first: str, second: str) -> Found | None:
        """Return the response for a comparison with a missing side: a redirect if the side moved, otherwise gone."""
        snapshot = ask.snapshot
        fates = [snapshot.gone(slug) for slug in (first, second)]
        if any(
            fate is None and snapshot.listing(slug) is None for fate, slug in zip(fates, (first, second), strict=True)
        ):
            return None
        ends = [fate.status for fate in fates if fate is not None]
        if all(status == 301 for status in ends):
            there = [fate.to or "" if fate else slug for fate, slug in zip(fates, (first, second), strict=True)]
            return _moved(compare_path(min(there), max(there)))
        return _gone() if 410 in ends else None

    def _tool(self, ask: _Ask, slug: str) -> Found | None:
        if ask.snapshot.listing(slug) is None:
            fate = ask.snapshot.gone(slug)
            if fate is None or fate.status == 404:
                return None
            return _moved(f"/tool/{fate.to}") if fate.status == 301 else _gone()
        return self._lazily(ask, lambda: ask.pages.tool(slug), ask.snapshot.changed(slug))

    def _reviewer(self, ask: _Ask, persona: str) -> Found | None:
        snapshot = ask.snapshot
        if persona not in words.PERSONAS:
            return None
        category = parse_qs(ask.query).get("category", [""])[0]
        if not category:
            first = next((each for each in snapshot.categories if snapshot.judged(persona, each)), None)
            return _moved(reviewer_path(persona, first), 302) if first else None
        return self._shown(ask, ask.pages.reviewer(persona, category), self._category_changed(ask, category))

    def _category_changed(self, ask: _Ask, category: str) -> int:
        slugs = ask.snapshot.categories.get(category, ())
        return max((ask.edge, *map(ask.snapshot.changed, slugs)))

    # Other pages

    def _home(self, ask: _Ask) -> Found:
        return self._lazily(ask, ask.pages.home, ask.edge)

    def _index(self, ask: _Ask) -> Found | None:
        number = parse_qs(ask.query).get("page", ["1"])[0]
        return self._shown(ask, ask.pages.index(int(number)) if number.isdecimal() else None, ask.edge)

    def _categories(self, ask: _Ask) -> Found:
        return self._lazily(ask, ask.pages.categories, ask.edge)

    def _category(self, ask: _Ask, name: str) -> Found | None:
        return self._shown(ask, ask.pages.category(name), ask.edge)

    def _guide(self, ask: _Ask, name: str) -> Found | None:
        return self._shown(ask, ask.pages.guide(name), OPENING)

    def _month(self, ask: _Ask, name: str) -> Found | None:
        return self._shown(ask, ask.pages.month(name), OPENING) if ask.traits.calendar else None

    def _badge(self, ask: _Ask, slug: str) -> Found | None:
        if ask.snapshot.listing(slug) is None:
            return None
        said = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{ask.snapshot.card(slug).panel_verdict}</text></svg>'
        return Found(lambda: said, ask.snapshot.changed(slug), "image/svg+xml")

    def _embed(self, ask: _Ask, slug: str) -> Found | None:
        if ask.snapshot.listing(slug) is None:
            return None
        card = ask.snapshot.card(slug)
        said = f"<!DOCTYPE html><html><body><p>{escape(card.name)}: {card.panel_verdict}</p></body></html>"
        return Found(lambda: said, ask.snapshot.changed(slug), HTML)

    # For robots

    def _robots(self, ask: _Ask) -> Found:
        traits = ask.traits
        lines = ["User-agent: *", "Disallow: /api/", "Disallow: /embed/"]
        lines += [f"Disallow: {each}" for each in traits.disallow]
        if traits.crawl_delay is not None:
            lines.append(f"Crawl-delay: {traits.crawl_delay:g}")
        if traits.sitemap:
            lines += ["", f"Sitemap: {traits.origin}/sitemap.xml"]
        return Found(lambda: "\n".join(lines) + "\n", OPENING, TEXT)

    def _sitemap_index(self, ask: _Ask) -> Found | None:
        if not ask.traits.sitemap:
            return None
        count = len(ask.snapshot.present)
        files = -(-max(1, count * (count - 1) // 2) // PER_SITEMAP)
        paths = [f"/sitemaps/sitemap-compare-{number + 1}.xml.gz" for number in range(files)]
        paths += ["/sitemaps/sitemap-tools.xml", "/sitemaps/sitemap-reviewers.xml"]
        changed = self._all_changed(ask)
        return Found(lambda: _sitemap_of(ask, "sitemap", ((path, changed) for path in paths)), self._stamp(ask), XML)

    def _sitemap(self, ask: _Ask, what: str, number: str | None, packed: str | None) -> Found | None:
        known = {"compare": (True, True), "tools": (False, False), "reviewers": (False, False)}
        if not ask.traits.sitemap or known.get(what) != (number is not None, packed is not None):
            return None
        urls = {"compare": self._compare_urls, "tools": self._tool_urls, "reviewers": self._reviewer_urls}[what](ask)
        start = (int(number or 1) - 1) * PER_SITEMAP

        def made() -> bytes:
            shown = [url for place, url in enumerate(urls) if start <= place < start + PER_SITEMAP]
            text = _sitemap_of(ask, "url", shown).encode()
            return gzip.compress(text, 6, mtime=0) if packed else text

        return Found(made, self._stamp(ask), GZIP if packed else XML)

    def _compare_urls(self, ask: _Ask) -> Iterator[tuple[str, int]]:
        snapshot = ask.snapshot
        changed = {slug: snapshot.changed(slug) for slug in snapshot.present}
        for first, second in snapshot.pairs():
            yield compare_path(first, second), max(changed[first], changed[second])
            if ask.traits.reverse:
                yield compare_path(second, first), max(changed[first], changed[second])

    def _tool_urls(self, ask: _Ask) -> Iterator[tuple[str, int]]:
        return ((f"/tool/{slug}", ask.snapshot.changed(slug)) for slug in ask.snapshot.present)

    def _reviewer_urls(self, ask: _Ask) -> Iterator[tuple[str, int]]:
        for category in ask.snapshot.categories:
            changed = self._category_changed(ask, category)
            for persona in words.PERSONAS:
                if ask.snapshot.judged(persona, category):
                    yield reviewer_path(persona, category), changed

    def _all_changed(self, ask: _Ask) -> int:
        return max((ask.edge, *map(ask.snapshot.changed, ask.snapshot.present)))

    def _stamp(self, ask: _Ask) -> int:
        """Return when a sitemap changed; a dishonest one may change at every moment."""
        return self._all_changed(ask) if ask.traits.lastmod in ("honest", "none") else ask.snapshot.moment


class _Ask:
    """A request for content of the site."""

    __slots__ = ("path", "query", "snapshot", "traits")

    def __init__(self, path: str, query: str, snapshot: Snapshot, traits: Traits) -> None:
        self.path, self.query, self.snapshot, self.traits = path, query, snapshot, traits

    @property
    def pages(self) -> Pages:
        """Return the pages at this moment."""
        return Pages(self.snapshot, self.traits)

    @property
    def edge(self) -> int:
        """Return when a listing last appeared or vanished."""
        return self.snapshot.world.edge(self.snapshot.moment)


def _moved(path: str, status: int = 301) -> Found:
    return Found(lambda: "<!DOCTYPE html><html><body><p>Moved.</p></body></html>", OPENING, HTML, status, path)


def _gone() -> Found:
    return Found(lambda: "<!DOCTYPE html><html><body><h1>Gone</h1></body></html>", OPENING, HTML, 410)


def _sitemap_of(ask: _Ask, element: str, urls: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> str:
    """Return a sitemap file, or the index."""
    root = "sitemapindex" if element == "sitemap" else "urlset"
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n']
    for path, changed in urls:
        when = _lastmod(ask, path, changed)
        said = f"<lastmod>{when}</lastmod>" if when else ""
        parts.append(f"<{element}><loc>{escape(ask.traits.origin + path)}</loc>{said}</{element}>\n")
    return "".join(parts) + f"</{root}>\n"


def _lastmod(ask: _Ask, path: str, changed: int) -> str | None:
    """Return the time of change of a page as the sitemap declares it."""
    how = ask.traits.lastmod
    if how == "none":
        return None
    if how == "honest":
        return iso(changed)
    if how == "now":
        return iso(ask.snapshot.moment)
    if how == "never":
        return iso(OPENING)
    return iso(ask.snapshot.moment - dice(ask.snapshot.world.seed, path, ask.snapshot.moment).randrange(60 * 86_400))
