"""The rows of tools: what several listings together give, one by one; and the view on tools that are judged twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dataset.schema.tools import PANEL_DISAGREEMENT
from dataset.tables.tool_rows import tool_row
from tests.dataset.captures import Data, built, card, day, tool_page
from tests.dataset.judging import TEXTS, listed

FIRST = {
    "listing_id": "alder",
    "name": "Alder",
    "category": "Shelves & Co",
    "category_canonical": "Shelves",
    "tagline": "Shelves, sorted",
    "description": None,
    "panel_ship_pct": None,
    "first_seen": day(1),
    "last_seen": day(9),
}


def second(**fields: Any) -> dict[str, Any]:
    own = {"listing_id": "alder-2", "name": "ALDER", "category": "Other", "first_seen": day(2), "last_seen": day(3)}
    return {**FIRST, **own, **fields}


def test_a_tool_is_called_as_its_earliest_listing() -> None:
    row = tool_row("t", [FIRST, second()])
    named = {name: row[name] for name in ("tool_id", "slug", "name", "category", "category_canonical", "tagline")}
    assert named == {
        "tool_id": "t",
        "slug": "alder",
        "name": "Alder",
        "category": "Shelves & Co",
        "category_canonical": "Shelves",
        "tagline": "Shelves, sorted",
    }
    assert row["listing_count"] == 2
    assert row["first_seen"] == day(1)


def test_the_last_sight_is_that_of_any_listing() -> None:
    assert tool_row("t", [FIRST, second()])["last_seen"] == day(9)
    assert tool_row("t", [FIRST, second(last_seen=day(12))])["last_seen"] == day(12)


@pytest.mark.parametrize(
    ("shares", "spread"),
    [((None, None), (None, None)), ((None, 0), (0, 0)), ((75, 25), (25, 75)), ((50, 50), (50, 50))],
)
def test_the_spread_leaves_out_what_is_not_known(
    shares: tuple[int | None, int | None], spread: tuple[int | None, int | None]
) -> None:
    row = tool_row("t", [FIRST | {"panel_ship_pct": shares[0]}, second(panel_ship_pct=shares[1])])
    assert (row["panel_ship_pct_min"], row["panel_ship_pct_max"]) == spread


@pytest.mark.parametrize(
    ("names", "vendor"),
    [
        (("Alder", "Alder"), None),
        (("Anthropic Claude", "Claude"), "Anthropic"),
        (("Claude", "Claude by Anthropic"), "Anthropic"),
        (("Anthropic Claude", "OpenAI GPT"), None),
    ],
)
def test_the_maker_is_known_where_no_listing_says_another(names: tuple[str, str], vendor: str | None) -> None:
    row = tool_row("t", [FIRST | {"name": names[0]}, second(name=names[1])])
    assert row["vendor"] == vendor


# The view on disagreement


def disagreement(data: Data) -> list[tuple[Any, ...]]:
    rows = data.rows("SELECT listing_id, tool, spread FROM panel_disagreement")
    return [tuple(row.values()) for row in rows]


def judged(slug: str, name: str, at: float, **fields: Any) -> Any:
    return tool_page(card(slug, name=name, **{**TEXTS, **fields}), at)


def test_one_tool_judged_otherwise_under_another_listing(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        judged("fernway", "Fernway CI", 1, panel_ship_pct=75),
        judged("fernway-again", "Fernway-CI", 2, panel_ship_pct=25),
        judged("harrow", "Harrow", 1, panel_ship_pct=40),
        judged("quill-2", "Quill 2", 1, panel_ship_pct=10),
        judged("quill-3", "Quill 3", 1, panel_ship_pct=90),
        judged("moss", "Moss Wiki", 1, panel_ship_pct=50),
        judged("moss-wiki", "MossWiki", 2, panel_ship_pct=50),
    )
    assert disagreement(data) == [("fernway", "Fernway CI", 50), ("fernway-again", "Fernway CI", 50)]


def test_verdicts_that_differ_count_too(tmp_path: Path) -> None:
    data = built(
        tmp_path,
        judged("fernway", "Fernway CI", 1, panel_verdict="ship"),
        judged("fernway-again", "Fernway-CI", 2, panel_verdict="skip"),
        listed("fernway-third", "Fernway CI", 3),
    )
    assert disagreement(data) == [("fernway", "Fernway CI", None), ("fernway-again", "Fernway CI", None)]


def test_the_order_of_the_view_is_total() -> None:
    """Whatever else is equal, no two of its rows have the same listing."""
    order = PANEL_DISAGREEMENT.sql.rpartition("ORDER BY ")[2]
    assert re.split(r",\s*(?![^(]*\))", order)[-1] == "l.listing_id"
