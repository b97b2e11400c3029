"""Whether the site lists a listing: present, or withdrawn. Pure.

Absence has kinds, and most are none: a page that was not asked for, could not be had or could not be read says nothing,
and a listing that moved to another slug is still there. A listing is seen to be absent

- where its own tool page answers 404 or 410, or
- where a comparison does, another page of it did so before within max_lag, and every page of it that was asked for
  within max_lag gave that by then, at its answer nearest in time. (One comparison that is gone ends the comparison
  alone.)

Tool pages and comparisons each have a history of presence, by the same rules as any field. Where one of them passes
into another state, so does the listing: pages that go on contradicting each other change nothing twice. A sighting that
may be older than a withdrawal doesn't undo it. One that is surely younger does, unless the tool page still says no by
then. A tool page that never was there withdraws nothing that is surely shown elsewhere after it; nor does one that was
not there yet, in an answer that may be older than the listing's first sighting.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from dataset.folding.history import History, Moment, State, history_of
from dataset.readings.states import Sighting
from dataset.readings.times import MAX_LAG, utc_moment


class Answer(NamedTuple):
    """An answer of a page of the listing that doesn't show it: whether that says that it is gone."""

    moment: Moment
    kind: str
    is_gone: bool


class Presence(NamedTuple):
    """Whether the listing was there; and since when tool page and comparisons lastingly contradict each other."""

    history: History[bool]
    disputed: Moment | None = None

    @property
    def withdrawn_at(self) -> str | None:
        """When the listing was first seen to be gone; None while it is there."""
        current = self.history.current
        return None if current.value else current.first.observed_at


class _Asked(NamedTuple):
    """One answer of one page, and whether it says that the page is gone."""

    at: datetime
    moment: Moment
    is_gone: bool


def presence_of(sightings: Sequence[Sighting], answers: Sequence[Answer]) -> Presence:
    """The presence of a listing after all its `sightings` (in order; there must be one) and other `answers`."""
    if not any(answer.is_gone for answer in answers):
        return Presence(History([State(True, [sightings[0].moment])]))
    shown = [(each.moment, each.kind == "tool") for each in sightings]
    asked = [_Asked(utc_moment(moment.observed_at), moment, False) for moment, _ in shown]
    asked += [_Asked(utc_moment(each.moment.observed_at), each.moment, each.is_gone) for each in answers]
    gone = [each.moment for each in answers if each.is_gone and each.kind != "tool"]
    missing = [(each.moment, False) for each in answers if each.is_gone and each.kind == "tool"]
    tool = history_of([*((moment, True) for moment, is_tool in shown if is_tool), *missing])
    groups = ((moment, False) for moment in _groups(asked, gone))
    compare = history_of([*((moment, True) for moment, is_tool in shown if not is_tool), *groups])
    disputed = _disputed(tool, compare)
    if not any(state.value for state in tool.states) and _shows_after(compare, tool):
        tool = History()
    return Presence(_combined(tool, compare, sightings[0].observed_at), disputed)


def _groups(asked: Iterable[_Asked], gone: Iterable[Moment]) -> list[Moment]:
    """Those of `gone` (answers of comparisons) that show the listing to be absent, together with the others.

    Each counts as made no later than any of the other pages' answers on which it rests, and rests on none that is
    later: what that proves is proved by then. (A comparison may be gone for the other listing's sake.)
    """
    pages: dict[str, list[_Asked]] = defaultdict(list)
    for each in sorted(asked):
        pages[each.moment.page].append(each)
    all_gone = sorted(each for page in pages.values() for each in page if each.is_gone)
    contrary = sorted((each.at, page) for page, answers in pages.items() for each in answers if not each.is_gone)
    found: list[Moment] = []
    for moment in sorted(gone):
        at = utc_moment(moment.observed_at)
        place = bisect_right(all_gone, (at, moment, True))
        before = next((each for each in reversed(all_gone[:place]) if each.moment.page != moment.page), None)
        if before is None or at - before.at > MAX_LAG:
            continue
        near = contrary[
            bisect_left(contrary, (at - MAX_LAG, "")) : bisect_right(contrary, (at + MAX_LAG, "\U0010ffff"))
        ]
        nearest = [each for page in {page for _, page in near} - {moment.page} for each in _nearest(pages[page], at)]
        if all(each.is_gone and each.at <= at for each in nearest):
            rests_on = (each.moment.made_from for each in (before, *nearest))
            found.append(moment._replace(made_from=min(moment.made_from, *rests_on)))
    return found


