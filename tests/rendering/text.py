"""The two text renderings of a page, line by line as the captures of the source site have them.

Each line says which fields are settled by it: once a whole line follows, a strict reader knows them. That
lets the tests of cut pages ask for what is there without looking at any reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.items import Card, ComparePage, Page, Review, ReviewerPage, ToolPage
from tests.rendering import labels, slots

NEXT = "\n"
APART = "\n\n"


@dataclass(frozen=True)
class Line:
    """A line of text, what stands between it and the line before, and what it settles."""

    text: str
    gap: str = NEXT
    settles: tuple[str, ...] = ()


CARD_TOP = ("name", "category", "tagline", "panel_verdict", "panel_ship_pct", "entry")


def _settled(side: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{side}.{name}" for name in names)


def _stat(value: str | None, label: str, gap: str) -> Iterator[Line]:
    if value is not None:
        yield Line(value, gap)
    yield Line(label, gap)


def _full_card(side: str, card: Card) -> Iterator[Line]:
    before = ("left.description",) if side == "right" else ()
    yield Line(slots.letter(card), APART)
    yield Line(card.category or "", APART)
    yield Line(card.name or "", APART)
    yield Line(card.tagline or "", APART)
    if card.panel_verdict:
        yield Line(card.panel_verdict.title(), APART)
    yield Line(slots.percent(card.panel_ship_pct), APART)
    yield Line(labels.PANEL_SHIP, APART, before)
    yield from _stat(
        None if card.community_ship_pct is None else f"{card.community_ship_pct}%", labels.COMMUNITY, APART
    )
    yield from _stat(card.entry, labels.ENTRY, APART)
    for paragraph in slots.paragraphs(card) or [""]:
        if paragraph:
            yield Line(paragraph, APART, _settled(side, CARD_TOP))


def _full_table(page: ComparePage) -> Iterator[Line]:
    settled = {
        "Panel verdict": ("panel_ships", "panel_skips"),
        "Community": ("community_ships", "community_votes", "community_ship_pct"),
        "Pricing": ("pricing",),
        "Best for": ("best_for",),
    }
    for index, (label, left, right) in enumerate(slots.table_rows(page)):
        names = settled.get(label, ())
        yield Line(label, NEXT if index else APART, () if index else ("right.description",))
        yield Line(left)
        yield Line(right, NEXT, _settled("left", names) + _settled("right", names))


def _full_review(review: Review, settles: tuple[str, ...]) -> Iterator[Line]:
    yield Line(slots.score_line(review), APART)
    yield Line(review.quote, APART, settles)


def _full_scorecard(page: ComparePage) -> Iterator[Line]:
    yield Line(labels.SCORECARD, APART)
    for index, (persona, left, right) in enumerate(slots.scorecard(page)):
        settles = (f"rows.{index}",) if left and right else ()
        lines = [line for review in (left, right) if review for line in _full_review(review, ())]
        if persona:
            yield Line(persona, APART)
            lines[0] = Line(lines[0].text, NEXT)
        lines[-1] = Line(lines[-1].text, APART, settles)
        yield from lines


def _apart(texts: Iterable[str]) -> Iterator[Line]:
    return (Line(text, APART) for text in texts)


def _compare_full(page: ComparePage) -> Iterator[Line]:
    yield Line("/".join(slots.breadcrumb(page)), "")
    yield Line(labels.EYEBROW, APART)
    yield Line(page.title or "", APART)
    yield Line(labels.INTRO, APART)
    yield from _full_card("left", page.left)
    yield from _full_card("right", page.right)
    yield from _full_table(page)
    yield from _full_scorecard(page)
    yield from _apart(labels.COMPARE_NEWSLETTER)
    yield from _apart(labels.BOOKMARKS)


def _short_card(side: str, card: Card) -> Iterator[Line]:
    names = ("name", "category", "tagline", "panel_ship_pct", "community_ship_pct", "entry")
    yield Line(card.category or "")
    yield Line(card.name or "")
    yield Line(card.tagline or "")
    yield from _stat(slots.percent(card.panel_ship_pct), labels.PANEL_SHIP, NEXT)
    yield from _stat(slots.percent(card.community_ship_pct), labels.COMMUNITY, NEXT)
    yield from _stat(card.entry, labels.ENTRY, NEXT)
    for paragraph in slots.paragraphs(card):
        yield Line(paragraph, NEXT, _settled(side, names))


def _compare_short(page: ComparePage) -> Iterator[Line]:
    yield Line(labels.EYEBROW, "")
    yield Line(page.title or "")
    yield Line(labels.INTRO)
    yield from _short_card("left", page.left)
    yield from _short_card("right", page.right)
    yield Line(labels.SCORECARD, NEXT, ("left.description", "right.description"))
    for index, (_, left, right) in enumerate(slots.scorecard(page)):
        reviews = [review for review in (left, right) if review]
        for review in reviews:
            whole = len(reviews) == 2 and review is reviews[-1]
            yield Line(slots.quoted(review.quote), NEXT, (f"rows.{index}",) if whole else ())
    yield from map(Line, labels.COMPARE_NEWSLETTER)


def _tool_full(page: ToolPage) -> Iterator[Line]:
    card = page.card
    crumb = slots.breadcrumb(page)
    top = ("card.panel_verdict", "card.panel_ships", "card.panel_skips")
    if crumb:
        yield Line("/".join(crumb), "")
    yield Line(slots.letter(card), NEXT if crumb else "")
    yield Line(card.name or "", APART)
    yield Line(card.tagline or "", APART)
    yield Line(f"{labels.PRICE}{card.pricing}{labels.REVIEWED}{card.reviewed_on}", APART)
    yield Line(f"Verdict — {(card.panel_verdict or '').title()}")
    yield Line("".join(slots.tool_counts(card)))
    yield Line(f"Visit {card.website}")
    yield Line(labels.TAKE, APART, (*top, "card.name", "card.tagline", "card.pricing", "card.reviewed_on"))
    yield from _apart(slots.paragraphs(card))
    yield Line(labels.SHARE, APART, ("card.description", "card.website"))
    yield from _apart(slots.share_lines(page))
    yield from _apart(labels.VERDICT_NEWSLETTER)
    yield from _apart((labels.EMBED, labels.EMBED_HINT, *slots.badge_snippets(page)))
    yield Line(labels.REVIEWS, APART)
    for review in card.reviews:
        persona = slots.persona(review)
        if persona:
            yield Line(persona, APART)
        if review.score is not None:
            yield Line(slots.score_line(review), NEXT if persona else APART)
        yield Line(review.quote if persona else slots.quoted(review.quote), APART)


def _tool_short(page: ToolPage) -> Iterator[Line]:
    card = page.card
    yield Line(card.name or "", "")
    yield Line(card.tagline or "")
    yield Line(labels.TAKE, NEXT, ("card.name", "card.tagline"))
    yield from map(Line, slots.paragraphs(card))
    yield Line(labels.SHARE, NEXT, ("card.description",))
    share = ("card.panel_verdict", "card.panel_ships", "card.panel_skips")
    yield Line(" ".join(slots.share_lines(page)), NEXT, share)
    yield from map(Line, labels.VERDICT_NEWSLETTER)
    yield Line(f"Compare {card.name} with Others")
    yield Line(labels.EMBED)
    yield Line(labels.EMBED_HINT)
    yield Line("".join(slots.badge_snippets(page)) + labels.REVIEWS)
    for review in card.reviews:
        yield Line(slots.quoted(review.quote))


def _reviewer(page: ReviewerPage, gap: str) -> Iterator[Line]:
    yield Line(f"The {(page.persona or '').title()}", "")
    yield Line(slots.quoted(page.motto or ""), gap)
    yield Line(page.bio or "", gap)
    yield Line(labels.EXCITED, gap, ("persona", "motto", "bio"))
    yield from (Line(f"- +{text}", gap) for text in page.excited_about)
    yield Line(labels.TIRED, gap, ("excited_about",))
    yield from (Line(f"- -{text}", gap) for text in page.tired_of)
    heading = f"{page.category} verdicts({page.tools} tools, {page.shipped} shipped)"
    yield Line(heading, gap, ("tired_of", "category", "tools", "shipped"))
    for index, verdict in enumerate(page.verdicts):
        yield Line(verdict.tagline, gap)
        yield Line(slots.quoted(verdict.quote), gap, (f"verdicts.{index}",))
    yield Line(labels.FULL_PANEL, gap)
    yield from (Line(text, gap) for text in labels.VERDICT_NEWSLETTER)


def lines_of(page: Page, *, short: bool) -> list[Line]:
    """The lines of one text rendering of `page`."""
    if isinstance(page, ComparePage):
        return list(_compare_short(page) if short else _compare_full(page))
    if isinstance(page, ToolPage):
        return list(_tool_short(page) if short else _tool_full(page))
    return list(_reviewer(page, NEXT if short else APART))


def render_text(page: Page, *, short: bool) -> str:
    """One text rendering of `page`, without a newline at its end, as captured."""
    return "".join(line.gap + line.text for line in lines_of(page, short=short))
