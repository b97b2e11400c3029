"""Layouts, which turn a view into HTML. All have the same texts in the same order, but different elements.

`Layout` contains the common frame, and declares the parts that each layout implements. Three different structures have
modules of their own (`looks` lists all layouts). `CHANGED` and `PARTIAL` are wordings that the page reader doesn't
know.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from samplesite import words
from samplesite.content import Card, Review
from samplesite.views import Compare, Link, ListPage, ReviewerPage, Row, Side, ToolPage, Traits, View

DESK = "The Sample Desk"

_OWN_LINK = re.compile('href="/(?!/)')


def text(value: str) -> str:
    """Return `value` as escaped HTML text."""
    return escape(value, quote=False)


def link(path: str, value: str) -> str:
    """A link."""
    return f'<a href="{escape(path)}">{text(value)}</a>'


@dataclass(frozen=True)
class Labels:
    """The wording of a page around its values."""

    intro: str = "AI tool comparison"
    panel_ship: str = "Panel ship"
    community: str = "Community"
    entry: str = "Entry"
    decision: str = "Decision"
    panel_verdict: str = "Panel verdict"
    pricing: str | None = "Pricing"
    best_for: str = "Best for"
    category: str = "Category"
    scorecard: str = "Reviewer scorecard"
    price: str | None = "Price"
    reviewed: str = "Reviewed"
    verdict: str = "Verdict — {}"
    ships: str = "{} Ships"
    skips: str = "{} Skips"
    take: str = "The Panel's Take"
    share: str = "Share this verdict"
    embed: str = "Embed this verdict"
    reviews: str = "The reviews"
    score: str = "{}/100 · {}"
    excited: str = "Gets excited about"
    tired: str = "Tired of"
    verdicts: str = "{} verdicts({} tools, {} shipped)"


CHANGED = Labels(
    panel_ship="Critics in favour",
    panel_verdict="What the panel says",
    verdict="Our call: {}",
    ships="{} in favour",
    skips="{} against",
    reviews="Voices",
    score="{} points, would {}",
    excited="Warms to",
    tired="Cools at",
    verdicts="{}: {} looked at, {} kept",
)
"""The wording after a redesign: cards, scores and reviewer pages can't be read as before."""

PARTIAL = Labels(pricing=None, price=None)
"""The wording after a mistake in a template: the price has lost its label."""

NEWSLETTER = (
    "Weekly AI Tool Verdicts",
    "Get the next {} in your inbox",
    "Five critics, one mail a week, nothing to sell. Weekly digest — free.",
)
BOOKMARKS = ("Bookmarks", "Loading bookmarks...", "No bookmarks yet", "Bookmark tools to save them for later")
INTRO = "One panel looked at both: how it split, what each tool costs and how readers voted."


