"""The layout *table*: both cards are cells of one row, and everything else with two sides is a table too."""

# ruff: noqa: D102  (`samplesite.layouts.Layout` documents the parts)
from __future__ import annotations

from collections.abc import Sequence

from samplesite.content import Card, Review
from samplesite.layouts import Layout, link, paragraphs, text
from samplesite.views import Row, Side


class Table(Layout):
    """Tables; the texts in a cell are separated by ``<br>``."""

    name = "table"

    def crumbs(self, parts: Sequence[str]) -> str:
        return f"<p><small>{'/'.join(map(text, parts))}</small></p>"

    def block(self, html: str) -> str:
        return f"<p>{html}</p>"

    def heading(self, level: int, html: str) -> str:
        return f"<h{level}>{html}</h{level}>"

    def group(self, *html: str) -> str:
        return f"<section>{''.join(html)}</section>"

    def cell(self, side: Side) -> str:
        """One card."""
        card, labels = side.card, self.labels
        votes = "" if card.community_ship_pct is None else f"{card.community_ship_pct}%<br>"
        stats = (
            f"{card.panel_ship_pct}%<br>{labels.panel_ship}",
            f"{votes}{labels.community}",
            f"{text(card.entry)}<br>{labels.entry}",
        )
        return (
            f"<td>{text(card.name[0].upper())}<br>{text(card.category)}<h2>{link(f'/tool/{side.slug}', card.name)}</h2>"
            f"<i>{text(card.tagline)}</i><br><b>{card.panel_verdict.title()}</b>"
            + "".join(f"<div>{stat}</div>" for stat in stats)
            + "".join(f"<p>{text(each)}</p>" for each in paragraphs(card))
            + "</td>"
        )

    def cards(self, left: Side, right: Side) -> str:
        return f"<table><tbody><tr>{self.cell(left)}\n{self.cell(right)}</tr></tbody></table>"

    def decision(self, rows: Sequence[tuple[str, str, str]]) -> str:
        head, *rest = (
            f'<tr><th scope="row">{text(label)}</th><td>{text(left)}</td><td>{text(right)}</td></tr>'
            for label, left, right in rows
        )
        return f"<table><thead>{head}</thead><tbody>{''.join(rest)}</tbody></table>"

    def review(self, review: Review | None) -> str:
        """A cell of the scorecard."""
        return f"<td>{self.score(review)}<br>{text(review.quote)}</td>" if review else "<td></td>"

    def scorecard(self, rows: Sequence[Row], names: tuple[str, str]) -> str:
        heads = "".join(f"<th>{text(name)}</th>" for name in names)
        html = (
            f'<tr><th scope="row">{who.title()}</th>{self.review(left)}{self.review(right)}</tr>\n'
            for who, left, right in rows
        )
        head = self.heading(2, self.labels.scorecard)
        return f"{head}<table><thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(html)}</tbody></table>"

    def facts(self, card: Card) -> str:
        labels = self.labels
        rows = [(labels.price, card.pricing)] if labels.price else []
        rows.append((labels.reviewed, card.reviewed_on))
        table = "".join(f"<tr><th>{label}</th><td>{text(value)}</td></tr>" for label, value in rows)
        return (
            f"<table>{table}</table><p>{labels.verdict.format(card.panel_verdict.title())}</p>"
            f"<table><tr><td>{labels.ships.format(card.panel_ships)}</td>"
            f"<td>{labels.skips.format(card.panel_skips)}</td></tr></table>"
            f'<p><a href="https://{card.website}/">Visit {card.website}</a></p>'
        )

    def tool_review(self, review: Review) -> str:
        return f"<table><tr><th>{review.persona.title()}</th>{self.review(review)}</tr></table>"

    def bullets(self, sign: str, items: Sequence[str]) -> str:
        return "<table>" + "".join(f"<tr><td>{sign} {text(item)}</td></tr>" for item in items) + "</table>"

    def judged(self, path: str, tagline: str, quote: str) -> str:
        return f"<table><tr><td>{link(path, tagline)}</td></tr><tr><td>“{text(quote)}”</td></tr></table>"
