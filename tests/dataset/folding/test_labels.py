"""Critics' names: what a page prints names what shares a row with it, from page to page; and what is doubted."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from dataset.folding.labels import components
from dataset.ids import review_id_of
from tests.dataset.captures import Data, built, card, compared, day, says, tool_page
from tests.dataset.scorecards import quotes, reviews, scorecard, short


def problems(data: Data) -> list[tuple[Any, ...]]:
    rows = data.rows("SELECT code, severity, listing_id FROM problems ORDER BY code, listing_id, subject")
    return [tuple(row.values()) for row in rows]


LABELLED = tool_page(quotes("birch", "xy", "builder", "skeptic"), 1)


def test_a_label_names_the_other_side_of_the_row(tmp_path: Path) -> None:
    data = built(tmp_path, short("alder", "ab", "birch", "xy", 1), LABELLED)
    assert reviews(data) == {"a": ("builder", "aligned"), "b": ("skeptic", "aligned")}
    assert reviews(data, "birch") == {"x": ("builder", "labelled"), "y": ("skeptic", "labelled")}
    assert problems(data) == []
    # No page prints the name beside the words, so no capture is evidence of it.
    assert data.rows("SELECT * FROM field_evidence WHERE listing_id = 'alder' AND field = 'persona'") == []
    counts = data.rows("SELECT persona, review_count FROM personas ORDER BY 1")
    assert [tuple(row.values()) for row in counts] == [("builder", 2), ("skeptic", 2)]


def test_labels_flow_from_page_to_page_whatever_the_order_on_it(tmp_path: Path) -> None:
    pages = [
        short("alder", "ab", "birch", "xy", 1),
        short("alder", "ba", "cedar", "qp", 1),
        short("cedar", "pq", "dogwood", "mn", 1),
        LABELLED,
    ]
    data = built(tmp_path, *pages)
    assert reviews(data, "dogwood") == {"m": ("builder", "aligned"), "n": ("skeptic", "aligned")}


def test_a_label_that_comes_later_names_listings_of_which_nothing_new_came(tmp_path: Path) -> None:
    pages = [short("alder", "ab", "birch", "xy", 1), short("alder", "ab", "cedar", "pq", 1), LABELLED]
    whole = built(tmp_path / "whole", *pages)
    for number, order in enumerate(permutations(pages)):
        data = Data(tmp_path / str(number))
        for page in order:
            data.add([page])
            data.build()
        assert data.content() == whole.content()
    assert reviews(whole, "cedar") == {"p": ("builder", "aligned"), "q": ("skeptic", "aligned")}


def test_two_names_in_a_component_name_nothing(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        short("alder", "a", "birch", "x", 1),
        short("alder", "a", "cedar", "p", 1),
        tool_page(quotes("birch", "x", "builder"), 1),
        tool_page(quotes("cedar", "p", "skeptic"), 1),
    )
    assert reviews(data) == {"a": (None, None)}
    assert reviews(data, "birch") == {"x": ("builder", "labelled")}
    assert problems(data) == [("rows_disagree", "warning", "alder")]
    assert "(builder, skeptic)" in data.row("SELECT message FROM problems")["message"]


def test_a_row_can_not_give_one_critic_two_reviews_on_a_page(tmp_path: Path) -> None:
    """Panels of equal size, other critics: birch's x stands beside a here, and beside b there."""
    data = built(
        tmp_path,
        short("alder", "ab", "birch", "xy", 1),
        short("alder", "ab", "birch", "yx", 2),
        tool_page(quotes("birch", "x", "builder"), 1),
    )
    assert reviews(data) == {"a": (None, None), "b": (None, None)}
    assert reviews(data, "birch") == {"x": ("builder", "labelled"), "y": (None, None)}
    assert problems(data) == [("rows_disagree", "warning", slug) for slug in ("alder", "alder", "birch")]


UNPAIRED = {
    "other sizes": (scorecard(quotes("alder", "abc"), quotes("birch", "xy"), 1), True),
    "two alike": (scorecard(quotes("alder", "aa"), quotes("birch", "xy"), 1), True),
    "cut": (scorecard(quotes("alder", "ab"), quotes("birch", "xy"), 1, complete=False), False),
    "no rows told": (compared(quotes("alder", "ab"), quotes("birch", "xy"), 1), True),
    "a percentage of four critics": (
        scorecard(card("alder", says("a"), says("b"), panel_ship_pct=75), quotes("birch", "xy"), 1),
        True,
    ),
}


@pytest.mark.parametrize(("page", "is_told"), UNPAIRED.values(), ids=UNPAIRED)
def test_rows_that_may_be_wrong_name_nothing(tmp_path: Path, page: Any, is_told: bool) -> None:
    data = built(tmp_path, page, LABELLED)
    assert {name for name, _ in reviews(data).values()} == {None}
    assert [code for code, severity, _ in problems(data) if severity == "info"] == ["rows_not_paired"] * is_told


def test_a_percentage_that_fits_lets_rows_pair_up(tmp_path: Path) -> None:
    left = card("alder", says("a"), says("b"), panel_ship_pct=50)
    data = built(tmp_path, scorecard(left, quotes("birch", "xy"), 1), LABELLED)
    assert reviews(data)["a"] == ("builder", "aligned")


