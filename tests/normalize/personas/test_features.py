"""What of a text tells who wrote it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from normalize.personas.features import MOST_SIGNS, features_of, words_of


def test_words_are_in_small_letters_with_their_signs() -> None:
    assert words_of("It’s FAST — 42x, naïve_ly.") == ["it’s", "fast", "—", "0", "x", ",", "naïve", "_", "ly", "."]


def test_numbers_are_all_one() -> None:
    assert features_of("runs 3 jobs") == features_of("runs 4711 jobs")


def test_features_are_words_pairs_and_parts() -> None:
    assert features_of("ab c") == ["w ab", "w c", "w ab c", "p  ab", "p ab ", "p  ab ", "p  c "]


def test_only_the_beginning_of_a_very_long_text_counts() -> None:
    assert words_of("a " * MOST_SIGNS) == ["a"] * (MOST_SIGNS // 2)


@given(st.text())
def test_any_text_has_features_of_known_kinds(text: str) -> None:
    assert {feature[:2] for feature in features_of(text)} <= {"w ", "p "}
    assert bool(features_of(text)) == bool(words_of(text))
