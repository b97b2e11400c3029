"""The truth: a pure function of seed and moment, lively enough, and each slug with one fate."""

from __future__ import annotations

import json
import statistics
from itertools import pairwise

import pytest

from samplesite import words
from samplesite.content import SHIPS_FROM, card_as_json
from samplesite.series import DAY, NEVER, OPENING, Series, moment_of
from samplesite.truth import changes, truth
from samplesite.world import MARCH, World

LATER = MARCH + 40 * DAY


def as_text(world: World, moment: int) -> str:
    return json.dumps(truth(world.at(moment)))


def test_it_does_not_matter_who_asks_for_what_first() -> None:
    forwards, backwards = World(3, 20), World(3, 20)
    moments = [MARCH + number * DAY for number in range(0, 40, 8)]
    first = [as_text(forwards, moment) for moment in moments]
    second = [as_text(backwards, moment) for moment in reversed(moments)]
    assert first == second[::-1]
    assert as_text(World(4, 20), MARCH) != first[0]


def test_more_tools_leave_the_others_as_they_are() -> None:
    few, many = World(3, 20).at(MARCH), World(3, 40).at(MARCH)
    assert few.present.keys() <= many.present.keys()
    assert all(few.card(slug) == many.card(slug) for slug in few.present)


@pytest.mark.parametrize("seed", range(4))
def test_all_that_can_happen_to_a_listing_happens_in_march(seed: int) -> None:
    world = World(seed, 8)
    before, after = world.at(MARCH), world.at(MARCH + 10 * DAY)
    fates = {(gone.status, gone.to in after.present) for slug in before.present if (gone := after.gone(slug))}
    assert {(301, True), (404, False), (410, False)} <= fates
    appeared = [slug for slug in after.present if before.listing(slug) is None]
    moved_to = {gone.to for slug in before.present if (gone := after.gone(slug))}
    assert set(appeared) - moved_to
    tools = [each.tool.id for each in before.present.values()]
    assert len(set(tools)) < len(tools), "one tool stands under several slugs"


def test_listings_that_go_and_come_back() -> None:
    world, without = World(7, 8, absences=True), World(7, 8)
    slug = next(slug for slug, each in world.listings.items() if each.tool.number == 1)
    start, end = world.listings[slug].away.starts[0], world.listings[slug].away.ends[0]
    assert MARCH + 12 * DAY <= start < end <= start + 9 * DAY
    assert [world.at(at).listing(slug) is not None for at in (start - 1, start, end - 1, end)] == [
        True,
        False,
        False,
        True,
    ]
    fates = [gone and gone.status for gone in (world.at(at).gone(slug) for at in (start - 1, start, end))]
    assert fates == [None, 404, None]
    assert world.at(end).changed(slug) == world.edge(end) == end
    assert world.edge(start) == start
    assert slug not in world.lasting
    assert slug in without.lasting
    assert without.at(start).listing(slug) is not None
    assert world.at(end).card(slug) == without.at(end).card(slug)


def test_what_comes_or_goes_otherwise_has_no_absences() -> None:
    world = World(7, 60, absences=True)
    assert any(each.away.starts for each in world.listings.values())
    assert not any(each.away.starts for each in world.listings.values() if not each.lasts or each.tool.number % 2 == 0)
    for each in world.listings.values():
        assert all(end < start for end, start in zip(each.away.ends, each.away.starts[1:], strict=False))


def test_a_moved_listing_says_what_it_said() -> None:
    world = World(7, 12)
    old = next(each for each in world.listings.values() if each.gone.status == 301 and each.until < LATER)
    assert old.gone.to
    new = world.listings[old.gone.to]
    assert (old.until, old.tool) == (new.since, new.tool)
    assert new.card(LATER) == old.card(LATER)
    assert world.at(old.until - 1).listing(new.slug) is None


