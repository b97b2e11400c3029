"""What is concluded from a listing's words stands beside them, and is no news of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.captures import Data, built, card, compared, day, digest, says, tool_page

OTHER = card("zinc", name="Zinc", category="Models")
CONCLUDED = {
    "category": "VOICE & AUDIO",
    "category_canonical": "Audio & Voice",
    "pricing": "Free tier; Pro €1,200/yr (Apache 2.0 client)",
    "entry": "Paid",
    "has_free_tier": 1,
    "price_min": 1200.0,
    "price_currency": "EUR",
    "price_period": "year",
    "license": "Apache-2.0",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    said = {name: CONCLUDED[name] for name in ("category", "pricing", "entry")}
    return built(tmp_path_factory.mktemp("one"), compared(card("alder", name="Google Alder", **said), OTHER, 0))


@pytest.mark.parametrize("column", CONCLUDED)
def test_a_column_beside_the_words(data: Data, column: str) -> None:
    row = data.row("SELECT * FROM listings WHERE listing_id = 'alder'")
    assert row[column] == CONCLUDED[column]


def test_who_makes_it(data: Data) -> None:
    rows = data.rows("SELECT slug, vendor FROM tools ORDER BY slug")
    assert rows == [{"slug": "alder", "vendor": "Google"}, {"slug": "zinc", "vendor": None}]


def test_where_nothing_is_said_nothing_is_concluded(data: Data) -> None:
    row = data.row("SELECT * FROM listings WHERE listing_id = 'zinc'")
    said = ("pricing_model", "has_free_tier", "price_min", "price_currency", "price_period", "license")
    assert [row[name] for name in said] == [None] * 6


def test_conclusions_have_no_evidence(data: Data) -> None:
    fields = {row["field"] for row in data.rows("SELECT field FROM field_evidence WHERE listing_id = 'alder'")}
    assert fields == {"name", "category", "pricing", "entry"}


def test_only_the_words_change(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", pricing="Free", category="Models"), OTHER, 0),
        compared(card("alder", pricing="$20/mo", category="AI Models"), OTHER, 5),
    )
    fields = [row["field"] for row in data.rows("SELECT field FROM changes ORDER BY field")]
    assert fields == ["category", "pricing"]
    row = data.row("SELECT pricing_model, price_min, category_canonical FROM listings WHERE listing_id = 'alder'")
    assert row == {"pricing_model": "subscription", "price_min": 20.0, "category_canonical": "AI Models"}


def test_a_price_that_is_shown_empty_takes_the_conclusions_with_it(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", pricing="$20/mo"), OTHER, 0),
        compared(card("alder", pricing=None), OTHER, 5),
    )
    row = data.row("SELECT pricing_model, price_min FROM listings WHERE listing_id = 'alder'")
    assert row == {"pricing_model": None, "price_min": None}


def test_an_unmapped_category_is_one_problem_however_many_bear_it(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        compared(card("alder", category="Shelving Aids"), card("birch", category="SHELVING AIDS"), 1),
        compared(card("alder", category="Shelving Aids"), OTHER, 2),
    )
    problem = data.row("SELECT * FROM problems WHERE code = 'unmapped_category'")
    assert (problem["severity"], problem["occurrences"], problem["first_seen"]) == ("info", 2, day(1))
    row = data.row("SELECT category_canonical FROM listings WHERE listing_id = 'birch'")
    assert row["category_canonical"] == "SHELVING AIDS"


def test_the_problem_goes_with_the_category(tmp_path: Path) -> None:
    data = built(tmp_path, compared(card("alder", category="Shelving Aids"), OTHER, 1))
    data.add([compared(card("alder", category="Models"), OTHER, 3)])
    data.build()
    assert data.rows("SELECT * FROM problems WHERE code = 'unmapped_category'") == []
    incremental = digest(data.build())
    assert digest(data.build(full=True)) == incremental


def test_a_critic_is_one_however_a_page_writes_the_name(tmp_path: Path) -> None:
    one = tool_page(card("alder", says("Solid joinery.", "The Skeptic"), name="Alder"), 0)
    other = tool_page(card("birch", says("It creaks.", "skeptic"), name="Birch"), 0)
    data = built(tmp_path, one, other)
    assert data.rows("SELECT persona, review_count FROM personas") == [{"persona": "skeptic", "review_count": 2}]
