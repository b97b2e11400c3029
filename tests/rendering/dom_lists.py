"""DOM shape *lists*: cards as list items, the decision table and the scorecard as ``<dl>``, typed quotes."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.items import Review
from tests.rendering import labels, slots
from tests.rendering.dom_kit import Kit, Part


class Lists(Kit):
    """Everything is a list."""

    wraps_quotes = True

    def crumb(self, parts: Sequence[str]) -> str:
        html = (f"<li>{'/' if index else ''}{self.text(part)}</li>" for index, part in enumerate(parts))
        return self.tag("ol", *html)

    def card(self, parts: Sequence[Part]) -> str:
        return self.tag("li", *map(self.part, parts))

    def cards(self, left: Sequence[Part], right: Sequence[Part]) -> str:
        return self.tag("ul", self.card(left), "\n", self.card(right))

    def table(self, rows: Sequence[tuple[str, str, str]]) -> str:
        html = (
            f"<dt>{self.label(label)}</dt><dd>{self.slot(left)}</dd>\n<dd>{self.slot(right)}</dd>"
            for label, left, right in rows
        )
        return self.tag("dl", *html)

    def review(self, review: Review | None) -> str:
        if review is None:
            return "<dd></dd>"
        score = "" if review.score is None else f"<strong>{self.slot(slots.score_line(review))}</strong>"
        return self.tag("dd", score, f"<blockquote>{self.quote(review)}</blockquote>")

    def scorecard_row(self, row: slots.Row) -> str:
        persona, left, right = row
        return f"<dt>{self.label(persona or '')}</dt>{self.review(left)}{self.review(right)}"

    def scorecard(self, rows: Sequence[slots.Row], names: tuple[str, str]) -> str:
        head = self.heading(2, self.label(labels.SCORECARD))
        return self.group(head, self.tag("dl", *map(self.scorecard_row, rows)))

    def tool_review(self, review: Review) -> str:
        persona = slots.persona(review)
        term = f"<dt>{self.label(persona)}</dt>" if persona else ""
        return f"<dl>{term}{self.review(review)}</dl>"

    def verdict(self, tagline: str, quote: str) -> str:
        return f"<dl><dt>{self.text(tagline)}</dt><dd>{self.text(slots.quoted(quote))}</dd></dl>"
