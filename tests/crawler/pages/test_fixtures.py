"""Pages in `tests/fixtures/html`, each named after what it tries, against what was read off them by hand.

A folder holds `page.html` or `page.txt`, `meta.json` (url, content type, time of capture, what it is about) and
`expected.json`: status, kind, the record, problem codes that must be told (``code``, or ``code:field:side``), codes
that must not, and texts that must be left over. One test holds a whole page, and shows the fields that differ.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from crawler.items import PageReading
from crawler.pages import read_page
from tests.differences import differences

FOLDER = Path(__file__).parents[2] / "fixtures" / "html"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
Json = dict[str, Any]


def load(name: str, part: str) -> Json:
    found: Json = json.loads((FOLDER / name / f"{part}.json").read_text("utf-8"))
    return found


def reading_of(name: str) -> PageReading:
    meta = load(name, "meta")
    (page,) = (FOLDER / name).glob("page.*")
    with freeze_time(meta["captured_at"]):
        return read_page(page.read_bytes(), url=meta["url"], content_type=meta["content_type"])


def test_there_are_fixtures_for_all_kinds() -> None:
    kinds = {load(name, "expected")["kind"] for name in NAMES}
    assert {"compare", "tool", "reviewer", "home", "guide", "news", "category", "index", "unknown"} <= kinds
    assert len(NAMES) >= 16


@pytest.mark.parametrize("name", NAMES)
def test_page(name: str) -> None:
    reading, expected = reading_of(name), load(name, "expected")
    page = None if reading.page is None else reading.page.model_dump(mode="json")
    said = {"status": reading.status, "kind": reading.kind, "page": page}
    assert list(differences(said, {part: expected[part] for part in said})) == [], reading.problems
    told = {problem.code for problem in reading.problems}
    told |= {f"{problem.code}:{problem.field}:{problem.side}" for problem in reading.problems}
    assert set(expected["problems"]) <= told
    assert not set(expected["no_problems"]) & told, reading.problems
    assert set(expected["leftovers"]) <= set(reading.leftovers)
    if reading.status == "ok":
        understood = json.dumps(expected["page"], ensure_ascii=False)
        long = [text for text in reading.leftovers if len(text) > 40]
        assert [text for text in long if json.dumps(text, ensure_ascii=False)[1:-1] in understood] == []
