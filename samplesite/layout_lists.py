"""The layout *lists*: cards are list items, tables are ``<dl>``, and reviews have typographic quotation marks."""

# ruff: noqa: D102  (`samplesite.layouts.Layout` documents the parts)
from __future__ import annotations

from collections.abc import Sequence

from samplesite.content import Card, Review
from samplesite.layouts import Layout, link, paragraphs, text
from samplesite.views import Row, Side


class Lists(Layout):
    """Nested lists, and adjacent spans."""

    name = "lists"

    def crumbs(self, parts: Sequence[str]) -> str:
        items = (f"<li>{'/' if number else ''}{text(part)}</li>" for number, part in enumerate(parts))
        return f"<ol>{''.join(items)}</ol>"

    def block(self, html: str) -> str:
        return f"<p>{html}</p>"

    def heading(self, level: int, html: str) -> str:
        return f"<h{level}><span>{html}</span></h{level}>"

    def group(self, *html: str) -> str:
        return f"<article>{''.join(html)}</article>"

    def item(self, side: Side) -> str:
        """One card."""
        card, labels = side.card, self.labels
        votes = "" if card.community_ship_pct is None else f"<p>{card.community_ship_pct}%</p>"
        return (
            f"<li><p>{text(card.name[0].upper())}</p><p>{text(card.category)}</p>"
            f"<h3>{link(f'/tool/{side.slug}', card.name)}</h3><p>{text(card.tagline)}</p>"
            f"<p>{card.panel_verdict.title()}</p>"
            f"<ul><li><p>{card.panel_ship_pct}%</p><p>{labels.panel_ship}</p></li>"
            f"<li>{votes}<p>{labels.community}</p></li>"
            f"<li><p>{text(card.entry)}</p><p>{labels.entry}</p></li></ul>"
            + "".join(f"<p>{text(each)}</p>" for each in paragraphs(card))
            + "</li>"
        )

    def cards(self, left: Side, right: Side) -> str:
        return f"<ul>{self.item(left)}\n{self.item(right)}</ul>"

    def decision(self, rows: Sequence[tuple[str, str, str]]) -> str:
        html = (f"<dt>{text(label)}</dt><dd>{text(left)}</dd>\n<dd>{text(right)}</dd>" for label, left, right in rows)
        return f"<dl>{''.join(html)}</dl>"

    def review(self, review: Review | None) -> str:
        """A cell of the scorecard."""
        if review is None:
            return "<dd></dd>"
        return f"<dd><strong>{self.score(review)}</strong><blockquote>“{text(review.quote)}”</blockquote></dd>"

    def scorecard(self, rows: Sequence[Row], names: tuple[str, str]) -> str:
        _ = names
        html = (f"<dt>{who.title()}</dt>{self.review(left)}{self.review(right)}" for who, left, right in rows)
        return f"{self.heading(2, self.labels.scorecard)}<dl>{''.join(html)}</dl>"

    def facts(self, card: Card) -> str:
        labels = self.labels
        price = f"<dt>{labels.price}</dt><dd>{text(card.pricing)}</dd>" if labels.price else ""
        return (
            f"<dl>{price}<dt>{labels.reviewed}</dt><dd>{card.reviewed_on}</dd></dl>"
            f"<p>{labels.verdict.format(card.panel_verdict.title())}</p>"
            f"<ul><li>{labels.ships.format(card.panel_ships)}</li><li>{labels.skips.format(card.panel_skips)}</li></ul>"
            f'<p><a href="https://{card.website}/">Visit {card.website}</a></p>'
        )

    def tool_review(self, review: Review) -> str:
        return f"<dl><dt>{review.persona.title()}</dt>{self.review(review)}</dl>"

    def bullets(self, sign: str, items: Sequence[str]) -> str:
        return "<ul>" + "".join(f"<li>{sign}{text(item)}</li>" for item in items) + "</ul>"

    def judged(self, path: str, tagline: str, quote: str) -> str:
        return f"<dl><dt>{link(path, tagline)}</dt><dd>“{text(quote)}”</dd></dl>"
