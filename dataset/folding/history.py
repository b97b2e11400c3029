"""How one value changed over time, from what captures show of it. Pure: the same observations, the same history.

An observation is one capture that shows the value; when it was made is known only to lie in a window, because caches
hand out old answers. A state is a run of equal observations, a change the passing from one state to the next. The
rules, in the order in which they are applied here:

- **Order.** Observations count in order of (observed_at, captured_at, capture_id); of those at one observed_at, the
  ones that equal the newest state come first, so that two pages of one moment never look like a change there and back.
- **Stale is not news.** One that equals the newest state confirms it. One that equals an earlier state, and may have
  been made before that state's successor was first seen, is stale: it may be older than the change, so it extends
  nothing and changes nothing. Any other begins a new state.
- **Bracket.** The change happened after the old state was last known to be true (the latest made_from among its
  observations), and before the new state was first seen.
- **Confirmed.** Another page shows the new state too, or a later answer of the same page does, and one of them was
  made after the old state was first seen. Else the order of the two states is not known for sure.

These were chosen by simulation over random histories behind lagging caches; the tests hold them against every history
that fits the windows, on small cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")


class Moment(NamedTuple):
    """When and where an observation was made. Sorts in the order in which observations count.

    All times are UTC texts of one form, so that the order of texts is that of time. `page` is the page that showed it.
    """

    observed_at: str
    captured_at: str
    capture_id: str
    side: str
    made_from: str
    page: str


@dataclass(slots=True)
class State(Generic[V]):
    """A run of equal observations: its value, and the moments that showed it, in order."""

    value: V
    moments: list[Moment] = field(default_factory=list)

    @property
    def known_true_at(self) -> str:
        """The latest made_from among its moments: then, at the latest, it was certainly so."""
        return max(each.made_from for each in self.moments)

    def add(self, moment: Moment) -> None:
        """Another observation of it."""
        self.moments.append(moment)

    @property
    def first(self) -> Moment:
        """The moment that showed it first."""
        return self.moments[0]

    @property
    def last(self) -> Moment:
        """The moment that showed it last."""
        return self.moments[-1]


@dataclass(frozen=True, slots=True)
class Change(Generic[V]):
    """The passing from the state `old` to the state `new`."""

    old: State[V]
    new: State[V]
    seen_before: str
    seen_after: str
    confirmed: bool


@dataclass
class History(Generic[V]):
    """The states of one value in order, and how many observations were stale."""

    states: list[State[V]] = field(default_factory=list)
    stale: list[Moment] = field(default_factory=list)

    @property
    def current(self) -> State[V]:
        """The newest state."""
        return self.states[-1]

    def changes(self) -> list[Change[V]]:
        """Each passing from one state to the next, in order."""
        pairs = zip(self.states, self.states[1:], strict=False)
        return [
            Change(old, new, old.known_true_at, new.first.observed_at, is_confirmed(old, new)) for old, new in pairs
        ]

    def at(self, time: str) -> State[V] | None:
        """The state that the history knows for `time`: the last that was first seen by then; None before the first."""
        known = [state for state in self.states if state.first.observed_at <= time]
        return known[-1] if known else None


def is_confirmed(old: State[V], new: State[V]) -> bool:
    """Whether more than one answer shows `new`, and at least one was made after `old` was first seen."""
    first = new.first
    told_again = any(each.page != first.page or each.made_from > first.observed_at for each in new.moments[1:])
    return told_again and new.known_true_at > old.first.observed_at


def history_of(observations: Iterable[tuple[Moment, V]]) -> History[V]:
    """The history that `observations`, in any order, tell."""
    return history_of_runs([([moment], value) for moment, value in sorted(observations, key=itemgetter(0))])


def history_of_runs(runs: Sequence[tuple[Sequence[Moment], V]]) -> History[V]:
    """The history that `runs` tell: each some moments that show one value, all in order.

    Most captures show what the one before did, so there are far fewer runs than moments.
    """
    history: History[V] = History()
    place, end = 0, len(runs)
    while place < end:
        moments, value = runs[place]
        place += 1
        if place < end and runs[place][0][0].observed_at == moments[-1].observed_at:
            place = _take_together(history, runs, place - 1)
            continue
        states = history.states
        if not (states and states[-1].value == value):
            _take(history, moments[0], value)
            moments = moments[1:]
        if states[-1].value == value:
            states[-1].moments += moments
        else:
            for moment in moments:
                _take(history, moment, value)
    return history


def _take_together(history: History[V], runs: Sequence[tuple[Sequence[Moment], V]], first: int) -> int:
    """Take the run at `first`, and those that follow it without time in between. Gives the place after them.

    Of moments at one time those that equal the newest state come first, whatever it is by then.
    """
    last = first + 1
    while last < len(runs) and runs[last][0][0].observed_at == runs[last - 1][0][-1].observed_at:
        last += 1
    together = [(moment, value) for moments, value in runs[first:last] for moment in moments]
    for _, group in groupby(together, key=lambda each: each[0].observed_at):
        pending = list(group)
        while pending:
            newest = history.states[-1] if history.states else None
            at = next((n for n, (_, value) in enumerate(pending) if newest and value == newest.value), 0)
            _take(history, *pending.pop(at))
    return last


def _take(history: History[V], moment: Moment, value: V) -> None:
    states = history.states
    if states and states[-1].value == value:
        states[-1].moments.append(moment)
        return
    for earlier, successor in zip(reversed(states[:-1]), reversed(states), strict=False):
        if earlier.value == value:
            if moment.made_from < successor.first.observed_at:
                history.stale.append(moment)
                return
            break
    states.append(State(value, [moment]))


def without(history: History[V], is_doubted: Callable[[State[V], State[V]], bool]) -> tuple[History[V], list[State[V]]]:
    """`history` without the states that `is_doubted` (told the state before, and the state itself), and those states.

    Where the states on both sides of one that goes are equal, they become one.
    """
    kept: list[State[V]] = []
    doubted: list[State[V]] = []
    for state in history.states:
        if kept and is_doubted(kept[-1], state):
            doubted.append(state)
        elif kept and kept[-1].value == state.value:
            kept[-1] = State(state.value, [*kept[-1].moments, *state.moments])
        else:
            kept.append(state)
    return History(kept, history.stale), doubted


def boundaries(histories: Sequence[History[V]]) -> list[str]:
    """The times at which any of `histories` passes into a new state, its beginning included, in order."""
    return sorted({state.first.observed_at for history in histories for state in history.states})
