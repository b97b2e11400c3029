"""Which rows of an unlabelled scorecard are one critic's on both sides. Pure.

A row holds what one critic says of the left tool and of the right one. Where a page prints no names, that is all it
tells of them; it counts only where nothing speaks against it: the page was read to its end, every review has a side and
can be read, both sides have equally many quotes, no two of a side alike, and both panels' percentages are shares of
that many critics.
"""

from __future__ import annotations

from crawler.items import Card, ComparePage
from crawler.pages.sheet import is_share
from dataset.ids import fold_space

Pairs = tuple[tuple[int, int], ...]


def _quotes(card: Card) -> list[str]:
    return [fold_space(review.quote) for review in card.reviews]


def _allows(card: Card, size: int) -> bool:
    """Whether the panel's percentage on `card`, if it shows one, can be that of `size` critics."""
    share = card.panel_ship_pct
    return share is None or any(is_share(share, ships, size) for ships in range(size + 1))


def unpaired_because(page: ComparePage) -> str | None:
    """Why the unlabelled reviews of `page` don't pair up; None where they do, or where it hasn't any on both sides."""
    left, right = _quotes(page.left), _quotes(page.right)
    if not left or not right or all(each.persona for card in (page.left, page.right) for each in card.reviews):
        return None
    if page.unplaced:
        return "some of them have no side"
    if len(left) != len(right):
        return f"{len(left)} are about the left tool and {len(right)} about the right one"
    whole = [row for row in page.rows if None not in row]
    if len(whole) < len(left) or len(page.rows) != len(whole):
        return "not every row has one of each side"
    if "" in left + right or len(set(left)) < len(left) or len(set(right)) < len(right):
        return "two of one side are alike"
    if not all(_allows(card, len(left)) for card in (page.left, page.right)):
        return f"the panels' percentages are not those of {len(left)} critics"
    return None


def paired_rows(page: ComparePage) -> Pairs:
    """Places of the left and the right review of each row of `page` that is one critic's, and does not name both."""
    if not page.complete or unpaired_because(page) is not None:
        return ()
    left, right = page.left.reviews, page.right.reviews
    return tuple(
        (one, other)
        for one, other in page.rows
        if one is not None and other is not None and (left[one].persona is None or right[other].persona is None)
    )
