"""The page of agreement: what the views say, and the panel against the community."""

from __future__ import annotations

import json
import sqlite3

import pytest

from dataset.serving.site.agreement import AgreementPage, Cell, agreement_page
from dataset.serving.site.page import Asked
from tests.dataset.captures import Data
from tests.dataset.serving.site.panel import panel
from tests.publishing import get, served


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return panel(tmp_path_factory.mktemp("panel"))


@pytest.fixture
def found(con: sqlite3.Connection) -> AgreementPage:
    return agreement_page(con, Asked())


def test_panels_are_those_of_the_view(data: Data, found: AgreementPage) -> None:
    rows = data.rows("SELECT * FROM panel_agreement")
    assert [(one.measure, one.metric, one.listings, one.judgements, one.alpha) for one in found.panels] == [
        (row["measure"], row["metric"], row["listings"], row["judgements"], row["alpha"]) for row in rows
    ]
    assert [(one.listings, one.judgements) for one in found.panels] == [(3, 8), (3, 8)]


def test_every_pair_has_its_critics(found: AgreementPage) -> None:
    assert found.critics == {"shiporskip": ("builder", "founder", "skeptic")}
    assert len(found.pairs) == 3


def test_the_community_against_the_panel(found: AgreementPage) -> None:
    """Fir is withdrawn, and does not count."""
    community = found.community
    assert community.listings == 2
    assert community.mean_gap == pytest.approx(((67 - 10) + (33 - 60)) / 2)
    assert (community.panel_kinder, community.community_kinder) == (1, 1)
    assert community.cells == (Cell(30, 60, 1), Cell(70, 10, 1))
    assert [(gap.slug, gap.gap, gap.community_votes) for gap in community.gaps] == [("elm", 57, 40), ("alder", -27, 5)]


def test_the_page_is_served(data: Data) -> None:
    with served(data.folder, base_url="/below/") as server:
        status, html = get(f"{server.address}/agreement")
        again = get(f"{server.address}/agreement")
        body = get(f"{server.address}/agreement.json")[1]
    assert status == 200
    assert again == (status, html)
    assert "<script" not in html
    assert "Krippendorff" in html
    assert 'href="/below/persona/builder"' in html
    assert 'href="/below/verdictlog/vote_gap"' in html
    assert json.loads(body)["community"]["cells"][0] == {"panel": 30, "community": 60, "listings": 1}


def test_a_dataset_without_reviews_has_a_page_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    data = Data(folder)
    data.build()
    with served(folder) as server:
        for path in ("/agreement", "/personas", "/changes"):
            assert get(f"{server.address}{path}")[0] == 200
