"""Applying a frozen classifier: its sums, and when it keeps silent."""

from __future__ import annotations

from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.personas.judge import Guess, guess, probabilities
from normalize.personas.model import Weights
from tests.normalize.personas.texts import weights

KNOWN = {f"w {word}": (1.0, 0.0, 0.0, 0.0) for word in ("this", "is", "a", "good", "tool")}
SAYS = KNOWN | {"w margin": (1.0, -9.0, 9.0, -9.0)}


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


def test_probabilities_are_the_sums_that_the_model_names() -> None:
    made = Weights(
        personas=("a", "b", "c"),
        intercepts=(0.5, -0.25, 0.0),
        curves=((-2.0, 0.1), (-1.0, 0.0), (-3.0, 0.2)),
        features={"one": (2.0, 1.0, 0.0, -1.0), "two": (1.0, 0.0, 3.0, 0.0)},
    )
    one, two = (1 + log(2)) * 2.0, 1.0
    length = sqrt(one**2 + two**2)
    shares = [
        sigmoid(2.0 * (one / length + 0.5) - 0.1),
        sigmoid(1.0 * (3 * two / length - 0.25)),
        sigmoid(3.0 * (-one / length) - 0.2),
    ]
    found = probabilities(made, ["one", "two", "one", "unknown"])
    assert found == pytest.approx([share / sum(shares) for share in shares], abs=1e-15)


def test_of_two_personas_one_score_tells() -> None:
    made = weights({"one": (1.0, 2.0)}, ("a", "b"))
    assert probabilities(made, ["one"]) == pytest.approx([1 - sigmoid(2), sigmoid(2)])


def test_scores_beyond_all_numbers_do_no_harm() -> None:
    made = weights({"one": (1.0, -1e300, -1e300, -1e300)})
    assert probabilities(made, ["one"]) == [1 / 3] * 3


def test_the_likeliest_is_named_and_its_confidence_cut() -> None:
    found = guess(weights(SAYS), "This is a good margin!")
    score = 9 / sqrt(5)
    likely = sigmoid(score) / (sigmoid(score) + 2 * sigmoid(-score))
    assert found == Guess("founder", int(likely * 10_000) / 10_000)


@pytest.mark.parametrize("text", ["", "a good margin tool", "this margin draws odd little maps", "??"])
def test_a_text_that_is_short_or_unknown_is_by_nobody(text: str) -> None:
    assert guess(weights(SAYS), text) is None


@given(st.lists(st.sampled_from([*SAYS, "w other"])))
def test_probabilities_sum_up_to_one(features: list[str]) -> None:
    found = probabilities(weights(SAYS), features)
    assert sum(found) == pytest.approx(1)
    assert min(found) >= 0
