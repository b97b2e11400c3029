"""Truth and changes are one story: the changes between two moments make the one truth into the other."""

from __future__ import annotations

from typing import Any

import pytest

from samplesite.series import DAY, OPENING, iso, moment_of
from samplesite.truth import changes, truth
from samplesite.world import MARCH, World
from tests.serving import SampleSite

Json = dict[str, Any]


def apply(listings: Json, change: Json, now: Json) -> None:
    """Make a change in `listings`; what appears is taken from the truth of `now`."""
    slug, field = change["slug"], change["field"]
    if change["kind"] == "listing":
        if field == "present":
            assert (slug in listings) == change["old"]
            listings.pop(slug, None)
            if change["new"]:
                listings[slug] = now[slug]
        else:
            assert listings[slug][field] == change["old"]
            listings[slug][field] = change["new"]
        return
    reviews = {review["persona"]: review for review in listings[slug]["reviews"]}
    if field == "present":
        assert (change["persona"] in reviews) == change["old"]
        listings[slug]["reviews"] = now[slug]["reviews"]
    else:
        assert reviews[change["persona"]][field] == change["old"]
        reviews[change["persona"]][field] = change["new"]


@pytest.mark.parametrize(("absences", "days"), [(False, 12), (True, 30)])
def test_changes_lead_from_one_truth_to_the_next(absences: bool, days: int) -> None:
    world = World(5, 16 if not absences else 4, absences=absences)
    since, until = MARCH, MARCH + days * DAY
    listings = truth(world.at(since))["listings"]
    found = changes(world, since, until)
    moments = sorted({change["at"] for change in found})
    assert len(moments) > 50
    for at in moments:
        for change in (each for each in found if each["at"] == at):
            apply(listings, change, truth(world.at(moment_of(at)))["listings"])
    expected = truth(world.at(until))["listings"]
    for each in (*listings.values(), *expected.values()):
        each.pop("changed_at")
    assert listings == expected


@pytest.mark.parametrize("absences", [False, True])
def test_the_moment_of_a_change_is_exact(absences: bool) -> None:
    world = World(5, 12, absences=absences)
    since = MARCH + 10 * DAY * absences
    for change in changes(world, since, since + 5 * DAY):
        moment = moment_of(change["at"])
        before, after = (world.at(each).listing(change["slug"]) for each in (moment - 1, moment))
        if change["field"] == "present" and change["kind"] == "listing":
            assert (before is None) != (after is None)
        else:
            assert before is not None and after is not None
            assert before.card(moment - 1) != after.card(moment)


def test_a_window_of_changes_is_the_sum_of_its_parts() -> None:
    world = World(5, 12)
    middle = MARCH + 2 * DAY + 12345
    parts = changes(world, MARCH, middle) + changes(world, middle, MARCH + 5 * DAY)
    assert parts == changes(world, MARCH, MARCH + 5 * DAY)
    assert changes(world, middle, middle) == []


def test_a_change_is_in_the_window_that_ends_with_its_moment() -> None:
    world = World(7, 12)
    found = changes(world, MARCH, MARCH + 10 * DAY)
    assert any(change["kind"] == "listing" and change["field"] == "present" for change in found)
    for at in {change["at"] for change in found}:
        moment = moment_of(at)
        assert changes(world, moment - 1, moment) == [change for change in found if change["at"] == at]


def test_a_world_that_was_followed_step_by_step_saw_the_same_changes() -> None:
    followed, asked_once = World(7, 12), World(7, 12)
    for hours in range(0, 10 * 24, 7):
        truth(followed.at(MARCH + hours * 3600))
    assert changes(followed, OPENING, MARCH + 10 * DAY) == changes(asked_once, OPENING, MARCH + 10 * DAY)


def test_truth_over_http_is_the_truth(site: SampleSite) -> None:
    world = World(7, 12)
    assert site.truth() == truth(world.at(MARCH))
    assert site.truth(at=iso(MARCH + DAY)) == truth(world.at(MARCH + DAY))
    site.advance(3 * DAY)
    assert site.truth()["now"] == iso(MARCH + 3 * DAY)
    assert site.changes(since=iso(MARCH)) == changes(world, MARCH, MARCH + 3 * DAY)
    assert site.changes() == changes(world, OPENING, MARCH + 3 * DAY)


@pytest.mark.parametrize("days", [0, 10])
def test_what_is_gone_is_told(days: int) -> None:
    snapshot = World(7, 12).at(MARCH + days * DAY)
    said = truth(snapshot)
    assert not set(said["gone"]) & set(said["listings"])
    assert all(each["to"] in said["listings"] for each in said["gone"].values() if each["status"] == 301)
    count = len(said["listings"])
    assert len(said["comparisons"]) == count * (count - 1) // 2
    assert bool(said["gone"]) == (days > 0)
