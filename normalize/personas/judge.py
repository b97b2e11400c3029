"""Applying a frozen classifier: sums, square roots and exponentials, and nothing that must be installed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, floor, fsum, log, sqrt
from typing import NamedTuple

from normalize.personas.features import features_of, word_feature, words_of
from normalize.personas.model import Weights

LEAST_WORDS = 5
"""A text with fewer words is by nobody."""

LEAST_KNOWN = 0.5
"""A text of whose words a smaller share is known is by nobody: the classifier never learned anything about it."""


MOST_EXPONENT = 700.0
"""Beyond it, an exponential is nothing that a number can hold."""


class Guess(NamedTuple):
    """The likeliest persona of a text, and how likely it is: 0–1, cut to four digits."""

    persona: str
    confidence: float


def probabilities(weights: Weights, features: Sequence[str]) -> list[float]:
    """How likely a text with `features` is by each of the personas; they sum up to 1."""
    known = {feature: times for feature, times in Counter(features).items() if feature in weights.features}
    weighed = {feature: (1 + log(times)) * weights.features[feature][0] for feature, times in known.items()}
    length = sqrt(fsum(value * value for value in weighed.values())) or 1.0
    likely = []
    for place, (intercept, (slope, shift)) in enumerate(zip(weights.intercepts, weights.curves, strict=True), start=1):
        score = fsum(value / length * weights.features[feature][place] for feature, value in weighed.items())
        likely.append(_sigmoid(-(slope * (score + intercept) + shift)))
    if len(likely) == 1:
        return [1 - likely[0], likely[0]]
    whole = fsum(likely)
    return [each / whole if whole else 1 / len(likely) for each in likely]


def _sigmoid(value: float) -> float:
    if value < -MOST_EXPONENT:
        return 0.0
    return 1 / (1 + exp(-value)) if value >= 0 else exp(value) / (1 + exp(value))


def guess(weights: Weights, text: str) -> Guess | None:
    """The likeliest persona of `text`; None where the text is too short, or too little of it is known, to tell."""
    words = words_of(text)
    known = sum(word_feature(word) in weights.features for word in words)
    if len(words) < LEAST_WORDS or known < LEAST_KNOWN * len(words):
        return None
    likely = probabilities(weights, features_of(text))
    place = max(range(len(likely)), key=likely.__getitem__)
    return Guess(weights.personas[place], floor(likely[place] * 10_000) / 10_000)
