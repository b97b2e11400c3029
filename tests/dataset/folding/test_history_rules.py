"""The nine rules of history, each in scenes of a few captures, with the rows that must come of them spelled out.

Presence, moves and retractions have files of their own: `test_presence`, `test_moves`, `test_retractions`.
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from dataset.ids import review_id_of, short_hash
from tests.dataset.captures import (
    Capture,
    Data,
    answered,
    built,
    card,
    compared,
    day,
    fresh,
    read_json,
    says,
    tool_page,
)
from tests.dataset.crawls import revisit

ZINC = card("zinc", name="Zinc")
ELM = card("elm", name="Elm")


def entry(value: str | None, at: float, other: object = ZINC) -> Capture:
    """A comparison that gives alder's entry label."""
    return compared(card("alder", entry=value), other, at)  # type: ignore[arg-type]


def changes(data: Data, *columns: str, where: str = "1") -> list[tuple[Any, ...]]:
    names = ", ".join(columns or ("field", "old_value", "new_value", "seen_before", "seen_after", "confirmed"))
    rows = data.rows(f"SELECT {names} FROM changes WHERE {where} ORDER BY seen_after, field, persona")  # noqa: S608
    return [tuple(row.values()) for row in rows]


def versions(data: Data, column: str = "entry", listing: str = "alder") -> list[tuple[Any, ...]]:
    rows = data.rows(
        f"SELECT version, {column}, valid_from, last_confirmed, valid_to FROM listing_versions "  # noqa: S608
        "WHERE listing_id = ? ORDER BY version",
        listing,
    )
    return [tuple(row.values()) for row in rows]


def codes(data: Data) -> list[tuple[Any, ...]]:
    rows = data.rows("SELECT severity, code, listing_id, field, first_seen FROM problems ORDER BY code, field")
    return [tuple(row.values()) for row in rows]


# 1. Recomputed


def test_rule_1_a_mended_parser_rewrites_history_and_is_no_change(tmp_path: Path) -> None:
    def mended(body: bytes, *, url: str | None, content_type: str | None) -> Any:
        said = json.loads(body)
        said["page"]["left"]["entry"] = said["page"]["left"]["entry"].upper()
        return read_json(json.dumps(said).encode(), url=url, content_type=content_type)

    data = built(tmp_path, fresh(entry("Free", 0)), fresh(entry("Paid", 3)))
    data.add([fresh(entry("Paid", 5))])
    data.build(read=mended, parser_version="mended")
    assert changes(data) == [("entry", "FREE", "PAID", day(0), day(3), 1)]
    assert versions(data) == [(1, "FREE", day(0), day(0), day(3)), (2, "PAID", day(3), day(5), None)]


# 2. When an answer was made


def test_rule_2_a_copy_that_declares_its_age_counts_when_it_was_made(tmp_path: Path) -> None:
    copy = answered(entry("Free", 6), age=str(4 * 86400))
    data = built(tmp_path, fresh(entry("Free", 0)), fresh(entry("Paid", 4)), copy)
    assert changes(data) == [("entry", "Free", "Paid", day(2), day(4), 0)]


def test_rule_2_a_date_that_a_cache_passed_on_counts(tmp_path: Path) -> None:
    copy = answered(entry("Free", 6), date="Tue, 03 Mar 2026 00:00:00 GMT", age="10")
    data = built(tmp_path, copy, fresh(entry("Paid", 4)))
    assert data.row("SELECT observed_at, made_from FROM captures WHERE captured_at = ?", day(6)) == {
        "observed_at": day(2),
        "made_from": day(2),
    }
    assert changes(data, "old_value", "seen_before", "seen_after") == [("Free", day(2), day(4))]


def test_rule_2_without_age_an_answer_may_be_two_days_old(tmp_path: Path) -> None:
    data = built(tmp_path, entry("Free", 5), entry("Paid", 9))
    assert changes(data) == [("entry", "Free", "Paid", day(3), day(9), 0)]


def test_rule_2_unchanged_is_an_observation_of_the_stored_content(tmp_path: Path) -> None:
    first = fresh(entry("Free", 0))
    data = built(tmp_path, first, revisit(first, day(4), age="0"), fresh(entry("Paid", 6)))
    assert changes(data) == [("entry", "Free", "Paid", day(4), day(6), 0)]
    assert versions(data) == [(1, "Free", day(0), day(4), day(6)), (2, "Paid", day(6), day(6), None)]


# 3. Per field and page kind


