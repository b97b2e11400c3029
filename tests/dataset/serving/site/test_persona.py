"""The pages of critics: figures worked out by hand from the panel's captures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import pytest

from dataset.serving.site.page import Asked, MissingError
from dataset.serving.site.persona import Bin, Month, PersonaPage, persona_page
from dataset.serving.site.personas import Known, personas_page
from tests.dataset.captures import Data
from tests.dataset.serving.site.panel import panel
from tests.publishing import get, served


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return panel(tmp_path_factory.mktemp("panel"))


@pytest.fixture(scope="module")
def address(data: Data) -> Iterator[str]:
    with served(data.folder, base_url="/below/") as server:
        yield server.address


def page(con: sqlite3.Connection, persona: str) -> PersonaPage:
    return persona_page(con, Asked({"persona": persona}))


def test_who_it_is(con: sqlite3.Connection) -> None:
    found = page(con, "builder")
    assert found.source == "shiporskip"
    assert found.motto is not None
    assert found.motto.startswith("If it holds.")
    assert found.review_count == 3
    assert found.ship_rate == pytest.approx(100 / 3, abs=0.01)
    assert found.mean_score == pytest.approx((25 + 5 + 50) / 3, abs=0.01)
    assert found.known == Known(labelled=4, aligned=0)


def test_its_scores(con: sqlite3.Connection) -> None:
    found = page(con, "builder").scores
    assert len(found) == 10
    assert (found[0].low, found[0].high, found[-1].low, found[-1].high) == (0, 9, 90, 100)
    assert [one for one in found if one.count] == [Bin(0, 9, 0, 1, 0), Bin(20, 29, 0, 1, 0), Bin(50, 59, 1, 0, 0)]
    assert sum(one.count for one in page(con, "founder").scores) == 2


def test_its_ship_rate_over_time(con: sqlite3.Connection) -> None:
    """Alder's verdict turned in April; fir's went in March."""
    assert page(con, "builder").months == (
        Month("2026-03", 2, 3, 66.7),
        Month("2026-04", 1, 3, 33.3),
        Month("2026-05", 1, 3, 33.3),
    )


def test_the_steps_of_the_chart_follow_each_other(con: sqlite3.Connection) -> None:
    steps = page(con, "builder").steps
    assert [step.since for step in steps] == [f"2026-0{month}-01T00:00:00Z" for month in (3, 4, 5)]
    assert steps[-1].confirmed == "2026-06-01T00:00:00Z"
    assert [step.value for step in steps] == [66.7, 33.3, 33.3]


def test_with_whom_it_agrees(con: sqlite3.Connection) -> None:
    found = {one.persona: one for one in page(con, "builder").agreement}
    assert set(found) == {"skeptic", "founder"}
    assert (found["skeptic"].shared_verdicts, found["skeptic"].same_verdicts) == (3, 1)
    assert (found["founder"].shared_verdicts, found["founder"].same_verdict_pct) == (2, 0.0)
    assert found["founder"].mean_score_difference == pytest.approx((45 + 90) / 2)


def test_where_it_stands_alone(con: sqlite3.Connection) -> None:
    """Only where two others gave a score; the farthest first."""
    first, second = page(con, "builder").contrarian
    assert (first.slug, first.score, first.others_mean, first.others, first.apart) == ("elm", 5, 90.0, 2, 85.0)
    assert (second.slug, second.score, second.others_mean, second.apart) == ("alder", 25, 55.0, 30.0)


def test_an_unknown_critic_brings_near_ones(con: sqlite3.Connection) -> None:
    with pytest.raises(MissingError) as missing:
        page(con, "nobody")
    assert {near.path for near in missing.value.near} == {"/persona/builder", "/persona/founder", "/persona/skeptic"}


def test_the_list(con: sqlite3.Connection) -> None:
    found = personas_page(con, Asked()).critics
    assert [one.persona for one in found] == ["builder", "skeptic", "founder"]
    assert found[1].known == Known(labelled=4, aligned=0)


def test_pages_are_served(address: str) -> None:
    for path, words in {
        "/personas": ("Skeptic", 'href="/below/persona/builder"'),
        "/persona/builder": ("33.3", "Elm Table"),
    }.items():
        status, html = get(f"{address}{path}")
        assert status == 200
        assert "<script" not in html
        assert "\u202e" not in html
        for word in words:
            assert word in html
    assert get(f"{address}/persona/nobody")[0] == 404


def test_json_beside_them(address: str) -> None:
    found = json.loads(get(f"{address}/persona/builder.json")[1])
    assert found["months"][0] == {"month": "2026-03", "ships": 2, "verdicts": 3, "ship_pct": 66.7}
    assert len(json.loads(get(f"{address}/personas.json")[1])["critics"]) == 3
