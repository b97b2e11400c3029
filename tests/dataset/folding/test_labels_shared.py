"""The real captured pages: of five comparisons one prints critics' names, and all 24 reviews are named by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.archive import NewRecord
from dataset.building.build import build
from tests.captured import needs_captures, records, store
from tests.dataset.captures import Data, digest

pytestmark = needs_captures

CRITICS = ["builder", "founder", "futurist", "skeptic"]


def pages() -> list[NewRecord]:
    """The comparison pages."""
    return [record for record in records() if record.url and "/compare/" in record.url]


def test_one_labelled_page_names_all_24_reviews_of_six_listings(tmp_path: Path) -> None:
    data = Data(tmp_path)
    store(data.folder, pages())
    build(data.folder)
    rows = data.rows(
        "SELECT listing_id, group_concat(persona) AS names FROM "
        "(SELECT listing_id, persona FROM reviews ORDER BY listing_id, persona) GROUP BY listing_id"
    )
    assert [row["names"].split(",") for row in rows] == [CRITICS] * 6
    sources = data.rows("SELECT persona_source AS source, count(*) AS n FROM reviews GROUP BY 1 ORDER BY 1")
    assert [tuple(row.values()) for row in sources] == [("aligned", 16), ("labelled", 8)]
    coverage = data.row("SELECT value FROM dataset_info WHERE key = 'persona_coverage:shiporskip'")["value"]
    assert json.loads(coverage) == {"labelled": 8, "aligned": 16, "none": 0}
    assert data.rows("SELECT code FROM problems WHERE code IN ('rows_disagree', 'rows_not_paired')") == []
    # By voice: who speaks of buyers is the founder, who of a thesis the futurist.
    founders = data.rows("SELECT quote FROM reviews WHERE persona = 'founder'")
    assert sum("buyer" in row["quote"] for row in founders) == 6
    futurists = data.rows("SELECT quote FROM reviews WHERE persona = 'futurist'")
    assert sum("thesis" in row["quote"].lower() for row in futurists) >= 5
    assert data.rows("SELECT change_id FROM changes") == []


@pytest.mark.parametrize("last", range(5))
def test_whichever_page_comes_last_the_names_are_the_same(tmp_path: Path, last: int) -> None:
    whole, parts = Data(tmp_path / "whole"), Data(tmp_path / "parts")
    found = pages()
    store(whole.folder, found)
    expected = digest(build(whole.folder))
    store(parts.folder, [*found[:last], *found[last + 1 :]])
    build(parts.folder)
    store(parts.folder, [found[last]])
    assert digest(build(parts.folder)) == expected
