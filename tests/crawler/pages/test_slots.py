"""Each labelled slot is read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.pages import slots


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (slots.percent, "75%", 75),
        (slots.percent, "0 %", 0),
        (slots.percent, "101%", None),
        (slots.percent, "75", None),
        (slots.percent, "up 75%", None),
        (slots.score, "82/100 · ship", (82, "ship")),
        (slots.score, "82 / 100 — SKIP", (82, "skip")),
        (slots.score, "82\u00a0/\u00a0100\u00a0·\u00a0ship", (82, "ship")),
        (slots.score, "82/100", (82, None)),
        (slots.score, "182/100 · ship", None),
        (slots.score, "82/100 · maybe", None),
        (slots.score, "82/100 of them ship", None),
        (slots.verdict, "Mixed", "mixed"),
        (slots.verdict, "shipped", None),
        (slots.panel, "Ship · 3 ship / 1 skip", ("ship", 3, 1)),
        (slots.panel, "MIXED · 2 ships / 2 skips", ("mixed", 2, 2)),
        (slots.panel, "Ship · 3 ship", None),
        (slots.votes, "No community votes yet", (None, 0, 0)),
        (slots.votes, "0% Ship (0 / 1)", (0, 0, 1)),
        (slots.votes, "50% Ship (3 / 2)", None),
        (slots.counts, "3 Ships1 Skips", (3, 1)),
        (slots.counts, "4 ships · 0 skips", (4, 0)),
        (slots.counts, "3 Ships", None),
        (slots.date, "2026-04-21", "2026-04-21"),
        (slots.date, "2026-13-21", None),
        (slots.unquoted, "“a “b” c”", "a “b” c"),
        (slots.unquoted, "“a", None),
        (slots.is_dash, "—", True),
        (slots.is_dash, "0%", False),
    ],
)
def test_slot(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value
