"""The history rules against brute force, on small cases: every history that fits the windows, and the shortest of them.

A history fits where each capture's state stands at some moment of its window [made_from, observed_at]; at each moment
there is one state. Cases are made from seeds, from a true history that is seen through lagging caches, so that one
fits always.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, groupby, pairwise, product
from random import Random
from typing import NamedTuple

import pytest

from dataset.history import Change, History, Moment, history_of

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
CASES = 4000 if LONG else 250
VALUES = "ABC"
LAG = 4
LENGTH = 24
FAR = 10**6
START = datetime(2026, 3, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """An observation in small numbers: the hours of its window, its page, the value, when it was really made."""

    made_from: int
    observed_at: int
    page: str
    value: str
    made: int


Observation = tuple[Moment, str]


class Placed(NamedTuple):
    """A history: its values, and the hours at which each but the first begins."""

    values: str
    begins: tuple[int, ...]


def hour(number: int) -> str:
    return (START + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def number_of(text: str) -> int:
    return int((datetime.fromisoformat(text) - START) / timedelta(hours=1))


def observations(case: list[Seen]) -> list[Observation]:
    return [
        (
            Moment(hour(each.observed_at), hour(each.observed_at), f"{n:02}", "", hour(each.made_from), each.page),
            each.value,
        )
        for n, each in enumerate(case)
    ]


def true_history(dice: Random, changes: int) -> list[tuple[int, str]]:
    """When each true state begins, and its value."""
    moments = sorted(dice.sample(range(1, LENGTH), changes))
    found = [(-LAG, dice.choice(VALUES))]
    for moment in moments:
        found.append((moment, dice.choice([value for value in VALUES if value != found[-1][1]])))
    return found


def seen_at(dice: Random, truth: list[tuple[int, str]], at: int, *, declared: bool) -> Seen:
    """An answer asked for at `at`, perhaps an old one."""
    made = at - dice.choice((0, 0, 1, 2, LAG))
    value = [value for since, value in truth if since <= made][-1]
    window = (made, made) if declared else (at - LAG, at)
    return Seen(*window, dice.choice("pq"), value, made)


def case_of(seed: int, *, declared: float, apart: bool = False) -> tuple[list[tuple[int, str]], list[Seen]]:
    """A true history and what was seen of it; so many of the answers declare their age.

    `apart` lets no two changes lie within the lag, and asks every two hours.
    """
    dice = Random(seed)
    truth = true_history(dice, dice.choice((0, 1, 1, 2, 2, 3)))
    asked = sorted(dice.sample(range(LENGTH + LAG), dice.randint(3, 6)))
    if apart:
        truth = [(since if since < 0 else (2 * LAG + 2) * number, value) for number, (since, value) in enumerate(truth)]
        asked = list(range(0, (2 * LAG + 2) * len(truth), 2))
    return truth, [seen_at(dice, truth, at, declared=dice.random() < declared) for at in asked]


def stands(history: Placed) -> list[tuple[str, int, int]]:
    """Each state with its first hour, and the first hour after it."""
    values, bounds = history
    edges = (-FAR, *bounds, FAR)
    return list(zip(values, edges, edges[1:], strict=False))


def fits(history: Placed, case: list[Seen]) -> bool:
    states = stands(history)
    return all(
        any(value == each.value and start <= each.observed_at and each.made_from < end for value, start, end in states)
        for each in case
    )


def sequences(values: str, length: int) -> Iterator[str]:
    for found in product(values, repeat=length):
        if all(one != other for one, other in pairwise(found)):
            yield "".join(found)


def shortest(case: list[Seen]) -> list[Placed]:
    """All histories of the fewest states that fit `case`; none where two answers of one instant contradict each other.

    States change at an end of a window only: where a history fits, its changes can be moved to such a moment, later or
    earlier, and it still fits.
    """
    shown = "".join(sorted({each.value for each in case}))
    points = sorted({point for each in case for point in (each.made_from + 1, each.observed_at)})
    for length in range(len(shown), len(case) + 1):
        found = [
            Placed(values, bounds)
            for values in sequences(shown, length)
            if set(values) == set(shown)
            for bounds in combinations(points, length - 1)
            if fits(Placed(values, bounds), case)
        ]
        if found:
            return found
    return []


def contradicts_itself(case: list[Seen]) -> bool:
    """Whether two answers surely of one instant show different values."""
    instants = {(each.observed_at, each.value) for each in case if each.made_from == each.observed_at}
    return len(instants) > len({at for at, _ in instants})


def run_lengths(values: str) -> str:
    return "".join(value for value, _ in groupby(values))


def told(history: History[str]) -> str:
    return "".join(state.value for state in history.states)


@pytest.mark.parametrize("part", range(5))
def test_with_declared_ages_the_states_are_the_runs(part: int) -> None:
    for seed in range(part, CASES, 5):
        _, case = case_of(seed, declared=1)
        history = history_of(observations(case))
        in_order = sorted(case, key=lambda each: each.observed_at)
        assert told(history) == run_lengths("".join(each.value for each in in_order)), seed
        assert len(history.states) == len(shortest(case)[0].values), seed
        assert not history.stale, seed


def bracket_of(change: Change[str]) -> tuple[int, int]:
    return number_of(change.seen_before), number_of(change.seen_after)


def passes(history: Placed, change: Change[str], *, anywhere: bool = False) -> bool:
    """Whether `history` passes from the old to the new state of `change`, at once or over others, in its bracket."""
    before, after = (-FAR, FAR) if anywhere else bracket_of(change)
    return any(
        (old, new) == (change.old.value, change.new.value) and before < left and at <= after
        for (old, _, left), (new, at, _) in combinations(stands(history), 2)
    )


@pytest.mark.parametrize("declared", [0.0, 0.5, 1.0])
def test_what_is_confirmed_is_so_in_every_shortest_history(declared: float) -> None:
    """The order always; the bracket nearly always: not where the value went there and back within the lag.

    Then a sighting that the rules give to the old state may be one of the same value after its return, and the
    old state's end lies before it.
    """
    confirmed = outside = 0
    for seed in range(CASES):
        _, case = case_of(seed, declared=declared)
        fitting = shortest(case)
        for change in history_of(observations(case)).changes():
            if change.confirmed:
                confirmed += 1
                assert all(passes(each, change, anywhere=True) for each in fitting), (seed, case, change)
                outside += not all(passes(each, change) for each in fitting)
    assert confirmed > CASES / 5
    assert outside <= confirmed / 1000


@pytest.mark.parametrize("declared", [0.0, 0.5, 1.0])
def test_every_bracket_holds_a_moment_of_the_change_told(declared: float) -> None:
    """Confirmed or not, there is a history that fits the sightings of the two states and changes in the bracket."""
    for seed in range(CASES):
        _, case = case_of(seed, declared=declared)
        for change in history_of(observations(case)).changes():
            before, after = bracket_of(change)
            assert before <= after, (seed, case, change)
            assert all(number_of(each.made_from) <= before for each in change.old.moments)
            assert all(after <= number_of(each.observed_at) for each in change.new.moments)


@pytest.mark.parametrize(("declared", "most"), [(0.0, 0.05), (0.5, 0.03)])
def test_a_shorter_history_seldom_fits(declared: float, most: float) -> None:
    """In these cases changes often lie closer together than the lag."""
    longer = 0
    for seed in range(CASES):
        _, case = case_of(seed, declared=declared)
        longer += len(history_of(observations(case)).states) > len(shortest(case)[0].values)
    assert longer <= most * CASES


@pytest.mark.parametrize("declared", [0.0, 0.5])
def test_where_changes_lie_further_apart_than_the_lag_all_is_told_as_it_was(declared: float) -> None:
    """Every state, in the order in which they were, each change in its bracket, as long as each is asked for."""
    for seed in range(CASES):
        truth, case = case_of(seed, declared=declared, apart=True)
        history = history_of(observations(case))
        assert told(history) == "".join(value for _, value in truth), (seed, truth, case)
        known = Placed(told(history), tuple(since for since, _ in truth[1:]))
        for change in history.changes():
            assert passes(known, change), (seed, truth, case, change)


def test_two_answers_of_one_instant_that_contradict_each_other_are_two_states() -> None:
    case = [Seen(3, 3, "p", "A", 3), Seen(3, 3, "q", "B", 3)]
    assert contradicts_itself(case)
    assert shortest(case) == []
    history = history_of(observations(case))
    assert told(history) == "AB"
