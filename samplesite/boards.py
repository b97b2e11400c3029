"""The second site, *boards*, with different wording, URLs and structure: the example for docs/another-site.md.

It shows the same world as *desk*, but with jurors, ratings from 0 to 10, and the verdicts keep and drop.
"""

from __future__ import annotations

from html import escape
from typing import Any

from samplesite.answers import TEXT, XML, Found
from samplesite.content import Review
from samplesite.series import OPENING, iso
from samplesite.views import Traits
from samplesite.world import Snapshot, World

KEEP = {"ship": "Keep", "skip": "Drop"}


class Boards:
    """``/versus/a/b`` for every pair, an index, robots.txt and one sitemap."""

    def __init__(self, world: World) -> None:
        self.world = world

    def find(self, path: str, query: str, moment: int, traits: Traits) -> Found | None:
        """Return the content at a path, or None."""
        _ = query
        snapshot = self.world.at(moment)
        edge = self.world.edge(moment)
        if path == "/":
            return Found(lambda: _home(snapshot), edge)
        if path == "/robots.txt":
            said = f"User-agent: *\nDisallow: /admin/\nSitemap: {traits.origin}/sitemap.xml\n"
            return Found(lambda: said, OPENING, TEXT)
        if path == "/sitemap.xml":
            changed = max((edge, *map(snapshot.changed, snapshot.present)))
            return Found(lambda: _sitemap(snapshot, traits), changed, XML)
        parts = path.split("/")
        if len(parts) != 4 or parts[1] != "versus" or parts[2] >= parts[3]:
            return None
        if any(snapshot.listing(slug) is None for slug in parts[2:]):
            return None
        return Found(lambda: _versus(snapshot, parts[2], parts[3]), max(map(snapshot.changed, parts[2:])))

    def truth(self, moment: int) -> dict[str, Any]:
        """Return the truth at a moment, in this site's terms."""
        snapshot = self.world.at(moment)
        return {
            "now": iso(snapshot.moment),
            "contenders": {slug: _contender(snapshot, slug) for slug in snapshot.present},
            "versus": [list(pair) for pair in snapshot.pairs()],
        }


def rating(score: int) -> str:
    """Return a score in this site's scale."""
    return f"Rating {score / 10:.1f} of 10"


def _contender(snapshot: Snapshot, slug: str) -> dict[str, Any]:
    card = snapshot.card(slug)
    return {
        "name": card.name,
        "tool": snapshot.world.listings[slug].tool.id,
        "cost": card.pricing,
        "motto": card.tagline,
        "jurors": {
            review.persona.title(): {
                "rating": review.score / 10,
                "word": KEEP[review.verdict],
                "reason": review.quote,
            }
            for review in card.reviews
        },
    }


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Boards</title></head>\n'
        f'<body><p><a href="/">Boards</a></p>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n'
    )


def _home(snapshot: Snapshot) -> str:
    links = "".join(f'<li><a href="/versus/{one}/{other}">{one} or {other}</a></li>' for one, other in snapshot.pairs())
    return _page("Which one?", f"<ul>{links}</ul>")


def _juror(review: Review) -> str:
    return (
        f"<tr><td>Juror {review.persona.title()}</td><td>{rating(review.score)}</td><td>{KEEP[review.verdict]}</td>"
        f"<td>{escape(review.quote, quote=False)}</td></tr>"
    )


def _versus(snapshot: Snapshot, *slugs: str) -> str:
    cards = [snapshot.card(slug) for slug in slugs]
    sections = (
        f'<section id="{slug}"><h2>{escape(card.name, quote=False)}</h2><p>{escape(card.tagline, quote=False)}</p>'
        f"<p>Cost: {escape(card.pricing, quote=False)}</p><table>{''.join(map(_juror, card.reviews))}</table></section>"
        for slug, card in zip(slugs, cards, strict=True)
    )
    return _page(" or ".join(card.name for card in cards) + "?", "\n".join(sections))


def _sitemap(snapshot: Snapshot, traits: Traits) -> str:
    urls = (
        f"<url><loc>{escape(traits.origin)}/versus/{one}/{other}</loc>"
        f"<lastmod>{iso(max(snapshot.changed(one), snapshot.changed(other)))}</lastmod></url>\n"
        for one, other in snapshot.pairs()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "".join(urls)
        + "</urlset>\n"
    )
