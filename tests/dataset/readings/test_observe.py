"""Which listing a card is, where the url gives the pair in reverse; and when a review's absence means something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crawler.items import PageProblem
from tests.dataset.captures import SITE, Capture, Data, built, card, compared, says
from tests.dataset.crawls import codes

ALDER = card("alder", name="Alder", tagline="Shelves, sorted", description="It sorts shelves.", panel_ship_pct=50)
BIRCH = card("birch", name="Birch", tagline="Ladders, leaned", description="It leans ladders.", panel_ship_pct=75)


def reversed_pair(at: float, *, linked: bool) -> Capture:
    """The page of alder and birch, asked for and answered as birch-vs-alder."""
    capture = compared(BIRCH, ALDER, at, url=f"{SITE}/compare/birch-vs-alder")
    assert capture.reading is not None
    page = capture.reading.page.model_copy(update={"sides_linked": linked})  # type: ignore[union-attr]
    return replace(capture, reading=capture.reading.model_copy(update={"page": page}))


def listings(data: Data) -> dict[str, str]:
    return {row["listing_id"]: row["name"] for row in data.rows("SELECT * FROM listings ORDER BY listing_id")}


def test_links_confirm_the_sides_of_a_reversed_url(tmp_path: Path) -> None:
    data = built(tmp_path, reversed_pair(1, linked=True))
    assert listings(data) == {"alder": "Alder", "birch": "Birch"}
    assert codes(data) == []


def test_without_links_the_sides_of_a_reversed_url_are_unknown(tmp_path: Path) -> None:
    data = built(tmp_path, reversed_pair(1, linked=False))
    assert sorted(listings(data).values()) == ["Alder", "Birch"]
    assert all(listing.startswith("~") for listing in listings(data))
    assert codes(data) == ["sides_unconfirmed"]


def test_cards_known_by_slug_confirm_them_later(tmp_path: Path) -> None:
    data = built(tmp_path, reversed_pair(1, linked=False))
    data.add([compared(ALDER, BIRCH, 2)])
    data.build()
    assert listings(data) == {"alder": "Alder", "birch": "Birch"}
    assert (
        data.row("SELECT first_seen FROM listings WHERE listing_id = 'alder'")["first_seen"] == "2026-03-02T00:00:00Z"
    )


def test_a_page_with_a_review_of_unknown_side_withdraws_nothing(tmp_path: Path) -> None:
    review = says("Solid joinery.", "builder", 80, "ship")
    before = compared(ALDER.model_copy(update={"reviews": (review,), "shown": (*ALDER.shown, "reviews")}), BIRCH, 1)
    other = says("Other words.", "skeptic", 40, "skip")
    left = ALDER.model_copy(update={"reviews": (other,), "shown": (*ALDER.shown, "reviews")})
    data = built(tmp_path, before, compared(left, BIRCH, 9, unplaced=[says("Whose is it?", "founder", 60, "ship")]))
    assert data.rows("SELECT quote FROM reviews WHERE withdrawn_at IS NOT NULL") == []
    data.add([compared(left, BIRCH, 10)])
    data.build()
    assert data.rows("SELECT quote FROM reviews WHERE withdrawn_at IS NOT NULL") == [{"quote": "Solid joinery."}]


def test_a_page_with_a_review_that_could_not_be_read_withdraws_nothing(tmp_path: Path) -> None:
    review = says("Solid joinery.", "builder", 80, "ship")
    other = says("Other words.", "skeptic", 40, "skip")
    before = compared(
        ALDER.model_copy(update={"reviews": (review, other), "shown": (*ALDER.shown, "reviews")}), BIRCH, 1
    )
    lost = PageProblem(severity="warning", code="undecodable_text", message="a review holds …", field="quote")
    left = ALDER.model_copy(update={"reviews": (other,), "shown": (*ALDER.shown, "reviews")})
    data = built(tmp_path, before, compared(left, BIRCH, 9, problems=[lost]))
    assert data.rows("SELECT quote FROM reviews WHERE withdrawn_at IS NOT NULL") == []
