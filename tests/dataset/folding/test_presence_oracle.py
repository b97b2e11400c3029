"""Whether a listing is there, against brute force: the shortest history of there and not there that fits the windows.

A listing has a tool page (t) and two comparisons (l and r); each answer shows it, or says that the page is gone, as was
so when the answer was made.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import combinations, pairwise
from random import Random

import pytest

from dataset.folding.history import Change, Moment
from dataset.folding.presence import Answer, Presence, presence_of
from dataset.readings.states import CardReading, Sighting
from dataset.readings.times import MAX_LAG
from tests.dataset.oracle import LAG, LENGTH, Seen, seen_at, shortest, spread, stands, true_history

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
CASES = 4000 if LONG else 250
START = datetime(2026, 3, 1, tzinfo=UTC)
UNIT = MAX_LAG / LAG
THERE, GONE = "P", "A"

Truth = list[tuple[int, str]]


def time(number: int) -> str:
    return (START + UNIT * number).strftime("%Y-%m-%dT%H:%M:%SZ")


def number_of(text: str) -> int:
    return int((datetime.fromisoformat(text) - START) / UNIT)


def case_of(seed: int, *, declared: float, pages: str = "ttlr") -> tuple[Truth, list[Seen]]:
    """A true history and what was seen of it; so many of the answers declare their age. The listing is shown once."""
    dice = Random(f"{seed}/presence")
    while True:
        truth = true_history(dice, dice.choice((1, 2, 2, 3)), THERE + GONE)
        first = dice.randrange(LENGTH - LAG)
        asked = sorted(dice.sample(range(first, dice.choice((first + 2 * LAG, LENGTH + LAG))), dice.randint(4, 7)))
        seen = [seen_at(dice, truth, at, declared=dice.random() < declared, pages=pages) for at in asked]
        if any(each.value == THERE for each in seen):
            return truth, seen


def case_apart(seed: int, *, declared: float) -> tuple[Truth, list[Seen]]:
    """No two changes lie within the lag, and each page is asked for every two units of time. It is there at first."""
    dice = Random(f"{seed}/apart")
    values = [THERE, GONE] * 3
    truth, end = spread([(n or -LAG, value) for n, value in enumerate(values[: dice.randint(2, 5)])])
    asked = [(at, page) for at in range(0, end, 2) for page in "tlr"]
    return truth, [seen_at(dice, truth, at, declared=dice.random() < declared, pages=page) for at, page in asked]


def presence(case: list[Seen]) -> Presence:
    sightings, answers = [], []
    for n, each in enumerate(case):
        at, kind = time(each.observed_at), "tool" if each.page == "t" else "compare"
        moment = Moment(at, at, f"{n:03}", "", time(each.made_from), each.page)
        if each.value == THERE:
            sightings.append(Sighting(moment, kind, True, None, None, None, CardReading({}, ())))
        else:
            answers.append(Answer(moment, kind, is_gone=True))
    return presence_of(sorted(sightings, key=lambda each: each.moment), answers)


def told(found: Presence) -> str:
    return "".join(THERE if state.value else GONE for state in found.history.states)


def passing(change: Change[bool]) -> tuple[str, str]:
    return (THERE, GONE) if change.old.value else (GONE, THERE)


def test_on_one_page_with_declared_ages_all_that_was_shown_is_told() -> None:
    """The shortest history has one state before the listing was first shown, where the page was gone then."""
    for seed in range(CASES):
        _, case = case_of(seed, declared=1, pages="t")
        [values] = {each.values for each in shortest(case)}
        assert told(presence(case)) == values.lstrip(GONE), (seed, case)


@pytest.mark.parametrize("declared", [0.0, 0.5, 1.0])
def test_what_is_confirmed_is_so_in_every_shortest_history(declared: float) -> None:
    confirmed = 0
    for seed in range(CASES):
        _, case = case_of(seed, declared=declared)
        fitting = shortest(case)
        for change in presence(case).history.changes():
            if change.confirmed:
                confirmed += 1
                for each in fitting:
                    pairs = [(one[0], other[0]) for one, other in combinations(stands(each), 2)]
                    assert passing(change) in pairs, (seed, case, change)
    assert confirmed > CASES / 8


@pytest.mark.parametrize("declared", [0.0, 0.5, 1.0])
def test_it_begins_there_and_goes_there_and_back_in_turn(declared: float) -> None:
    for seed in range(CASES):
        _, case = case_of(seed, declared=declared)
        values = told(presence(case))
        assert values[0] == THERE, (seed, case)
        assert all(one != other for one, other in pairwise(values)), (seed, case)
        assert len(values) <= len(shortest(case)[0].values) + (declared < 1), (seed, case, values)


@pytest.mark.parametrize("declared", [0.0, 0.5, 1.0])
def test_where_changes_lie_further_apart_than_the_lag_all_is_told_as_it_was(declared: float) -> None:
    for seed in range(CASES // 2):
        truth, case = case_apart(seed, declared=declared)
        found = presence(case)
        assert told(found) == "".join(value for _, value in truth), (seed, truth, case)
        assert found.disputed is None
        begins = [since for since, _ in truth[1:]]
        for change, at in zip(found.history.changes(), begins, strict=True):
            assert number_of(change.seen_before) < at <= number_of(change.seen_after), (seed, truth, case, change)


@pytest.mark.parametrize("declared", [False, True])
def test_a_listing_that_appears_is_not_withdrawn_by_older_answers(declared: bool) -> None:
    """A comparison shows it; the cache of its tool page goes on for a while to say that there is none."""
    for seed in range(CASES):
        dice = Random(f"{seed}/new")
        case = [Seen(LAG, LAG, "l", THERE, LAG)]
        made = 0
        for at in range(LAG + 1, 4 * LAG, 2):
            made = dice.randint(max(made, at - LAG), at)
            window = (made, made) if declared else (at - LAG, at)
            case.append(Seen(*window, "t", THERE if made >= LAG else GONE, made))
        assert told(presence(case)) == THERE, (seed, case)


@pytest.mark.parametrize("declared", [0.0, 0.5])
def test_old_copies_confirm_no_withdrawal_of_what_appears(declared: float) -> None:
    """Behind several caches, old answers may come after new ones. What they make of it stays in doubt."""
    told_at_all = 0
    for seed in range(CASES):
        dice = Random(f"{seed}/copies")
        truth = [(-LAG, GONE), (LAG, THERE)]
        case = [seen_at(dice, truth, at, declared=dice.random() < declared, pages="tlr") for at in range(LAG, 2 * LAG)]
        case.append(Seen(2 * LAG, 2 * LAG, "t", THERE, 2 * LAG))
        changes = [each for each in presence(case).history.changes() if not each.new.value]
        told_at_all += len(changes)
        assert not any(each.confirmed for each in changes), (seed, case)
    assert told_at_all
