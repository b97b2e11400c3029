"""What a DOM shape is made of: the parts of a page, in a plain form that each shape overrides.

A kit turns one part (a label, a card, a table, …) into HTML. Class names are minified and random, so that no
reader can lean on them. Whatever a kit does, the text that people see stays the same and in the same order.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from crawler.items import Review
from tests.rendering import labels, slots


@dataclass(frozen=True)
class Part:
    """One part of a card: its role and its texts (one, or value and label, or paragraphs)."""

    role: str
    texts: tuple[str, ...]


class Kit:
    """A plain DOM of headings and paragraphs; the base of all shapes."""

    wraps_quotes = False
    """Whether reviews stand in typed curly quotes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    # Text

    def klass(self) -> str:
        """A minified class attribute."""
        names = ("".join(self.random.choices("abcdefgh0123", k=3)) for _ in range(self.random.randint(1, 2)))
        return f' class="_{" _".join(names)}"'

    def text(self, value: str) -> str:
        """A plain value."""
        return escape(value, quote=False)

    def slot(self, value: str) -> str:
        """A value that the site puts together from parts, like ``82/100 · ship``."""
        return self.text(value)

    def label(self, value: str) -> str:
        """A label."""
        return self.text(value)

    def quote(self, review: Review) -> str:
        """A review's text."""
        return self.text(slots.quoted(review.quote) if self.wraps_quotes else review.quote)

    def tag(self, name: str, *inner: str) -> str:
        """An element with a class of no meaning."""
        return f"<{name}{self.klass()}>{''.join(inner)}</{name}>"

    # Blocks

    def block(self, html: str) -> str:
        """One block of text."""
        return self.tag("p", html)

    def heading(self, level: int, html: str) -> str:
        """A heading."""
        return self.tag(f"h{level}", html)

    def blocks(self, *html: str) -> str:
        """Blocks that follow each other."""
        return "".join(self.block(one) for one in html)

    def group(self, *html: str) -> str:
        """A part of the page."""
        return self.tag("section", *html)

    def crumb(self, parts: Sequence[str]) -> str:
        """The breadcrumb."""
        links = [f'<a href="/{index}">{self.text(part)}</a>' for index, part in enumerate(parts[:-1])]
        return self.tag("nav", "/".join([*links, f"<span>{self.text(parts[-1])}</span>"]))

    def title(self, left: str, right: str) -> str:
        """The heading of a comparison."""
        return self.heading(1, self.text(f"{left} vs {right}"))

    def pair(self, first: str, second: str) -> str:
        """A value and its label, or a label and its value (both are HTML)."""
        return self.tag("div", self.block(first), self.block(second))

    def row(self, *texts: str) -> str:
        """Short texts side by side."""
        return self.tag("div", *(self.block(text) for text in texts))

    def part(self, part: Part) -> str:
        """One part of a card."""
        if part.role == "stat":
            *value, label = part.texts
            if not value:
                return self.tag("div", self.block(self.label(label)))
            return self.pair(self.slot(value[0]), self.label(label))
        if part.role == "name":
            return self.heading(2, self.text(part.texts[0]))
        return self.blocks(*map(self.text, part.texts))

    def card(self, parts: Sequence[Part]) -> str:
        """One card."""
        return self.tag("article", *map(self.part, parts))

    def cards(self, left: Sequence[Part], right: Sequence[Part]) -> str:
        """Both cards."""
        return self.tag("div", self.card(left), self.card(right))

    def table(self, rows: Sequence[tuple[str, str, str]]) -> str:
        """The decision table."""
        html = (
            "<tr>" + f'<th scope="row">{self.label(label)}</th>' + f"{self.cell(left)}{self.cell(right)}</tr>"
            for label, left, right in rows
        )
        return self.tag("table", "<tbody>", *html, "</tbody>")

    def cell(self, text: str) -> str:
        """A cell of the decision table."""
        return self.tag("td", self.slot(text))

    def review(self, review: Review | None) -> str:
        """One review in its cell; the cell is empty where there is none."""
        if review is None:
            return "<div></div>"
        score = [] if review.score is None else [self.slot(slots.score_line(review))]
        return self.tag("div", self.blocks(*score, self.quote(review)))

    def scorecard_row(self, row: slots.Row) -> str:
        """One persona's row."""
        persona, left, right = row
        name = self.heading(3, self.label(persona)) if persona else ""
        return self.tag("section", name, self.tag("div", self.review(left), self.review(right)))

    def scorecard(self, rows: Sequence[slots.Row], names: tuple[str, str]) -> str:
        """The reviewer scorecard."""
        _ = names
        head = self.heading(2, self.label(labels.SCORECARD))
        return self.group(head, *map(self.scorecard_row, rows))

    def tool_review(self, review: Review) -> str:
        """One review of a tool page."""
        persona = slots.persona(review)
        head = self.block(self.label(persona)) if persona else ""
        return self.tag("div", head, self.review(review))

    def items(self, mark: str, texts: Sequence[str]) -> str:
        """A list whose items bear a mark."""
        return self.tag("ul", *(f"<li>{mark}{self.text(text)}</li>" for text in texts))

    def verdict(self, tagline: str, quote: str) -> str:
        """One entry of a reviewer page."""
        return self.tag("div", self.blocks(self.text(tagline), self.text(slots.quoted(quote))))

    def code(self, text: str) -> str:
        """Literal markup that a page shows as text."""
        return self.tag("pre", f"<code>{escape(text)}</code>")

    # The page

    def site_head(self) -> str:
        """The bar at the top of the page."""
        links = "".join(f'<a href="/n{index}">{text}</a>' for index, text in enumerate(labels.NAV))
        return f"<header{self.klass()}><nav>{links}</nav></header>"

    def site_foot(self) -> str:
        """The bar at the bottom of the page."""
        texts = "".join(f"<p>{text}</p>" for text in labels.FOOTER)
        return f"<footer{self.klass()}>{texts}</footer>"

    def scripts(self, main: str) -> str:
        """What stands after the content; `main` is the content."""
        _ = main
        return ""

    def body(self, main: str) -> str:
        """The inside of ``<body>``."""
        return f"{self.site_head()}\n<main{self.klass()}>\n{main}\n</main>\n{self.site_foot()}"

    def document(self, title: str, main: str) -> str:
        """The whole page."""
        facts = json.dumps({"@context": "https://schema.org", "@type": "WebPage", "name": title})
        facts = facts.replace("</", "<\\/")
        head = (
            f'<meta charset="utf-8"><title>{escape(title)} | The Ship Desk</title>'
            f'<meta name="description" content="{escape(title)}: 99% Panel ship">'
            f'<script type="application/ld+json">{facts}</script>'
        )
        body = self.body(main) + self.scripts(main)
        return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>{body}\n</body></html>\n'
