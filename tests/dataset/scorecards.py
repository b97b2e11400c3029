"""Comparison pages whose scorecards have rows, for the tests of names that flow along them."""

from __future__ import annotations

from dataclasses import replace

from crawler.items import Card
from tests.dataset.captures import Capture, Data, card, compared, says


def scorecard(left: Card, right: Card, at: float, *, complete: bool = True) -> Capture:
    """A comparison page taken on day `at`, on which the reviews of both sides share rows, in order."""
    capture = compared(left, right, at, complete=complete)
    assert capture.reading is not None
    size = max(len(left.reviews), len(right.reviews))
    rows = tuple((n if n < len(left.reviews) else None, n if n < len(right.reviews) else None) for n in range(size))
    page = capture.reading.page.model_copy(update={"rows": rows})  # type: ignore[union-attr]
    return replace(capture, reading=capture.reading.model_copy(update={"page": page}))


def short(left: str, left_quotes: str, right: str, right_quotes: str, at: float) -> Capture:
    """A page that names nobody: a letter for each quote, such as ``short("alder", "ab", "birch", "xy", 1)``."""
    return scorecard(quotes(left, left_quotes), quotes(right, right_quotes), at)


def quotes(slug: str, letters: str, *personas: str | None) -> Card:
    """A card with one review for each letter, by `personas` where given."""
    named = [*personas, *[None] * (len(letters) - len(personas))]
    return card(slug, *(says(letter, persona) for letter, persona in zip(letters, named, strict=True)), name=slug)


def reviews(data: Data, listing: str = "alder") -> dict[str, tuple[str | None, str | None]]:
    """Persona of each review of `listing`, and how it is known, by quote."""
    rows = data.rows("SELECT quote, persona, persona_source AS how FROM reviews WHERE listing_id = ?", listing)
    return {row["quote"]: (row["persona"], row["how"]) for row in rows}
