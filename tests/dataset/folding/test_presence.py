"""Rule 7 of history, absence has kinds: which answers withdraw a listing, and which say nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.dataset.captures import (
    Capture,
    Data,
    answered,
    built,
    card,
    compared,
    day,
    fresh,
    gone,
    moved,
    says,
    tool_page,
)

REVIEW = says("Solid joinery.", "builder", 80, "ship")


def shown(other: str, at: float, **fields: object) -> Capture:
    """A comparison of alder with `other`."""
    return compared(card("alder", REVIEW, name="Alder", **fields), card(other, name=other.title()), at)


def own(at: float) -> Capture:
    """Alder's tool page."""
    return tool_page(card("alder", name="Alder"), at)


def presence(data: Data, listing: str = "alder") -> list[tuple[str, str, str, int]]:
    rows = data.rows(
        "SELECT kind, seen_before, seen_after, confirmed FROM changes WHERE listing_id = ? AND field = 'presence' "
        "AND review_id IS NULL ORDER BY seen_after",
        listing,
    )
    return [(row["kind"], row["seen_before"], row["seen_after"], row["confirmed"]) for row in rows]


def withdrawn_at(data: Data, listing: str = "alder") -> str | None:
    found: str | None = data.row("SELECT withdrawn_at FROM listings WHERE listing_id = ?", listing)["withdrawn_at"]
    return found


LEFT, RIGHT = "compare/alder-vs-birch", "compare/alder-vs-cedar"
BOTH = [shown("birch", 0), shown("cedar", 0.25)]

WITHDRAWALS: list[tuple[str, Sequence[Capture], float | None]] = [
    ("its tool page is gone", [own(0), gone("tool/alder", 5)], 5),
    ("for good, too", [own(0), gone("tool/alder", 5, 410)], 5),
    ("a tool page that was never seen", [*BOTH, gone("tool/alder", 5)], 5),
    ("one comparison alone ends that comparison", [*BOTH, gone(LEFT, 5)], None),
    ("the same comparison twice", [*BOTH, gone(LEFT, 5), gone(LEFT, 6)], None),
    ("two comparisons", [*BOTH, gone(LEFT, 5), gone(RIGHT, 6)], 6),
    ("two comparisons, far apart", [*BOTH, gone(LEFT, 5), gone(RIGHT, 8)], None),
    ("two of three", [*BOTH, shown("elm", 0), gone(LEFT, 5), gone(RIGHT, 6), shown("elm", 6.5)], None),
    ("two of three, the third shown before", [*BOTH, shown("elm", 4), gone(LEFT, 5), gone(RIGHT, 6)], None),
    ("two of three, the third long before", [*BOTH, shown("elm", 1), gone(LEFT, 5), gone(RIGHT, 6)], 6),
    ("two of two, each shown the day before", [shown("birch", 4), shown("cedar", 4), gone(LEFT, 5), gone(RIGHT, 5)], 5),
    ("a page that could not be had says nothing", [own(0), gone("tool/alder", 5, 503)], None),
    ("nor does it count as gone", [*BOTH, gone(LEFT, 5), gone(RIGHT, 6, 503)], None),
    ("the tool page stands", [*BOTH, own(0), gone(LEFT, 5), own(5.5), gone(RIGHT, 6)], None),
    ("a page that could not be read", [own(0), Capture("https://shiporskip.io/tool/alder", day(5), None, 500)], None),
    ("nobody asked", [own(0)], None),
    ("gone before it was ever shown", [gone("tool/alder", 0), own(5)], None),
    ("perhaps not there yet", [fresh(shown("birch", 5)), gone("tool/alder", 6), own(8)], None),
    ("surely no longer not yet there", [fresh(shown("birch", 5)), gone("tool/alder", 7)], 7),
    ("there before, so not perhaps not there yet", [own(5), gone("tool/alder", 6)], 6),
    ("not yet there, then again", [fresh(shown("birch", 5)), gone("tool/alder", 6), gone("tool/alder", 7.5)], 7.5),
]


