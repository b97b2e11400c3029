"""The real captured pages: what is concluded from the prices and categories that they print."""

from __future__ import annotations

import pytest

from dataset.building.build import build
from tests.captured import needs_captures, records, store
from tests.dataset.captures import Data

pytestmark = needs_captures


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    data = Data(tmp_path_factory.mktemp("shared"))
    store(data.folder, records())
    build(data.folder)
    return data


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("mistral-4b-edge-on-device", ("free", 1, None, "Apache-2.0")),
        ("hugging-face-inference-providers-v2", ("usage", 1, None, None)),
        ("openmythos", ("free", 1, None, "Apache-2.0")),
    ],
)
def test_prices(data: Data, part: str, expected: tuple[object, ...]) -> None:
    row = data.row(
        "SELECT pricing_model, has_free_tier, price_min, license FROM listings WHERE listing_id LIKE ? || '%'", part
    )
    assert tuple(row.values()) == expected


def test_without_words_nothing_is_concluded(data: Data) -> None:
    rows = data.rows("SELECT pricing_model, has_free_tier, license FROM listings WHERE pricing IS NULL")
    assert len(rows) == 5
    assert {value for row in rows for value in row.values()} == {None}


def test_every_category_is_known(data: Data) -> None:
    assert data.rows("SELECT message FROM problems WHERE code = 'unmapped_category'") == []
    rows = data.rows("SELECT category_canonical AS name, count(*) AS n FROM listings GROUP BY 1 ORDER BY 1 NULLS LAST")
    assert [tuple(row.values()) for row in rows][:1] == [("Developer Tools", 6)]


@pytest.mark.parametrize(
    ("part", "maker"),
    [("anthropic-open-sources", "Anthropic"), ("gemini-2-5", "Google"), ("hugging-face", "Hugging Face")],
)
def test_makers(data: Data, part: str, maker: str) -> None:
    assert data.rows("SELECT DISTINCT vendor FROM tools WHERE slug LIKE ? || '%'", part) == [{"vendor": maker}]
