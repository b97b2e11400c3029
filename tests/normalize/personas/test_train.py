"""Training: frozen numbers say what scikit-learn says, the same texts give the same bytes, too few are refused."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.personas.features import features_of
from normalize.personas.judge import guess, probabilities
from normalize.personas.model import SourceModel, Weights
from normalize.personas.train import (
    LEAST_QUOTES,
    LEAST_TOOLS,
    MOST_QUOTES,
    Example,
    TooFewError,
    _splits,
    chosen,
    digest_of,
    fit,
    freeze,
    train,
)
from tests.normalize.personas.texts import PERSONAS, examples, text_of

pytest.importorskip("sklearn", reason="training needs scikit-learn (the extra classify)")

TOOLS = 25
THRESHOLD = 0.8
SOME_WORDS = sorted({word for tool in range(9) for word in text_of("skeptic", tool).split()})


@cache
def trained() -> SourceModel:
    return train(chosen(examples(TOOLS)), THRESHOLD)


@cache
def both(personas: int) -> tuple[object, Weights]:
    """scikit-learn's classifier of so many personas, and the frozen one."""
    classifier = fit(chosen(examples(TOOLS, PERSONAS[:personas])))
    return classifier, freeze(classifier)


@pytest.mark.parametrize("personas", [2, 3])
def test_frozen_numbers_say_what_scikit_learn_says(personas: int) -> None:
    classifier, weights = both(personas)
    texts = [text_of(persona, tool) for persona in PERSONAS for tool in range(TOOLS + 5)]
    expected = classifier.predict_proba([features_of(text) for text in texts])  # type: ignore[attr-defined]
    for text, likely in zip(texts, expected, strict=True):
        assert probabilities(weights, features_of(text)) == pytest.approx(list(likely), abs=1e-9)


@given(st.lists(st.sampled_from(SOME_WORDS)))
def test_they_do_so_for_any_words(words: list[str]) -> None:
    classifier, weights = both(3)
    features = features_of(" ".join(words))
    [expected] = classifier.predict_proba([features])  # type: ignore[attr-defined]
    assert probabilities(weights, features) == pytest.approx(list(expected), abs=1e-9)


def test_the_same_texts_give_the_same_bytes() -> None:
    shuffled = examples(TOOLS)
    random.Random(5).shuffle(shuffled)
    again = train(chosen(shuffled), THRESHOLD)
    assert again.model_dump_json() == trained().model_dump_json()
    assert digest_of(chosen(shuffled)) == digest_of(chosen(examples(TOOLS)))


def test_it_is_measured_on_tools_that_it_had_not_seen() -> None:
    """Two critics have each other's manner with every fifth tool: only who had seen these texts could name them."""
    measured = trained().measured
    assert measured.quotes == 3 * TOOLS
    assert 2 / 3 < measured.accuracy <= 1 - 2 / 15
    assert 0 < measured.sure < measured.quotes
    assert measured.sure_accuracy is not None
    assert measured.sure_accuracy > measured.accuracy
    assert trained().trained_on == dict.fromkeys(PERSONAS, TOOLS)


def test_it_doubts_critics_that_are_taken_for_each_other_and_no_others() -> None:
    """Of texts in the manner of the first two critics a fifth are by the other one; the third is unlike both."""
    weights = trained().weights
    for tool in range(100, 110):
        doubted, sure = guess(weights, text_of("builder", tool)), guess(weights, text_of("skeptic", tool))
        assert doubted is not None and sure is not None
        assert (doubted.persona, sure.persona) == ("builder", "skeptic")
        assert doubted.confidence < THRESHOLD < sure.confidence


def test_no_tool_is_on_both_sides_of_a_split() -> None:
    found = chosen(examples(TOOLS))
    held_back = []
    for rest, held in _splits(found, 5):
        assert not {found[place].tool for place in rest} & {found[place].tool for place in held}
        held_back += held
    assert sorted(held_back) == list(range(len(found)))


def test_a_text_counts_once_and_one_of_two_critics_not_at_all() -> None:
    given_twice = [Example("a", "1", "one  text"), Example("a", "2", "one text")]
    assert chosen([*given_twice, Example("a", "1", "another"), Example("b", "1", "another")]) == [given_twice[0]]


def test_only_so_many_texts_of_a_critic_are_taken_whatever_their_order() -> None:
    many = [Example("a", "1", f"text {number}") for number in range(MOST_QUOTES + 50)] + [Example("b", "1", "text")]
    taken = chosen(many)
    assert [each.persona for each in taken].count("a") == MOST_QUOTES
    assert Example("b", "1", "text") in taken
    assert chosen(reversed(many)) == taken


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "fewer than two critics"),
        (examples(30, PERSONAS[:2])[::2], "fewer than two critics"),
        (examples(LEAST_QUOTES - 1), f"builder has {LEAST_QUOTES - 1} of {LEAST_QUOTES - 1}"),
        (
            [each._replace(tool=str(n % (LEAST_TOOLS - 1))) for n, each in enumerate(examples(40))],
            f"builder has 40 of {(LEAST_TOOLS - 1) // 3}",
        ),
    ],
    ids=["none", "one critic", "few quotes", "few tools"],
)
def test_too_few_texts_are_refused(given: list[Example], words: str) -> None:
    with pytest.raises(TooFewError) as raised:
        train(given, THRESHOLD)
    assert words in str(raised.value)
