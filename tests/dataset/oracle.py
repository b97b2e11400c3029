"""Brute force for histories: every history that fits the windows of what was seen, and the shortest of them.

A history fits where each capture's state stands at some moment of its window [made_from, observed_at]; at each moment
there is one state. Times are whole numbers. Cases are made from seeds, from a true history that is seen through lagging
caches, so that one fits always.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise, product
from random import Random
from typing import NamedTuple

VALUES = "ABC"
LAG = 4
LENGTH = 24
FAR = 10**6


class Seen(NamedTuple):
    """An observation in small numbers: the ends of its window, its page, the value, when it was really made."""

    made_from: int
    observed_at: int
    page: str
    value: str
    made: int


class Placed(NamedTuple):
    """A history: its values, and the times at which each but the first begins."""

    values: str
    begins: tuple[int, ...]


def true_history(dice: Random, changes: int, values: str = VALUES) -> list[tuple[int, str]]:
    """When each true state begins, and its value."""
    moments = sorted(dice.sample(range(1, LENGTH), changes))
    found = [(-LAG, dice.choice(values))]
    for moment in moments:
        found.append((moment, dice.choice([value for value in values if value != found[-1][1]])))
    return found


def seen_at(dice: Random, truth: list[tuple[int, str]], at: int, *, declared: bool, pages: str = "pq") -> Seen:
    """An answer of one of `pages` asked for at `at`, perhaps an old one."""
    made = at - dice.choice((0, 0, 1, 2, LAG))
    value = [value for since, value in truth if since <= made][-1]
    window = (made, made) if declared else (at - LAG, at)
    return Seen(*window, dice.choice(pages), value, made)


def spread(truth: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], int]:
    """`truth` with its changes moved so far apart that no two lie within the lag, and when its last state ends."""
    step = 2 * LAG + 2
    return [(since if since < 0 else step * n, value) for n, (since, value) in enumerate(truth)], step * len(truth)


def stands(history: Placed) -> list[tuple[str, int, int]]:
    """Each state with the time at which it begins, and that at which the next does."""
    values, bounds = history
    edges = (-FAR, *bounds, FAR)
    return list(zip(values, edges, edges[1:], strict=False))


def fits(history: Placed, case: list[Seen]) -> bool:
    """Whether each of `case` was so at some moment of its window."""
    states = stands(history)
    return all(
        any(value == each.value and start <= each.observed_at and each.made_from < end for value, start, end in states)
        for each in case
    )


def sequences(values: str, length: int) -> Iterator[str]:
    """All states that may follow each other."""
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
