"""Rule 9 of history: a change that a later build no longer finds is remembered as retracted, and told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.captures import Data, built, card, compared, day, fresh, moved, tool_page

OTHER = card("zinc", name="Zinc")
PAID, FREE = card("alder", entry="Paid"), card("alder", entry="Free")


def retracted(data: Data) -> list[tuple[object, ...]]:
    rows = data.rows(
        "SELECT kind, listing_id, field, old_value, new_value, seen_before, seen_after, review_id, retracted_at "
        "FROM retracted_changes ORDER BY seen_after"
    )
    return [tuple(row.values()) for row in rows]


def with_gap(folder: Path) -> Data:
    """Free on day 0, Paid on day 9: one change. What came in between is not known yet."""
    return built(folder, fresh(compared(FREE, OTHER, 0)), fresh(compared(PAID, OTHER, 9)))


BETWEEN = [
    fresh(compared(card("alder", entry="Trial"), OTHER, 4)),
    fresh(compared(card("alder", entry="Trial"), OTHER, 5)),
]
GAP = ("pricing", "alder", "entry", "Free", "Paid", day(0), day(9), None, day(9))


def test_an_older_capture_takes_a_change_back(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    assert retracted(data) == []
    data.add(BETWEEN)
    data.build()
    assert retracted(data) == [GAP]
    changes = data.rows("SELECT old_value, new_value FROM changes ORDER BY seen_after")
    assert [tuple(each.values()) for each in changes] == [("Free", "Trial"), ("Trial", "Paid")]


def test_it_is_retracted_at_the_newest_capture_of_that_build(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add([*BETWEEN, compared(card("elm", name="Elm"), OTHER, 30)])
    data.build()
    data.add([compared(card("elm", name="Elm"), OTHER, 40)])
    data.build()
    assert retracted(data)[0][-1] == day(30)


def test_the_same_change_at_another_time_is_another_one(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add([fresh(compared(FREE, OTHER, 15)), fresh(compared(PAID, OTHER, 22))])
    data.build()
    data.add(BETWEEN)
    data.build()
    assert [row[:-1] for row in retracted(data)] == [GAP[:-1]]


def test_a_change_that_is_only_dated_better_stands(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add([fresh(compared(PAID, OTHER, 6)), fresh(compared(FREE, OTHER, 3))])
    data.build()
    assert retracted(data) == []
    assert data.row("SELECT seen_before, seen_after FROM changes") == {"seen_before": day(3), "seen_after": day(6)}


def test_retractions_outlive_a_full_build(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add(BETWEEN)
    data.build()
    expected = data.rows("SELECT * FROM retracted_changes")
    data.build(full=True)
    assert data.rows("SELECT * FROM retracted_changes") == expected


def test_a_full_build_finds_what_older_captures_take_back(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add(BETWEEN)
    data.build(full=True)
    assert retracted(data) == [GAP]


@pytest.mark.parametrize("then", ["", "incremental"])
def test_what_another_parser_no_longer_finds_is_no_retraction(tmp_path: Path, then: str) -> None:
    data = with_gap(tmp_path)
    data.add(BETWEEN)
    data.build(parser_version="another")
    if then:
        data.add([compared(card("elm", name="Elm"), OTHER, 30)])
        data.build(parser_version="another")
    assert retracted(data) == []


def test_retractions_outlive_another_parser(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    data.add(BETWEEN)
    data.build()
    data.build(parser_version="another")
    assert retracted(data) == [GAP]


def test_a_change_that_is_found_again_is_forgotten(tmp_path: Path) -> None:
    data = built(tmp_path, compared(FREE, OTHER, 0), compared(FREE, OTHER, 3), fresh(compared(PAID, OTHER, 9)))
    data.add([fresh(compared(card("alder", entry="Trial"), OTHER, 8))])
    data.build()
    assert [row[3:5] for row in retracted(data)] == [("Free", "Paid")]
    data.add([fresh(compared(FREE, OTHER, 8.5))])
    data.build()
    assert [row[3:5] for row in retracted(data)] == [("Trial", "Paid")]


def test_changes_of_a_listing_that_moved_are_not_retracted(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(tool_page(FREE, 0)),
        fresh(tool_page(PAID, 3)),
        fresh(tool_page(card("alder-hq", entry="Paid"), 6)),
    )
    before = data.row("SELECT change_id FROM changes")
    data.add([moved("alder", "alder-hq", 5)])
    data.build()
    assert data.row("SELECT listing_id, old_value, new_value FROM changes") == {
        "listing_id": "alder-hq",
        "old_value": "Free",
        "new_value": "Paid",
    }
    assert data.row("SELECT change_id FROM changes") != before
    assert retracted(data) == []


def test_what_went_with_its_capture_is_not_retracted(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([fresh(compared(FREE, OTHER, 0))])
    data.add([fresh(compared(PAID, OTHER, 9))])
    data.build()
    for file in sorted((tmp_path / "archive").glob("*.warc*"))[-1:]:
        file.unlink()
    data.build()
    assert data.rows("SELECT * FROM changes") == []
    assert retracted(data) == []
