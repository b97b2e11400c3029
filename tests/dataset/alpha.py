"""Krippendorff's alpha: how far several observers agree beyond what chance would bring. Pure.

The formulas are those of Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), and Hayes & Krippendorff,
"Answering the Call for a Standard Reliability Measure for Coding Data" (Communication Methods and Measures 1, 2007).
A unit is what is judged; each unit has the values that some of the observers gave it, in any number and order; units
with a single value say nothing of agreement and don't count. Alpha is 1 - D_o / D_e: the observed disagreement within
units against that among all values, whichever unit they are of. 1 is full agreement, 0 what chance brings, below 0 is
disagreement by system.

The dataset's views work the same out from sums (`dataset.schema.agreement`), which is held against this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

T = TypeVar("T", bound=Hashable)


def nominal(one: Hashable, other: Hashable) -> int:
    """The squared difference of two names: none where they are the same, else 1."""
    return int(one != other)


def interval(one: int, other: int) -> int:
    """The squared difference of two numbers."""
    return (one - other) ** 2


def pairable(units: Iterable[Sequence[T]]) -> list[Sequence[T]]:
    """The units with at least two values."""
    return [unit for unit in units if len(unit) >= 2]


def alpha(units: Iterable[Sequence[Any]], difference: Callable[[Any, Any], int]) -> float | None:
    """Alpha of the values in `units`, by the squared `difference` of two values.

    None where it is not defined: no unit has two values, or all values are the same, so that nothing could differ.
    """
    kept = pairable(units)
    total = sum(len(unit) for unit in kept)
    observed = sum((Fraction(_differences(Counter(unit), difference), len(unit) - 1) for unit in kept), Fraction())
    expected = _differences(Counter(value for unit in kept for value in unit), difference)
    if expected == 0:
        return None
    return float(1 - (total - 1) * observed / expected)


def _differences(counts: Counter[Any], difference: Callable[[Any, Any], int]) -> int:
    """The squared differences of all ordered pairs of values, of which there are `counts`."""
    return sum(
        count * other_count * difference(value, other)
        for value, count in counts.items()
        for other, other_count in counts.items()
    )
