"""The captured pages of the source site, against what was read off them by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from crawler.items import ComparePage, PageReading, ReviewerPage
from crawler.pages import read_page
from tests.captured import body_of, entries, expected_of, needs_captures
from tests.differences import differences
from tests.rendering.labels import INTRO
from tests.rendering.text import render_text

NAMES = [entry["file"] for entry in entries()]


@cache
def reading_of(name: str) -> PageReading:
    entry = next(entry for entry in entries() if entry["file"] == name)
    body = body_of(name)
    return read_page(body, url=entry["url"], content_type=entry["content_type"])


def shown(value: Any) -> Any:
    """A record without what it does not show: the hand-read records leave such fields out, or write null for them."""
    if isinstance(value, dict):
        return {key: each for key, inner in value.items() if (each := shown(inner)) not in (None, False, [])}
    return [shown(each) for each in value] if isinstance(value, list) else value


@needs_captures
@pytest.mark.parametrize("name", NAMES)
def test_page(name: str) -> None:
    reading = reading_of(name)
    expected = expected_of(name)
    assert reading.page is not None, reading.problems
    placed = ("rows", "unplaced")  # not read by hand; asserted below
    page = {key: value for key, value in reading.page.model_dump(mode="json").items() if key not in placed}
    by_hand = {key: value for key, value in expected.items() if key not in placed}
    assert list(differences(shown(page), shown(by_hand))) == []
    assert reading.kind == expected["kind"]
    assert reading.status == ("ok" if expected["complete"] else "incomplete")
    truth = next(entry["complete"] for entry in entries() if entry["file"] == name)
    assert reading.page.complete is truth
    if isinstance(reading.page, ComparePage):
        assert reading.page.rows == tuple((index, index) for index in range(4))
        assert reading.page.unplaced == ()


@needs_captures
@pytest.mark.parametrize("name", NAMES)
def test_a_text_saved_as_html_is_read_alike(name: str) -> None:
    """Content types lie; what the bytes are decides."""
    entry = next(entry for entry in entries() if entry["file"] == name)
    reading = read_page(body_of(name), url=entry["url"], content_type=None)
    assert reading.page == reading_of(name).page


@needs_captures
@pytest.mark.parametrize("name", [name for name in NAMES if "-vs-" in name or "health" in name])
def test_our_text_renderings_are_faithful(name: str) -> None:
    """The records read by hand, rendered by us, are the captured bytes (but for the boilerplate sentence)."""
    found = expected_of(name)
    captured = body_of(name).decode()
    if found["kind"] == "compare":
        found["rows"] = [[index, index] for index in range(4)]
        boilerplate = next(line for line in captured.splitlines() if line.startswith("Which one should you"))
        page: ComparePage | ReviewerPage = ComparePage.model_validate(found)
        short = not captured.startswith("Compare/")
        assert render_text(page, short=short).replace(INTRO, boilerplate) == captured
    else:
        page = ReviewerPage.model_validate(found)
        assert render_text(page, short=True) == captured
