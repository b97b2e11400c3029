"""The requests of a run and of a day: none beyond the budget, whatever the clock does."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.budget import Budget

MONDAY, TUESDAY = "2026-11-16", "2026-11-17"


def taken(budget: Budget, *days: str) -> int:
    """How many requests of `days` could be taken."""
    count = 0
    for day in days:
        with suppress(ValueError):
            budget.take(day)
            count += 1
    return count


def test_without_limits_all_may_go() -> None:
    assert taken(Budget(), *[MONDAY] * 1000) == 1000


@pytest.mark.parametrize(("per_run", "count"), [(0, 0), (1, 1), (7, 7), (None, 20)])
def test_the_budget_of_a_run(per_run: int | None, count: int) -> None:
    assert taken(Budget(per_run=per_run), *[MONDAY] * 20) == count


def test_a_new_day_does_not_renew_the_budget_of_a_run() -> None:
    assert taken(Budget(per_run=3), MONDAY, MONDAY, TUESDAY, TUESDAY) == 3


def test_the_budget_of_a_day_counts_what_other_runs_spent() -> None:
    assert taken(Budget(per_day=10, day=MONDAY, spent_on_day=8), *[MONDAY] * 5) == 2


def test_what_other_runs_overspent_leaves_nothing() -> None:
    assert taken(Budget(per_day=10, day=MONDAY, spent_on_day=80), MONDAY) == 0


def test_a_new_day_renews_the_budget_of_a_day() -> None:
    assert taken(Budget(per_day=2, day=MONDAY, spent_on_day=1), MONDAY, MONDAY, TUESDAY, TUESDAY, TUESDAY) == 3


def test_a_clock_set_back_renews_nothing() -> None:
    assert taken(Budget(per_day=2, day=MONDAY, spent_on_day=1), MONDAY, TUESDAY, MONDAY, TUESDAY, TUESDAY) == 3


def test_a_day_that_is_refused_is_not_begun() -> None:
    budget = Budget(per_run=1, per_day=5, day=MONDAY, spent_on_day=2)
    assert taken(budget, MONDAY, TUESDAY) == 1
    assert (budget.day, budget.spent_on_day) == (MONDAY, 3)


def test_asking_takes_nothing() -> None:
    budget = Budget(per_run=1)
    assert [budget.refusal(MONDAY) for _ in range(3)] == [None] * 3


def test_a_refusal_names_the_limit_of_the_run() -> None:
    assert Budget(per_run=0).refusal(MONDAY) == "the budget of 0 requests for this run is used up"


def test_a_refusal_names_the_limit_and_the_day() -> None:
    budget = Budget(per_day=1200, day=MONDAY, spent_on_day=1200)
    assert budget.refusal(MONDAY) == "the budget of 1,200 requests a day is used up for 2026-11-16 (UTC)"


def test_what_is_refused_is_not_counted() -> None:
    budget = Budget(per_run=2)
    taken(budget, *[MONDAY] * 9)
    assert budget.spent == 2


limits = st.none() | st.integers(0, 12)
days = st.sampled_from(["2026-11-16", "2026-11-17", "2026-11-18"])


@given(limits, limits, days, st.integers(0, 15), st.lists(days, max_size=60))
def test_no_budget_is_exceeded(
    per_run: int | None, per_day: int | None, day: str, before: int, wanted: list[str]
) -> None:
    budget, spent = Budget(per_run, per_day, day, before), Counter({day: before})
    for each in wanted:
        may = budget.refusal(each) is None
        assert taken(budget, each) == may
        spent[each] += may
        expected = (per_run is None or budget.spent <= per_run) and (
            per_day is None or not may or spent[each] <= per_day
        )
        assert expected
    assert budget.spent == sum(spent.values()) - before


@given(st.integers(0, 12), st.lists(days, max_size=60))
def test_nothing_is_refused_that_may_go(per_day: int, wanted: list[str]) -> None:
    assert taken(Budget(per_day=per_day), *wanted) == sum(min(per_day, n) for n in Counter(wanted).values())
