"""What matching is held against: ways that compare names as texts, each at the threshold that serves it best.

Each takes the names and the truth, and gives the best that it can do. Pairs count, not what would come of joining them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

Pair = tuple[int, int]
"""Two names by their places, the lesser first."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best F1 of a way, as it is reached at one threshold."""

    precision: float
    recall: float
    threshold: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def true_pairs(truth: Sequence[str]) -> set[Pair]:
    """The pairs of places that bear the same label."""
    return {(one, other) for one, other in combinations(range(len(truth)), 2) if truth[one] == truth[other]}


def best_of(scored: Iterable[tuple[float, Pair]], wanted: set[Pair]) -> Best:
    """The threshold that gives the best F1: pairs of so much or more are taken for one."""
    best = Best(0.0, 0.0, 0.0)
    taken = right = 0
    ordered = sorted(scored, key=lambda each: -each[0])
    for place, (score, pair) in enumerate(ordered):
        taken += 1
        right += pair in wanted
        if place + 1 < len(ordered) and ordered[place + 1][0] == score:
            continue
        here = Best(right / taken, right / len(wanted), score)
        if here.f1 > best.f1:
            best = here
    return best


def folded(name: str) -> str:
    """A name with nothing but its letters and digits."""
    return re.sub(r"[\W_]+", "", name.casefold())


def exact(names: Sequence[str], wanted: set[Pair]) -> Best:
    """Equal but for case, punctuation and blanks."""
    keys = [folded(name) for name in names]
    return best_of(
        ((1.0, pair) for pair in combinations(range(len(names)), 2) if keys[pair[0]] == keys[pair[1]]), wanted
    )


def token_set(names: Sequence[str], wanted: set[Pair]) -> Best:
    """Rapidfuzz's token_set_ratio of the names in lower case, without punctuation."""
    from rapidfuzz import fuzz, utils  # noqa: PLC0415

    plain = [utils.default_process(name) for name in names]
    pairs = combinations(range(len(names)), 2)
    return best_of(((fuzz.token_set_ratio(plain[one], plain[other]), (one, other)) for one, other in pairs), wanted)
