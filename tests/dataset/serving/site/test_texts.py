"""How values are written on pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from dataset.serving.site.texts import JOINERS, persona_among, plainly, text
from dataset.signs import steers, visible


@given(st.text())
def test_every_sign_that_steers_is_made_visible_and_no_other(words: str) -> None:
    assert text(words) == "".join(visible(sign) if sign not in JOINERS else sign for sign in words)
    assert not any(steers(sign) for sign in text(words) if sign not in JOINERS)


def test_html_stays_html_and_text_stays_text() -> None:
    assert plainly(Markup("<b>\u202ex</b>")) == Markup("<b>\\u202ex</b>")
    assert isinstance(plainly(Markup("<b>")), Markup)
    assert not isinstance(plainly("<b>\u202e"), Markup)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("builder", "Builder"),
        ("a.example:builder", "Builder (a.example)"),
        ("127.0.0.1:80:builder", "Builder (127.0.0.1:80)"),
        ("a.example:art-critic", "Art Critic"),
    ],
)
def test_critics_of_one_name_are_told_apart_by_their_source(name: str, label: str) -> None:
    names = ("builder", "a.example:builder", "127.0.0.1:80:builder", "a.example:art-critic")
    assert persona_among(name, names) == label
