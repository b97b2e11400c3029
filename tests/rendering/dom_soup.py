"""DOM shape *soup*: divs only, as server-rendered React (Next.js) writes them.

Text nodes are split by ``<!-- -->``, scripts carry the text of the page once more, cards and scorecard stand
twice (for phones and for desktops), and copies are hidden in each of the usual ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from crawler.items import Review
from tests.rendering import labels, slots
from tests.rendering.dom_kit import Kit, Part

SPLIT = "<!-- -->"
HIDDEN = (
    ' class="md:hidden"',
    " hidden",
    ' aria-hidden="true"',
    ' style="display:none"',
    ' style="color: red; DISPLAY : none"',
)


class Soup(Kit):
    """Divs, comments, scripts and twins."""

    def slot(self, value: str) -> str:
        return re.sub(r"(\d+)(?=\D|$)", rf"\1{SPLIT}", self.text(value))

    def title(self, left: str, right: str) -> str:
        return f"<div>{self.text(left)}{SPLIT} vs {SPLIT}{self.text(right)}</div>"

    def block(self, html: str) -> str:
        return self.tag("div", html)

    def heading(self, level: int, html: str) -> str:
        return self.tag("div", html)

    def group(self, *html: str) -> str:
        return self.tag("div", *html)

    def crumb(self, parts: Sequence[str]) -> str:
        return self.tag("div", f"{SPLIT}/{SPLIT}".join(map(self.text, parts)))

    def card(self, parts: Sequence[Part]) -> str:
        return self.tag("div", *map(self.part, parts))

    def twins(self, html: str) -> str:
        """The same block twice; one of the two is hidden, or each on another kind of screen."""
        way = self.random.choice(HIDDEN)
        desktop = f'<div class="hidden md:block">{html}</div>' if "md:" in way else f"<div>{html}</div>"
        copies = [desktop, f"<div{way}>{html}</div>"]
        self.random.shuffle(copies)
        return "\n".join(copies)

    def cards(self, left: Sequence[Part], right: Sequence[Part]) -> str:
        return self.twins(f"<div>{self.card(left)}{self.card(right)}</div>")

    def cell(self, text: str) -> str:
        return self.tag("div", self.slot(text))

    def table(self, rows: Sequence[tuple[str, str, str]]) -> str:
        html = (
            self.tag("div", self.tag("div", self.label(label)), self.cell(left), self.cell(right))
            for label, left, right in rows
        )
        return self.tag("div", *html)

    def scorecard_row(self, row: slots.Row) -> str:
        persona, left, right = row
        return self.tag("div", self.block(self.label(persona or "")), self.review(left), self.review(right))

    def scorecard(self, rows: Sequence[slots.Row], names: tuple[str, str]) -> str:
        head = self.block(self.label(labels.SCORECARD))
        return self.twins(head + "".join(map(self.scorecard_row, rows)))

    def tool_review(self, review: Review) -> str:
        persona = slots.persona(review)
        head = self.block(self.label(persona)) if persona else ""
        return self.tag("div", head, self.review(review))

    def items(self, mark: str, texts: Sequence[str]) -> str:
        html = (f"<div><span>{mark}</span>{SPLIT}{self.text(text)}</div>" for text in texts)
        return self.tag("div", *html)

    def site_head(self) -> str:
        return self.tag("div", *(f'<a href="/n{index}">{text}</a>' for index, text in enumerate(labels.NAV)))

    def site_foot(self) -> str:
        return self.tag("div", *map(self.block, labels.FOOTER))

    def body(self, main: str) -> str:
        style = "<style>._a{content:'77%';} @media(min-width:1px){.x{display:none}}</style>"
        template = f"<template><div>12%</div><div>{labels.PANEL_SHIP}</div></template>"
        noscript = "<noscript><p>This page wants JavaScript.</p></noscript>"
        return f"{noscript}{style}{self.site_head()}{template}<div id=root>{main}</div>{self.site_foot()}"

    def scripts(self, main: str) -> str:
        words = re.sub(r"<[^>]*>", "\n", main)
        payload = json.dumps(words).replace("<", "\\u003c")
        return f"<script>self.__next_f.push([1,{payload}])</script><script>/* 88% Panel ship */</script>"