@pytest.mark.parametrize(("captures", "expected"), [e[1:] for e in WITHDRAWALS], ids=[e[0] for e in WITHDRAWALS])
def test_when_a_listing_is_withdrawn(tmp_path: Path, captures: Sequence[Capture], expected: float | None) -> None:
    data = built(tmp_path, *captures)
    assert withdrawn_at(data) == (None if expected is None else day(expected))
    assert [kind for kind, *_ in presence(data)] == ([] if expected is None else ["listing_withdrawn"])


def test_withdrawn_and_back_closes_one_version_and_opens_another(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(own(0)),
        fresh(own(1)),
        gone("tool/alder", 3),
        gone("tool/alder", 6),
        fresh(own(9)),
        fresh(own(10)),
    )
    assert presence(data) == [
        ("listing_withdrawn", day(1), day(3), 1),
        ("listing_returned", day(4), day(9), 1),
    ]
    versions = data.rows("SELECT version, name, valid_from, last_confirmed, valid_to FROM listing_versions")
    assert versions == [
        {"version": 1, "name": "Alder", "valid_from": day(0), "last_confirmed": day(1), "valid_to": day(3)},
        {"version": 2, "name": "Alder", "valid_from": day(9), "last_confirmed": day(10), "valid_to": None},
    ]
    assert withdrawn_at(data) is None


def test_a_withdrawn_listing_has_no_present_version(tmp_path: Path) -> None:
    data = built(tmp_path, own(0), gone("tool/alder", 3))
    assert data.rows("SELECT valid_from, valid_to FROM listing_versions") == [
        {"valid_from": day(0), "valid_to": day(3)}
    ]
    row = data.row("SELECT name, last_seen, last_changed FROM listings")
    assert row == {"name": "Alder", "last_seen": day(0), "last_changed": None}


def test_the_evidence_of_a_withdrawal(tmp_path: Path) -> None:
    data = built(tmp_path, own(0), gone("tool/alder", 3, 410))
    row = data.row(
        "SELECT field, old_value, new_value, b.http_status AS before, a.http_status AS after FROM changes "
        "JOIN captures b ON b.capture_id = before_capture_id JOIN captures a ON a.capture_id = after_capture_id"
    )
    assert row == {"field": "presence", "old_value": "present", "new_value": "absent", "before": None, "after": 410}


def test_an_old_copy_does_not_bring_a_listing_back(tmp_path: Path) -> None:
    data = built(tmp_path, own(0), gone("tool/alder", 5), own(6), shown("birch", 6.5))
    assert withdrawn_at(data) == day(5)
    assert [kind for kind, *_ in presence(data)] == ["listing_withdrawn"]


def test_what_was_surely_made_later_brings_it_back(tmp_path: Path) -> None:
    data = built(tmp_path, own(0), gone("tool/alder", 5), shown("birch", 8))
    assert withdrawn_at(data) is None
    assert [kind for kind, *_ in presence(data)] == ["listing_withdrawn", "listing_returned"]


def test_an_old_answer_of_the_tool_page_does_not_withdraw_what_came_back(tmp_path: Path) -> None:
    away = [*BOTH, own(0), gone(LEFT, 5), gone(RIGHT, 5.5)]
    back = [fresh(shown("birch", 8)), fresh(shown("cedar", 8))]
    data = built(tmp_path, *away, *back, gone("tool/alder", 9))
    assert withdrawn_at(data) is None
    data.add([gone("tool/alder", 11)])
    data.build()
    assert withdrawn_at(data) == day(11)


def test_what_two_pages_tell_together_is_as_old_as_the_older_answer(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        *BOTH,
        gone(LEFT, 5),
        answered(gone(RIGHT, 6), 404, age="0"),
        fresh(shown("birch", 9)),
    )
    assert presence(data) == [
        ("listing_withdrawn", day(-1.75), day(6), 0),
        ("listing_returned", day(3), day(9), 0),
    ]


def test_comparisons_that_end_for_another_listing_date_neither_withdrawal_nor_return(tmp_path: Path) -> None:
    """Birch and cedar are gone all the while; alder goes between day 4 and day 5, and is back on day 10."""
    ends = [
        gone(page, at) for at, page in ((3.9, LEFT), (4, RIGHT), (9, LEFT), (9.1, RIGHT), (10.1, LEFT), (10.2, RIGHT))
    ]
    elm = [shown("elm", 3), gone("compare/alder-vs-elm", 4.5), gone("compare/alder-vs-elm", 10), shown("elm", 11)]
    data = built(tmp_path, *BOTH, *(answered(each, each.status or 200, age="0") for each in (*ends, *elm)))
    assert [(kind, before, after) for kind, before, after, _ in presence(data)] == [
        ("listing_withdrawn", day(3), day(4.5)),
        ("listing_returned", day(10), day(11)),
    ]


