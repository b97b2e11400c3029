"""The real captured pages, from the archive to the dataset: every quote, score, price and vote is in place."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.items import CARD_FIELDS
from dataset.building.build import build
from dataset.ids import fold_space
from tests.captured import cards, expected, needs_captures, records, store
from tests.dataset.captures import Data

pytestmark = needs_captures


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    data = Data(tmp_path_factory.mktemp("shared"))
    store(data.folder, records())
    build(data.folder)
    return data


def merged(shown: list[dict[str, Any]]) -> dict[str, Any]:
    """Every field that any of the cards shows; all of them were captured at one time and agree."""
    values: dict[str, Any] = {}
    for one in shown:
        for name in one["shown"]:
            if name != "reviews":
                assert values.setdefault(name, one[name]) == one[name], name
    return values


def test_the_five_comparison_pages_give_six_listings_with_all_their_values(data: Data) -> None:
    by_slug = cards("compare")
    assert len(by_slug) == 6
    for slug, shown in by_slug.items():
        row = data.row("SELECT * FROM listings WHERE listing_id = ?", slug)
        values = merged(shown)
        assert {name: row[name] for name in CARD_FIELDS} == dict.fromkeys(CARD_FIELDS) | values
        assert row["complete"] == 1
        evidence = data.rows("SELECT field FROM field_evidence WHERE listing_id = ? AND review_id IS NULL", slug)
        assert {each["field"] for each in evidence} == set(values)


def test_every_quote_stands_once_with_score_verdict_persona_and_place(data: Data) -> None:
    for slug, shown in cards("compare").items():
        wanted: dict[str, dict[str, Any]] = {}
        for one in shown:
            for review in one["reviews"]:
                known = wanted.setdefault(review["quote"], dict(review))
                known.update({name: value for name, value in review.items() if value is not None})
        rows = data.rows(
            "SELECT persona, score, verdict, quote, position FROM reviews WHERE listing_id = ? ORDER BY position", slug
        )
        assert [row.pop("position") for row in rows] == [1, 2, 3, 4]
        # Critics whom no page names beside their words are known by the rows of scorecards (test_labels_shared.py).
        for row in rows:
            assert row["persona"] is not None
            row["persona"] = wanted[row["quote"]]["persona"] and row["persona"]
        assert sorted(rows, key=lambda row: row["quote"]) == sorted(wanted.values(), key=lambda row: row["quote"])
    assert data.row("SELECT count(*) AS n FROM reviews WHERE withdrawn_at IS NOT NULL") == {"n": 0}


def test_the_tool_pages_two_renderings_make_one_listing(data: Data) -> None:
    for slug, shown in cards("tool").items():
        row = data.row("SELECT * FROM listings WHERE listing_id = ?", slug)
        assert {name: row[name] for name in CARD_FIELDS} == dict.fromkeys(CARD_FIELDS) | merged(shown)
        assert row["complete"] == 0
        assert row["url"] == f"https://shiporskip.io/tool/{slug}"


def test_the_reviewer_pages_are_kept_word_for_word(data: Data) -> None:
    for page in expected("reviewer"):
        rows = data.rows(
            "SELECT tagline, quote FROM reviewer_verdicts WHERE persona = ? AND category = ? ORDER BY position",
            page["persona"],
            page["category"],
        )
        assert rows == [{"tagline": each["tagline"], "quote": each["quote"]} for each in page["verdicts"]]
        persona = data.row("SELECT motto, bio FROM personas WHERE persona = ?", page["persona"])
        assert persona == {"motto": page["motto"], "bio": page["bio"]}


def test_quotes_can_be_searched(data: Data) -> None:
    quote = next(iter(cards("compare").values()))[0]["reviews"][0]["quote"]
    words = " ".join(f'"{word.strip(chr(34))}"' for word in fold_space(quote).split()[:4])
    found = data.rows(
        "SELECT quote FROM reviews WHERE rowid IN (SELECT rowid FROM reviews_fts WHERE reviews_fts MATCH ?)", words
    )
    assert quote in [row["quote"] for row in found]


def test_every_capture_is_a_page_of_data_and_nothing_is_an_error(data: Data) -> None:
    rows = data.rows(
        "SELECT kind, count(*) AS n FROM captures WHERE parse_status IN ('ok', 'incomplete') GROUP BY kind"
    )
    assert [tuple(row.values()) for row in rows] == [("compare", 5), ("reviewer", 2), ("tool", 3)]
    assert data.rows("SELECT message FROM problems WHERE severity = 'error'") == []
