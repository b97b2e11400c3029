"""The captured pages of the source site, against what was read off them by hand, field by field."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.items import ComparePage, PageReading, ReviewerPage, ToolPage
from crawler.pages import read_page
from tests.captured import MODELS, Json, body_of, entries, expected_of, needs_captures
from tests.rendering.labels import INTRO
from tests.rendering.text import render_text


def leaves(kind: str, found: Json) -> list[tuple[str, ...]]:
    """The path of each field of a record: page fields, and card fields of each card."""
    paths: list[tuple[str, ...]] = []
    for name in [*MODELS[kind].model_fields, *(key for key in found if key not in MODELS[kind].model_fields)]:
        if name in ("left", "right", "card"):
            paths += [(name, field) for field in CARD_KEYS]
        elif name not in ("rows", "unplaced"):
            paths.append((name,))
    return paths


CARD_KEYS = tuple(ToolPage.model_fields["card"].annotation.model_fields)  # type: ignore[union-attr]
CASES = [
    pytest.param(entry["file"], path, id=f"{Path(entry['file']).stem}:{'.'.join(path)}")
    for entry in entries()
    for path in leaves(expected_of(entry["file"])["kind"], expected_of(entry["file"]))
]
NAMES = [entry["file"] for entry in entries()]


@cache
def reading_of(name: str) -> PageReading:
    entry = next(entry for entry in entries() if entry["file"] == name)
    body = body_of(name)
    return read_page(body, url=entry["url"], content_type=entry["content_type"])


def follow(record: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        record = record.get(key) if record is not None else None
    return record


def absent(value: Any) -> bool:
    return value is None or value is False or value == []


@needs_captures
@pytest.mark.parametrize(("name", "path"), CASES)
def test_field(name: str, path: tuple[str, ...]) -> None:
    reading = reading_of(name)
    assert reading.page is not None, reading.problems
    got = follow(reading.page.model_dump(mode="json"), path)
    expected = follow(expected_of(name), path)
    assert got == expected or (absent(got) and absent(expected))


@needs_captures
@pytest.mark.parametrize("name", NAMES)
def test_whole(name: str) -> None:
    reading = reading_of(name)
    expected = expected_of(name)
    assert reading.kind == expected["kind"]
    assert reading.status == ("ok" if expected["complete"] else "incomplete")
    truth = next(entry["complete"] for entry in entries() if entry["file"] == name)
    assert reading.page is not None
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
