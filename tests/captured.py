"""The captured pages of the source site (../shared/captures), which only developers have, and what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import ArchiveWriter, NewRecord
from crawler.items import ComparePage, ReviewerPage, ToolPage

Json = dict[str, Any]

CAPTURES = Path(__file__).parents[2] / "shared" / "captures"
MANIFEST = CAPTURES / "manifest.jsonl"
AT = datetime(2026, 11, 20, tzinfo=UTC)
"""When they are archived and built."""

MODELS: dict[str, type[ComparePage | ToolPage | ReviewerPage]] = {
    "compare": ComparePage,
    "tool": ToolPage,
    "reviewer": ReviewerPage,
}
"""The records of the kinds of pages among them."""

needs_captures = pytest.mark.skipif(
    not MANIFEST.is_file(), reason="the captured pages (../shared/captures) are not on this machine"
)


def entries() -> list[Json]:
    """What each page is; nothing where they are not on this machine."""
    return [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()] if MANIFEST.is_file() else []


def body_of(name: str) -> bytes:
    """The page in the file `name`."""
    return (CAPTURES / name).read_bytes()


def expected_of(name: str) -> Json:
    """What was read by hand off the page in the file `name`."""
    found: Json = json.loads((CAPTURES / "expected" / f"{Path(name).stem}.json").read_text("utf-8"))
    return found


def expected(kind: str) -> list[Json]:
    """What was read by hand off each page of `kind`."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted((CAPTURES / "expected").glob("*.json"))]
    return [page for page in found if page["kind"] == kind]


def cards(kind: str) -> dict[str, list[Json]]:
    """The cards on the pages of `kind`, by slug."""
    by_slug: dict[str, list[Json]] = {}
    for page in expected(kind):
        for side in ("left", "right", "card"):
            if side in page:
                by_slug.setdefault(page[side]["slug"], []).append(page[side])
    return by_slug


def records() -> list[NewRecord]:
    """The pages, as they are archived."""
    return [
        NewRecord("conversion", page["url"], page["captured_at"], page["content_type"], body_of(page["file"]))
        for page in entries()
    ]


def store(data: Path, pages: list[NewRecord]) -> None:
    """Put `pages` into the archive of the data folder `data`."""
    with ArchiveWriter(data / "archive", command="import", source=None, clock=lambda: AT) as writer:
        for page in pages:
            writer.write(page)