def test_an_edit_beside_the_same_quote_is_one_review_edited(tmp_path: Path) -> None:
    data = built(tmp_path, short("alder", "ab", "birch", "xy", 1), short("alder", "cb", "birch", "xy", 5))
    rows = data.rows("SELECT review_id, quote, first_seen, withdrawn_at FROM reviews WHERE listing_id = 'alder'")
    first = review_id_of("alder", "a")
    assert {row["quote"]: row["first_seen"] for row in rows} == {"c": day(1), "b": day(1)}
    assert {row["withdrawn_at"] for row in rows} == {None}
    alias = data.row("SELECT * FROM review_aliases")
    assert alias == {"alias_id": review_id_of("alder", "c"), "review_id": first, "reason": "same_row", "at": day(5)}
    changes = data.rows("SELECT review_id, kind, old_value, new_value FROM changes")
    assert changes == [{"review_id": first, "kind": "text", "old_value": "a", "new_value": "c"}]


def test_quotes_that_stand_together_are_no_edit(tmp_path: Path) -> None:
    data = built(tmp_path, short("alder", "ab", "birch", "xy", 1), short("alder", "ba", "birch", "xy", 5))
    assert sorted(reviews(data)) == ["a", "b"]
    assert data.rows("SELECT * FROM changes") == []
    assert {code for code, *_ in problems(data)} == {"rows_disagree"}


def test_aligned_quotes_of_one_critic_are_one_review(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        short("alder", "ab", "birch", "xy", 1),
        scorecard(quotes("alder", "c", "builder"), quotes("cedar", "p", "builder"), 5),
        LABELLED,
    )
    assert reviews(data) == {"c": ("builder", "labelled"), "b": ("skeptic", "aligned")}
    alias = data.row("SELECT alias_id, review_id, reason FROM review_aliases")
    assert alias == {
        "alias_id": review_id_of("alder", "c"),
        "review_id": review_id_of("alder", "a"),
        "reason": "same_persona",
    }


def test_a_later_label_overrides_and_is_no_change(tmp_path: Path) -> None:
    data = built(tmp_path, short("alder", "ab", "birch", "xy", 1), LABELLED)
    data.add([tool_page(quotes("alder", "a", "founder"), 9)])
    data.build()
    assert reviews(data)["a"] == ("founder", "labelled")
    assert data.row("SELECT count(*) AS n FROM changes") == {"n": 0}


def test_names_follow_a_card_whose_slug_becomes_known(tmp_path: Path) -> None:
    texts = {"name": "Alder", "tagline": "Shelves, sorted", "description": "It sorts shelves."}
    bare = scorecard(card(None, says("a"), says("b"), **texts), quotes("birch", "xy"), 1)
    pages = [bare, LABELLED, compared(card("alder", **texts), card("zinc", name="Zinc"), 2)]
    pages.append(compared(card("aspen", **texts), card("zinc", name="Zinc"), 3))
    data = Data(tmp_path / "parts")
    for number, page in enumerate(pages, start=1):
        data.add([page])
        data.build()
        whole = built(tmp_path / str(number), *pages[:number])
        assert data.content() == whole.content()
        if number == 3:
            assert reviews(data) == {"a": ("builder", "aligned"), "b": ("skeptic", "aligned")}


@pytest.mark.parametrize(("labelled", "far"), [("dogwood", "alder"), ("alder", "dogwood")])
def test_a_row_that_joins_two_chains_names_both_to_their_ends(tmp_path: Path, labelled: str, far: str) -> None:
    data = built(
        tmp_path,
        short("alder", "a", "birch", "x", 1),
        short("cedar", "p", "dogwood", "m", 1),
        tool_page(quotes(labelled, "a" if labelled == "alder" else "m", "builder"), 1),
    )
    assert set(reviews(data, far).values()) == {(None, None)}
    data.add([short("birch", "x", "cedar", "p", 2)])
    data.build()
    assert set(reviews(data, far).values()) == {("builder", "aligned")}


def test_names_that_came_through_a_card_go_when_it_moves_away(tmp_path: Path) -> None:
    """The card stands beside birch's x, which stands beside cedar's p; alder prints its critic's name."""
    texts = {"name": "Alder", "tagline": "Shelves, sorted", "description": "It sorts shelves."}
    data = built(
        tmp_path,
        scorecard(card(None, says("a"), **texts), quotes("birch", "x"), 1),
        short("birch", "x", "cedar", "p", 1),
        tool_page(card("alder", says("a", "builder"), **texts), 1),
        short("alder", "a", "birch", "y", 1),
    )
    assert reviews(data, "cedar") == {"p": ("builder", "aligned")}
    assert reviews(data, "birch") == {"y": ("builder", "aligned")}
    data.add([tool_page(card("aspen", **texts), 2)])
    data.build()
    assert reviews(data, "cedar") == {"p": (None, None)}
    assert reviews(data, "birch") == {"x": (None, None), "y": ("builder", "aligned")}


@pytest.mark.parametrize(
    ("score", "verdict", "is_told"),
    [(49, "ship", True), (50, "ship", False), (74, "skip", False), (75, "skip", True), (10, None, False)],
)
def test_a_score_that_contradicts_its_verdict_is_told(tmp_path: Path, score: int, verdict: Any, is_told: bool) -> None:
    data = built(tmp_path, tool_page(card("alder", says("a", "builder", score, verdict)), 1))
    assert problems(data) == [("score_contradiction", "info", "alder")] * is_told


def test_a_score_and_a_verdict_of_two_pages_do_not_contradict(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        tool_page(card("alder", says("a", "builder", 90, "ship")), 1),
        tool_page(card("alder", says("a", "builder", None, "skip")), 5),
    )
    assert problems(data) == []


def test_components_are_called_after_their_least_node() -> None:
    edges = [("d", "c"), ("b", "c"), ("x", "y")]
    for order in permutations(edges):
        assert components(order) == {"b": "b", "c": "b", "d": "b", "x": "x", "y": "x"}
