"""Noticing that a site changed: soon, in words that help, and not because its tools differ."""

from __future__ import annotations

import json
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.health import (
    CARD_FIELDS,
    LABELS,
    LEAST_FILLED,
    LEAST_PARSED,
    REVIEW_FIELDS,
    USUAL,
    WINDOW,
    Health,
    newest_of,
    sighting,
)
from crawler.items import Card, ComparePage, PageProblem, PageReading, Review, ReviewerPage, ReviewerVerdict, ToolPage

FULL: dict[str, Any] = {
    "name": "Quillon",
    "category": "Crash readers",
    "tagline": "Reads crashes",
    "description": "It reads crashes.",
    "panel_verdict": "ship",
    "panel_ship_pct": 80,
    "panel_ships": 4,
    "panel_skips": 1,
    "community_ship_pct": 70,
    "community_ships": 7,
    "community_votes": 10,
    "entry": "Free",
    "pricing": "Freemium",
    "best_for": "Crashes",
    "reviewed_on": "2026-10-01",
    "website": "https://quillon.example",
    "reviews": (Review(persona="skeptic", score=70, verdict="ship", quote="Good."),),
}


def card(slug: str | None, *without: str) -> Card:
    return Card(slug=slug, **{name: value for name, value in FULL.items() if name not in without})


def tool(slug: str, *without: str) -> PageReading:
    return PageReading(kind="tool", status="ok", page=ToolPage(card=card(slug, *without), complete=True))


def compare(left: Card, right: Card) -> PageReading:
    return PageReading(kind="compare", status="ok", page=ComparePage(left=left, right=right, complete=True))


def unread(kind: str = "tool", why: str = "the page shows none of the labels of a known kind") -> PageReading:
    problem = PageProblem(severity="error", code="not_recognised", message=why)
    return PageReading(kind=kind, status="failed", problems=(problem,))


def facts(pages: int = 1000, parsed: int | None = None, units: int | None = None, **fields: int) -> dict[str, Any]:
    parsed = pages if parsed is None else parsed
    return {"tool": {"pages": pages, "parsed": parsed, "units": parsed if units is None else units, "fields": fields}}


def feed(health: Health, *readings: PageReading, start: int = 0, kind: str = "tool") -> tuple[int, str] | None:
    """The number of the page at which a change was noticed, and what was said; None where none was."""
    for number, reading in enumerate(readings, start):
        verdict = health.note(f"/{kind}/{number}", kind, reading)
        if verdict is not None:
            return number, verdict
    return None


def said(health: Health, *readings: PageReading, start: int = 0, kind: str = "tool") -> str:
    noticed = feed(health, *readings, start=start, kind=kind)
    return "" if noticed is None else noticed[1]


def tools(count: int, *without: str, start: int = 0) -> list[PageReading]:
    return [tool(f"t{number}", *without) for number in range(start, start + count)]


# ---- the share of pages that can be read ---------------------------------------------------------------------


@pytest.mark.parametrize(("failed", "is_noticed"), [(0, False), (12, False), (13, True), (24, True)])
def test_half_of_a_first_crawls_pages_must_be_read(failed: int, is_noticed: bool) -> None:
    pages = [*tools(WINDOW - failed), *[unread()] * failed]
    assert bool(said(Health(), *pages)) == is_noticed


@pytest.mark.parametrize(("failed", "is_noticed"), [(12, False), (13, True)])
def test_half_of_what_could_be_read_before(failed: int, is_noticed: bool) -> None:
    pages = [*tools(WINDOW - failed), *[unread()] * failed]
    assert bool(said(Health(facts(1000)), *pages)) == is_noticed


@pytest.mark.parametrize(("failed", "is_noticed"), [(18, False), (19, True)])
def test_a_site_of_which_half_could_never_be_read(failed: int, is_noticed: bool) -> None:
    pages = [*tools(WINDOW - failed), *[unread()] * failed]
    assert bool(said(Health(facts(1000, 500)), *pages)) == is_noticed


def test_nothing_is_said_of_fewer_pages_than_the_window() -> None:
    assert said(Health(facts(1000)), *[unread()] * (WINDOW - 1)) == ""


def test_the_first_crawl_of_a_site_that_can_not_be_read_stops_soon() -> None:
    assert feed(Health(), *[unread()] * 100) is not None
    assert (feed(Health(), *[unread()] * 100) or (0, ""))[0] == WINDOW - 1


def test_the_share_before_is_told() -> None:
    assert "only 0 could be read (before, 90% could)" in said(Health(facts(1000, 900)), *[unread()] * WINDOW)