def test_slugs_of_one_tool_differ_in_what_they_say() -> None:
    snapshot = World(7, 60).at(MARCH)
    by_tool: dict[str, list[str]] = {}
    for slug, listing in snapshot.present.items():
        by_tool.setdefault(listing.tool.id, []).append(slug)
    several = [[snapshot.card(slug) for slug in slugs] for slugs in by_tool.values() if len(slugs) > 1]
    assert len(several) > 5
    assert all(len({card.tagline for card in cards}) > 1 for cards in several)
    assert any(len({card.panel_ship_pct for card in cards}) > 1 for cards in several)


def test_numbers_add_up_and_votes_rise() -> None:
    world = World(7, 20)
    for listing in world.at(MARCH).present.values():
        for moment in (MARCH, LATER):
            card = listing.card(moment)
            ships = sum(review.verdict == "ship" for review in card.reviews)
            assert (card.panel_ships, card.panel_skips) == (ships, len(card.reviews) - ships)
            assert card.panel_ship_pct == round(100 * ships / len(card.reviews))
            assert card.community_ships <= card.community_votes
            assert (card.community_ship_pct is None) == (card.community_votes == 0)
            assert all((review.verdict == "ship") == (review.score >= SHIPS_FROM) for review in card.reviews)
            assert all(0 <= review.score <= 100 for review in card.reviews)
        assert listing.card(LATER).community_votes >= listing.card(MARCH).community_votes


def test_everything_changes_and_at_very_different_rates() -> None:
    world = World(7, 60)
    found = changes(world, MARCH, MARCH + 90 * DAY)
    assert {change["field"] for change in found} >= {
        "tagline", "description", "pricing", "best_for", "entry", "score", "verdict", "quote", "present",
        "community_votes", "panel_verdict", "panel_ship_pct", "reviewed_on",
    }  # fmt: skip
    counts: dict[str, int] = {}
    for change in found:
        if change["field"] == "score":
            counts[change["slug"]] = counts.get(change["slug"], 0) + 1
    assert max(counts.values()) > 8 * statistics.median(counts.values())


def test_panels_differ_in_size_and_persona() -> None:
    snapshot = World(7, 60).at(MARCH)
    panels = [tuple(review.persona for review in snapshot.card(slug).reviews) for slug in snapshot.present]
    assert {len(panel) for panel in panels} >= {1, 2, 3, 4}
    assert {persona for panel in panels for persona in panel} == set(words.PERSONAS)
    assert len({panel[0] for panel in panels}) > 3


def test_texts_are_no_labels_and_names_differ() -> None:
    snapshot = World(7, 300).at(MARCH)
    names = {each.tool.id: each.tool.name for each in snapshot.present.values()}
    assert len(set(names.values())) == len(names)
    for slug in snapshot.present:
        said = card_as_json(snapshot.card(slug))
        assert all(value == " ".join(value.split()) for key, value in said.items() if key in ("name", "tagline"))
        assert "-vs-" not in slug


def test_a_state_begins_when_it_changes_and_not_before() -> None:
    for listing in World(7, 20).at(MARCH).present.values():
        began = listing.changed(LATER)
        assert listing.card(began) == listing.card(LATER)
        if began > listing.since:
            assert listing.card(began - 1) != listing.card(began)


def test_a_series_changes_at_whole_seconds_and_in_order() -> None:
    series = Series[int]("key", OPENING, 24, lambda _: 0, lambda thrown, old: old + thrown.randint(0, 1))
    series.grow(OPENING + 10 * DAY)
    assert all(one < other for one, other in pairwise(series.moments))
    assert all(one != other for one, other in pairwise(series.values))
    assert series.at(OPENING - 1) == series.at(OPENING) == 0
    still = Series[int]("key", OPENING, 0, lambda _: 5, lambda _, old: old + 1)
    assert still.at(NEVER - 1) == 5


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment_of("2026-03-01T00:00:00") == moment_of("2026-03-01T01:00:00+01:00") == MARCH
