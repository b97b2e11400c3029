"""What was so on a sample site: each value's stretches of time, from the site's own list of changes."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.items import CARD_FIELDS
from dataset.ids import fold_space
from tests.serving import Json, SampleSite

REVIEW_FIELDS = ("score", "verdict", "quote")
PRESENCE = "presence"
PRESENT, ABSENT = "present", "absent"


class Key(NamedTuple):
    """One value of the site: a field of a listing, or of a persona's review of it."""

    listing: str
    persona: str | None
    field: str


class Stretch(NamedTuple):
    """From when (and before when) a value was so."""

    start: str
    end: str
    value: str | None


FOREVER = "9999"


@dataclass
class Truth:
    """What was so: each value's stretches in order, and where a slug moved to."""

    stretches: dict[Key, list[Stretch]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, str] = field(default_factory=dict)

    def begin(self, key: Key, at: str, value: object) -> None:
        """The value is `value` from `at` on; None of a review ends it."""
        self.end(key, at)
        self.stretches[key].append(Stretch(at, FOREVER, as_text(value)))

    def end(self, key: Key, at: str) -> None:
        """The value is not shown from `at` on."""
        known = self.stretches[key]
        if known and known[-1].end == FOREVER:
            known[-1] = known[-1]._replace(end=at)


def as_text(value: object) -> str | None:
    """A value as changes tell it, with its white space folded."""
    return None if value is None else fold_space(str(value))


def _card_begins(truth: Truth, slug: str, at: str, card: Json) -> None:
    for name in CARD_FIELDS:
        if name in card:
            truth.begin(Key(slug, None, name), at, card[name])
    truth.begin(Key(slug, None, PRESENCE), at, PRESENT)
    for review in card["reviews"]:
        _review_begins(truth, slug, at, review)


def _review_begins(truth: Truth, slug: str, at: str, review: Json) -> None:
    for name in REVIEW_FIELDS:
        truth.begin(Key(slug, review["persona"], name), at, review[name])
    truth.begin(Key(slug, review["persona"], PRESENCE), at, PRESENT)


def _end_of_other_reviews(truth: Truth, slug: str, at: str, there: set[str]) -> None:
    """A listing that comes back may have lost reviews meanwhile."""
    for key in [key for key in truth.stretches if key.listing == slug and key.field == PRESENCE]:
        if key.persona is not None and key.persona not in there:
            truth.begin(key, at, ABSENT)


def truth_of(site: SampleSite, since: str, until: str) -> Truth:
    """The truth from `since` to `until`."""
    truth = Truth()
    start = site.truth(since)
    for slug, card in start["listings"].items():
        _card_begins(truth, slug, since, card)
    for change in site.changes(since=since, until=until):
        _apply(truth, site, change)
    gone = site.truth(until)["gone"]
    truth.moved = {slug: each["to"] for slug, each in gone.items() if each["to"]}
    for key, stretches in truth.stretches.items():
        there = truth.stretches[Key(key.listing, None, PRESENCE)][0].start
        if key.field == PRESENCE and stretches[0].start > there:
            stretches.insert(0, Stretch(there, stretches[0].start, ABSENT))
    return truth


def _apply(truth: Truth, site: SampleSite, change: Json) -> None:
    slug, persona, name, at = change["slug"], change["persona"], change["field"], change["at"]
    if name != "present":
        known = CARD_FIELDS if persona is None else REVIEW_FIELDS
        if name in known:
            truth.begin(Key(slug, persona, name), at, change["new"])
    elif change["new"]:
        card = site.truth(at)["listings"][slug]
        if persona is None:
            _card_begins(truth, slug, at, card)
            _end_of_other_reviews(truth, slug, at, {each["persona"] for each in card["reviews"]})
        else:
            _review_begins(truth, slug, at, next(each for each in card["reviews"] if each["persona"] == persona))
    else:
        gone = [key for key in truth.stretches if key.listing == slug and persona in (None, key.persona)]
        for key in gone:
            truth.end(key, at)
        truth.begin(Key(slug, persona, PRESENCE), at, ABSENT)


def state_at(stretches: Sequence[Stretch], moment: str) -> int | None:
    """The number of the stretch that `moment` lies in."""
    place = bisect_right(stretches, moment, key=lambda each: each.start) - 1
    return place if place >= 0 and moment < stretches[place].end else None
