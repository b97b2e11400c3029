"""How the site words each value: the text that stands in a slot of a card, table, scorecard or tool page."""

from __future__ import annotations

from itertools import chain

from crawler.items import Card, ComparePage, Review, ToolPage
from tests.rendering import labels

Row = tuple[str | None, Review | None, Review | None]
"""One row of the scorecard: persona as printed, the left review, the right review."""

SHARE_MARK = {"ship": "🚀", "mixed": "🤔", "skip": "🛑"}


def letter(card: Card) -> str:
    """The initial that a full rendering prints in place of a logo."""
    return (card.name or "?")[0].upper()


def paragraphs(card: Card) -> list[str]:
    """The paragraphs of the description; none where the page has no description."""
    return card.description.split("\n\n") if card.description else []


def percent(value: int | None) -> str:
    """A percentage as printed; a dash where there is none."""
    return labels.NO_VALUE if value is None else f"{value}%"


def panel_row(card: Card) -> str:
    """The cell of the row 'Panel verdict'."""
    if card.panel_verdict is None or card.panel_ships is None:
        return labels.NO_VALUE
    return f"{card.panel_verdict.title()} · {card.panel_ships} ship / {card.panel_skips} skip"


def community_row(card: Card) -> str:
    """The cell of the row 'Community'."""
    if card.community_votes is None:
        return labels.NO_VALUE
    if card.community_votes == 0:
        return labels.NO_VOTES
    return f"{card.community_ship_pct}% Ship ({card.community_ships} / {card.community_votes})"


def table_rows(page: ComparePage) -> list[tuple[str, str, str]]:
    """The decision table, its heading row first: label, left, right."""
    left, right = page.left, page.right
    dash = labels.NO_VALUE
    return [
        (labels.DECISION, left.name or dash, right.name or dash),
        ("Panel verdict", panel_row(left), panel_row(right)),
        ("Community", community_row(left), community_row(right)),
        ("Pricing", left.pricing or dash, right.pricing or dash),
        ("Best for", left.best_for or dash, right.best_for or dash),
        ("Category", left.category or dash, right.category or dash),
    ]


def persona(review: Review | None) -> str | None:
    """The persona's label."""
    return review.persona.title() if review is not None and review.persona else None


def score_line(review: Review) -> str:
    """The line between persona and quote."""
    return f"{review.score}/100 · {review.verdict}"


def scorecard(page: ComparePage) -> list[Row]:
    """The rows of the scorecard."""
    rows: list[Row] = []
    for left, right in page.rows:
        one = None if left is None else page.left.reviews[left]
        other = None if right is None else page.right.reviews[right]
        rows.append((persona(one) or persona(other), one, other))
    return rows


def quoted(text: str) -> str:
    """The text in curly quotes."""
    return f"“{text}”"


def breadcrumb(page: ComparePage | ToolPage) -> list[str]:
    """The parts of the breadcrumb; empty where the page has none."""
    if isinstance(page, ComparePage):
        return ["Compare", page.title or ""]
    return ["Reviews", page.card.category, page.card.name or ""] if page.card.category else []


def counted(number: int, noun: str) -> str:
    """A count with its noun in the singular or plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tool_counts(card: Card) -> list[str]:
    """The two counts of a tool page, whose nouns the site never puts in the singular."""
    return [f"{card.panel_ships} Ships", f"{card.panel_skips} Skips"]


def share_lines(page: ToolPage) -> list[str]:
    """The three lines of the share block."""
    card = page.card
    verdict = card.panel_verdict or "skip"
    ships, skips = card.panel_ships or 0, card.panel_skips or 0
    return [
        f"{card.name} verdict: {verdict.upper()} {SHARE_MARK[verdict]}",
        f"{counted(ships, 'ship')} · {counted(skips, 'skip')} from the expert panel",
        f"Full review: verdicts.example/tool/{card.slug}",
    ]


def badge_snippets(page: ToolPage) -> list[str]:
    """The badge block's literal HTML, which a page shows as text."""
    slug, name = page.card.slug, page.card.name
    return [
        f'<a href="https://verdicts.example/api/badge-click/{slug}" rel="noopener">'
        f'<img src="https://verdicts.example/api/badge/{slug}" alt="{name} badge" width="360" /></a>',
        f'<iframe src="https://verdicts.example/embed/{slug}" title="{name} verdict" width="360"></iframe>',
    ]


def all_reviews(page: ComparePage) -> list[Review]:
    """The reviews of a comparison in reading order."""
    return [review for review in chain.from_iterable(row[1:] for row in scorecard(page)) if review]
