"""Word-level differences: both texts can be read from the pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataset.serving.site.differences import MOST_WORDS, Piece, differences

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "<b>"]), max_size=12).map(" ".join)


@given(old=WORDS, new=WORDS)
def test_both_texts_stand_in_the_pieces(old: str, new: str) -> None:
    pieces = differences(old, new)
    for text, other in ((old, "added"), (new, "removed")):
        assert " ".join(piece.text for piece in pieces if piece.what != other) == text
    assert all(piece.text for piece in pieces)


def test_only_what_differs_is_marked() -> None:
    assert differences("one two three four", "one 2 three four") == (
        Piece("same", "one"),
        Piece("removed", "two"),
        Piece("added", "2"),
        Piece("same", "three four"),
    )


def test_texts_that_have_little_in_common_are_told_whole() -> None:
    assert differences("a b c d e f g h", "s t u v w x a z") == (
        Piece("removed", "a b c d e f g h"),
        Piece("added", "s t u v w x a z"),
    )


def test_very_long_texts_are_told_whole() -> None:
    long = " ".join(["word"] * (MOST_WORDS + 1))
    assert [piece.what for piece in differences(long, f"{long} more")] == ["removed", "added"]
