"""Folding for comparison: what becomes one, what stays apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.fold import folded
from normalize.persona_names import persona_key

ONE = {
    "case": ("STRASSE", "straße"),
    "dashes": ("Hy3\u2013preview", "hy3-preview"),
    "quotes": ("\u201cit\u2019s\u201d", '"it\'s"'),
    "spaces": ("  a\u00a0\n b ", "a b"),
    "width": ("ＧＰＴ", "gpt"),
    "composed": ("cafe\u0301", "café"),
    "invisible": ("zero\u200bwidth\ufeff", "zerowidth"),
    "marks": ("Lantern™", "lantern"),
}
APART = [("C++", "C"), ("C#", "C"), ("2.5", "25"), ("Command R+", "Command R"), ("A & B", "A B")]


@pytest.mark.parametrize("what", ONE)
def test_are_one(what: str) -> None:
    assert folded(ONE[what][0]) == folded(ONE[what][1])


@pytest.mark.parametrize(("left", "right"), APART)
def test_stay_apart(left: str, right: str) -> None:
    assert folded(left) != folded(right)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize("name", ["The Skeptic", "skeptic", "SKEPTIC", " the\u00a0skeptic ", "the-skeptic"])
def test_a_critic_is_one_however_written(name: str) -> None:
    assert persona_key(name) == "skeptic"


@pytest.mark.parametrize(
    ("name", "key"), [("Night Owl", "night-owl"), ("The", "the"), ("Theo", "theo"), ("", None), ("\u200b", None)]
)
def test_names_of_critics(name: str, key: str | None) -> None:
    assert persona_key(name) == key


@given(st.text())
def test_the_key_of_a_key_is_that_key(name: str) -> None:
    key = persona_key(name)
    assert key is None or persona_key(key) == key