def test_rule_3_a_score_that_tool_pages_show_before_comparisons_show_the_quote(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(tool_page(card("alder", says("One.", "builder", 40)), 0)),
        fresh(compared(card("alder", says("One.")), ZINC, 6)),
    )
    versions_of_it = data.rows("SELECT version, score, quote, valid_from, valid_to FROM review_versions")
    assert versions_of_it == [{"version": 1, "score": 40, "quote": "One.", "valid_from": day(6), "valid_to": None}]
    assert changes(data) == []


def test_rule_3_fields_change_each_on_its_own(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(compared(card("alder", entry="Free", panel_verdict="ship"), ZINC, 0)),
        fresh(compared(card("alder", entry="Paid"), ZINC, 2)),
        fresh(compared(card("alder", panel_verdict="skip"), ZINC, 4)),
    )
    assert changes(data, "kind", "field", "seen_before", "seen_after") == [
        ("pricing", "entry", day(0), day(2)),
        ("verdict_flip", "panel_verdict", day(0), day(4)),
    ]
    assert versions(data, "entry, panel_verdict") == [
        (1, "Free", "ship", day(0), day(0), day(2)),
        (2, "Paid", "ship", day(2), day(2), day(4)),
        (3, "Paid", "skip", day(4), day(4), None),
    ]


def test_rule_3_pages_that_lastingly_differ_are_one_problem_and_no_change(tmp_path: Path) -> None:
    pages = [fresh(entry("Free", at)) for at in range(6)]
    tools = [fresh(tool_page(card("alder", entry="Paid"), at + 0.5)) for at in range(6)]
    data = built(tmp_path, *pages, *tools)
    assert changes(data) == []
    assert data.row("SELECT entry FROM listings WHERE listing_id = 'alder'") == {"entry": "Free"}
    assert codes(data) == [("info", "pages_disagree", "alder", "entry", day(0.5))]


def test_rule_3_pages_that_differ_while_a_change_spreads_do_not_disagree(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(entry("Free", 0)),
        fresh(tool_page(card("alder", entry="Free"), 0)),
        fresh(entry("Paid", 4)),
        fresh(tool_page(card("alder", entry="Free"), 5)),
    )
    assert codes(data) == []
    data.add([fresh(tool_page(card("alder", entry="Free"), 6)), fresh(entry("Paid", 6))])
    data.build()
    assert codes(data) == [("info", "pages_disagree", "alder", "entry", day(4))]
    data.add([fresh(tool_page(card("alder", entry="Paid"), 8))])
    data.build()
    assert codes(data) == []


def test_rule_3_capitals_are_a_matter_of_style(tmp_path: Path) -> None:
    pages = [fresh(compared(card("alder", category="Developer Tools"), ZINC, at)) for at in range(6)]
    tools = [fresh(tool_page(card("alder", category="DEVELOPER TOOLS"), at + 0.5)) for at in range(6)]
    assert codes(built(tmp_path, *pages, *tools)) == []


def test_rule_3_pages_that_may_never_have_stood_together_do_not_disagree(tmp_path: Path) -> None:
    data = built(tmp_path, entry("Free", 3), tool_page(card("alder", entry="Paid"), 3.5), entry("Free", 4))
    assert codes(data) == []


# 4. Stale is not news


def test_rule_4_there_and_back_is_three_states(tmp_path: Path) -> None:
    data = built(tmp_path, *(fresh(entry(value, at)) for at, value in enumerate(("Free", "Paid", "Free"))))
    assert changes(data, "old_value", "new_value") == [("Free", "Paid"), ("Paid", "Free")]
    assert [row[:2] for row in versions(data)] == [(1, "Free"), (2, "Paid"), (3, "Free")]


def test_rule_4_a_lagging_page_changes_nothing_and_extends_nothing(tmp_path: Path) -> None:
    data = built(tmp_path, entry("Free", 0), entry("Paid", 4, ELM), entry("Free", 5), entry("Paid", 5.5))
    assert changes(data) == [("entry", "Free", "Paid", day(-2), day(4), 1)]
    assert versions(data) == [(1, "Free", day(0), day(0), day(4)), (2, "Paid", day(4), day(5.5), None)]


def test_rule_4_too_young_to_be_an_old_copy_is_news(tmp_path: Path) -> None:
    data = built(tmp_path, entry("Free", 0), entry("Paid", 4, ELM), entry("Free", 6))
    assert changes(data, "old_value", "new_value", "seen_after") == [("Free", "Paid", day(4)), ("Paid", "Free", day(6))]


