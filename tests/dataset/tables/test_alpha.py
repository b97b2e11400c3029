"""Krippendorff's alpha: what the literature works out by hand, and what must hold whatever the values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.alpha import alpha, interval, nominal, pairable

FOUR_OBSERVERS = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Section C of "Computing Krippendorff's Alpha-Reliability" (2011): four observers, twelve units, missing values."""

TWO_OBSERVERS = """
0 1 0 0 0 0 0 0 1 0
1 1 1 0 0 1 0 0 0 0
"""
"""Section A there: two observers, ten units, two values."""


def units(rows: str) -> list[list[int]]:
    """The values of each unit, of which `rows` hold those of one observer each."""
    observers = [line.split() for line in rows.strip().splitlines()]
    return [[int(value) for value in unit if value != "."] for unit in zip(*observers, strict=True)]


def test_the_published_example_of_two_observers() -> None:
    assert alpha(units(TWO_OBSERVERS), nominal) == pytest.approx(0.095, abs=0.0005)


def test_the_published_example_of_names() -> None:
    assert alpha(units(FOUR_OBSERVERS), nominal) == pytest.approx(0.743, abs=0.0005)


def test_the_published_example_of_numbers() -> None:
    assert alpha(units(FOUR_OBSERVERS), interval) == pytest.approx(0.849, abs=0.0005)


def test_the_published_example_counts_forty_values_of_eleven_units() -> None:
    kept = pairable(units(FOUR_OBSERVERS))
    assert (len(kept), sum(len(unit) for unit in kept)) == (11, 40)


def test_two_values_serve_as_names_or_as_numbers() -> None:
    found = units(TWO_OBSERVERS)
    assert alpha(found, nominal) == alpha(found, interval)


@pytest.mark.parametrize("found", [[], [[1], [2]], [[3, 3], [3, 3, 3]]], ids=["nothing", "single values", "all alike"])
def test_where_nothing_could_differ_it_is_not_defined(found: list[list[int]]) -> None:
    assert alpha(found, nominal) is None


VALUES = st.lists(st.lists(st.integers(0, 100), max_size=5), max_size=12)


@given(VALUES)
def test_full_agreement_is_one(found: list[list[int]]) -> None:
    agreeing = [[unit[0]] * len(unit) for unit in found if unit]
    assert alpha(agreeing, interval) in (None, 1.0)


@given(VALUES)
def test_the_order_of_units_and_observers_means_nothing(found: list[list[int]]) -> None:
    other = [sorted(unit, reverse=True) for unit in reversed(found)]
    assert alpha(other, interval) == alpha(found, interval)


@given(VALUES)
def test_it_is_never_above_one(found: list[list[int]]) -> None:
    figure = alpha(found, nominal)
    assert figure is None or figure <= 1