class Layout(ABC):
    """The frame of a page; subclasses implement its parts."""

    name = ""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    # Parts that subclasses implement

    @abstractmethod
    def crumbs(self, parts: Sequence[str]) -> str:
        """The breadcrumb."""

    @abstractmethod
    def block(self, html: str) -> str:
        """A paragraph."""

    @abstractmethod
    def heading(self, level: int, html: str) -> str:
        """A heading."""

    @abstractmethod
    def group(self, *html: str) -> str:
        """A part of the page."""

    @abstractmethod
    def cards(self, left: Side, right: Side) -> str:
        """The two cards of a comparison."""

    @abstractmethod
    def decision(self, rows: Sequence[tuple[str, str, str]]) -> str:
        """The decision table."""

    @abstractmethod
    def scorecard(self, rows: Sequence[Row], names: tuple[str, str]) -> str:
        """The scorecard."""

    @abstractmethod
    def facts(self, card: Card) -> str:
        """The labelled values of a tool page."""

    @abstractmethod
    def tool_review(self, review: Review) -> str:
        """A review on a tool page."""

    @abstractmethod
    def bullets(self, sign: str, items: Sequence[str]) -> str:
        """A list whose items have a symbol."""

    @abstractmethod
    def judged(self, path: str, tagline: str, quote: str) -> str:
        """An entry of a reviewer page."""

    def after(self, main: str) -> str:
        """What follows the content."""
        _ = main
        return ""

    # Texts in the parts

    def score(self, review: Review) -> str:
        """The line above a review."""
        return self.labels.score.format(review.score, review.verdict)

    def decision_rows(self, left: Side, right: Side) -> list[tuple[str, str, str]]:
        """The rows of the decision table."""
        labels = self.labels
        one, other = left.card, right.card
        return [
            (labels.decision, one.name, other.name),
            (labels.panel_verdict, panel_line(one), panel_line(other)),
            (labels.community, votes_line(one), votes_line(other)),
            (labels.pricing or "", one.pricing, other.pricing),
            (labels.best_for, one.best_for, other.best_for),
            (labels.category, one.category, other.category),
        ]

    # The pages

    def box(self, what: str) -> str:
        """The newsletter's box."""
        head, *lines = NEWSLETTER
        return self.group(self.heading(3, head), *(self.block(line.format(what)) for line in lines))

    def compare(self, page: Compare) -> str:
        """The content of a comparison."""
        names = (page.left.card.name, page.right.card.name)
        parts = (
            self.crumbs(("Compare", page.title)),
            self.block(self.labels.intro),
            self.heading(1, text(page.title)),
            self.block(INTRO),
            self.cards(page.left, page.right),
            self.decision(self.decision_rows(page.left, page.right)),
            self.scorecard(page.rows, names),
            self.box("comparison"),
            self.group(self.heading(3, BOOKMARKS[0]), *map(self.block, BOOKMARKS[1:])),
        )
        return "\n".join(parts)

    def tool(self, page: ToolPage) -> str:
        """The content of a tool page."""
        card, slug, labels = page.side.card, page.side.slug, self.labels
        badge = f'<a href="/api/badge-click/{slug}"><img src="/api/badge/{slug}" width="360" /></a>'
        frame = f'<iframe src="/embed/{slug}" title="{card.name} verdict"></iframe>'
        shared = (
            f"{card.name} verdict: {card.panel_verdict.upper()}",
            f"{counted(card.panel_ships, 'ship')} · {counted(card.panel_skips, 'skip')} from the expert panel",
            f"Full review: sample.example/tool/{slug}",
        )
        parts = (
            self.crumbs(("Reviews", card.category.upper(), card.name)),
            self.block(text(card.name[0].upper())),
            self.heading(1, text(card.name)),
            self.block(text(card.tagline)),
            self.facts(card),
            self.group(self.heading(2, labels.take), *(self.block(text(each)) for each in paragraphs(card))),
            self.group(self.heading(3, labels.share), *(self.block(text(each)) for each in shared)),
            self.box("verdict"),
            self.group(self.heading(3, labels.embed), *(f"<pre>{text(code)}</pre>" for code in (badge, frame))),
            self.group(self.heading(2, labels.reviews), *map(self.tool_review, card.reviews)),
        )
        return "\n".join(parts)

    def reviewer(self, page: ReviewerPage) -> str:
        """The content of a reviewer page."""
        who = page.persona
        shipped = sum(review.verdict == "ship" for _, review in page.judged)
        entries = (self.judged(f"/tool/{side.slug}", side.card.tagline, said.quote) for side, said in page.judged)
        parts = (
            self.heading(1, page.title),
            self.block(f"“{text(words.MOTTOS[who])}”"),
            self.block(text(words.BIOS[who])),
            self.group(self.heading(3, self.labels.excited), self.bullets("+", words.LIKES[who])),
            self.group(self.heading(3, self.labels.tired), self.bullets("-", words.HATES[who])),
            self.heading(2, text(self.labels.verdicts.format(page.category, len(page.judged), shipped))),
            *entries,
            self.block(link("/", "Browse the full panel")),
            self.box("verdict"),
        )
        return "\n".join(parts)

    def list_page(self, page: ListPage) -> str:
        """The content of any other page."""
        parts = [self.heading(1, text(page.title)), *(self.block(text(each)) for each in page.said)]
        for head, links in page.groups:
            parts += [self.heading(2, text(head)), _links(links)]
        return "\n".join(parts)

    def content(self, view: View) -> str:
        """The content of any page."""
        if isinstance(view, Compare):
            return self.compare(view)
        if isinstance(view, ToolPage):
            return self.tool(view)
        return self.reviewer(view) if isinstance(view, ReviewerPage) else self.list_page(view)

    def page(self, view: View, traits: Traits) -> str:
        """The whole page."""
        main = self.content(view)
        ways = (
            ("/", DESK),
            ("/compare", "Comparisons"),
            ("/categories", "Categories"),
            ("/guide/how-we-judge", "Guide"),
        )
        html = (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{text(view.title)} | {DESK}</title></head>\n<body><header><nav>{_links(ways)}</nav></header>\n"
            f"<main>\n{main}\n</main>\n<nav>{_links(view.more)}</nav>\n"
            f"<footer><p>© 2026 {DESK}. All of it is invented.</p></footer>{self.after(main)}\n</body></html>\n"
        )
        return _OWN_LINK.sub(f'href="{escape(traits.origin)}/', html) if traits.absolute else html


def _links(links: Sequence[Link]) -> str:
    return "<ul>" + "".join(f"<li>{link(*each)}</li>" for each in links) + "</ul>" if links else ""


def panel_line(card: Card) -> str:
    """The cell of the row on the panel's verdict."""
    return f"{card.panel_verdict.title()} · {card.panel_ships} ship / {card.panel_skips} skip"


def votes_line(card: Card) -> str:
    """The cell of the row on the community."""
    if card.community_votes == 0:
        return "No community votes yet"
    return f"{card.community_ship_pct}% Ship ({card.community_ships} / {card.community_votes})"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def paragraphs(card: Card) -> list[str]:
    """The paragraphs of the description."""
    return card.description.split("\n\n")


def split_numbers(html: str) -> str:
    """Return text with a comment after each number, as server-rendered React joins parts of texts."""
    return re.sub(r"(\d+)(?=\D|$)", r"\1<!-- -->", html)
