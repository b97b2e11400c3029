"""DOM shape *tables*: both cards are cells of one row, the scorecard is a table headed by the tools' names."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.items import Review
from tests.rendering import labels, slots
from tests.rendering.dom_kit import Kit, Part


class Tables(Kit):
    """Everything is a table; texts within a cell are parted by ``<br>`` or stand in divs."""

    def block(self, html: str) -> str:
        return self.tag("div", html)

    def pair(self, first: str, second: str) -> str:
        return self.tag("div", f"{first}<br>{second}")

    def card(self, parts: Sequence[Part]) -> str:
        return self.tag("td", *map(self.part, parts))

    def cards(self, left: Sequence[Part], right: Sequence[Part]) -> str:
        return f"<table><tbody><tr>{self.card(left)}\n{self.card(right)}</tr></tbody></table>"

    def review(self, review: Review | None) -> str:
        if review is None:
            return "<td></td>"
        score = "" if review.score is None else f"{self.slot(slots.score_line(review))}<br/>"
        return self.tag("td", score + self.quote(review))

    def scorecard_row(self, row: slots.Row) -> str:
        persona, left, right = row
        head = f'<th scope="row">{self.label(persona or "")}</th>'
        return f"<tr>{head}{self.review(left)}{self.review(right)}</tr>\n"

    def scorecard(self, rows: Sequence[slots.Row], names: tuple[str, str]) -> str:
        heads = "".join(f"<th>{self.text(name)}</th>" for name in names)
        table = self.tag(
            "table",
            f"<thead><tr><th></th>{heads}</tr></thead><tbody>",
            *map(self.scorecard_row, rows),
            "</tbody>",
        )
        return self.heading(2, self.label(labels.SCORECARD)) + table

    def tool_review(self, review: Review) -> str:
        persona = slots.persona(review)
        head = f"<th>{self.label(persona)}</th>" if persona else ""
        return f"<table><tr>{head}{self.review(review)}</tr></table>"
