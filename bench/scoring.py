"""The changes that a dataset tells, held against those that were: hits, misses, false alarms, by kind of change.

A change was *visible* where answers showed the state before it and the state after it: states that no answer showed
are left out of the truth, and counted apart as *unseen*. A change of the dataset is a *hit* where it tells the same old
and new value of the same field, and its bracket holds the true moment (where several changes between two visible states
were unseen, all of their moments). Each true change can be hit once. A change that is no hit may still be *sound*: the
value did pass from old to new within the bracket, but over a state that the dataset places elsewhere.

Where not every answer declares its age, a state that was undone within max_lag can't be told from an old copy that
comes late. Visible changes into and out of such a state are counted apart as *brief* where they are missed. A change is
*alone* where the value did not change a second time within max_lag.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import NamedTuple

from bench.simulation import Answer, Simulated
from bench.stretches import ABSENT, PRESENCE, Key, Stretch, as_text, state_at
from dataset.folding.changes import kind_of_change
from dataset.folding.history import History, Moment, history_of
from dataset.place import dataset_path
from dataset.readings.times import MAX_LAG, utc_moment, utc_text

KINDS = (
    *("verdict_flip", "score", "panel", "votes", "pricing", "category", "text"),
    *("review_added", "review_withdrawn", "listing_withdrawn", "listing_returned"),
)


class TrueChange(NamedTuple):
    """A change that was visible: the old value ended at `left`, the new one began at `at`."""

    key: Key
    old: str | None
    new: str | None
    left: str
    at: str
    is_brief: bool
    is_alone: bool

    @property
    def kind(self) -> str:
        """The kind of change that it is."""
        return _kind(self.key, self.new)


class Told(NamedTuple):
    """A change that the dataset tells."""

    key: Key
    kind: str
    old: str | None
    new: str | None
    seen_before: str
    seen_after: str
    confirmed: bool

    def hits(self, true: TrueChange) -> bool:
        """Whether it tells of `true`, with a bracket that holds it."""
        values = (self.old, self.new) == (true.old, true.new)
        return values and self.seen_before < true.left and true.at <= self.seen_after

    def is_sound(self, stretches: Sequence[Stretch]) -> bool:
        """Whether the value passed from old to new within the bracket, at once or over others."""
        olds = [each.end for each in stretches if each.value == self.old and each.end > self.seen_before]
        news = [each.start for each in stretches if each.value == self.new and each.start <= self.seen_after]
        return any(left <= at for left in olds for at in news)


def _kind(key: Key, new: str | None) -> str:
    return kind_of_change(key.field, key.persona, new != ABSENT if key.field == PRESENCE else new)


@dataclass
class Score:
    """Counts of changes: those that were visible, those told, and what became of them."""

    visible: int = 0
    told: int = 0
    hits: int = 0
    sound: int = 0
    confirmed: int = 0
    confirmed_hits: int = 0
    confirmed_sound: int = 0
    brief: int = 0
    unseen: int = 0
    alone: int = 0
    alone_hits: int = 0
    alone_false: int = 0

    def __add__(self, other: Score) -> Score:
        mine, yours = asdict(self), asdict(other)
        return Score(**{name: count + yours[name] for name, count in mine.items()})

    @property
    def expected(self) -> int:
        """How many changes can be expected: the visible ones, without the brief ones that were missed."""
        return self.visible - self.brief


@dataclass
class Verdict:
    """How a dataset did: counts by kind, what was missed and falsely told, and how many sightings were stale."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    missed: list[TrueChange] = field(default_factory=list)
    brief: list[TrueChange] = field(default_factory=list)
    false: list[Told] = field(default_factory=list)
    unseen: list[tuple[Key, Stretch]] = field(default_factory=list)
    sightings: int = 0
    stale: int = 0

    @property
    def total(self) -> Score:
        """All kinds together."""
        return sum(self.scores.values(), Score())

    def __add__(self, other: Verdict) -> Verdict:
        both = Verdict(defaultdict(Score, self.scores))
        for kind, each in other.scores.items():
            both.scores[kind] = both.scores[kind] + each
        for name in ("missed", "brief", "false", "unseen", "sightings", "stale"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both


def told_by(run: Simulated) -> dict[Key, list[Told]]:
    """The changes that the dataset of `run` tells, by what changed, in order."""
    found: dict[Key, list[Told]] = defaultdict(list)
    with closing(sqlite3.connect(dataset_path(run.data))) as con:
        for listing, persona, name, kind, old, new, before, after, confirmed in con.execute(
            "SELECT listing_id, persona, field, kind, old_value, new_value, seen_before, seen_after, confirmed "
            "FROM changes ORDER BY seen_after, seen_before, change_id"
        ):
            key = Key(
                run.canonical(listing.removeprefix(f"{run.source}:")),
                persona and persona.removeprefix(f"{run.source}:"),
                name,
            )
            found[key].append(Told(key, kind, as_text(old), as_text(new), before, after, bool(confirmed)))
    return found


def page_kinds(run: Simulated) -> dict[str, str]:
    """The kind of page on which the dataset follows each field."""
    with closing(sqlite3.connect(dataset_path(run.data))) as con:
        found = con.execute(
            "SELECT DISTINCT e.field, c.kind FROM field_evidence e "
            "JOIN captures c ON c.capture_id = e.first_capture_id ORDER BY e.field, c.kind DESC"
        )
        return {**dict(found), PRESENCE: "compare"}


def joined(run: Simulated) -> dict[Key, list[Stretch]]:
    """The truth of `run`, a listing that moved to another slug being one listing."""
    found: dict[Key, list[Stretch]] = defaultdict(list)
    for key, stretches in run.truth.stretches.items():
        has_moved = key.field == PRESENCE and key.listing in run.truth.moved
        kept = [each for each in stretches if not (has_moved and each.value == ABSENT)]
        found[key._replace(listing=run.canonical(key.listing))] += kept
    return {key: sorted(stretches) for key, stretches in found.items()}


def _shown(run: Simulated) -> dict[tuple[str, str], list[Answer]]:
    """The answers that show something of each listing, by listing and kind of page, in order of time made."""
    found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in sorted(run.answers, key=lambda each: each.made_at):
        if answer.status in (200, 304):
            for slug in answer.slugs:
                found[run.canonical(slug), answer.path.split("/")[1]].append(answer)
    return found


def _gone(run: Simulated) -> dict[str, list[Answer]]:
    """The answers of each listing's tool page, also those that say that it is gone."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in sorted(run.answers, key=lambda each: each.made_at):
        if answer.path.startswith("/tool/") and answer.status != 301:
            found[run.canonical(answer.slugs[0])].append(answer)
    return found


def _collapsed(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The stretches, equal ones in a row being one."""
    found: list[Stretch] = []
    for each in stretches:
        if found and found[-1].value == each.value:
            found[-1] = found[-1]._replace(end=each.end)
        else:
            found.append(each)
    return found


def _is_brief(stretches: list[Stretch], at: int) -> bool:
    """Whether stretch `at` was undone within max_lag."""
    if not 0 < at < len(stretches) - 1 or stretches[at - 1].value != stretches[at + 1].value:
        return False
    return utc_moment(stretches[at].end) - utc_moment(stretches[at].start) < MAX_LAG


def _near(moments: Sequence[str], start: str, end: str) -> int:
    """How many of `moments` lie within max_lag of the time from `start` to `end`."""
    low, high = (utc_text(utc_moment(at) + lag) for at, lag in ((start, -MAX_LAG), (end, MAX_LAG)))
    return sum(low <= moment <= high for moment in moments)


def true_changes(
    key: Key, stretches: list[Stretch], moments: Sequence[str], *, may_be_brief: bool
) -> Iterator[TrueChange]:
    """The changes between `stretches`, all of which were shown. `moments` are those of all changes of the value."""
    for at, (old, new) in enumerate(pairwise(stretches)):
        is_brief = may_be_brief and (_is_brief(stretches, at) or _is_brief(stretches, at + 1))
        is_alone = _near(moments, old.end, new.start) == 1
        yield TrueChange(key, old.value, new.value, old.end, new.start, is_brief, is_alone)


def _seen(stretches: list[Stretch], moments: list[str]) -> tuple[list[Stretch], list[Stretch]]:
    """The stretches that one of the sorted `moments` lies in, equal neighbours joined; and the others."""
    seen: list[Stretch] = []
    unseen: list[Stretch] = []
    for each in stretches:
        place = bisect_left(moments, each.start)
        (seen if place < len(moments) and moments[place] < each.end else unseen).append(each)
    return _collapsed(seen), unseen


def score(run: Simulated) -> Verdict:
    """How the dataset of `run` did."""
    verdict = Verdict()
    told, kinds, shown, gone = told_by(run), page_kinds(run), _shown(run), _gone(run)
    truth = joined(run)
    for key in sorted({*truth, *told}, key=repr):
        stretches = _collapsed(truth.get(key, []))
        if (key.persona, key.field) == (None, PRESENCE):
            answers = gone[key.listing]
        else:
            answers = shown[key.listing, kinds.get(key.field, "compare")]
        seen, unseen = _seen(stretches, [each.made_at for each in answers])
        moments = [each.start for each in stretches[1:]]
        known = list(true_changes(key, seen, moments, may_be_brief=not run.setup.declares_age))
        _match(verdict, known, told.get(key, []), stretches)
        first = answers[0].made_at if answers else ""
        for each in unseen:
            if each.start > first:
                verdict.scores[_kind(key, each.value)].unseen += 1
                verdict.unseen.append((key, each))
        history = _history(answers, stretches)
        verdict.sightings += sum(len(state.moments) for state in history.states) + len(history.stale)
        verdict.stale += len(history.stale)
    return verdict


def _match(verdict: Verdict, known: list[TrueChange], told: list[Told], stretches: list[Stretch]) -> None:
    waiting = list(known)
    moments = [each.start for each in stretches[1:]]
    for each in told:
        hit = min(
            (true for true in waiting if each.hits(true)), key=lambda true: (true.is_brief, true.at), default=None
        )
        is_sound = each.is_sound(stretches)
        counts = verdict.scores[each.kind]
        counts.told += 1
        counts.sound += is_sound
        counts.confirmed += each.confirmed
        counts.confirmed_sound += each.confirmed and is_sound
        if hit is None:
            verdict.false.append(each)
            counts.alone_false += _near(moments, each.seen_before, each.seen_after) < 2
        else:
            waiting.remove(hit)
            counts.hits += 1
            counts.confirmed_hits += each.confirmed
            counts.alone_hits += hit.is_alone
    for true in known:
        verdict.scores[true.kind].visible += 1
        verdict.scores[true.kind].alone += true.is_alone
    for true in waiting:
        verdict.scores[true.kind].brief += true.is_brief
        (verdict.brief if true.is_brief else verdict.missed).append(true)


def _history(answers: list[Answer], stretches: list[Stretch]) -> History[str | None]:
    """The history that the rules tell from what `answers` showed of the value."""
    found: list[tuple[Moment, str | None]] = []
    for number, each in enumerate(answers):
        place = state_at(stretches, each.made_at)
        if place is not None:
            observed_at = each.made_at if each.dated else each.asked_at
            made_from = observed_at if each.declares_age else utc_text(utc_moment(observed_at) - MAX_LAG)
            found.append(
                (Moment(observed_at, each.asked_at, str(number), "", made_from, each.path), stretches[place].value)
            )
    return history_of(found)
