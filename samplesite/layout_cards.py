"""The layout *cards*: only divs, like the output of server-rendered React.

Numbers are followed by ``<!-- -->``, each card appears twice (for phones and for desktops), and a script repeats the
texts.
"""

# ruff: noqa: D102  (`samplesite.layouts.Layout` documents the parts)
from __future__ import annotations

import json
import re
from collections.abc import Sequence

from samplesite.content import Card, Review
from samplesite.layouts import Layout, link, paragraphs, split_numbers, text
from samplesite.views import Row, Side


class Cards(Layout):
    """Divs, comments, duplicate cards and a script with data."""

    name = "cards"

    def crumbs(self, parts: Sequence[str]) -> str:
        return '<div class="c1">' + "<!-- -->/<!-- -->".join(map(text, parts)) + "</div>"

    def block(self, html: str) -> str:
        return f'<div class="p_2">{html}</div>'

    def heading(self, level: int, html: str) -> str:
        return f'<h{level} class="h{level}_a">{html}</h{level}>'

    def group(self, *html: str) -> str:
        return f'<div class="g_1">{"".join(html)}</div>'

    def stat(self, value: str, label: str) -> str:
        """A value above its label."""
        shown = f"<div>{split_numbers(text(value))}</div>" if value else ""
        return f'<div class="s_1">{shown}<div>{text(label)}</div></div>'

    def card(self, side: Side) -> str:
        """One card."""
        card, labels = side.card, self.labels
        votes = "" if card.community_ship_pct is None else f"{card.community_ship_pct}%"
        return self.group(
            self.block(text(card.name[0].upper())),
            self.block(text(card.category)),
            self.heading(2, link(f"/tool/{side.slug}", card.name)),
            self.block(text(card.tagline)),
            self.block(card.panel_verdict.title()),
            self.stat(f"{card.panel_ship_pct}%", labels.panel_ship),
            self.stat(votes, labels.community),
            self.stat(card.entry, labels.entry),
            *(self.block(text(each)) for each in paragraphs(card)),
        )

    def cards(self, left: Side, right: Side) -> str:
        both = self.card(left) + self.card(right)
        return f'<div class="hidden md:block">{both}</div>\n<div class="md:hidden">{both}</div>'

    def decision(self, rows: Sequence[tuple[str, str, str]]) -> str:
        return self.group(
            *(
                f"<div><div>{text(label)}</div><div>{split_numbers(text(left))}</div>"
                f"<div>{split_numbers(text(right))}</div></div>"
                for label, left, right in rows
            )
        )

    def review(self, review: Review | None) -> str:
        """A cell of the scorecard."""
        if review is None:
            return "<div></div>"
        return f"<div>{self.block(split_numbers(self.score(review)))}{self.block(text(review.quote))}</div>"

    def scorecard(self, rows: Sequence[Row], names: tuple[str, str]) -> str:
        _ = names
        html = (
            f'<div class="r_1"><div>{who.title()}</div>{self.review(left)}{self.review(right)}</div>'
            for who, left, right in rows
        )
        return self.group(self.heading(2, self.labels.scorecard), *html)

    def facts(self, card: Card) -> str:
        labels = self.labels
        price = self.group(self.block(labels.price), self.block(text(card.pricing))) if labels.price else ""
        return self.group(
            price,
            self.group(self.block(labels.reviewed), self.block(card.reviewed_on)),
            self.block(labels.verdict.format(card.panel_verdict.title())),
            self.group(
                self.block(labels.ships.format(card.panel_ships)), self.block(labels.skips.format(card.panel_skips))
            ),
            self.block(f'<a href="https://{card.website}/?ref=desk">Visit {card.website}</a>'),
        )

    def tool_review(self, review: Review) -> str:
        return self.group(self.block(review.persona.title()), self.review(review))

    def bullets(self, sign: str, items: Sequence[str]) -> str:
        return self.group(*(f"<div><span>{sign}</span><!-- -->{text(item)}</div>" for item in items))

    def judged(self, path: str, tagline: str, quote: str) -> str:
        return self.group(self.block(link(path, tagline)), self.block(f"“{text(quote)}”"))

    def after(self, main: str) -> str:
        payload = json.dumps(re.sub(r"<[^<>]*+>", "\n", main)).replace("<", "\\u003c")
        return f"<script>self.__next_f.push([1,{payload}])</script>"