def test_rule_4_two_pages_that_contradict_each_other_at_one_moment(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(entry("Free", 0)),
        fresh(entry("Free", 3)),
        fresh(entry("Paid", 3, ELM)),
        fresh(entry("Paid", 4)),
    )
    assert changes(data) == [("entry", "Free", "Paid", day(3), day(3), 1)]
    assert [row[1] for row in versions(data)] == ["Free", "Paid"]


# 5. Bracket


def test_rule_5_the_bracket_begins_where_the_old_value_was_surely_so(tmp_path: Path) -> None:
    data = built(tmp_path, fresh(entry("Free", 5)), entry("Free", 6), fresh(entry("Paid", 9)))
    assert changes(data) == [("entry", "Free", "Paid", day(5), day(9), 0)]
    evidence = data.row(
        "SELECT b.captured_at AS before, a.captured_at AS after FROM changes "
        "JOIN captures b ON b.capture_id = before_capture_id JOIN captures a ON a.capture_id = after_capture_id"
    )
    assert evidence == {"before": day(5), "after": day(9)}


# 6. Confirmed, and votes that fall


@pytest.mark.parametrize(
    ("later", "confirmed"),
    [
        ([], 0),
        ([fresh(entry("Paid", 5))], 1),
        ([fresh(entry("Paid", 4.5, ELM))], 1),
        ([entry("Paid", 5)], 0),
        ([fresh(tool_page(card("alder", entry="Paid"), 5))], 0),
    ],
    ids=["once", "later", "another page", "perhaps the same copy", "a page of another kind"],
)
def test_rule_6_confirmed(tmp_path: Path, later: list[Capture], confirmed: int) -> None:
    data = built(tmp_path, fresh(entry("Free", 0)), fresh(entry("Paid", 4)), *later)
    assert changes(data) == [("entry", "Free", "Paid", day(0), day(4), confirmed)]


def votes(number: int, at: float) -> Capture:
    return fresh(compared(card("alder", community_votes=number), ZINC, at))


def test_rule_6_votes_that_fall_once_are_a_problem(tmp_path: Path) -> None:
    data = built(tmp_path, votes(40, 0), votes(38, 3), votes(41, 5))
    assert changes(data) == [("community_votes", "40", "41", day(0), day(5), 0)]
    assert codes(data) == [("info", "votes_fell", "alder", "community_votes", day(3))]


def test_rule_6_votes_that_surely_fell_changed_when_they_were_first_seen_to(tmp_path: Path) -> None:
    data = built(tmp_path, votes(40, 0), votes(38, 3))
    assert changes(data) == []
    data.add([votes(38, 5)])
    data.build()
    assert changes(data) == [("community_votes", "40", "38", day(0), day(3), 1)]
    assert codes(data) == []


def ships(number: int, at: float, votes: int = 50) -> Capture:
    return fresh(compared(card("alder", community_ships=number, community_votes=votes), ZINC, at))


def test_rule_6_votes_for_ship_that_fall_once_are_a_problem(tmp_path: Path) -> None:
    data = built(tmp_path, ships(30, 0), ships(28, 3), ships(31, 5))
    assert changes(data) == [("community_ships", "30", "31", day(0), day(5), 0)]
    assert codes(data) == [("info", "votes_fell", "alder", "community_ships", day(3))]


def test_rule_6_votes_for_ship_that_surely_fell_changed_when_they_were_first_seen_to(tmp_path: Path) -> None:
    data = built(tmp_path, ships(30, 0), ships(28, 3), ships(28, 5))
    assert changes(data) == [("community_ships", "30", "28", day(0), day(3), 1)]
    assert codes(data) == []


def test_rule_6_one_page_on_which_both_totals_fall_is_one_problem(tmp_path: Path) -> None:
    data = built(tmp_path, ships(30, 0), ships(28, 3, votes=47))
    assert changes(data) == []
    assert codes(data) == [("info", "votes_fell", "alder", "community_votes", day(3))]


# 7. Absence has kinds (of reviews; for listings see test_presence and test_moves)


def reviewed(at: float, *quotes: str, complete: bool = True) -> Capture:
    left = card("alder", *(says(quote, quote.split()[0].lower()) for quote in quotes), name="Alder")
    return fresh(compared(left, ZINC, at, complete=complete))


