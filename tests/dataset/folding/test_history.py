"""The history of one value: rules 2 to 6 of the dataset's rules of history, on observations written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dataset.folding.history import History, Moment, history_of, without

LAG = 2


def day(number: float) -> str:
    """A moment of March 2026; half days are noons."""
    return f"2026-03-{int(number):02}T{12 if number % 1 else 0:02}:00:00Z"


def seen(
    at: float, value: str, *, made: float | None = None, page: str = "p", name: str | None = None
) -> tuple[Moment, str]:
    """An observation at day `at`; without `made` it says nothing of its age, and may be two days old."""
    made_from = at - LAG if made is None else made
    capture = name or f"{page}{at}{value}"
    return Moment(day(at), day(at), capture, "left", day(made_from), page), value


def fresh(at: float, value: str, *, page: str = "p") -> tuple[Moment, str]:
    """An observation that declares its age: made when it was observed."""
    return seen(at, value, made=at, page=page)


def values(history: History[str]) -> str:
    return "".join(state.value for state in history.states)


SEQUENCES: list[tuple[str, Sequence[tuple[Moment, str]], str]] = [
    ("one value", [fresh(3, "A"), fresh(4, "A")], "A"),
    ("there and back is three states", [fresh(3, "A"), fresh(4, "B"), fresh(5, "A")], "ABA"),
    ("a lagging page is not news", [seen(3, "A"), seen(4, "B", page="q"), seen(5, "A")], "AB"),
    ("too late to be an old copy", [seen(3, "A"), seen(4, "B", page="q"), seen(7, "A")], "ABA"),
    ("just old enough is not older", [seen(3, "A"), seen(4, "B", page="q"), seen(6, "A")], "ABA"),
    ("stale for the nearest of equal states", [fresh(3, "A"), fresh(4, "B"), fresh(5, "A"), seen(6, "B")], "ABAB"[:3]),
    ("equal newest first at one instant", [fresh(3, "A"), fresh(4, "B", page="q"), fresh(4, "A")], "AB"),
    ("a third value is always news", [seen(3, "A"), seen(4, "B", page="q"), seen(5, "C")], "ABC"),
]


@pytest.mark.parametrize(("observations", "expected"), [each[1:] for each in SEQUENCES], ids=[e[0] for e in SEQUENCES])
def test_states(observations: Sequence[tuple[Moment, str]], expected: str) -> None:
    assert values(history_of(observations)) == expected


@pytest.mark.parametrize("observations", [each[1] for each in SEQUENCES], ids=[each[0] for each in SEQUENCES])
def test_any_order_of_arrival(observations: Sequence[tuple[Moment, str]]) -> None:
    assert history_of(list(reversed(observations))) == history_of(observations)


def test_an_instant_never_looks_like_a_change_there_and_back() -> None:
    at_once = [seen(4, value, name=name) for name, value in (("b", "y"), ("c", "x"), ("d", "y"), ("e", "z"))]
    history = history_of([seen(1, "x"), *at_once, seen(4, "y", name="f")])
    assert values(history) == "xyz"
    assert [state.last.capture_id for state in history.states] == ["c", "f", "e"]


def test_stale_observations_extend_nothing_and_are_counted() -> None:
    history = history_of([seen(3, "A"), seen(4, "B", page="q"), seen(5, "A")])
    assert [moment.capture_id for moment in history.stale] == ["p5A"]
    assert history.states[0].last.capture_id == "p3A"


def test_the_bracket() -> None:
    history = history_of([fresh(3, "A"), seen(5, "A"), fresh(7, "B")])
    [change] = history.changes()
    assert (change.seen_before, change.seen_after) == (day(3), day(7))


def test_the_bracket_goes_by_the_latest_made_from_not_by_the_last_sighting() -> None:
    history = history_of([fresh(5, "A"), seen(6, "A"), fresh(7, "B")])
    assert history.changes()[0].seen_before == day(5)


CONFIRMED: list[tuple[str, Sequence[tuple[Moment, str]], bool]] = [
    ("seen once", [fresh(3, "A"), fresh(4, "B")], False),
    ("another page tells it too", [fresh(3, "A"), fresh(4, "B"), fresh(5, "B", page="q")], True),
    ("a later answer of the same page", [fresh(3, "A"), fresh(4, "B"), fresh(5, "B")], True),
    ("perhaps the same copy again", [fresh(3, "A"), fresh(4, "B"), seen(5, "B")], False),
    ("surely another copy", [fresh(3, "A"), fresh(4, "B"), seen(7, "B")], True),
    ("perhaps older than the old state", [seen(6, "A"), seen(7, "B"), seen(7, "B", page="q")], False),
    ("one of them surely is not", [seen(6, "A"), seen(7, "B"), fresh(8, "B", page="q")], True),
]


@pytest.mark.parametrize(("observations", "expected"), [each[1:] for each in CONFIRMED], ids=[e[0] for e in CONFIRMED])
def test_confirmed(observations: Sequence[tuple[Moment, str]], expected: bool) -> None:
    assert history_of(observations).changes()[0].confirmed is expected


def test_the_state_at_a_time() -> None:
    history = history_of([fresh(3, "A"), fresh(5, "B"), fresh(7, "A")])
    found = [history.at(day(number)) for number in (2, 3, 4, 5, 9)]
    assert [state and state.value for state in found] == [None, "A", "A", "B", "A"]


def test_a_doubted_state_goes_and_its_neighbours_join() -> None:
    history = history_of([fresh(3, "A"), fresh(4, "B"), fresh(5, "A"), fresh(6, "C")])
    kept, doubted = without(history, lambda _, state: state.value == "B")
    assert values(kept) == "AC"
    assert [state.value for state in doubted] == ["B"]
    assert [moment.observed_at for moment in kept.states[0].moments] == [day(3), day(5)]