def _nearest(answers: Sequence[_Asked], at: datetime) -> list[_Asked]:
    """The one of `answers` that is nearest to `at`, or several that are equally near."""
    nearest = min(abs(each.at - at) for each in answers)
    return [each for each in answers if abs(each.at - at) == nearest]


def _shows_after(compare: History[bool], tool: History[bool]) -> bool:
    """Whether a comparison that was surely made after the tool page was first asked for shows the listing."""
    return bool(tool.states) and any(
        state.value and state.known_true_at >= tool.states[0].first.observed_at for state in compare.states
    )


def _disputed(tool: History[bool], compare: History[bool]) -> Moment | None:
    """Since when the tool page says no while comparisons go on showing the listing."""
    if not tool.states or not compare.states or tool.current.value or not compare.current.value:
        return None
    since, shown = tool.current.first, compare.current
    lasts = utc_moment(shown.last.observed_at) - utc_moment(since.observed_at) >= MAX_LAG
    return since if lasts and shown.known_true_at >= since.observed_at else None


class _Told(NamedTuple):
    """One observation of presence; `state` is which state it belongs to, where that is a passing to be followed.

    `not_yet` says that the tool page had not been shown, and that the answer may be older than the listing itself.
    """

    moment: Moment
    value: bool
    state: tuple[str, int] | None
    not_yet: bool


def _combined(tool: History[bool], compare: History[bool], first_shown: str) -> History[bool]:
    """The listing's own history: it begins where it is first shown, and follows each passing of either kind of page."""
    told: list[_Told] = []
    for kind, history in (("tool", tool), ("compare", compare)):
        for place, state in enumerate(history.states):
            is_passing = place > 0 or kind == "tool" or not state.value
            passing = (kind, place) if is_passing else None
            at_first = kind == "tool" and place == 0 and not state.value
            told += [
                _Told(each, state.value, passing, at_first and each.made_from < first_shown) for each in state.moments
            ]
    by_tool_page = [(utc_moment(each.observed_at), state.value) for state in tool.states for each in state.moments]
    combined = _Combined(by_tool_page)
    for _, group in groupby(sorted(told, key=lambda each: each.moment), key=lambda each: each.moment.observed_at):
        pending = list(group)
        while pending:
            newest = combined.history.states[-1:]
            at = next((n for n, each in enumerate(pending) if newest and each.value == newest[0].value), 0)
            combined.follow(pending.pop(at))
    return combined.history


class _Combined:
    """The listing's own history in the making."""

    def __init__(self, by_tool_page: Sequence[tuple[datetime, bool]]) -> None:
        self.history: History[bool] = History()
        self.by_tool_page = by_tool_page
        self.followed: set[tuple[str, int] | None] = {None}

    def follow(self, told: _Told) -> None:
        """Take one observation more, in order."""
        states = self.history.states
        if states and states[-1].value == told.value:
            states[-1].add(told.moment)
        elif not told.value and (not states or told.not_yet):
            return  # what was not shown yet can't be gone
        elif len(states) > 1 and told.moment.made_from < states[-1].first.observed_at:
            self.history.stale.append(told.moment)
            return
        elif states and told.state in self.followed and (not told.value or self._denied(told.moment)):
            return
        else:
            state = State(told.value)
            state.add(told.moment)
            states.append(state)
        self.followed.add(told.state)

    def _denied(self, moment: Moment) -> bool:
        """Whether the tool page, asked within max_lag of `moment`, said no at its answer nearest in time."""
        at = utc_moment(moment.observed_at)
        near = [(abs(when - at), value) for when, value in self.by_tool_page if abs(when - at) <= MAX_LAG]
        return bool(near) and not min(near)[1]