def test_a_first_crawl_has_nothing_before() -> None:
    assert "only 0 could be read (at least half of them should)" in said(Health(), *[unread()] * WINDOW)


def test_the_kind_is_told() -> None:
    assert "of the last 24 tool pages" in said(Health(), *[unread()] * WINDOW)


def test_what_is_wrong_with_the_example_is_told() -> None:
    text = said(Health(), *tools(30), *[unread(why="the label “Entry” is missing")] * 30)
    assert "for example /tool/42 (the label “Entry” is missing)" in text


def test_the_nearest_page_that_could_be_read_is_told() -> None:
    text = said(Health(), *tools(30), *[unread()] * 30)
    assert text.endswith("the nearest page that is as it was: /tool/29")


def test_without_a_good_page_none_is_told() -> None:
    assert "nearest" not in said(Health(facts()), *[unread()] * WINDOW)


def test_a_page_of_another_kind_can_not_be_read() -> None:
    reading = compare(card("a"), card("b"))
    assert "only 0 could be read" in said(Health(), *[reading] * WINDOW, kind="tool")


def test_kinds_are_held_apart() -> None:
    health = Health()
    for number in range(60):
        assert health.note(f"/tool/{number}", "tool", tool(f"t{number}")) is None
        if number < WINDOW - 1:
            assert health.note(f"/compare/{number}", "compare", unread("compare")) is None


# ---- the share of cards that show a field --------------------------------------------------------------------


@pytest.mark.parametrize(("left", "is_noticed"), [(24, False), (8, False), (7, True), (0, True)])
def test_a_third_of_what_was_there_must_be(left: int, is_noticed: bool) -> None:
    assert LEAST_FILLED == 0.3
    pages = [*tools(left), *tools(WINDOW - left, "entry", start=left)]
    assert bool(said(Health(facts(1000, entry=1000)), *pages)) == is_noticed


@pytest.mark.parametrize(("before", "is_noticed"), [(800, True), (799, False), (0, False)])
def test_a_field_that_was_not_usual_may_go(before: int, is_noticed: bool) -> None:
    assert USUAL == 0.8
    assert bool(said(Health(facts(1000, entry=before)), *tools(WINDOW, "entry"))) == is_noticed


@pytest.mark.parametrize(("left", "is_noticed"), [(7, False), (6, True)])
def test_a_share_of_the_share_before(left: int, is_noticed: bool) -> None:
    pages = [*tools(left), *tools(WINDOW - left, "entry", start=left)]
    assert bool(said(Health(facts(1000, entry=850)), *pages)) == is_noticed


def test_a_new_field_is_no_trouble() -> None:
    assert said(Health(facts(1000)), *tools(100)) == ""


@pytest.mark.parametrize("name", [*CARD_FIELDS, "reviews"])
def test_each_field_is_watched(name: str) -> None:
    text = said(Health(), *tools(WINDOW), *tools(WINDOW, name, start=100))
    assert f"the field {name}" in text


@pytest.mark.parametrize("part", REVIEW_FIELDS)
def test_the_parts_of_reviews_are_watched(part: str) -> None:
    review = FULL["reviews"][0].model_copy(update={part: None})
    less = [
        PageReading(
            kind="tool",
            status="ok",
            page=ToolPage(card=card(f"u{number}").model_copy(update={"reviews": (review,)}), complete=True),
        )
        for number in range(WINDOW)
    ]
    assert f"the field review {part} (beside the label “Reviewer scorecard”) is gone" in said(
        Health(), *tools(WINDOW), *less
    )


def test_the_labels_are_of_fields_that_are_watched() -> None:
    assert set(LABELS) <= {*CARD_FIELDS, "reviews", *(f"review {part}" for part in REVIEW_FIELDS)}


def test_what_is_said_of_a_field() -> None:
    text = said(Health(), *tools(30), *tools(30, "community_votes", start=30))
    assert text == (
        "the field community_votes (beside the label “Community”) is gone from most tool pages: 100% of the cards had "
        "it before, 29% of the last 24 have it; for example /tool/46; the nearest page that is as it was: /tool/29"
    )


def test_a_field_without_a_label() -> None:
    assert "the field tagline is gone" in said(Health(), *tools(30), *tools(30, "tagline", start=30))


def test_a_field_that_most_had_names_a_page_that_has_it() -> None:
    pages = [tool(f"t{number}", *(["entry"] if number % 6 == 0 else [])) for number in range(100)]
    text = said(Health(facts(1000, entry=850)), *pages, *tools(40, "entry", start=100))
    assert text.endswith("the nearest page that is as it was: /tool/99")


