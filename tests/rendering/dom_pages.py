"""The pages as they stand in HTML: which parts follow each other, whatever DOM a kit makes of them."""

from __future__ import annotations

from crawler.items import Card, ComparePage, Page, ReviewerPage, ToolPage
from tests.rendering import labels, slots
from tests.rendering.dom_kit import Kit, Part


def card_parts(card: Card) -> list[Part]:
    """The parts of a card, in reading order."""
    parts = [
        Part("letter", (slots.letter(card),)),
        Part("category", (card.category or "",)),
        Part("name", (card.name or "",)),
        Part("tagline", (card.tagline or "",)),
    ]
    if card.panel_verdict:
        parts.append(Part("verdict", (card.panel_verdict.title(),)))
    votes = () if card.community_ship_pct is None else (f"{card.community_ship_pct}%",)
    parts += [
        Part("stat", (slots.percent(card.panel_ship_pct), labels.PANEL_SHIP)),
        Part("stat", (*votes, labels.COMMUNITY)),
        Part("stat", (*((card.entry,) if card.entry else ()), labels.ENTRY)),
    ]
    if card.description:
        parts.append(Part("description", tuple(slots.paragraphs(card))))
    return parts


def _newsletter(kit: Kit, lines: tuple[str, ...]) -> str:
    head, *rest = lines
    return kit.group(kit.heading(3, kit.text(head)), kit.blocks(*map(kit.text, rest)))


def compare_main(kit: Kit, page: ComparePage) -> str:
    """The content of a comparison."""
    names = (page.left.name or "", page.right.name or "")
    return "\n".join(
        (
            kit.crumb(slots.breadcrumb(page)),
            kit.block(kit.text(labels.EYEBROW)),
            kit.title(*names),
            kit.block(kit.text(labels.INTRO)),
            kit.cards(card_parts(page.left), card_parts(page.right)),
            kit.table(slots.table_rows(page)),
            kit.scorecard(slots.scorecard(page), names),
            _newsletter(kit, labels.COMPARE_NEWSLETTER),
            _newsletter(kit, labels.BOOKMARKS),
        )
    )


def tool_main(kit: Kit, page: ToolPage) -> str:
    """The content of a tool page."""
    card = page.card
    crumb = slots.breadcrumb(page)
    facts = [
        kit.pair(kit.label(labels.PRICE), kit.text(card.pricing or "")),
        kit.pair(kit.label(labels.REVIEWED), kit.text(card.reviewed_on or "")),
        kit.block(kit.slot(f"Verdict — {(card.panel_verdict or '').title()}")),
        kit.row(*map(kit.slot, slots.tool_counts(card))),
        kit.block(f'<a href="https://{card.website}/?ref=desk">{kit.slot(f"Visit {card.website}")}</a>'),
    ]
    top = [Part("letter", (slots.letter(card),)), Part("name", (card.name or "",))]
    return "\n".join(
        (
            kit.crumb(crumb) if crumb else "",
            kit.card([*top, Part("tagline", (card.tagline or "",))]),
            kit.group(*facts),
            kit.group(
                kit.heading(2, kit.label(labels.TAKE)),
                kit.blocks(*map(kit.text, slots.paragraphs(card))),
            ),
            kit.group(kit.heading(3, kit.label(labels.SHARE)), kit.blocks(*map(kit.text, slots.share_lines(page)))),
            _newsletter(kit, labels.VERDICT_NEWSLETTER),
            kit.group(
                kit.heading(3, kit.label(labels.EMBED)),
                kit.block(kit.text(labels.EMBED_HINT)),
                *map(kit.code, slots.badge_snippets(page)),
            ),
            kit.group(kit.heading(2, kit.label(labels.REVIEWS)), *map(kit.tool_review, card.reviews)),
        )
    )


def reviewer_main(kit: Kit, page: ReviewerPage) -> str:
    """The content of a reviewer page."""
    counts = f"({page.tools} tools, {page.shipped} shipped)"
    return "\n".join(
        (
            kit.heading(1, kit.text(f"The {(page.persona or '').title()}")),
            kit.block(kit.text(slots.quoted(page.motto or ""))),
            kit.block(kit.text(page.bio or "")),
            kit.group(kit.heading(3, kit.label(labels.EXCITED)), kit.items("+", page.excited_about)),
            kit.group(kit.heading(3, kit.label(labels.TIRED)), kit.items("-", page.tired_of)),
            kit.heading(2, f"{kit.text(page.category or '')} verdicts<span>{kit.slot(counts)}</span>"),
            kit.group(*(kit.verdict(entry.tagline, entry.quote) for entry in page.verdicts)),
            kit.block(f'<a href="/reviewers">{kit.text(labels.FULL_PANEL)}</a>'),
            _newsletter(kit, labels.VERDICT_NEWSLETTER),
        )
    )


def render_html(kit: Kit, page: Page) -> str:
    """The whole HTML page."""
    if isinstance(page, ComparePage):
        return kit.document(page.title or "", compare_main(kit, page))
    if isinstance(page, ToolPage):
        return kit.document(page.card.name or "", tool_main(kit, page))
    return kit.document(f"The {page.persona}", reviewer_main(kit, page))
