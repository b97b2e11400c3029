"""Runs of equal sightings are followed at once: what comes out is what comes out one by one."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from dataset.folding.history import History, Moment, State, history_of, history_of_runs

OBSERVATIONS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 4), st.sampled_from("pq"), st.sampled_from("ABC")), max_size=14
)


def moments(drawn: list[tuple[int, int, str, str]]) -> list[tuple[Moment, str]]:
    """Observations in order, each by a capture of its own; `age` in days may be anything up to four."""
    found = [
        (Moment(f"{at:02}", f"{at:02}", f"{number:02}", "left", f"{max(0, at - age):02}", page), value)
        for number, (at, age, page, value) in enumerate(drawn)
    ]
    return sorted(found)


def one_by_one(observations: list[tuple[Moment, str]]) -> History[str]:
    """Rule 4 of history, word for word: no runs, nothing taken at once."""
    history: History[str] = History()
    waiting = list(observations)
    while waiting:
        same_time = [each for each in waiting if each[0].observed_at == waiting[0][0].observed_at]
        confirming = [each for each in same_time if history.states and each[1] == history.current.value]
        moment, value = (confirming or same_time)[0]
        waiting.remove((moment, value))
        if confirming:
            history.current.moments.append(moment)
            continue
        places = [n for n, state in enumerate(history.states[:-1]) if state.value == value]
        if places and moment.made_from < history.states[places[-1] + 1].first.observed_at:
            history.stale.append(moment)
        else:
            history.states.append(State(value, [moment]))
    return history


@given(OBSERVATIONS)
def test_runs_are_followed_as_single_moments_are(drawn: list[tuple[int, int, str, str]]) -> None:
    observations = moments(drawn)
    runs = [
        ([moment for moment, _ in group], value)
        for value, group in ((value, list(group)) for value, group in groupby(observations, key=lambda each: each[1]))
    ]
    expected = one_by_one(observations)
    assert history_of_runs(runs).states == expected.states
    assert history_of_runs(runs).stale == expected.stale


@given(OBSERVATIONS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(drawn: list[tuple[int, int, str, str]], chance: object) -> None:
    observations = moments(drawn)
    shuffled = list(observations)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert history_of(shuffled).states == one_by_one(observations).states
