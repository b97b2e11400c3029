"""The page of a tool: each part of its context, from hand-written captures."""

from __future__ import annotations

import sqlite3

import pytest

from dataset.serving.site.differences import Piece
from dataset.serving.site.page import MissingError, MovedError
from dataset.serving.site.tool import ToolPage, tool_page
from tests.dataset.captures import day
from tests.dataset.serving.site.tools import GONE_WORDS, NEW_WORDS, OLD_WORDS, asked


@pytest.fixture
def alder(con: sqlite3.Connection) -> ToolPage:
    return tool_page(con, asked({"tool": "alder"}))


def test_name_category_and_times(alder: ToolPage) -> None:
    assert alder.name == "Alder Shelves"
    assert alder.category == "Storage"
    assert alder.tagline == "Shelves that sort themselves"
    assert (alder.first_seen, alder.last_seen) == (day(-3), day(6))


def test_spread(alder: ToolPage) -> None:
    assert alder.spread.listings == 1
    assert alder.spread.withdrawn == 0
    assert (alder.spread.panel_lowest, alder.spread.panel_highest) == (25, 25)
    assert (alder.spread.community_lowest, alder.spread.community_highest) == (60, 60)
    assert alder.spread.verdicts == {"skip": 1}


def test_timeline_has_each_state_and_the_flip_between_them(alder: ToolPage) -> None:
    [line] = alder.timelines
    shares = [(one.valid_from, one.panel_ship_pct, one.community_ship_pct) for one in line.versions]
    assert shares == [(day(0), 75, None), (day(5), 25, 60)]
    [flip] = line.flips
    assert (flip.old_value, flip.new_value) == ("ship", "skip")
    assert (flip.seen_before, flip.seen_after) == (day(0.5), day(5))
    assert flip.confirmed == 1


def test_reviews_that_stand_come_first(alder: ToolPage) -> None:
    assert [(one.persona, one.score, one.verdict, one.quote) for one in alder.reviews] == [
        ("builder", 41, "skip", NEW_WORDS),
        ("founder", 70, "ship", "The price is fair for what it holds."),
        ("architect", 30, "skip", GONE_WORDS),
    ]
    assert [one.withdrawn_at for one in alder.reviews] == [None, None, day(5)]


def test_a_review_tells_what_it_said_before(alder: ToolPage) -> None:
    edited, same, _ = alder.reviews
    assert edited.version_count == 2
    [old] = edited.former
    assert (old.score, old.verdict, old.quote) == (88, "ship", OLD_WORDS)
    assert (old.valid_from, old.last_confirmed, old.valid_to) == (day(0), day(0.5), day(5))
    assert [piece for piece in old.differences if piece.what != "same"] == [
        Piece("removed", "and"),
        Piece("added", "but"),
        Piece("removed", "open"),
        Piece("added", "stick"),
    ]
    assert same.former == ()


def test_prices_the_newest_first(alder: ToolPage) -> None:
    assert [(one.pricing, one.entry, one.since, one.last_seen, one.until) for one in alder.prices] == [
        ("$12 a month", "Paid", day(5), day(6), None),
        ("Open Source (MIT)", "Free", day(0), day(0.5), day(5)),
    ]


def test_changes_the_newest_first_and_the_weightiest_of_a_time(alder: ToolPage) -> None:
    assert alder.change_count == len(alder.changes)
    assert alder.changes[0].kind == "verdict_flip"
    times = [one.seen_after for one in alder.changes]
    assert times == sorted(times, reverse=True)
    # A review that is withdrawn weighs less than a flip, and more than a score.
    kinds = list(dict.fromkeys(one.kind for one in alder.changes))
    assert kinds[:3] == ["verdict_flip", "review_withdrawn", "score"]


def test_comparisons_name_the_other_tool(alder: ToolPage) -> None:
    assert [(one.other_slug, one.other_name) for one in alder.comparisons] == [
        ("birch", "Birch Desk"),
        ("cedar", "Cedar Stool"),
    ]
    assert alder.comparison_count == 2


def test_evidence_names_first_and_last_capture(alder: ToolPage, con: sqlite3.Connection) -> None:
    [share] = [one for one in alder.evidence if one.field == "panel_ship_pct"]
    assert share.value == "25"
    times = [
        con.execute("SELECT observed_at FROM captures WHERE capture_id = ?", (capture,)).fetchone()[0]
        for capture in (share.first_capture_id, share.last_capture_id)
    ]
    assert times == [day(5), day(6)]


def test_former_slugs_lead_to_the_present_one(con: sqlite3.Connection, alder: ToolPage) -> None:
    assert alder.former_names == ("aspen",)
    for former in ("aspen", alder.tool_id):
        with pytest.raises(MovedError) as moved:
            tool_page(con, asked({"tool": former}))
        assert moved.value.path == "/tool/alder"
        assert moved.value.for_good


def test_former_ids_of_tools_are_followed(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    [tool_id] = copy.execute("SELECT tool_id FROM tools WHERE slug = 'birch'").fetchone()
    with pytest.raises(MissingError):
        tool_page(copy, asked({"tool": "t-of-old"}))
    copy.execute(
        "INSERT INTO tool_aliases (alias_id, kind, tool_id, reason, at) "
        "VALUES ('t-of-old', 'id', ?, 'same_tool', '2026-03-01T00:00:00Z')",
        (tool_id,),
    )
    with pytest.raises(MovedError) as moved:
        tool_page(copy, asked({"tool": "t-of-old"}))
    assert moved.value.path == "/tool/birch"
    copy.close()


def test_two_listings_of_one_tool_are_joined_and_say_why(con: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    con.backup(copy)
    [tool_id] = copy.execute("SELECT tool_id FROM tools WHERE slug = 'alder'").fetchone()
    copy.execute("UPDATE listings SET tool_id = ? WHERE listing_id = 'birch'", (tool_id,))
    copy.execute("DELETE FROM match_decisions")
    for left, right, decision in (("alder", "birch", "merge"), ("alder", "cedar", "apart")):
        copy.execute(
            "INSERT INTO match_decisions "
            "(left_listing_id, right_listing_id, decision, sentence, rule, decided_by, at, reasons) "
            "VALUES (?, ?, ?, 'One tool: the same core.', 'same_core', 'rules', '2026-03-01T00:00:00Z', '{}')",
            (left, right, decision),
        )
    page = tool_page(copy, asked({"tool": "alder"}))
    copy.close()
    assert [one.listing_id for one in page.listings] == ["alder", "birch"]
    assert (page.spread.panel_lowest, page.spread.panel_highest) == (25, 50)
    assert page.spread.verdicts == {"mixed": 1, "skip": 1}
    [match] = page.matches
    assert (match.decision, match.rule) == ("merge", "same_core")
    assert match.sentence == "One tool: the same core."
    # A page that pairs two of its own listings is still one page.
    assert page.comparison_count == 2


def test_withdrawn_listings_say_so(con: sqlite3.Connection) -> None:
    page = tool_page(con, asked({"tool": "dogwood"}))
    assert page.spread.withdrawn == 1
    assert page.listings[0].withdrawn_at == day(5)
    assert page.spread.panel_lowest is None


def test_unknown_tools_have_near_names(con: sqlite3.Connection) -> None:
    with pytest.raises(MissingError) as missing:
        tool_page(con, asked({"tool": "alder-shelf"}))
    assert missing.value.near[0] == ("/tool/alder", "Alder Shelves")
    with pytest.raises(MissingError) as missing:
        tool_page(con, asked({"tool": "qqqq"}))
    assert missing.value.near == ()
