"""Pages in `tests/fixtures/html`, each named after what it tries, against what was read off them by hand.

A folder holds `page.html` or `page.txt`, `meta.json` (url, content type, time of capture, what it is about) and
`expected.json`: status, kind, the record, problem codes that must be told (``code``, or ``code:field:side``), codes
that must not, and texts that must be left over. Each field is a test of its own, so that a failure names it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from crawler.items import PageReading
from crawler.pages import read_page

FOLDER = Path(__file__).parents[2] / "fixtures" / "html"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
CARDS = ("left", "right", "card")
Json = dict[str, Any]


@cache
def load(name: str, part: str) -> Json:
    found: Json = json.loads((FOLDER / name / f"{part}.json").read_text("utf-8"))
    return found


@cache
def reading_of(name: str) -> PageReading:
    meta = load(name, "meta")
    (page,) = (FOLDER / name).glob("page.*")
    with freeze_time(meta["captured_at"]):
        return read_page(page.read_bytes(), url=meta["url"], content_type=meta["content_type"])


def paths_of(page: Json) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for name, value in page.items():
        paths += [(name, field) for field in value] if name in CARDS else [(name,)]
    return paths


FIELDS = [
    pytest.param(name, path, id=f"{name}:{'.'.join(path)}")
    for name in NAMES
    if load(name, "expected")["page"] is not None
    for path in paths_of(load(name, "expected")["page"])
]


def test_there_are_fixtures_for_all_kinds() -> None:
    kinds = {load(name, "expected")["kind"] for name in NAMES}
    assert {"compare", "tool", "reviewer", "home", "guide", "news", "category", "index", "unknown"} <= kinds
    assert len(NAMES) >= 16


@pytest.mark.parametrize(("name", "path"), FIELDS)
def test_field(name: str, path: tuple[str, ...]) -> None:
    page = reading_of(name).page
    assert page is not None, reading_of(name).problems
    got: Any = page.model_dump(mode="json")
    expected: Any = load(name, "expected")["page"]
    for key in path:
        got, expected = got[key], expected[key]
    assert got == expected


@pytest.mark.parametrize("name", NAMES)
def test_status_and_kind(name: str) -> None:
    reading, expected = reading_of(name), load(name, "expected")
    assert (reading.status, reading.kind) == (expected["status"], expected["kind"]), reading.problems
    assert (reading.page is None) is (expected["page"] is None)


@pytest.mark.parametrize("name", NAMES)
def test_problems(name: str) -> None:
    reading, expected = reading_of(name), load(name, "expected")
    told = {problem.code for problem in reading.problems}
    told |= {f"{problem.code}:{problem.field}:{problem.side}" for problem in reading.problems}
    assert set(expected["problems"]) <= told
    assert not set(expected["no_problems"]) & told, reading.problems


@pytest.mark.parametrize("name", NAMES)
def test_leftovers(name: str) -> None:
    reading, expected = reading_of(name), load(name, "expected")
    assert set(expected["leftovers"]) <= set(reading.leftovers)
    if reading.status == "ok":
        understood = json.dumps(expected["page"], ensure_ascii=False)
        long = [text for text in reading.leftovers if len(text) > 40]
        assert [text for text in long if json.dumps(text, ensure_ascii=False)[1:-1] in understood] == []