def test_the_example_lacks_the_field() -> None:
    pages = [*tools(30), *[tool(f"u{number}", *(["entry"] if number % 9 else [])) for number in range(60)]]
    noticed = feed(Health(), *pages)
    assert noticed is not None
    example = int(noticed[1].partition("for example /tool/")[2].partition(";")[0])
    assert (example - 30) % 9 != 0


def test_pages_that_can_not_be_read_say_nothing_of_fields() -> None:
    pages = [*tools(WINDOW), *[each for page in tools(60, start=100) for each in (page, unread())]]
    assert said(Health(), *pages) == ""


# ---- a change in the middle of a crawl -----------------------------------------------------------------------


def test_pages_that_stop_being_read_are_noticed_soon() -> None:
    noticed = feed(Health(), *tools(3000), *[unread()] * 100)
    assert noticed is not None
    assert noticed[0] < 3000 + WINDOW / 2 + 2


def test_a_field_that_goes_is_noticed_soon() -> None:
    noticed = feed(Health(), *tools(3000), *tools(100, "panel_ship_pct", start=3000))
    assert noticed is not None
    assert noticed[0] < 3000 + WINDOW


def test_a_field_that_goes_from_comparisons_is_noticed_soon() -> None:
    slugs = [f"t{number}" for number in range(60)]
    pairs = list(combinations(slugs, 2))
    pages = [compare(card(left), card(right)) for left, right in pairs[:1500]]
    changed = [compare(card(left, "entry"), card(right, "entry")) for left, right in pairs[1500:]]
    noticed = feed(Health(), *pages, *changed, kind="compare")
    assert noticed is not None
    assert noticed[0] < 1500 + WINDOW + 12


def test_of_a_tool_the_newest_card_counts() -> None:
    noticed = feed(Health(), *[each for _ in range(10) for each in tools(8)], *tools(8, "entry"))
    assert noticed is not None
    assert noticed[0] == 85  # the sixth of eight


def test_a_field_that_goes_from_the_right_side_only() -> None:
    pairs = list(combinations([f"t{number}" for number in range(60)], 2))
    pages = [compare(card(left), card(right)) for left, right in pairs[:500]]
    changed = [compare(card(left), card(right, "entry")) for left, right in pairs[500:]]
    noticed = feed(Health(), *pages, *changed, kind="compare")
    assert noticed is not None
    assert noticed[0] < 500 + WINDOW + 12


def test_a_consent_wall_is_noticed_soon() -> None:
    wall = PageReading(kind="unknown", status="failed")
    noticed = feed(Health(facts()), *tools(500), *[wall] * 100)
    assert noticed is not None
    assert noticed[0] < 500 + WINDOW


def test_a_short_burst_of_bad_pages_is_none() -> None:
    pages = [*tools(100), *[unread()] * 11, *tools(100), *[unread()] * 11, *tools(100)]
    assert said(Health(), *pages) == ""


# ---- tools differ --------------------------------------------------------------------------------------------


SHARES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
SOME = ("community_votes", "entry", "pricing", "best_for", "tagline", "reviews")


