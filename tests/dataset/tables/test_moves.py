"""Listings that moved to another slug: their history goes on under the new one, and nothing was withdrawn or added."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from dataset.ids import review_id_of
from tests.dataset.captures import (
    SITE,
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

TEXTS = {"name": "Alder", "tagline": "Shelves that sort themselves", "description": "It sorts shelves."}


def own(slug: str, at: float, *quotes: str, **fields: object) -> Capture:
    return fresh(tool_page(card(slug, *map(says, quotes), **({"name": "Alder"} | fields)), at))


def aliases(data: Data) -> dict[str, str]:
    return {row["alias_id"]: row["listing_id"] for row in data.rows("SELECT * FROM listing_aliases")}


def listings(data: Data) -> list[str]:
    return [row["listing_id"] for row in data.rows("SELECT listing_id FROM listings ORDER BY 1")]


def kinds(data: Data) -> list[str]:
    return [row["kind"] for row in data.rows("SELECT kind FROM changes ORDER BY seen_after, kind")]


def codes(data: Data) -> list[tuple[str, str, str]]:
    rows = data.rows("SELECT severity, code, listing_id FROM problems ORDER BY code")
    return [tuple(row.values()) for row in rows]


def test_the_history_goes_on_under_the_new_slug(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        own("alder", 0, "One.", entry="Free"),
        own("alder", 3, "One.", entry="Paid"),
        moved("alder", "alder-hq", 5),
        own("alder-hq", 5, "One.", entry="Paid"),
        own("alder-hq", 7, "One.", entry="Free"),
    )
    assert listings(data) == ["alder-hq"]
    assert data.rows("SELECT * FROM listing_aliases") == [
        {"alias_id": "alder", "listing_id": "alder-hq", "reason": "moved", "at": day(5)}
    ]
    changes = data.rows("SELECT field, old_value, new_value, seen_before, seen_after FROM changes ORDER BY seen_after")
    assert [tuple(each.values()) for each in changes] == [
        ("entry", "Free", "Paid", day(0), day(3)),
        ("entry", "Paid", "Free", day(5), day(7)),
    ]
    row = data.row("SELECT first_seen, last_seen, withdrawn_at, url FROM listings")
    assert row == {
        "first_seen": day(0),
        "last_seen": day(7),
        "withdrawn_at": None,
        "url": f"{SITE}/tool/alder-hq",
    }
    links = data.rows("SELECT DISTINCT listing_id, named_id FROM listing_captures ORDER BY named_id")
    assert [tuple(each.values()) for each in links] == [("alder-hq", "alder"), ("alder-hq", "alder-hq")]


def test_reviews_move_along_and_their_former_ids_redirect(tmp_path: Path) -> None:
    data = built(tmp_path, own("alder", 0, "One."), moved("alder", "alder-hq", 5), own("alder-hq", 6, "One."))
    assert data.row("SELECT review_id, first_seen, last_seen FROM reviews") == {
        "review_id": review_id_of("alder-hq", "One."),
        "first_seen": day(0),
        "last_seen": day(6),
    }
    assert data.rows("SELECT * FROM review_aliases") == [
        {
            "alias_id": review_id_of("alder", "One."),
            "review_id": review_id_of("alder-hq", "One."),
            "reason": "moved",
            "at": day(5),
        }
    ]


def test_comparisons_move_along(tmp_path: Path) -> None:
    elm = card("elm", name="Elm")
    old = compared(card("alder", name="Alder"), elm, 0)
    new = compared(card("alder-hq", name="Alder"), elm, 6)
    data = built(tmp_path, old, own("alder", 0), new)
    assert listings(data) == ["alder", "alder-hq", "elm"]
    data.add([moved("alder", "alder-hq", 5)])
    data.build()
    rows = data.rows("SELECT comparison_id, left_listing_id, right_listing_id FROM comparisons ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [
        ("alder-hq~elm", "alder-hq", "elm"),
        ("alder~elm", "alder-hq", "elm"),
    ]
    assert listings(data) == ["alder-hq", "elm"]
    assert kinds(data) == []


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_redirect_for_now_is_no_move(tmp_path: Path, status: int) -> None:
    data = built(tmp_path, own("alder", 0), moved("alder", "alder-hq", 5, status), own("alder-hq", 5))
    assert listings(data) == ["alder", "alder-hq"]
    assert aliases(data) == {}


def test_a_redirect_to_another_site_or_to_no_tool_page_is_no_move(tmp_path: Path) -> None:
    lost = answered(Capture(f"{SITE}/tool/alder", day(5), None), 301, location="https://other.example/tool/alder-hq")
    home = answered(Capture(f"{SITE}/tool/alder", day(6), None), 301, location="/")
    data = built(tmp_path, own("alder", 0), lost, home, own("alder-hq", 7))
    assert aliases(data) == {}


def test_the_end_of_old_addresses_is_a_part_of_the_move(tmp_path: Path) -> None:
    elm, yew = card("elm", name="Elm"), card("yew", name="Yew")
    pages = [compared(card("alder", name="Alder"), other, 0) for other in (elm, yew)]
    data = built(
        tmp_path,
        *pages,
        own("alder", 0),
        gone("compare/alder-vs-elm", 4.5),
        gone("compare/alder-vs-yew", 4.6),
        gone("tool/alder", 4.7),
        moved("alder", "alder-hq", 5),
        own("alder-hq", 6),
        gone("tool/alder", 9),
        gone("compare/alder-vs-elm", 9),
        gone("compare/alder-vs-yew", 9),
    )
    assert kinds(data) == []
    assert data.row("SELECT withdrawn_at FROM listings WHERE listing_id = 'alder-hq'") == {"withdrawn_at": None}


NEW_PAIRS = ("compare/alder-hq-vs-elm", "compare/alder-hq-vs-yew")


@pytest.mark.parametrize("age", [None, "0"])
def test_that_the_new_slug_was_not_there_before_the_move_withdraws_nothing(tmp_path: Path, age: str | None) -> None:
    """A cache may go on saying so for a time, also after the new slug was shown."""
    not_yet = [gone("tool/alder-hq", 4.5 if age else 6), *(gone(each, 4.5 if age else 6) for each in NEW_PAIRS)]
    data = built(
        tmp_path,
        own("alder", 0),
        *(answered(each, 404, age=age) if age else each for each in not_yet),
        moved("alder", "alder-hq", 5),
        own("alder-hq", 5.5),
        own("alder-hq", 9),
    )
    assert kinds(data) == []
    assert data.row("SELECT valid_from, valid_to FROM listing_versions") == {"valid_from": day(0), "valid_to": None}


@pytest.mark.parametrize("was_shown", [True, False])
def test_a_new_slug_that_is_gone_after_the_move_is_withdrawn(tmp_path: Path, was_shown: bool) -> None:
    data = built(
        tmp_path,
        own("alder", 0),
        moved("alder", "alder-hq", 5),
        *([own("alder-hq", 5.5)] if was_shown else []),
        gone("tool/alder-hq", 7),
    )
    assert kinds(data) == ["listing_withdrawn"]
    assert data.row("SELECT withdrawn_at FROM listings") == {"withdrawn_at": day(7)}


def test_an_unread_page_of_the_new_slug_keeps_others_from_proving_anything(tmp_path: Path) -> None:
    """Before the move as after it."""
    others = [compared(card("alder", name="Alder"), card(other, name=other), 0) for other in ("elm", "yew")]
    ended = [gone(f"compare/alder-vs-{other}", 4) for other in ("elm", "yew")]
    pages = [*others, *ended, own("alder", 8), moved("alder", "alder-hq", 10), own("alder-hq", 10)]
    assert kinds(built(tmp_path / "all gone", *pages)) == ["listing_withdrawn", "listing_returned"]
    unread = gone("compare/alder-hq-vs-elm", 4, 503)
    assert kinds(built(tmp_path / "one unread", *pages, unread)) == []


def test_comparisons_may_end_long_before_the_redirect_is_seen(tmp_path: Path) -> None:
    pages = [compared(card("alder", name="Alder"), card(other, name=other), 0) for other in ("elm", "yew")]
    ended = [gone(f"compare/alder-vs-{other}", 10) for other in ("elm", "yew")]
    data = built(tmp_path, *pages, *ended)
    assert kinds(data) == ["listing_withdrawn"]
    data.add([moved("alder", "alder-hq", 20), own("alder-hq", 20)])
    data.build()
    assert kinds(data) == []


def test_an_alias_may_pass_from_one_listing_to_another(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0, "One."), moved("a", "z", 2), own("z", 2, "One."), own("b", 5, "One."))
    assert aliases(data) == {"a": "z"}
    data.add([moved("a", "b", 6)])
    data.build()
    assert aliases(data) == {"a": "b"}
    data.add([moved("a", "z", 9)])
    data.build()
    assert aliases(data) == {"a": "z"}


def test_a_listing_that_moves_goes_and_comes_back(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        own("alder", 0),
        moved("alder", "alder-hq", 5),
        own("alder-hq", 5),
        gone("tool/alder-hq", 10),
        gone("tool/alder-hq", 13),
        own("alder-hq", 20),
        own("alder-hq", 21),
    )
    rows = data.rows("SELECT kind, listing_id, seen_before, seen_after, confirmed FROM changes ORDER BY seen_after")
    assert [tuple(row.values()) for row in rows] == [
        ("listing_withdrawn", "alder-hq", day(5), day(10), 1),
        ("listing_returned", "alder-hq", day(11), day(20), 1),
    ]
    versions = data.rows("SELECT listing_id, version, valid_from, valid_to FROM listing_versions")
    assert [tuple(row.values()) for row in versions] == [
        ("alder-hq", 1, day(0), day(10)),
        ("alder-hq", 2, day(20), None),
    ]
    assert aliases(data) == {"alder": "alder-hq"}


def test_chains_are_followed(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0), moved("a", "b", 2), own("b", 2), moved("b", "c", 4), own("c", 4), own("c", 5))
    assert aliases(data) == {"a": "c", "b": "c"}
    assert listings(data) == ["c"]
    assert kinds(data) == []


def test_the_newest_redirect_wins(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0), moved("a", "b", 2), own("b", 3), moved("a", "c", 6), own("c", 6))
    assert aliases(data) == {"a": "c"}
    assert listings(data) == ["b", "c"]


def test_there_and_back(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0), moved("a", "b", 5), own("b", 5), own("b", 8), moved("b", "a", 10), own("a", 10))
    assert aliases(data) == {"b": "a"}
    assert listings(data) == ["a"]
    assert kinds(data) == []
    assert data.row("SELECT first_seen, last_seen FROM listings") == {"first_seen": day(0), "last_seen": day(10)}


def test_a_slug_that_stands_for_itself_again_is_a_listing_again(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0), moved("a", "b", 5), own("b", 6), own("a", 10), own("b", 11))
    assert aliases(data) == {}
    rows = data.rows("SELECT listing_id, first_seen, last_seen FROM listings ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("a", day(0), day(10)), ("b", day(6), day(11))]
    assert codes(data) == [("warning", "move_ended", "a")]


def test_an_old_copy_of_the_old_page_does_not_end_a_move(tmp_path: Path) -> None:
    old_copy = tool_page(card("a", name="Alder"), 6)
    data = built(tmp_path, own("a", 0), moved("a", "b", 5), own("b", 5), old_copy)
    assert aliases(data) == {"a": "b"}
    assert codes(data) == []


def test_redirects_in_a_circle(tmp_path: Path) -> None:
    data = built(tmp_path, own("a", 0), moved("a", "b", 5), moved("b", "a", 6))
    assert aliases(data) == {"b": "a"}
    assert codes(data) == [("warning", "moves_in_a_circle", "a")]


def test_a_slug_that_leads_to_a_listing_beside_it_did_not_move(tmp_path: Path) -> None:
    both = [own(slug, at, entry=entry) for at in (0, 1, 2, 3) for slug, entry in (("a", "Free"), ("b", "Paid"))]
    data = built(tmp_path, *both, moved("a", "b", 5), moved("a", "b", 8), own("b", 8, entry="Paid"))
    assert aliases(data) == {}
    rows = data.rows("SELECT listing_id, entry, withdrawn_at FROM listings ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("a", "Free", day(5)), ("b", "Paid", None)]
    assert kinds(data) == ["listing_withdrawn"]
    assert codes(data) == [("warning", "moved_onto_another", "a")]


def test_a_card_without_a_slug_follows_the_move(tmp_path: Path) -> None:
    bare = compared(card(None, says("One."), **TEXTS), card("elm", name="Elm"), 0, url=None)
    data = built(tmp_path, bare, own("alder", 1, "One.", **TEXTS), own("alder-hq", 6, **TEXTS))
    assert [each for each in listings(data) if each.startswith("~")]  # two slugs show that card
    data.add([moved("alder", "alder-hq", 5)])
    data.build()
    assert listings(data) == ["alder-hq", "elm"]
    reasons = data.rows("SELECT reason, listing_id FROM listing_aliases ORDER BY 1")
    assert [tuple(row.values()) for row in reasons] == [("moved", "alder-hq"), ("same_card", "alder-hq")]
    assert data.content() == built(tmp_path / "at once", bare, own("alder", 1, "One.", **TEXTS),
                                   own("alder-hq", 6, **TEXTS), moved("alder", "alder-hq", 5)).content()  # fmt: skip


def test_a_move_is_the_same_in_whatever_order_it_is_learned(tmp_path: Path) -> None:
    captures = [
        own("a", 0, "One."),
        moved("a", "b", 5),
        own("b", 6, "One."),
        compared(card("a", name="A"), card("c"), 1),
    ]
    contents = []
    for number, order in enumerate(permutations(captures)):
        data = Data(tmp_path / str(number))
        for capture in order:
            data.add([capture])
            data.build()
        contents.append(data.content())
    assert all(content == contents[0] for content in contents)
