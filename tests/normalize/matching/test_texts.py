"""Texts are alike by the words that tell something."""

from __future__ import annotations

import pytest

from normalize.matching.texts import MISSING, Likeness, agree, likeness, telling_words


def test_words_of_the_field_and_the_language_tell_nothing() -> None:
    assert telling_words("The open-source AI platform for developers and their agents") == frozenset()


def test_words_of_the_name_tell_nothing() -> None:
    assert telling_words("Zellow sorts gravel", "Zellow") == {"sort", "gravel"}


def test_many_and_one_are_one_word() -> None:
    assert telling_words("pebbles, a pebble's glass") == {"pebble", "glass"}


def test_a_missing_text_has_no_likeness() -> None:
    assert likeness("", "Sorts gravel", "") == MISSING


def test_shared_words_are_told_in_order() -> None:
    assert likeness("gravel by sound", "sound of gravel", "").shared == ("gravel", "sound")


@pytest.mark.parametrize(
    ("found", "sure", "agrees"),
    [
        (MISSING, False, True),
        (Likeness(100, (), 0), False, True),
        (Likeness(40, (), 0), True, False),
        (Likeness(40, ("a", "b"), 6), False, True),
        (Likeness(40, ("a",), 6), False, False),
        (Likeness(40, ("a",), 6), True, True),
        (Likeness(40, ("a", "b", "c"), 20), False, True),
        (Likeness(40, ("a", "b", "c"), 21), False, False),
        (Likeness(40, ("a", "b"), 13), False, False),
        (Likeness(40, ("a", "b"), 33), True, True),
        (Likeness(40, ("a", "b"), 34), True, False),
    ],
)
def test_agreeing(found: Likeness, sure: bool, agrees: bool) -> None:
    assert agree(found, sure=sure) is agrees
