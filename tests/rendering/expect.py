"""What a strict reader of one rendering must return: the record, without what that rendering hides."""

from __future__ import annotations

from collections.abc import Callable

from crawler.items import CARD_FIELDS, Card, ComparePage, Page, Review, ReviewerPage, ToolPage

SHORT_CARD = frozenset({"name", "category", "tagline", "description", "panel_ship_pct", "community_ship_pct", "entry"})
SHORT_TOOL = frozenset({"name", "tagline", "description", "panel_verdict", "panel_ships", "panel_skips"})
SIDE_UNTOLD = ("text-full", "spans")
"""Shapes in which nothing tells the side of a lone review."""


def shown_of(card: Card, empty: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """`Card.shown` of a card that shows every value it has, and `empty` as empty slots."""
    names = [name for name in CARD_FIELDS if getattr(card, name) is not None or name in empty]
    return (*names, "reviews") if card.reviews else tuple(names)


def _empty(card: Card) -> frozenset[str]:
    return frozenset({"community_ship_pct"}) if card.community_votes == 0 else frozenset()


def with_shown(card: Card) -> Card:
    """`card` as a page in full shows it: votes that nobody cast are an empty slot."""
    return card.model_copy(update={"shown": shown_of(card, _empty(card))})


def only(card: Card, names: frozenset[str], reviews: tuple[Review, ...]) -> Card:
    """`card` on a page that has slots for `names` alone."""
    kept = {name: getattr(card, name) for name in CARD_FIELDS if name in names}
    bare = Card(slug=card.slug, reviews=reviews, **kept)
    return bare.model_copy(update={"shown": shown_of(bare)})


def _unlabelled(review: Review) -> Review:
    return Review(quote=review.quote)


def _as_it_is(review: Review) -> Review:
    return review


def _could_be(percentage: int | None, panel: int) -> bool:
    """Whether a panel of so many critics can have given this percentage."""
    return percentage is None or any(abs(100 * ships / panel - percentage) < 1 for ships in range(panel + 1))


def _short(page: ComparePage) -> ComparePage:
    whole = all(left is not None and right is not None for left, right in page.rows)
    fits = all(_could_be(card.panel_ship_pct, len(page.rows)) for card in (page.left, page.right))
    if whole and fits:
        return _placed(page, _unlabelled, SHORT_CARD)
    # Reviews alternate only where every critic judged both tools. As soon as one is missing, or the panels'
    # percentages tell of other panels, nothing tells any review's side.
    loose = []
    for left, right in page.rows:
        loose += [] if left is None else [_unlabelled(page.left.reviews[left])]
        loose += [] if right is None else [_unlabelled(page.right.reviews[right])]
    return page.model_copy(
        update={
            "left": only(page.left, SHORT_CARD, ()),
            "right": only(page.right, SHORT_CARD, ()),
            "rows": (),
            "unplaced": tuple(loose),
        }
    )


def _placed(page: ComparePage, show: Callable[[Review], Review], names: frozenset[str] | None) -> ComparePage:
    """`page` with the reviews of whole rows at their sides, and lone ones without a side."""
    left: list[Review] = []
    right: list[Review] = []
    rows: list[tuple[int | None, int | None]] = []
    loose: list[Review] = []
    for one, other in page.rows:
        if one is not None and other is not None:
            rows.append((len(left), len(right)))
            left.append(show(page.left.reviews[one]))
            right.append(show(page.right.reviews[other]))
        elif one is not None:
            loose.append(show(page.left.reviews[one]))
        elif other is not None:
            loose.append(show(page.right.reviews[other]))

    def card(full: Card, reviews: list[Review]) -> Card:
        if names is not None:
            return only(full, names, tuple(reviews))
        return with_shown(full.model_copy(update={"reviews": tuple(reviews)}))

    return page.model_copy(
        update={
            "left": card(page.left, left),
            "right": card(page.right, right),
            "rows": tuple(rows),
            "unplaced": tuple(loose),
        }
    )


def _tool(page: ToolPage, shape: str) -> ToolPage:
    if shape not in ("text-full", "text-short"):
        return page.model_copy(update={"card": with_shown(page.card)})
    # A text ends with its last review, which may go on for all that a reader knows.
    seen = page.card.reviews[:-1]
    if shape == "text-short":
        card = only(page.card, SHORT_TOOL, tuple(map(_unlabelled, seen)))
    else:
        card = with_shown(page.card.model_copy(update={"reviews": seen}))
    return page.model_copy(update={"card": card, "complete": False, "stopped_at": "reviews"})


def project(page: Page, shape: str) -> Page:
    """What a strict reader of `page` rendered in `shape` must return."""
    if isinstance(page, ReviewerPage):
        return page
    if isinstance(page, ToolPage):
        return _tool(page, shape)
    if shape == "text-short":
        return _short(page)
    if shape in SIDE_UNTOLD:
        return _placed(page, _as_it_is, None)
    return page.model_copy(update={"left": with_shown(page.left), "right": with_shown(page.right)})