def test_rule_7_a_review_withdrawn_and_back(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        reviewed(0, "Builder says so", "Skeptic says no"),
        reviewed(2, "Skeptic says no"),
        reviewed(3, "Skeptic says no"),
        reviewed(6, "Builder says so", "Skeptic says no"),
        reviewed(7, "Builder says so", "Skeptic says no"),
    )
    review = review_id_of("alder", "Builder says so")
    assert changes(data, "kind", "review_id", "persona", "seen_before", "seen_after", "confirmed") == [
        ("review_withdrawn", review, "builder", day(0), day(2), 1),
        ("review_added", review, "builder", day(3), day(6), 1),
    ]
    rows = data.rows(
        "SELECT version, quote, valid_from, last_confirmed, valid_to FROM review_versions "
        "WHERE review_id = ? ORDER BY version",
        review,
    )
    assert [tuple(row.values()) for row in rows] == [
        (1, "Builder says so", day(0), day(0), day(2)),
        (2, "Builder says so", day(6), day(7), None),
    ]


def test_rule_7_a_page_cut_off_takes_nothing_away(tmp_path: Path) -> None:
    data = built(
        tmp_path, reviewed(0, "Builder says so", "Skeptic says no"), reviewed(2, "Skeptic says no", complete=False)
    )
    assert changes(data) == []
    assert data.rows("SELECT quote FROM reviews WHERE withdrawn_at IS NOT NULL") == []


def test_rule_7_a_review_is_added_between_two_complete_pages(tmp_path: Path) -> None:
    data = built(tmp_path, reviewed(0, "Skeptic says no"), reviewed(2, "Skeptic says no", "Builder says so"))
    assert changes(data, "kind", "persona", "old_value", "new_value", "seen_before", "seen_after") == [
        ("review_added", "builder", "absent", "present", day(0), day(2))
    ]


# 8. Any order


def test_rule_8_an_old_archive_that_is_imported_later(tmp_path: Path) -> None:
    captures = [fresh(entry("Free", 0)), entry("Trial", 3), fresh(entry("Paid", 6)), entry("Trial", 7, ELM)]
    found = []
    for number, order in enumerate(permutations(captures)):
        data = Data(tmp_path / str(number))
        for capture in order:
            data.add([capture])
            data.build()
        found.append(data.content())
    assert all(content == found[0] for content in found)


def test_rule_8_a_slug_that_was_first_seen_without_one(tmp_path: Path) -> None:
    texts = {"name": "Alder", "tagline": "Shelves that sort themselves", "description": "It sorts shelves."}
    bare = compared(card(None, says("Solid joinery."), entry="Free", **texts), ZINC, 0, url=None)
    data = built(tmp_path, bare)
    own = data.row("SELECT listing_id FROM listings WHERE listing_id LIKE '~%'")["listing_id"]
    labelled = says("Solid joinery.", "builder", 80, "ship")
    data.add([fresh(compared(card("alder", labelled, entry="Paid", **texts), ZINC, 5))])
    data.build()
    assert changes(data, "listing_id", "field", "old_value", "new_value", "seen_before", "seen_after") == [
        ("alder", "entry", "Free", "Paid", day(-2), day(5))
    ]
    assert versions(data) == [(1, "Free", day(0), day(0), day(5)), (2, "Paid", day(5), day(5), None)]
    review = data.row("SELECT review_id, persona, first_seen, last_changed FROM reviews")
    assert review == {
        "review_id": review_id_of("alder", "Solid joinery."),
        "persona": "builder",
        "first_seen": day(0),
        "last_changed": None,
    }
    assert data.row("SELECT alias_id, listing_id FROM listing_aliases") == {"alias_id": own, "listing_id": "alder"}


def test_rule_8_times_are_those_of_captures_whatever_the_clock_says(tmp_path: Path) -> None:
    contents = []
    for clock in ("2020-01-01", "2033-03-03"):
        with freeze_time(clock):
            contents.append(built(tmp_path / clock, entry("Free", 0), entry("Paid", 4)).content())
    assert contents[0] == contents[1]


# 9. Changes are identifiable (for retractions see test_retractions)


def test_rule_9_a_change_keeps_its_id_while_more_confirms_it(tmp_path: Path) -> None:
    data = built(tmp_path, fresh(entry("Free", 0)), fresh(entry("Paid", 4)))
    after = data.row("SELECT capture_id FROM captures WHERE captured_at = ?", day(4))["capture_id"]
    expected = short_hash("change", "alder", None, "entry", "Free", "Paid", after)
    assert changes(data, "change_id", "confirmed") == [(expected, 0)]
    data.add([fresh(entry("Free", 2)), fresh(entry("Paid", 6))])
    data.build()
    assert changes(data, "change_id", "confirmed", "seen_before") == [(expected, 1, day(2))]
