"""The fold, rule by rule: what a listing and its reviews are after given captures. Expected rows in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.items import PageProblem
from dataset.ids import review_id_of
from tests.dataset.captures import answered, built, card, compared, day, reviewer_page, says, tool_page

OTHER = card("zinc", name="Zinc")
TEXTS = {"name": "Alder", "tagline": "Shelves that sort themselves", "description": "It sorts shelves."}


def test_the_newest_shown_value_counts_and_what_is_not_shown_says_nothing(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", name="Alder", entry="Free", panel_ship_pct=75), OTHER, 0),
        compared(card("alder", name="Alder 2", panel_ship_pct=50), OTHER, 2),
        compared(card("alder", name="Alder 2"), OTHER, 4),
    )
    row = data.row("SELECT * FROM listings WHERE listing_id = 'alder'")
    assert (row["name"], row["entry"], row["panel_ship_pct"], row["tagline"]) == ("Alder 2", "Free", 50, None)
    assert (row["first_seen"], row["last_seen"], row["last_changed"]) == (day(0), day(4), day(2))
    assert (row["withdrawn_at"], row["complete"], row["url"]) == (None, 1, None)
    tool = data.row("SELECT * FROM tools WHERE tool_id = ?", row["tool_id"])
    assert (tool["slug"], tool["name"], tool["listing_count"], tool["panel_ship_pct_min"]) == (
        "alder",
        "Alder 2",
        1,
        50,
    )


def test_the_first_sighting_of_a_value_is_no_change(tmp_path: Path) -> None:
    data = built(
        tmp_path, compared(card("alder", name="Alder"), OTHER, 0), compared(card("alder", entry="Free"), OTHER, 1)
    )
    assert data.row("SELECT last_changed FROM listings WHERE listing_id = 'alder'")["last_changed"] is None


def test_shown_empty_ends_a_value_and_has_evidence(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", community_ship_pct=40, best_for="Teams"), OTHER, 0),
        compared(card("alder", community_ship_pct=None, best_for=None), OTHER, 1),
    )
    row = data.row("SELECT * FROM listings WHERE listing_id = 'alder'")
    assert (row["community_ship_pct"], row["best_for"]) == (None, None)
    evidence = data.row("SELECT value FROM field_evidence WHERE evidence_id = 'alder/community_ship_pct'")
    assert evidence["value"] is None


def test_the_comparison_card_counts_before_the_tool_page(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", category="Shelving", name="Alder"), OTHER, 0),
        tool_page(card("alder", category="SHELVING", pricing="Free", website="alder.example"), 3),
    )
    row = data.row("SELECT * FROM listings WHERE listing_id = 'alder'")
    assert (row["category"], row["pricing"], row["website"]) == ("Shelving", "Free", "alder.example")
    assert (row["url"], row["last_seen"], row["last_changed"]) == ("https://shiporskip.io/tool/alder", day(3), None)


def test_evidence_names_the_first_and_last_capture_of_the_present_value(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        *(
            compared(card("alder", entry=entry), OTHER, at)
            for at, entry in ((0, "Free"), (1, "Paid"), (4, "Free"), (5, "Free"))
        ),
        compared(card("alder", name="Alder"), OTHER, 9),
    )
    evidence = data.row(
        "SELECT value, a.captured_at AS first, z.captured_at AS last FROM field_evidence e "
        "JOIN captures a ON a.capture_id = first_capture_id JOIN captures z ON z.capture_id = last_capture_id "
        "WHERE evidence_id = 'alder/entry'"
    )
    assert evidence == {"value": "Free", "first": day(4), "last": day(5)}


def test_what_a_cache_kept_counts_when_it_was_made(tmp_path: Path) -> None:
    old = answered(compared(card("alder", entry="Free"), OTHER, 5), age=str(4 * 86400))
    data = built(tmp_path, compared(card("alder", entry="Paid"), OTHER, 3), old)
    row = data.row("SELECT entry, first_seen, last_seen FROM listings WHERE listing_id = 'alder'")
    assert row == {"entry": "Paid", "first_seen": day(1), "last_seen": day(3)}
    capture = data.row("SELECT made_from, observed_at FROM captures WHERE captured_at = ?", day(5))
    assert capture == {"made_from": day(1), "observed_at": day(1)}


def test_reviews_with_the_same_persona_are_one_review_edited(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", says("Solid joinery.")), OTHER, 0),
        compared(card("alder", says("Solid  joinery.", "builder", 80, "ship")), OTHER, 1),
        compared(card("alder", says("It creaks.", "builder", 40, "skip")), OTHER, 2),
    )
    row = data.row("SELECT * FROM reviews WHERE listing_id = 'alder'")
    assert row["review_id"] == review_id_of("alder", "Solid joinery.")
    assert (row["persona"], row["persona_source"], row["quote"], row["score"], row["verdict"]) == (
        "builder", "labelled", "It creaks.", 40, "skip",
    )  # fmt: skip
    assert (row["first_seen"], row["last_seen"], row["last_changed"], row["withdrawn_at"]) == (
        day(0),
        day(2),
        day(2),
        None,
    )
    alias = data.row("SELECT * FROM review_aliases")
    assert alias == {
        "alias_id": review_id_of("alder", "It creaks."),
        "review_id": row["review_id"],
        "reason": "same_persona",
        "at": day(2),
    }


def test_an_unlabelled_quote_takes_the_label_that_it_bears_elsewhere(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", says("Solid joinery."), says("It creaks.")), OTHER, 0),
        tool_page(card("alder", says("It creaks.", "skeptic", 35, "skip")), 1),
    )
    rows = data.rows("SELECT quote, persona, persona_source, score, position FROM reviews ORDER BY quote")
    assert rows == [
        {"quote": "It creaks.", "persona": "skeptic", "persona_source": "labelled", "score": 35, "position": 1},
        {"quote": "Solid joinery.", "persona": None, "persona_source": None, "score": None, "position": None},
    ]


def test_two_quotes_of_one_persona_on_one_page_stay_two_reviews(tmp_path: Path) -> None:
    data = built(tmp_path, compared(card("alder", says("One.", "builder", 70), says("Two.", "builder", 30)), OTHER, 0))
    rows = data.rows("SELECT quote, persona, score, position FROM reviews ORDER BY position")
    assert [tuple(row.values()) for row in rows] == [("One.", "builder", 70, 1), ("Two.", "builder", 30, 2)]
    problem = data.row("SELECT severity, code, listing_id FROM problems")
    assert problem == {"severity": "info", "code": "persona_twice", "listing_id": "alder"}


def test_one_quote_under_two_personas_goes_by_its_newest_label(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", says("One.", "builder")), OTHER, 0),
        compared(card("alder", says("One.", "skeptic")), OTHER, 1),
    )
    assert data.row("SELECT persona, last_changed FROM reviews") == {"persona": "skeptic", "last_changed": None}
    assert data.row("SELECT code, first_seen FROM problems") == {"code": "persona_contradiction", "first_seen": day(1)}


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([(2, True, ["Two."])], 2),
        ([(2, False, ["Two."])], None),
        ([(2, True, [])], None),
        ([(2, True, ["Two."]), (3, True, ["Two."])], 2),
        ([(2, True, ["Two."]), (3, False, ["One."])], 2),
        ([(2, True, ["Two."]), (6, False, ["One."])], None),
        ([(1, True, ["Two."])], None),
    ],
    ids=[
        "complete",
        "cut",
        "shows no reviews",
        "the first that lacks it",
        "an old copy",
        "came back",
        "the same instant",
    ],
)
def test_a_review_is_withdrawn_by_a_complete_page_without_it(
    tmp_path: Path, later: list[tuple[int, bool, list[str]]], expected: int | None
) -> None:
    pages = [compared(card("alder", says("One."), says("Two.")), OTHER, 1)]
    for at, complete, quotes in later:
        left = card("alder", *(says(quote) for quote in quotes), name="Alder")
        pages.append(compared(left, card("zinc", name=f"Zinc {at}"), at, complete=complete))
    data = built(tmp_path, *pages)
    row = data.row("SELECT withdrawn_at FROM reviews WHERE quote = 'One.'")
    assert row["withdrawn_at"] == (None if expected is None else day(expected))


def test_a_tool_page_without_a_review_does_not_withdraw_it_from_the_comparisons(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", says("One."), says("Two.")), OTHER, 1),
        tool_page(card("alder", says("Two.")), 2),
    )
    assert data.row("SELECT withdrawn_at FROM reviews WHERE quote = 'One.'")["withdrawn_at"] is None


def test_personas_sum_up_their_standing_reviews_and_their_own_page(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(
            card("alder", says("One.", "builder", 80, "ship")),
            card("birch", says("Two.", "builder", 41, "skip"), says("Three.", "skeptic")),
            1,
        ),
        compared(card("birch", says("Three.", "skeptic")), OTHER, 2),
        compared(card("cedar", says("Four.", "builder", 70, "ship")), OTHER, 2),
        reviewer_page(
            "builder", "Shelves", 1, ("Shelves, sorted", "Fine."), motto="Measure twice.", bio="A carpenter."
        ),
        reviewer_page("builder", "Shelves", 2, ("Other", "Cut"), complete=False, motto="Cut once."),
    )
    builder, skeptic = data.rows("SELECT * FROM personas ORDER BY persona")
    assert builder == {
        "persona": "builder", "source": "shiporskip", "name": "Builder", "motto": "Cut once.", "bio": "A carpenter.",
        "review_count": 2, "ship_rate": 100.0, "mean_score": 75.0,
    }  # fmt: skip
    assert (skeptic["review_count"], skeptic["ship_rate"], skeptic["mean_score"]) == (1, None, None)
    verdict = data.row("SELECT persona, category, position, tagline, quote FROM reviewer_verdicts")
    assert tuple(verdict.values()) == ("builder", "Shelves", 1, "Shelves, sorted", "Fine.")


def test_a_card_without_a_slug_is_a_listing_of_its_own_until_one_slug_shows_it(tmp_path: Path) -> None:
    bare = compared(card(None, says("One."), **TEXTS), card("zinc", name="Zinc"), 0, url=None)
    data = built(tmp_path, bare)
    own = data.row("SELECT listing_id FROM listings WHERE listing_id <> 'zinc'")["listing_id"]
    assert own.startswith("~")
    former = data.row("SELECT review_id FROM reviews")["review_id"]
    data.add([compared(card("alder", **TEXTS), OTHER, 3)])
    data.build()
    assert data.rows("SELECT listing_id FROM listings ORDER BY 1") == [{"listing_id": "alder"}, {"listing_id": "zinc"}]
    alias = data.row("SELECT * FROM listing_aliases")
    assert alias == {"alias_id": own, "listing_id": "alder", "reason": "same_card", "at": day(3)}
    review = data.row("SELECT review_id, listing_id FROM reviews")
    assert review["listing_id"] == "alder"
    assert data.row("SELECT alias_id, review_id FROM review_aliases") == {
        "alias_id": former,
        "review_id": review["review_id"],
    }
    data.add([compared(card("birch", **TEXTS), OTHER, 4)])
    data.build()
    assert own in {row["listing_id"] for row in data.rows("SELECT listing_id FROM listings")}
    assert data.rows("SELECT * FROM listing_aliases") == []
    problem = data.row("SELECT severity, code, listing_id FROM problems")
    assert problem == {"severity": "warning", "code": "card_of_several_slugs", "listing_id": own}


def test_a_cut_card_without_a_slug_is_a_problem_and_no_listing(tmp_path: Path) -> None:
    cut = card(None, name="Alder", tagline="Shelves")
    data = built(tmp_path, compared(cut, card("zinc", name="Zinc"), 0, url=None, complete=False))
    assert data.rows("SELECT listing_id FROM listings") == [{"listing_id": "zinc"}]
    problem = data.row("SELECT severity, code, message FROM problems")
    assert (problem["severity"], problem["code"]) == ("warning", "card_without_identity")
    assert "without description" in problem["message"]


def test_comparisons_know_their_ends_once_they_are_seen_and_their_last_answer(tmp_path: Path) -> None:
    page = compared(card("alder"), card("birch"), 1)
    data = built(tmp_path, answered(page, 404), compared(card("alder", name="Alder"), OTHER, 0))
    rows = data.rows("SELECT comparison_id, left_listing_id, right_listing_id, http_status FROM comparisons ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [
        ("alder~birch", "alder", None, 404),
        ("alder~zinc", "alder", "zinc", None),
    ]
    later = answered(compared(card("alder"), card("birch"), 5), 503)
    data.add([tool_page(card("birch", name="Birch"), 2), later])
    data.build()
    row = data.row(
        "SELECT right_listing_id, http_status, last_seen FROM comparisons WHERE comparison_id = 'alder~birch'"
    )
    assert row == {"right_listing_id": "birch", "http_status": 404, "last_seen": day(1)}


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ({"panel_ship_pct": 25, "panel_ships": 1, "panel_skips": 2}, "panel_contradiction"),
        ({"panel_ship_pct": 67, "panel_ships": 2, "panel_skips": 1}, None),
        ({"panel_ship_pct": 66, "panel_ships": 2, "panel_skips": 1}, None),
        ({"panel_ship_pct": 50, "panel_ships": 0, "panel_skips": 0}, "panel_contradiction"),
        ({"community_ship_pct": 0, "community_ships": 0, "community_votes": 1}, None),
        ({"community_ship_pct": 50, "community_ships": 2, "community_votes": 1}, "community_contradiction"),
        ({"community_ship_pct": None, "community_ships": 0, "community_votes": 0}, None),
    ],
)
def test_numbers_that_disagree_are_recorded_and_kept(tmp_path: Path, shown: dict[str, int], code: str | None) -> None:
    data = built(tmp_path, compared(card("alder", **shown), OTHER, 1))
    assert [(row["code"], row["severity"]) for row in data.rows("SELECT * FROM problems")] == (
        [(code, "info")] if code else []
    )
    row = data.row("SELECT * FROM listings WHERE listing_id = 'alder'")
    assert {name: row[name] for name in shown} == shown


def test_numbers_that_never_stood_together_do_not_disagree(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", panel_ship_pct=50, panel_ships=2, panel_skips=2), OTHER, 1),
        compared(card("alder", panel_ship_pct=75), OTHER, 2),
    )
    assert data.rows("SELECT * FROM problems") == []


def test_problems_are_one_row_for_each_code_and_subject(tmp_path: Path) -> None:
    missing = PageProblem(
        severity="warning", code="label_without_value", message="Entry is empty", field="entry", side="left"
    )
    pages = [
        compared(card("alder", name="Alder"), OTHER, at, problems=[missing], leftovers=["Cookies  " * 30])
        for at in (2, 1)
    ]
    data = built(tmp_path, *pages, compared(card("birch", name="B"), OTHER, 3, leftovers=["Cookies " * 30]))
    left_over, label = data.rows("SELECT * FROM problems ORDER BY severity, code")
    assert (label["listing_id"], label["field"], label["occurrences"]) == ("alder", "entry", 2)
    assert (label["first_seen"], label["last_seen"]) == (day(1), day(2))
    assert label["url"] == "https://shiporskip.io/compare/alder-vs-zinc"
    assert label["message"] == "https://shiporskip.io/compare/alder-vs-zinc: Entry is empty"
    assert (left_over["code"], left_over["occurrences"], left_over["severity"]) == ("left_over", 3, "info")
    first = data.row("SELECT captured_at FROM captures WHERE capture_id = ?", left_over["capture_id"])
    assert first["captured_at"] == day(1)