def varied(seed: int, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Slugs of tools, and the fields that each has not: `SOME`, shown by `SHARES` of them."""
    chance = Random(seed)
    return [
        (f"t{number}", tuple(name for name, share in zip(SOME, SHARES, strict=True) if chance.random() >= share))
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("knows_before", [True, False])
def test_tools_that_differ_are_no_change(seed: int, knows_before: bool) -> None:
    pages = [tool(slug, *without) for slug, without in varied(seed, 700)]
    before = Health()
    feed(before, *pages)
    assert said(Health(before.as_facts() if knows_before else None), *pages) == ""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("knows_before", [True, False])
def test_comparisons_in_the_order_of_a_sitemap_are_no_change(seed: int, knows_before: bool) -> None:
    pairs = list(combinations([card(slug, *without) for slug, without in varied(seed, 50)], 2))
    pages = [compare(left, right) for left, right in pairs]
    before = Health()
    feed(before, *pages, kind="compare")
    assert said(Health(before.as_facts() if knows_before else None), *pages, kind="compare") == ""


def test_a_tool_counts_once_however_many_pages_show_it() -> None:
    health = Health()
    feed(health, *[compare(card("first"), card(f"t{number}")) for number in range(50)], kind="compare")
    assert health.as_facts()["compare"]["units"] == 51


def test_cards_without_a_slug_count_each() -> None:
    health = Health()
    feed(health, *[compare(card(None), card(None))] * 30, kind="compare")
    assert health.as_facts()["compare"]["units"] == 60


# ---- what one page shows -------------------------------------------------------------------------------------


def test_a_full_card_shows_all_fields() -> None:
    expected = {*CARD_FIELDS, "reviews", *(f"review {part}" for part in REVIEW_FIELDS)}
    assert sighting("/tool/a", "tool", tool("a")).on_all == expected


def test_a_zero_is_shown() -> None:
    none = tool("a").model_copy(
        update={"page": ToolPage(card=Card(slug="a", community_votes=0, panel_ship_pct=0), complete=True)}
    )
    assert sighting("/tool/a", "tool", none).on_all == {"community_votes", "panel_ship_pct"}


def test_a_reviewers_page() -> None:
    page = ReviewerPage(
        persona="skeptic", motto="No.", verdicts=(ReviewerVerdict(tagline="A", quote="B"),), complete=True
    )
    reading = PageReading(kind="reviewer", status="ok", page=page)
    assert sighting("/reviewer/skeptic", "reviewer", reading).on_all == {"persona", "motto", "verdicts"}


def test_a_page_that_can_not_be_read_shows_nothing() -> None:
    one = sighting("/tool/a", "tool", unread())
    assert (one.parsed, one.cards, one.on_all) == (False, {}, frozenset())


# ---- from run to run -----------------------------------------------------------------------------------------


def test_facts_survive_json() -> None:
    health = Health()
    feed(health, *tools(100, "entry"), unread())
    told = health.as_facts()
    assert json.loads(json.dumps(told)) == told
    assert (told["tool"]["pages"], told["tool"]["parsed"], told["tool"]["units"]) == (101, 100, 100)
    assert told["tool"]["fields"]["name"] == 100
    assert "entry" not in told["tool"]["fields"]


def test_a_crawl_is_held_against_the_one_before() -> None:
    before = Health()
    feed(before, *tools(100))
    assert "the field entry" in said(Health(before.as_facts()), *tools(100, "entry"))


def test_a_crawl_that_accepts_changes_is_held_against_its_beginning() -> None:
    assert said(Health(None), *tools(100, "entry")) == ""


def test_a_few_pages_are_nothing_to_be_held_against() -> None:
    before = Health()
    feed(before, *tools(WINDOW - 1))
    assert said(Health(before.as_facts()), *tools(100, "entry")) == ""


GOOD = facts(100, entry=100)["tool"]


@pytest.mark.parametrize(
    "bad",
    [
        *(None, 7, "x", [], {}, {"pages": 100}, GOOD | {"pages": "100"}, GOOD | {"parsed": None}),
        *(GOOD | {"units": 1.5}, GOOD | {"fields": []}, GOOD | {"fields": None}, GOOD | {"parsed": 0}),
        *(GOOD | {"parsed": 101}, GOOD | {"pages": -100, "parsed": -100}, GOOD | {"pages": True}),
        *(GOOD | {"units": -1}, GOOD | {"pages": WINDOW - 1, "parsed": 5}),
    ],
)
def test_facts_of_the_wrong_form_are_not_used(bad: object) -> None:
    assert Health({"tool": bad}).baseline == {}


@pytest.mark.parametrize("bad", [[], "x", 7, [1]])
def test_a_baseline_that_is_none(bad: Any) -> None:
    assert Health(bad).baseline == {}


@pytest.mark.parametrize("count", ["100", None, 1.0, True, -1, 101, [1]])
def test_a_count_of_the_wrong_form_is_not_used(count: object) -> None:
    health = Health({"tool": GOOD | {"fields": {"entry": count, "name": 100}}})
    assert dict(health.baseline["tool"].fields) == {"name": 100}


def test_no_units_are_no_division() -> None:
    assert said(Health({"tool": GOOD | {"units": 0, "fields": {"entry": 0}}}), *tools(50)) == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["pages", "parsed", "units", "fields", "entry", "name"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.just("tool"), json_values))
def test_no_facts_break_a_crawl(baseline: dict[str, Any]) -> None:
    feed(Health(baseline), *tools(WINDOW + 2))
    newest_of([baseline, baseline.get("tool")])


def test_of_each_kind_the_newest_facts_of_use_count() -> None:
    few = {"tool": GOOD | {"pages": 5, "parsed": 5}, "compare": GOOD | {"units": 70}}
    assert newest_of([None, {}, few, {"tool": GOOD, "compare": GOOD}]) == {
        "tool": GOOD,
        "compare": GOOD | {"units": 70},
    }


def test_the_thresholds_are_those_that_the_tests_know() -> None:
    assert (WINDOW, LEAST_PARSED, LEAST_FILLED, USUAL) == (24, 0.5, 0.3, 0.8)
