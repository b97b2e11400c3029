"""The captured pages of the source site, against what was read off them by hand, field by field."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.items import ComparePage, PageReading, ReviewerPage, ToolPage
from crawler.pages import read_page
from tests.rendering.labels import INTRO
from tests.rendering.text import render_text

CAPTURES = Path(__file__).parents[4] / "shared" / "captures"
MISSING = "the captures of the source site (../shared/captures) are not on this machine"
Json = dict[str, Any]


def manifest() -> list[Json]:
    path = CAPTURES / "manifest.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def expected_of(name: str) -> Json:
    found: Json = json.loads((CAPTURES / "expected" / f"{Path(name).stem}.json").read_text("utf-8"))
    return found


def leaves(kind: str, found: Json) -> list[tuple[str, ...]]:
    """The path of each field of a record: page fields, and card fields of each card."""
    models: dict[str, type[ComparePage | ToolPage | ReviewerPage]] = {
        "compare": ComparePage,
        "tool": ToolPage,
        "reviewer": ReviewerPage,
    }
    paths: list[tuple[str, ...]] = []
    for name in [*models[kind].model_fields, *(key for key in found if key not in models[kind].model_fields)]:
        if name in ("left", "right", "card"):
            paths += [(name, field) for field in CARD_KEYS]
        elif name not in ("rows", "unplaced"):
            paths.append((name,))
    return paths


CARD_KEYS = tuple(ToolPage.model_fields["card"].annotation.model_fields)  # type: ignore[union-attr]
CASES = [
    pytest.param(entry["file"], path, id=f"{Path(entry['file']).stem}:{'.'.join(path)}")
    for entry in manifest()
    for path in leaves(expected_of(entry["file"])["kind"], expected_of(entry["file"]))
]
NAMES = [entry["file"] for entry in manifest()]


@cache
def reading_of(name: str) -> PageReading:
    entry = next(entry for entry in manifest() if entry["file"] == name)
    body = (CAPTURES / name).read_bytes()
    return read_page(body, url=entry["url"], content_type=entry["content_type"])


def follow(record: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        record = record.get(key) if record is not None else None
    return record


def absent(value: Any) -> bool:
    return value is None or value is False or value == []


@pytest.mark.skipif(not NAMES, reason=MISSING)
@pytest.mark.parametrize(("name", "path"), CASES)
def test_field(name: str, path: tuple[str, ...]) -> None:
    reading = reading_of(name)
    assert reading.page is not None, reading.problems
    got = follow(reading.page.model_dump(mode="json"), path)
    expected = follow(expected_of(name), path)
    assert got == expected or (absent(got) and absent(expected))


@pytest.mark.skipif(not NAMES, reason=MISSING)
@pytest.mark.parametrize("name", NAMES)
def test_whole(name: str) -> None:
    reading = reading_of(name)
    expected = expected_of(name)
    assert reading.kind == expected["kind"]
    assert reading.status == ("ok" if expected["complete"] else "incomplete")
    truth = next(entry["complete"] for entry in manifest() if entry["file"] == name)
    assert reading.page is not None
    assert reading.page.complete is truth
    if isinstance(reading.page, ComparePage):
        assert reading.page.rows == tuple((index, index) for index in range(4))
        assert reading.page.unplaced == ()


@pytest.mark.skipif(not NAMES, reason=MISSING)
@pytest.mark.parametrize("name", NAMES)
def test_a_text_saved_as_html_is_read_alike(name: str) -> None:
    """Content types lie; what the bytes are decides."""
    entry = next(entry for entry in manifest() if entry["file"] == name)
    reading = read_page((CAPTURES / name).read_bytes(), url=entry["url"], content_type=None)
    assert reading.page == reading_of(name).page


@pytest.mark.skipif(not NAMES, reason=MISSING)
@pytest.mark.parametrize("name", [name for name in NAMES if "-vs-" in name or "health" in name])
def test_our_text_renderings_are_faithful(name: str) -> None:
    """The records read by hand, rendered by us, are the captured bytes (but for the boilerplate sentence)."""
    found = expected_of(name)
    captured = (CAPTURES / name).read_text("utf-8")
    if found["kind"] == "compare":
        found["rows"] = [[index, index] for index in range(4)]
        boilerplate = next(line for line in captured.splitlines() if line.startswith("Which one should you"))
        page: ComparePage | ReviewerPage = ComparePage.model_validate(found)
        short = not captured.startswith("Compare/")
        assert render_text(page, short=short).replace(INTRO, boilerplate) == captured
    else:
        page = ReviewerPage.model_validate(found)
        assert render_text(page, short=True) == captured
