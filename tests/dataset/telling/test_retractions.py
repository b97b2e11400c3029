"""Rule 9 of history: a change that was told and that a later build no longer finds is told once as retracted."""

from __future__ import annotations

from pathlib import Path

from dataset.asking.opening import opened
from dataset.telling.told import RUN, remembered
from tests.dataset.captures import Capture, Data, built, card, compared, day, fresh, moved, tool_page

OTHER = card("zinc", name="Zinc")
PAID, FREE = card("alder", entry="Paid"), card("alder", entry="Free")
BETWEEN = [
    fresh(compared(card("alder", entry="Trial"), OTHER, 4)),
    fresh(compared(card("alder", entry="Trial"), OTHER, 5)),
]

Told = tuple[list[tuple[str | None, str | None]], list[tuple[str | None, str | None]]]


def tell(data: Data) -> Told:
    """Tell what is new: the values before and after of each change, and of each that is retracted."""
    with opened(data.folder) as con, remembered(data.folder) as memory:
        if not memory.begun(RUN):
            memory.begin(RUN, None, day(50))
        news = memory.news(RUN, con)
        memory.note(RUN, news, day(50), con)
    return (
        [(each.old_value, each.new_value) for each in news.changes],
        [(each.old_value, each.new_value) for each in news.retracted],
    )


def more(data: Data, *captures: Capture, **words: str) -> Told:
    data.add(captures)
    data.build(**words)
    return tell(data)


def with_gap(folder: Path) -> Data:
    """Free on day 0, Paid on day 9: one change, which is told. What came in between is not known yet."""
    data = built(folder, fresh(compared(FREE, OTHER, 0)), fresh(compared(PAID, OTHER, 9)))
    assert tell(data) == ([("Free", "Paid")], [])
    return data


def test_an_older_capture_takes_a_change_back_and_that_is_told_once(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    assert more(data, *BETWEEN) == ([("Trial", "Paid"), ("Free", "Trial")], [("Free", "Paid")])
    assert tell(data) == ([], [])
    data.build(full=True)
    assert tell(data) == ([], [])


def test_what_was_never_told_is_not_retracted(tmp_path: Path) -> None:
    data = built(tmp_path, fresh(compared(FREE, OTHER, 0)), fresh(compared(PAID, OTHER, 9)))
    assert more(data, *BETWEEN)[1] == []


def test_the_same_change_at_another_time_is_another_one(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    more(data, fresh(compared(FREE, OTHER, 15)), fresh(compared(PAID, OTHER, 22)))
    assert more(data, *BETWEEN)[1] == [("Free", "Paid")]


def test_a_change_that_is_only_dated_better_stands(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    assert more(data, fresh(compared(PAID, OTHER, 6)), fresh(compared(FREE, OTHER, 3)))[1] == []


def test_what_another_parser_no_longer_finds_is_no_retraction_then_or_later(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    assert more(data, *BETWEEN, parser_version="another")[1] == []
    later = compared(card("elm", name="Elm"), OTHER, 30)
    assert more(data, later, parser_version="another")[1] == []


def test_changes_of_a_listing_that_moved_are_not_retracted(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        fresh(tool_page(FREE, 0)),
        fresh(tool_page(PAID, 3)),
        fresh(tool_page(card("alder-hq", entry="Paid"), 6)),
    )
    assert tell(data) == ([("Free", "Paid")], [])
    before = data.row("SELECT change_id FROM changes")
    assert more(data, moved("alder", "alder-hq", 5))[1] == []
    assert data.row("SELECT change_id FROM changes") != before


def test_what_went_with_its_capture_is_not_retracted(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([fresh(compared(FREE, OTHER, 0))])
    data.add([fresh(compared(PAID, OTHER, 9))])
    data.build()
    assert tell(data) == ([("Free", "Paid")], [])
    sorted((tmp_path / "archive").glob("*.warc*"))[-1].unlink()
    data.build(allow_loss=True)
    assert data.rows("SELECT * FROM changes") == []
    assert tell(data) == ([], [])


def test_a_memory_of_an_older_version_is_gone_on_with(tmp_path: Path) -> None:
    data = with_gap(tmp_path)
    with remembered(tmp_path) as memory:
        memory.con.execute("ALTER TABLE told DROP COLUMN facts")
    assert tell(data) == ([], [])
    assert more(data, *BETWEEN)[1] == [], "what was said of it is not known any more"
