"""Changes in words."""

from __future__ import annotations

from typing import Any

import pytest

from dataset.asking.reading_changes import ChangeSeen, Shown
from dataset.schema.history import CHANGE_KINDS
from dataset.telling.telling import WEIGHT, bracket, by_captures, by_listing, headline, line, quoted, word_difference

SHOWN = Shown("c1", "https://site.example/x", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", 200)


def change(**facts: Any) -> ChangeSeen:
    usual: dict[str, Any] = dict.fromkeys(("review_id", "persona", "quote"))
    usual |= {"change_id": "1", "kind": "verdict_flip", "listing_id": "fernway", "name": "Fernway", "tool_id": "t"}
    usual |= {"field": "panel_verdict", "old_value": "ship", "new_value": "skip", "confirmed": True}
    usual |= {"seen_before": "2026-02-27T00:00:00Z", "seen_after": "2026-03-31T00:00:00Z"}
    usual |= {"before": SHOWN, "after": SHOWN}
    return ChangeSeen(**usual | facts)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "panel ship → skip"),
        ({"field": "panel_ship_pct", "old_value": "75", "new_value": None}, "panel share: 75% → (empty)"),
        ({"field": "community_votes", "old_value": "7", "new_value": "14"}, "community votes: 7 → 14"),
        (
            {
                "review_id": "r",
                "persona": "site.example:skeptic",
                "field": "score",
                "old_value": "82",
                "new_value": "4",
            },
            "skeptic's score 82 → 4",
        ),
        ({"review_id": "r", "field": "verdict"}, "an unnamed critic's verdict ship → skip"),
        ({"review_id": "r", "field": "presence", "kind": "review_withdrawn"}, "an unnamed critic's review withdrawn"),
        ({"review_id": "r", "field": "presence", "kind": "review_added"}, "an unnamed critic's review added"),
        ({"field": "presence", "kind": "listing_withdrawn"}, "listing withdrawn"),
        ({"field": "presence", "kind": "listing_returned"}, "listing back again"),
    ],
)
def test_headlines(facts: dict[str, Any], told: str) -> None:
    assert headline(change(**facts)) == told


def test_a_line_says_between_when_and_how_sure() -> None:
    assert line(change()) == "panel ship → skip, between 2026-02-27 and 2026-03-31 (confirmed)"
    assert line(change(confirmed=False)).endswith("(not confirmed yet)")
    of_a_day = change(seen_before="2026-03-31T08:00:00Z", seen_after="2026-03-31T09:30:00Z")
    assert bracket(of_a_day) == "between 2026-03-31 08:00 and 09:30 UTC"


def test_long_texts_are_told_by_the_words_that_differ() -> None:
    old = "It runs your pipeline on a laptop and keeps every log that you will ever need for the audit"
    new = "It runs your pipeline on a server and keeps every log that you will ever need for the next audit"
    told = word_difference(old, new)
    assert told == "… pipeline on a [-laptop-] {+server+} and keeps every … need for the {+next+} audit"
    assert word_difference("one  two", "one two") == "only white space differs"
    assert word_difference("a b c d", "w x y z") == "“a b c d” → “w x y z”"
    long = " ".join(map(str, range(400)))
    assert len(word_difference(long, long.replace("7", "x"))) <= 400
    huge = "word " * 5000
    assert len(word_difference(huge, huge + "end")) < 400


def test_a_review_without_a_name_is_told_by_its_words() -> None:
    assert quoted(change(review_id="r", quote="Fine.", field="score")) == "“Fine.”"
    assert quoted(change(review_id="r", quote="Fine.", persona="skeptic", field="score")) is None
    assert quoted(change()) is None


def test_groups() -> None:
    other = Shown("c2", None, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", None)
    votes = change(kind="votes", change_id="2", field="community_votes")
    later = change(change_id="3", after=other)
    elsewhere = change(change_id="4", listing_id="gatepost")
    assert by_listing([votes, elsewhere, later]) == [[votes, later], [elsewhere]]
    assert by_captures([votes, later, change()]) == [[change(), votes], [later]]
    assert set(WEIGHT) == set(CHANGE_KINDS)