@pytest.mark.parametrize("with_age", [True, False])
def test_pages_that_go_on_contradicting_each_other_are_a_problem_and_one_change(tmp_path: Path, with_age: bool) -> None:
    days = [shown("birch", at) for at in range(1, 12)]
    data = built(
        tmp_path,
        own(0),
        *(gone("tool/alder", at + 0.5) for at in range(1, 12)),
        *(fresh(each) if with_age else each for each in days),
    )
    assert [kind for kind, *_ in presence(data)] == ["listing_withdrawn"]
    problem = data.row("SELECT severity, code, listing_id, field, first_seen FROM problems")
    assert problem == {
        "severity": "info",
        "code": "pages_disagree",
        "listing_id": "alder",
        "field": "presence",
        "first_seen": day(1.5),
    }


def test_a_tool_page_that_never_was_there_withdraws_nothing(tmp_path: Path) -> None:
    every_day = (each for at in range(8) for each in (fresh(shown("birch", at)), gone("tool/alder", at + 0.5)))
    data = built(tmp_path, *every_day)
    assert presence(data) == []
    assert withdrawn_at(data) is None
    assert data.row("SELECT code, field FROM problems") == {"code": "pages_disagree", "field": "presence"}


def test_two_listings_that_go_together_and_the_third_that_stays(tmp_path: Path) -> None:
    pairs = (("alder", "birch"), ("alder", "cedar"), ("birch", "cedar"), ("cedar", "elm"))
    pages = [compared(card(a, name=a), card(b, name=b), 0) for a, b in pairs]
    later = [gone(f"compare/{a}-vs-{b}", 5) for a, b in pairs[:3]]
    data = built(tmp_path, *pages, *later, compared(card("cedar", name="cedar"), card("elm", name="elm"), 5.1))
    rows = data.rows("SELECT listing_id FROM listings WHERE withdrawn_at IS NOT NULL ORDER BY 1")
    assert [row["listing_id"] for row in rows] == ["alder", "birch"]
    ended = data.rows("SELECT comparison_id FROM comparisons WHERE http_status = 404")
    assert len(ended) == 3


def test_a_listing_that_no_capture_showed_is_none(tmp_path: Path) -> None:
    data = built(
        tmp_path, gone("tool/ghost", 1), gone("compare/alder-vs-ghost", 1), own(0), moved("spirit", "ghost", 1)
    )
    assert data.rows("SELECT listing_id FROM listings") == [{"listing_id": "alder"}]
    assert data.rows("SELECT * FROM listing_aliases") == []


def test_reviews_of_a_withdrawn_listing_stay_as_they_were_and_count_no_longer(tmp_path: Path) -> None:
    data = built(tmp_path, shown("birch", 0), gone("tool/alder", 5))
    assert data.row("SELECT withdrawn_at FROM reviews") == {"withdrawn_at": None}
    assert data.row("SELECT valid_to FROM review_versions") == {"valid_to": None}
    assert data.rows("SELECT kind FROM changes") == [{"kind": "listing_withdrawn"}]
    persona = data.row("SELECT review_count, ship_rate, mean_score FROM personas")
    assert persona == {"review_count": 0, "ship_rate": None, "mean_score": None}


def test_values_learned_while_it_was_gone_stand_when_it_returns(tmp_path: Path) -> None:
    """A stale page may still tell of a field; the version that opens at the return shows what is known by then."""
    data = built(
        tmp_path,
        fresh(own(0)),
        gone("tool/alder", 3),
        fresh(tool_page(card("alder", name="Alder 2"), 9)),
    )
    versions = data.rows("SELECT name, valid_from, valid_to FROM listing_versions")
    assert versions == [
        {"name": "Alder", "valid_from": day(0), "valid_to": day(3)},
        {"name": "Alder 2", "valid_from": day(9), "valid_to": None},
    ]
