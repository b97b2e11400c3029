"""From listings and judgements to tools, over real builds: what is merged, kept apart, taken back, and when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataset.building.lock import BuildError
from dataset.judging.judged import FACT, LOG
from normalize.matching.ids import birth_id
from tests.dataset.captures import Data, built, card, compared, day, digest, moved, says, tool_page
from tests.dataset.crawls import codes
from tests.dataset.judging import (
    OTHER_TEXTS,
    add_line,
    aliases,
    card_of,
    decision,
    ids,
    judge,
    listed,
    tools,
    undo,
)
from tests.normalize.matching.again import decide_again

FERNWAY, AGAIN = ("fernway", "Fernway CI"), ("fernway-ci-again", "Fernway-CI")
OTHER = ("plants", "Balcony Buddy")
APART = {"fernway": ["fernway"], "fernway-ci-again": ["fernway-ci-again"]}
ONE = {"fernway": ["fernway", "fernway-ci-again"]}


def two(folder: Path) -> Data:
    """A dataset in which one tool has two listings."""
    return built(folder, listed(*FERNWAY, at=1), listed(*AGAIN, at=4))


# What the rules do


def test_two_slugs_of_one_tool_are_one(tmp_path: Path) -> None:
    quote = says("Solid.", "builder", 80, "ship")
    first = card("fernway", quote, name="Fernway CI", tagline="Runs CI jobs on laptops", panel_ship_pct=75)
    again = card("fernway-ci-again", name="Fernway-CI", tagline="Runs CI jobs on laptops", panel_ship_pct=25)
    repriced = card("fernway-ci-again", says("New.", "skeptic"), name="Fernway-CI", panel_ship_pct=50)
    data = built(tmp_path, tool_page(first, 1), tool_page(again, 4), tool_page(repriced, 9))
    assert tools(data) == ONE
    tool = data.row("SELECT * FROM tools")
    assert tool["tool_id"] == birth_id("fernway")
    assert tool["name"] == "Fernway CI"
    assert tool["listing_count"] == 2
    assert (tool["panel_ship_pct_min"], tool["panel_ship_pct_max"]) == (50, 75)
    assert (tool["first_seen"], tool["last_seen"]) == (day(1), day(9))
    for name in ("listings", "reviews", "changes"):
        assert data.rows(f"SELECT DISTINCT tool_id FROM {name}") == [{"tool_id": tool["tool_id"]}], name


def test_former_ids_and_slugs_lead_to_the_tool(tmp_path: Path) -> None:
    data = two(tmp_path)
    there = ("fernway", "same_tool", day(4))
    assert aliases(data, "id") == {birth_id("fernway-ci-again"): there}
    assert aliases(data, "slug") == {"fernway-ci-again": there}


def test_a_decision_says_why(tmp_path: Path) -> None:
    found = decision(two(tmp_path), "fernway", "fernway-ci-again")
    assert (found["decision"], found["rule"], found["decided_by"]) == ("merge", "same_name", "rules")
    assert found["at"] == day(4)
    assert found["text_similarity"] == 100
    assert found["sentence"].startswith("“Fernway CI” and “Fernway-CI” are one tool:")
    assert decide_again(json.loads(found["reasons"])) == (found["decision"], found["rule"])


def test_versions_are_two_tools_and_the_decision_on_them_is_kept(tmp_path: Path) -> None:
    data = built(tmp_path, listed("quill-2", "Quill 2", 1), listed("quill-3", "Quill 3", 1), listed(*OTHER, 2))
    assert tools(data) == {"plants": ["plants"], "quill-2": ["quill-2"], "quill-3": ["quill-3"]}
    [row] = data.rows("SELECT left_listing_id, decision, rule FROM match_decisions")
    assert row == {"left_listing_id": "quill-2", "decision": "apart", "rule": "version"}


def test_a_listing_without_a_name_is_a_tool_of_its_own(tmp_path: Path) -> None:
    data = built(tmp_path, tool_page(card("nameless", tagline="No name"), 1), listed(*FERNWAY))
    assert tools(data) == {"fernway": ["fernway"], "nameless": ["nameless"]}


def test_a_listing_that_moved_is_one_listing_and_its_ids_lead_there(tmp_path: Path) -> None:
    data = built(
        tmp_path, listed("old", "Fernway CI", 1), moved("old", "fernway", 5), listed("fernway", "Fernway CI", 6)
    )
    assert tools(data) == {"fernway": ["fernway"]}
    assert aliases(data, "id") == {birth_id("old"): ("fernway", "moved", day(5))}
    assert aliases(data, "slug") == {"old": ("fernway", "moved", day(5))}


def test_an_older_archive_moves_the_earliest_and_so_the_id(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([listed(*FERNWAY, at=3), listed(*AGAIN, at=4)])
    data.build()
    assert tools(data) == ONE
    data.add([listed(*AGAIN, at=1)])
    data.build()
    assert tools(data) == {"fernway-ci-again": ["fernway", "fernway-ci-again"]}
    there = ("fernway-ci-again", "same_tool", day(3))
    assert aliases(data, "id") == {birth_id("fernway"): there}
    assert aliases(data, "slug") == {"fernway": there}
    assert decision(data, "fernway", "fernway-ci-again")["at"] == day(3)


def test_an_unchanged_crawl_churns_nothing(tmp_path: Path) -> None:
    data = two(tmp_path)
    before = data.content()
    data.add([listed(*FERNWAY, at=8), listed(*AGAIN, at=8)])
    data.build()
    after = data.content()
    for name in ("match_decisions", "tool_aliases", "reviews", "changes"):
        assert after[name] == before[name], name
    [tool] = data.rows("SELECT * FROM tools")
    assert tool["last_seen"] == day(8)


# What people do


def test_a_no_keeps_apart_and_undo_gives_back_what_was(tmp_path: Path) -> None:
    data = two(tmp_path)
    before = data.content()
    judge(data, FERNWAY, AGAIN, "no", own_id="j1", note="a fork")
    report = data.build()
    assert (report.changed, report.judged_anew, report.rebuilt_because) == (True, True, None)
    assert tools(data) == APART
    assert aliases(data, "id") == {}
    found = decision(data, "fernway", "fernway-ci-again")
    assert (found["decision"], found["rule"], found["decided_by"]) == ("apart", "no", "ada")
    assert found["at"] == "2026-05-01T00:00:00Z"
    assert "ada says that “Fernway CI” and “Fernway-CI” are two tools (a fork)" in found["sentence"]
    assert json.loads(found["reasons"])["judgement"]["id"] == "j1"
    undo(data, "j1", own_id="j2", second=1)
    data.build()
    assert data.content() == before


def test_a_yes_merges_what_the_rules_do_not(tmp_path: Path) -> None:
    data = built(tmp_path, listed(*FERNWAY, at=1), listed(*OTHER, at=4, **OTHER_TEXTS))
    before = data.content()
    assert len(tools(data)) == 2
    judge(data, OTHER, FERNWAY, "yes", own_id="j1")
    data.build()
    assert tools(data) == {"fernway": ["fernway", "plants"]}
    assert aliases(data, "slug") == {"plants": ("fernway", "same_tool", "2026-05-01T00:00:00Z")}
    assert decision(data, "fernway", "plants")["decision"] == "merge"
    undo(data, "j1", own_id="j2", second=1)
    data.build()
    assert data.content() == before


def test_a_yes_beside_the_rules_dates_the_alias_until_it_is_taken_back(tmp_path: Path) -> None:
    data = two(tmp_path)
    before = data.content()
    judge(data, FERNWAY, AGAIN, "yes", own_id="j1")
    data.build()
    assert aliases(data, "slug") == {"fernway-ci-again": ("fernway", "same_tool", "2026-05-01T00:00:00Z")}
    undo(data, "j1", own_id="j2", second=1)
    data.build()
    assert data.content() == before


def test_another_name_puts_a_judged_pair_back_to_review(tmp_path: Path) -> None:
    data = built(tmp_path, listed(*FERNWAY, at=1), listed(*OTHER, at=4, **OTHER_TEXTS))
    judge(data, OTHER, FERNWAY, "yes", own_id="j1")
    data.build()
    data.add([listed("plants", "Balcony Genius", at=8, **OTHER_TEXTS)])
    data.build()
    assert len(tools(data)) == 2
    found = decision(data, "fernway", "plants")
    assert (found["decision"], found["rule"], found["decided_by"]) == ("review", "name_changed", "ada")
    problem = data.row("SELECT * FROM problems WHERE code = 'match_name_changed'")
    assert (problem["severity"], problem["path"], problem["listing_id"]) == ("info", LOG, "fernway")
    assert problem["first_seen"] == "2026-05-01T00:00:00Z"


def test_a_no_holds_through_edits_of_texts(tmp_path: Path) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, AGAIN, "no", own_id="j1")
    data.build()
    data.add([listed(*AGAIN, at=9, tagline="Runs CI jobs anywhere")])
    data.build()
    assert tools(data) == APART
    assert codes(data) == []


def test_judgements_follow_a_listing_that_moves(tmp_path: Path) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, AGAIN, "no", own_id="j1")
    data.build()
    data.add([moved("fernway-ci-again", "fernway-new", 9), listed("fernway-new", "Fernway-CI", 10)])
    data.build()
    assert tools(data) == {"fernway": ["fernway"], "fernway-new": ["fernway-new"]}
    assert decision(data, "fernway", "fernway-new")["decided_by"] == "ada"


def test_both_a_yes_and_a_no_are_told(tmp_path: Path) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, AGAIN, "no", own_id="j1")
    judge(data, FERNWAY, AGAIN, "yes", own_id="j2", second=1)
    data.build()
    assert tools(data) == APART
    assert codes(data) == ["match_contradicted"]
    found = decision(data, "fernway", "fernway-ci-again")
    assert (found["decision"], found["rule"]) == ("apart", "no")
    assert "the NO counts until one of them is taken back" in found["sentence"]


def test_a_yes_that_can_not_be_followed_is_told(tmp_path: Path) -> None:
    """Two listings that are one by the rules, a NO between the second and a third, and a YES to first and third."""
    data = Data(tmp_path)
    data.add([listed(*FERNWAY, at=1), listed(*AGAIN, at=2), listed(*OTHER, at=3, **OTHER_TEXTS)])
    judge(data, AGAIN, OTHER, "yes", own_id="j1")
    judge(data, FERNWAY, OTHER, "yes", own_id="j2", second=1)
    judge(data, FERNWAY, AGAIN, "no", own_id="j3", second=2)
    data.build()
    assert tools(data) == {"fernway": ["fernway"], "fernway-ci-again": ["fernway-ci-again", "plants"]}
    assert codes(data) == ["match_refused"]
    found = decision(data, "fernway", "plants")
    assert (found["decision"], found["rule"]) == ("review", "refused")


def test_a_judgement_about_a_listing_that_is_not_there_is_told(tmp_path: Path) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, ("fernwya", "Fernway"), "no", own_id="j1")
    data.build()
    assert codes(data) == ["match_unknown_listing"]
    undo(data, "j1", own_id="j2", second=1)
    data.build()
    assert codes(data) == []


def test_an_unsure_pair_stays_as_it_is(tmp_path: Path) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, AGAIN, "unsure", own_id="j1", who="rules")
    data.build()
    assert tools(data) == ONE
    found = decision(data, "fernway", "fernway-ci-again")
    assert (found["decision"], found["rule"]) == ("review", "unsure")
    assert found["decided_by"] == "a person called rules"


# The file


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "j2"', "line 2: "),
        ('{"id": "j2", "time": "2026-05-01T00:00:00Z", "who": "ada", "revokes": "j9"}', "line 2: it revokes 'j9'"),
        ('{"id": "j2", "time": "2026-99-01T00:00:00Z", "who": "ada", "revokes": "j1"}', "the judgement j2: 2026-99"),
    ],
)
def test_a_log_that_can_not_be_read_stops_the_build(tmp_path: Path, line: str, said: str) -> None:
    data = two(tmp_path)
    judge(data, FERNWAY, AGAIN, "no", own_id="j1")
    data.build()
    before = data.content()
    add_line(data, line)
    with pytest.raises(BuildError) as error:
        data.build()
    assert said in str(error.value)
    assert LOG in str(error.value)
    assert "mend it by hand" in str(error.value)
    assert data.content() == before
    (data.folder / LOG).write_bytes(b"{}\n\xff\n")
    with pytest.raises(BuildError, match="line 2: this is no UTF-8"):
        data.build()


def test_the_log_is_among_the_facts_and_the_same_log_builds_nothing(tmp_path: Path) -> None:
    data = two(tmp_path)
    sql = "SELECT key FROM dataset_info WHERE key LIKE 'judgements%' ORDER BY key"
    assert data.rows(sql) == []
    judge(data, FERNWAY, AGAIN, "no", own_id="j1")
    assert data.build().changed
    assert [row["key"] for row in data.rows(sql)] == [FACT]
    assert not data.build().changed
    (data.folder / LOG).unlink()
    assert data.build().judged_anew
    assert data.rows(sql) == []
    assert tools(data) == ONE


def test_at_once_or_bit_by_bit_with_judgements_in_between(tmp_path: Path) -> None:
    parts = [
        [compared(card_of(*FERNWAY), card_of(*OTHER, **OTHER_TEXTS), 5)],
        [listed(*AGAIN, at=2)],
        [listed("quill-2", "Quill 2", 3), listed("quill", "Quill", 4)],
        [listed("quill-2", "Quill", 6), listed(*FERNWAY, at=1)],
    ]
    bit_by_bit, whole = Data(tmp_path / "parts"), Data(tmp_path / "whole")
    for number, part in enumerate(parts):
        bit_by_bit.add(part)
        if number == 1:
            judge(bit_by_bit, FERNWAY, AGAIN, "no", own_id="j1")
        if number == 3:
            judge(bit_by_bit, OTHER, FERNWAY, "yes", own_id="j2", second=2)
        bit_by_bit.build()
    whole.add([capture for part in reversed(parts) for capture in part])
    (whole.folder / LOG).write_bytes((bit_by_bit.folder / LOG).read_bytes())
    assert digest(whole.build()) == digest(bit_by_bit.build())
    assert whole.content() == bit_by_bit.content()
    assert ids(whole)["plants"] == ids(whole)["fernway"] != ids(whole)["fernway-ci-again"]
