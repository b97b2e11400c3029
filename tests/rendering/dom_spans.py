"""DOM shape *spans*: values and labels are inline spans with no white space between them.

Naive extraction glues them (``50%Panel ship``). Labels are split over nested spans, hold non-breaking spaces
or are written in capitals; values hold entities. A missing review leaves no cell behind, so nothing on these
pages tells the side of a lone one.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.items import Review
from tests.rendering import labels, slots
from tests.rendering.dom_kit import Kit, Part

ENTITIES = str.maketrans(
    {"é": "&eacute;", "–": "&ndash;", "·": "&middot;", "—": "&#8212;", "’": "&rsquo;", "🚀": "&#x1F680;"}
)


class Spans(Kit):
    """Flex boxes full of spans."""

    def text(self, value: str) -> str:
        return super().text(value).translate(ENTITIES)

    def label(self, value: str) -> str:
        first, _, rest = value.partition(" ")
        ways = [value.upper(), f"<span>{value[:1]}</span>{value[1:]}"]
        if rest:
            ways += [f"{first}&nbsp;{rest}", f"<span>{first}</span> <span>{rest}</span>"]
            ways += [f"<span><span>{first} </span>{rest}</span>"]
        return self.random.choice(ways)

    def slot(self, value: str) -> str:
        if value.endswith("%"):
            return f"<span>{self.text(value[:-1])}</span><span>%</span>"
        return self.text(value)

    def block(self, html: str) -> str:
        return self.tag("span", html)

    def blocks(self, *html: str) -> str:
        if len(html) == 1:
            return self.tag("span", html[0])
        return "".join(f"<p>{one}</p>" for one in html)

    def group(self, *html: str) -> str:
        return self.tag("div", *html)

    def pair(self, first: str, second: str) -> str:
        return self.tag("span", f"<span>{first}</span><span>{second}</span>")

    def part(self, part: Part) -> str:
        if part.role == "name":
            return self.tag("span", self.tag("b", self.text(part.texts[0])))
        return super().part(part) if part.role != "stat" else self.stat(part.texts)

    def stat(self, texts: tuple[str, ...]) -> str:
        """Value and label of a statistic, side by side."""
        *value, label = texts
        html = [self.tag("span", self.slot(one)) for one in value]
        return "".join([*html, self.tag("span", self.label(label))])

    def card(self, parts: Sequence[Part]) -> str:
        return self.tag("div", *map(self.part, parts))

    def table(self, rows: Sequence[tuple[str, str, str]]) -> str:
        html = (
            self.tag(
                "div",
                f"<span>{self.label(label)}</span><span>{self.text(left)}</span><span>{self.text(right)}</span>",
            )
            for label, left, right in rows
        )
        return self.tag("div", *html)

    def review(self, review: Review | None) -> str:
        if review is None:
            return ""
        score = "" if review.score is None else self.tag("span", self.text(slots.score_line(review)))
        return self.tag("div", score, self.tag("span", self.quote(review)))

    def scorecard_row(self, row: slots.Row) -> str:
        persona, left, right = row
        return self.tag("div", self.tag("span", self.label(persona or "")), self.review(left), self.review(right))

    def scorecard(self, rows: Sequence[slots.Row], names: tuple[str, str]) -> str:
        head = self.tag("div", self.label(labels.SCORECARD))
        return self.tag("div", head, *map(self.scorecard_row, rows))

    def items(self, mark: str, texts: Sequence[str]) -> str:
        html = (self.tag("li", f"<span>{mark}</span>", self.text(text)) for text in texts)
        return self.tag("ul", *html)
