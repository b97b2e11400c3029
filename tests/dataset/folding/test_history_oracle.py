"""The history rules against brute force, on small cases: every history that fits the windows, and the shortest of them.

For whether a listing is there, see `test_presence_oracle`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import combinations, groupby
from random import Random

import pytest

from dataset.folding.history import Change, History, Moment, history_of
from tests.dataset.oracle import FAR, LAG, LENGTH, Placed, Seen, seen_at, shortest, spread, stands, true_history

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
CASES = 4000 if LONG else 250
START = datetime(2026, 3, 1, tzinfo=UTC)

Observation = tuple[Moment, str]


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


def case_of(seed: int, *, declared: float, apart: bool = False) -> tuple[list[tuple[int, str]], list[Seen]]:
    """A true history and what was seen of it; so many of the answers declare their age.

    `apart` lets no two changes lie within the lag, and asks every two hours.
    """
    dice = Random(seed)
    truth = true_history(dice, dice.choice((0, 1, 1, 2, 2, 3)))
    asked = sorted(dice.sample(range(LENGTH + LAG), dice.randint(3, 6)))
    if apart:
        truth, end = spread(truth)
        asked = list(range(0, end, 2))
    return truth, [seen_at(dice, truth, at, declared=dice.random() < declared) for at in asked]


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
