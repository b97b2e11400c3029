"""Signs that steer are made visible, and nothing else is touched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataset.signs import steers, visible


@given(st.text())
def test_each_sign_is_kept_or_made_visible(text: str) -> None:
    assert visible(text) == "".join(f"\\u{ord(sign):04x}" if steers(sign) else sign for sign in text)


def test_what_steers() -> None:
    assert visible("plain, with a\ttab\nand é 漢 💥\u00a0") == "plain, with a\ttab\nand é 漢 💥\u00a0"
    assert visible("a\u202eb\x1b[1m\x00\u2028") == "a\\u202eb\\u001b[1m\\u0000\\u2028"
