"""Captures that come in parts."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


def cut(draw: st.DrawFn, order: list[T], most: int) -> list[list[T]]:
    """`order` in parts, some of them empty, by at most so many cuts."""
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=most)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
