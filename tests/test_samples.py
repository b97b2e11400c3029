"""The sample pages are what their script makes, are good to read, and are read as they were meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.items import Card, ComparePage
from crawler.pages import read_page
from samples import make
from tests.rendering import CONTENT_TYPES, project
from tests.rendering.differ import differences

PAGES = make.pages()
FOLDER = Path(make.__file__).parent


def test_the_folder_is_what_the_script_makes() -> None:
    made = make.files()
    found = {
        path.name: path.read_bytes()
        for path in FOLDER.iterdir()
        if path.suffix in (".html", ".txt", ".jsonl") and path.is_file()
    }
    assert sorted(found) == sorted(made)
    assert [name for name in made if made[name] != found[name]] == [], "run: python -m samples.make"


@pytest.mark.parametrize(("stem", "page", "shape", "at"), PAGES, ids=[page[0] for page in PAGES])
def test_each_page_is_read_as_meant(stem: str, page: ComparePage, shape: str, at: str) -> None:
    lines = (FOLDER / "manifest.jsonl").read_text("utf-8").splitlines()
    entry = next(entry for entry in map(json.loads, lines) if Path(entry["file"]).stem == stem)
    assert entry["captured_at"] == at
    body = (FOLDER / entry["file"]).read_bytes()
    reading = read_page(body, url=entry["url"], content_type=entry["content_type"])
    assert entry["content_type"] == CONTENT_TYPES[shape]
    assert reading.page is not None
    assert differences(reading.page.model_dump(), project(page, shape).model_dump()) == []


def cards() -> dict[str, Card]:
    return {slug: make.card_of(slug, tool, later=False) for slug, tool in make.load().items()}


@pytest.mark.parametrize("slug", sorted(make.load()))
def test_reviews_are_of_a_readable_length(slug: str) -> None:
    card = cards()[slug]
    words = {review.persona: len(review.quote.split()) for review in card.reviews}
    assert len(words) == 4
    assert all(40 <= count <= 95 for count in words.values()), words


def test_what_the_samples_are_there_to_show() -> None:
    shown = cards()
    assert shown[make.LOOMIS].panel_verdict != shown[make.LOOMIS_READER].panel_verdict
    before = make.comparison(make.FERNWAY, make.GATEPOST, later=False).right
    after = make.comparison(make.FERNWAY, make.GATEPOST, later=True).right
    assert (before.panel_verdict, after.panel_verdict) == ("mixed", "ship")
    scores = [{review.persona: review.score for review in card.reviews}["skeptic"] for card in (before, after)]
    assert scores == [48, 71]
    assert len({page.url for _, page, _, _ in PAGES}) == len(PAGES) - 1
